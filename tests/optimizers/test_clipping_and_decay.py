"""What is done to gradients and weights before a step: clipping and weight decay, by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore.optimizers import SGD, Adam, AdamW
from dlcore.optimizers.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from dlcore.tensor import Variable

numbers = st.floats(-100, 100, width=32)
arrays = st.lists(numbers, min_size=1, max_size=6).map(lambda x: np.array(x, np.float32))


def norm(*parts):
    return float(np.sqrt(sum((x.astype(np.float64) ** 2).sum() for x in parts)))


@given(arrays, st.floats(0.0625, 200, width=32))
def test_by_norm_keeps_the_direction_and_never_lengthens(gradient, bound):
    before = gradient.copy()
    clipped = clip_by_norm(gradient, bound)
    np.testing.assert_array_equal(gradient, before)
    assert clipped.dtype == np.float32
    assert norm(clipped) == pytest.approx(min(norm(gradient), bound), rel=1e-4, abs=1e-6)
    np.testing.assert_allclose(clipped * norm(gradient), gradient * norm(clipped), atol=0.5)


@given(st.lists(arrays, min_size=1, max_size=4), st.floats(0.0625, 400, width=32))
def test_by_global_norm_scales_all_alike(gradients, bound):
    clipped = clip_by_global_norm(gradients, bound)
    whole = norm(*gradients)
    assert norm(*clipped) == pytest.approx(min(whole, bound), rel=1e-4, abs=1e-6)
    scale = min(1.0, bound / whole) if whole else 1.0
    for x, y in zip(gradients, clipped, strict=True):
        np.testing.assert_allclose(y, scale * x, rtol=1e-4, atol=1e-6)


@given(arrays, st.floats(0.0625, 200, width=32))
def test_by_value_is_a_cut(gradient, bound):
    np.testing.assert_array_equal(clip_by_value(gradient, bound), gradient.clip(-bound, bound))


def test_gradients_of_zeros_stay_zeros():
    zeros = np.zeros((2, 3), np.float32)
    assert not clip_by_norm(zeros, 1.0).any() and not clip_by_global_norm([zeros], 1.0)[0].any()


def test_an_overflowing_norm_is_not_a_step_of_zero():
    # 1e30 squared is beyond float32; a silent standstill would be worse than the NaN.
    with np.errstate(all="ignore"):
        clipped = clip_by_global_norm([np.full(2, 1e30, np.float32), np.ones(1, np.float32)], 1.0)
    assert np.isnan(clipped[0]).all() and np.isnan(clipped[1]).all()


def weights(*arrays):
    return [Variable(np.array(a, np.float32), name=n) for n, a in zip("kb", arrays, strict=False)]


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        # Norms 5 and 13 of the two gradients; together sqrt(194).
        ({"clipnorm": 5.0}, ([[3, 4], [0, 0]], [5 * 5 / 13, 5 * 12 / 13])),
        ({"clipvalue": 4.0}, ([[3, 4], [0, 0]], [4, 4])),
        ({"global_clipnorm": 7.0}, (np.array([[3, 4], [0, 0]]) / 2, [2.5, 6])),
        ({"clipnorm": 50.0}, ([[3, 4], [0, 0]], [5, 12])),
        ({"global_clipnorm": 14.0}, ([[3, 4], [0, 0]], [5, 12])),
    ],
)
def test_a_step_of_clipped_gradients(arguments, expected, flat):
    gradients = [np.array([[3, 4], [0, 0]], np.float32), np.array([5, 12], np.float32)]
    optimizer, variables = SGD(1.0, **arguments), weights(np.zeros((2, 2)), [0, 0])
    if "global_clipnorm" in arguments:
        scale = arguments["global_clipnorm"] / np.sqrt(194)
        expected = [min(1.0, scale) * g for g in gradients]
    optimizer.elementwise = flat
    optimizer.apply(gradients, variables)
    for variable, value in zip(variables, expected, strict=True):
        np.testing.assert_allclose(variable.data, -np.asarray(value), rtol=1e-6)
    # The gradients are the caller's own.
    assert gradients[1].tolist() == [5, 12]


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize(
    ("left_out", "decayed"),
    [
        ({}, (True, True)),
        ({"var_names": ["b", "gamma"]}, (True, False)),
        ({"var_names": ["^.$"]}, (False, False)),
        ({"first": True}, (False, True)),
    ],
)
def test_decay_before_the_step_and_not_of_those_left_out(flat, left_out, decayed):
    optimizer, variables = SGD(0.1, weight_decay=0.5), weights([[1.0, -2.0]], [4.0])
    optimizer.elementwise = flat
    if "first" in left_out:
        optimizer.exclude_from_weight_decay(var_list=variables[:1])
    elif left_out:
        optimizer.exclude_from_weight_decay(**left_out)
    zeros = [np.zeros_like(v.data) for v in variables]
    for _ in range(2):
        optimizer.apply(zeros, variables)
    for variable, start, decays in zip(variables, ([[1, -2]], [4]), decayed, strict=True):
        factor = 0.95**2 if decays else 1
        np.testing.assert_allclose(variable.data, factor * np.array(start), rtol=1e-6)


def test_a_small_decay_is_not_rounded_away():
    # The factor 1 - 1e-6 itself would be off by 1.3 % of the decay in float32.
    start = np.random.default_rng(0).uniform(1, 2, 4000).astype(np.float32)
    optimizer, w = SGD(1e-5, weight_decay=0.1), Variable(start)
    zeros = np.zeros_like(start)
    for _ in range(200):
        optimizer.apply([zeros], [w])
    lost = np.mean(1 - w.data.astype(np.float64) / start)
    assert lost == pytest.approx(200e-6, rel=3e-3)


def test_the_decay_of_adamw_is_not_scaled_by_the_gradient():
    start, gradient = np.array([1.0, -3.0], np.float32), np.array([0.3, -20.0], np.float32)
    plain, decaying = weights(start)[0], weights(start)[0]
    Adam(0.1).apply([gradient], [plain])
    AdamW(0.1, weight_decay=0.2).apply([gradient], [decaying])
    np.testing.assert_allclose(plain.data - decaying.data, 0.02 * start, rtol=1e-4)


def test_exclusion_comes_before_the_first_step():
    optimizer, (w,) = SGD(0.1, weight_decay=0.1), weights([1.0])
    optimizer.apply([np.ones(1, np.float32)], [w])
    with pytest.raises(ValueError, match="has begun its work: call exclude_from_weight_decay"):
        optimizer.exclude_from_weight_decay(var_names=["bias"])


def test_adamw_may_be_told_to_let_nothing_decay():
    optimizer, (w,) = AdamW(0.1, weight_decay=0.0), weights([1.0])
    optimizer.apply([np.zeros(1, np.float32)], [w])
    assert w.data.tolist() == [1]
    with pytest.raises(ValueError, match="AdamW needs a weight_decay"):
        AdamW(weight_decay=None)
