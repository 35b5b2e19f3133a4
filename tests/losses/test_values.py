"""The losses of measurements, margins and distributions against formulas of their own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore import backends, losses
from dlcore.engine import ops
from dlcore.tensor import Tensor, gradients

SIZES = (st.integers(0, 1000), st.integers(1, 6), st.integers(1, 5))


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def drawn(seed, n, k):
    rng = np.random.default_rng(seed)
    return rng, 2 * rng.normal(size=(n, k)), 2 * rng.normal(size=(n, k))


@given(*SIZES)
def test_mean_squared_and_absolute_error(seed, n, k):
    _, t, y = drawn(seed, n, k)
    expected = ((y - t) ** 2).mean(axis=1)
    np.testing.assert_allclose(losses.mean_squared_error(t, y).data, expected)
    assert float(losses.MeanSquaredError()(t, y)) == pytest.approx(expected.mean())
    expected = np.abs(y - t).mean(axis=1)
    np.testing.assert_allclose(losses.mean_absolute_error(t, y).data, expected)
    assert float(losses.MeanAbsoluteError()(t, y)) == pytest.approx(expected.mean())


@given(*SIZES, st.sampled_from([0.3, 1.0, 2.5]))
def test_huber_is_a_square_that_goes_on_as_a_line(seed, n, k, delta):
    _, t, y = drawn(seed, n, k)
    e = np.abs(y - t)
    expected = np.where(e <= delta, e**2 / 2, delta * e - delta**2 / 2).mean(axis=1)
    np.testing.assert_allclose(losses.huber(t, y, delta).data, expected)
    np.testing.assert_allclose(losses.Huber(delta, reduction="none")(t, y).data, expected)


def test_huber_by_hand():
    # One error of 1/2, within delta, and one of 3, beyond it: 1/8 and 3 - 1/2.
    assert losses.huber([[0.0], [0.0]], [[0.5], [-3.0]]).data.tolist() == [0.125, 2.5]


@given(*SIZES)
def test_kl_divergence(seed, n, k):
    _, t, y = drawn(seed, n, k)
    t, y = softmax(t), softmax(y)
    expected = (t * np.log(t / y)).sum(axis=1)
    found = losses.kl_divergence(t, y).data
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert (found >= -1e-12).all()
    np.testing.assert_allclose(losses.KLDivergence()(t, t).data, 0, atol=1e-12)


def test_kl_divergence_keeps_away_from_the_logarithm_of_zero():
    found = float(losses.kl_divergence([[1.0, 0.0]], [[0.0, 1.0]]).data[0])
    # 1 log(1 / 1e-7) + 1e-7 log(1e-7 / 1)
    assert found == pytest.approx(np.log(1e7), rel=1e-6)


@given(*SIZES)
def test_hinge_takes_signs_or_zeros_and_ones(seed, n, k):
    rng, _, y = drawn(seed, n, k)
    ones = rng.integers(0, 2, (n, k))
    signs = 2 * ones - 1
    expected = np.maximum(0, 1 - signs * y).mean(axis=1)
    np.testing.assert_allclose(losses.hinge(signs, y).data, expected)
    np.testing.assert_allclose(losses.hinge(ones, y).data, expected)
    assert float(losses.Hinge()(ones, y)) == pytest.approx(expected.mean())


def test_hinge_leaves_other_targets_as_they_are():
    assert losses.hinge([[0.0], [-1.0]], [[0.5], [0.5]]).data.tolist() == [1.0, 1.5]


NUMBERS = np.random.default_rng(5)
T, Y = NUMBERS.normal(size=(4, 3)), NUMBERS.normal(size=(4, 3))
CASES = {
    "mean_absolute_error": (losses.mean_absolute_error, T, Y),
    "huber": (lambda t, y: losses.huber(t, y, 0.7), T, Y),
    "kl_divergence": (losses.kl_divergence, softmax(T), softmax(Y)),
    "hinge": (losses.hinge, np.sign(T), Y),
    "binary over another axis": (
        lambda t, y: losses.binary_crossentropy(t, y, True, 0.1, axis=0), T > 0, Y,
    ),
    "categorical over another axis": (
        lambda t, y: losses.categorical_crossentropy(t, y, False, 0.2, axis=0),
        softmax(T), softmax(Y),
    ),
    "sparse over another axis, some ignored": (
        lambda t, y: losses.sparse_categorical_crossentropy(t, y, True, 1, axis=0),
        np.array([3, 1, 0]), Y,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_gradients_agree_with_finite_differences(name):
    fn, t, y = CASES[name]
    before = backends.get_backend()
    backends.set_backend("numpy")
    try:
        weights = np.random.default_rng(1).normal(size=fn(t, y).shape)
        source = Tensor(y, requires_grad=True)
        found = gradients(ops.sum(fn(t, source) * weights), [source])[0]
        step = 1e-6
        for index in np.ndindex(y.shape):
            high, low = y.copy(), y.copy()
            high[index] += step
            low[index] -= step
            slope = ((fn(t, high).data - fn(t, low).data) * weights).sum() / (2 * step)
            assert found[index] == pytest.approx(slope, abs=1e-6), (name, index)
    finally:
        backends.set_backend(before)
