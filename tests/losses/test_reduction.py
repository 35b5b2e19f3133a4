"""Weights, masks and reductions: how one loss a row, or a step, becomes one number."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore import losses
from dlcore.engine import ops
from dlcore.tensor import Tensor, gradients

ROWS, STEPS = 4, 3
RNG = np.random.default_rng(2)
T, Y = RNG.normal(size=(ROWS, STEPS, 2)), RNG.normal(size=(ROWS, STEPS, 2))
VALUES = ((T - Y) ** 2).mean(axis=-1)
MASK = np.array([[1, 1, 0], [1, 0, 0], [1, 1, 1], [0, 0, 0]])
OF_STEPS = RNG.uniform(size=(ROWS, STEPS))
OF_ROWS = RNG.uniform(size=ROWS)


def masked(y, mask):
    tensor = Tensor(y)
    tensor.mask = Tensor(mask)
    return tensor


def expected(values, weights, mask, reduction):
    """What Keras defines, by sums written out."""
    total = count = weight_sum = 0.0
    for i, j in np.ndindex(values.shape):
        w = 1.0 if weights is None else weights[i] if weights.ndim == 1 else weights[i, j]
        m = 1.0 if mask is None else mask[i, j]
        total += values[i, j] * w * m
        count += m
        weight_sum += w * m
    if reduction == "sum":
        return total
    if reduction == "mean_with_sample_weight" and not (weights is None and mask is None):
        return total / weight_sum
    return total / count


@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "mean", "sum"])
@pytest.mark.parametrize("weights", [None, OF_ROWS, OF_STEPS], ids=["none", "rows", "steps"])
@pytest.mark.parametrize("mask", [None, MASK, MASK.astype(bool)], ids=["none", "ints", "bools"])
def test_sequences(reduction, weights, mask):
    loss = losses.MeanSquaredError(reduction=reduction)
    y = Y if mask is None else masked(Y, mask)
    found = float(loss(T, y, sample_weight=weights))
    assert found == pytest.approx(expected(VALUES, weights, mask, reduction))


@pytest.mark.parametrize("weights", [None, OF_ROWS, OF_STEPS], ids=["none", "rows", "steps"])
def test_a_mean_by_the_weights_counts_the_masked_steps_out(weights):
    loss = losses.MeanSquaredError(reduction="mean_with_sample_weight")
    found = float(loss(T, masked(Y, MASK), sample_weight=weights))
    assert found == pytest.approx(expected(VALUES, weights, MASK, "mean_with_sample_weight"))


def test_without_reduction_each_step_keeps_its_loss():
    loss = losses.MeanSquaredError(reduction=None)
    assert loss.reduction == "none"
    found = loss(T, masked(Y, MASK), sample_weight=OF_ROWS).data
    np.testing.assert_allclose(found, VALUES * OF_ROWS[:, None] * MASK)


def test_weights_in_a_column():
    loss = losses.MeanSquaredError()
    y = Y[:, 0]
    found = [float(loss(T[:, 0], y, sample_weight=w)) for w in (OF_ROWS, OF_ROWS[:, None])]
    assert found[0] == found[1] == pytest.approx((VALUES[:, 0] * OF_ROWS).mean())


def test_a_mask_of_a_single_one():
    loss = losses.MeanSquaredError()
    assert float(loss(T[:1], masked(Y[:1], [[0, 1, 0]]))) == pytest.approx(VALUES[0, 1])


def test_a_mask_without_a_one_gives_zero():
    loss = losses.MeanSquaredError()
    assert float(loss(T, masked(Y, 0 * MASK))) == 0
    by_weight = losses.MeanSquaredError(reduction="mean_with_sample_weight")
    assert float(by_weight(T, Y, sample_weight=np.zeros(ROWS))) == 0


def test_masked_steps_get_no_gradient():
    y = masked(Y, MASK)
    y.requires_grad = True
    slope = gradients(losses.MeanSquaredError()(T, y), [y])[0]
    np.testing.assert_allclose(slope, (Y - T) * MASK[..., None] / MASK.sum())


@pytest.mark.parametrize("ignored", [-1, 255])
def test_ignored_classes_leave_the_mean(ignored):
    z = RNG.normal(size=(5, 3))
    labels = np.array([0, ignored, 2, ignored, 1])
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=ignored)
    kept = labels != ignored
    rest = losses.SparseCategoricalCrossentropy(from_logits=True)(labels[kept], z[kept])
    assert float(loss(labels, z)) == pytest.approx(float(rest))
    assert (losses.sparse_categorical_crossentropy(labels, z, True, ignored).data[~kept] == 0).all()
    # Together with a mask a loss counts where both let it.
    mask = np.array([1, 1, 0, 0, 1])
    rest = losses.SparseCategoricalCrossentropy(from_logits=True)(labels[[0, 4]], z[[0, 4]])
    assert float(loss(labels, masked(z, mask))) == pytest.approx(float(rest))


@given(st.integers(0, 500), st.integers(1, 6), st.sampled_from(["numbers", "column"]))
def test_weights_multiply_and_do_not_divide(seed, n, kind):
    rng = np.random.default_rng(seed)
    t, y, w = rng.normal(size=(n, 2)), rng.normal(size=(n, 2)), rng.uniform(0, 3, n)
    values = np.abs(t - y).mean(axis=1)
    given = w if kind == "numbers" else w[:, None]
    found = float(losses.MeanAbsoluteError()(t, y, sample_weight=given))
    assert found == pytest.approx((values * w).sum() / n)


@pytest.mark.parametrize("shape", [(3,), (ROWS, 2), (ROWS, STEPS, 2)])
def test_weights_of_another_shape_are_refused(shape):
    words = r"losses have shape \(4, 3\), but sample_weight has shape .*one weight a row, \(n,\)"
    with pytest.raises(ValueError, match=words):
        losses.MeanSquaredError()(T, Y, sample_weight=np.ones(shape))


def test_a_mask_of_another_shape_is_refused():
    with pytest.raises(ValueError, match="the mask of the outputs has shape"):
        losses.MeanSquaredError()(T, masked(Y, MASK[:, :2]))


def test_a_function_that_takes_the_mean_itself_takes_weights():
    loss = losses.LossFunctionWrapper(lambda t, y: ops.mean(ops.square(t - y)), name="whole")
    found = float(loss(T, Y, sample_weight=OF_ROWS))
    assert found == pytest.approx(VALUES.mean() * OF_ROWS.mean())
