"""Losses against formulas of their own, numbers recorded from Keras 3.15.1, and their refusals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore import losses
from dlcore.engine import ops
from dlcore.tensor import Tensor, gradients


def arrays(seed, n, k):
    rng = np.random.default_rng(seed)
    z = rng.normal(size=(n, k)).astype(np.float32)
    return rng, z


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


SIZES = (st.integers(0, 1000), st.integers(1, 6), st.integers(2, 5))


@given(*SIZES)
def test_mean_squared_error(seed, n, k):
    rng, y = arrays(seed, n, k)
    t = rng.normal(size=(n, k)).astype(np.float32)
    expected = ((y - t) ** 2).mean(axis=1)
    np.testing.assert_allclose(losses.mean_squared_error(t, y).data, expected, rtol=1e-5)
    assert float(losses.MeanSquaredError()(t, y)) == pytest.approx(expected.mean(), rel=1e-5)


@given(*SIZES, st.sampled_from([0.0, 0.1]))
def test_binary_crossentropy(seed, n, k, smoothing):
    rng, z = arrays(seed, n, k)
    t = rng.integers(0, 2, (n, k)).astype(np.float32)
    p = 1 / (1 + np.exp(-z))
    soft = t * (1 - smoothing) + smoothing / 2
    expected = -(soft * np.log(p) + (1 - soft) * np.log(1 - p)).mean()
    loss = losses.BinaryCrossentropy(label_smoothing=smoothing)
    assert float(loss(t, p)) == pytest.approx(expected, rel=1e-4)
    loss = losses.BinaryCrossentropy(from_logits=True, label_smoothing=smoothing)
    assert float(loss(t, z)) == pytest.approx(expected, rel=1e-4)


@given(*SIZES, st.sampled_from([0.0, 0.2]))
def test_categorical_and_sparse_agree(seed, n, k, smoothing):
    rng, z = arrays(seed, n, k)
    labels = rng.integers(0, k, n)
    t = np.eye(k, dtype=np.float32)[labels]
    p = softmax(z)
    soft = t * (1 - smoothing) + smoothing / k
    expected = -(soft * np.log(p)).sum(axis=1).mean()
    for from_logits, y in ((False, p), (True, z)):
        loss = losses.CategoricalCrossentropy(from_logits, smoothing)
        assert float(loss(t, y)) == pytest.approx(expected, rel=1e-4)
        if not smoothing:
            loss = losses.SparseCategoricalCrossentropy(from_logits)
            assert float(loss(labels, y)) == pytest.approx(expected, rel=1e-4)
            assert float(loss(labels[:, None], y)) == pytest.approx(expected, rel=1e-4)


def test_numbers_recorded_from_keras():
    y, t = [[2.0], [4.0]], [[1.0], [2.0]]
    weights = [1.0, 3.0]
    assert float(losses.MeanSquaredError()(t, y, sample_weight=weights)) == 6.5
    none = losses.MeanSquaredError(reduction="none")(t, y, sample_weight=weights)
    assert none.data.tolist() == [1.0, 12.0]
    by_weight = losses.MeanSquaredError(reduction="mean_with_sample_weight")
    assert float(by_weight(t, y, sample_weight=weights)) == 3.25
    smooth = losses.BinaryCrossentropy(label_smoothing=0.1)([[1.0], [0.0]], [[0.9], [0.2]])
    assert float(smooth) == pytest.approx(0.25384003, rel=1e-6)
    t3, y3 = [[1.0, 0, 0], [0, 1.0, 0]], [[0.9, 0.05, 0.05], [0.2, 0.7, 0.3]]
    assert float(losses.CategoricalCrossentropy()(t3, y3)) == pytest.approx(0.32217854)
    smooth = losses.CategoricalCrossentropy(label_smoothing=0.1)(t3, y3)
    assert float(smooth) == pytest.approx(0.4535253, rel=1e-6)


def test_sum_reduction():
    assert float(losses.MeanSquaredError(reduction="sum")([[1.0], [2.0]], [[2.0], [4.0]])) == 5.0


def test_rows_without_an_axis_of_columns_still_give_one_loss_each():
    loss = losses.MeanSquaredError(reduction="none")
    assert loss([1.0, 2.0], [2.0, 4.0]).data.tolist() == [1.0, 4.0]
    assert loss([1.0, 2.0], [[2.0], [4.0]]).data.tolist() == [1.0, 4.0]


def test_a_function_of_your_own_gets_targets_in_the_shape_of_the_outputs():
    def absolute(y_true, y_pred):
        assert y_true.shape == y_pred.shape == (3, 1)
        return ops.mean(ops.abs(y_true - y_pred), axis=-1)

    loss = losses.LossFunctionWrapper(absolute)
    assert loss.name == "absolute"
    assert float(loss(np.array([1.0, 2, 3]), np.array([[2.0], [2], [5]]))) == pytest.approx(1.0)


def test_gradient_of_a_weighted_mean():
    y = Tensor(np.array([[2.0], [4.0]], np.float32), requires_grad=True)
    loss = losses.MeanSquaredError()(np.array([1.0, 2.0]), y, sample_weight=[1.0, 3.0])
    # d/dy of (1 (y1 - 1)^2 + 3 (y2 - 2)^2) / 2
    np.testing.assert_allclose(gradients(loss, [y])[0], [[1.0], [6.0]])


@pytest.mark.parametrize(
    ("t", "y", "words"),
    [
        (np.zeros(4), np.zeros((4, 3)), r"\(4,\) do not fit outputs of shape \(4, 3\).*sparse"),
        (np.zeros((4, 1)), np.zeros((4, 3)), r"\(4, 1\) do not fit outputs of shape \(4, 3\)"),
        (np.zeros((4, 2)), np.zeros((4, 3)), "let the last layer have 2 units"),
        (np.zeros(4), np.zeros((4, 5, 1)), "Flatten"),
    ],
)
def test_shapes_that_numpy_would_broadcast_are_refused(t, y, words):
    with pytest.raises(ValueError, match=words):
        losses.MeanSquaredError()(t, y)


def test_class_numbers_out_of_range_are_refused():
    y = np.full((3, 2), 0.5, np.float32)
    loss = losses.SparseCategoricalCrossentropy()
    with pytest.raises(ValueError, match=r"0 to 1 .*row 2 of y is 2; .* 3 units"):
        loss(np.array([0, 1, 2]), y)
    with pytest.raises(ValueError, match="row 0 of y is -1"):
        loss(np.array([-1, 1, 0]), y)
    with pytest.raises(ValueError, match=r"row 1 of y is 0\.5"):
        loss(np.array([0, 0.5, 1]), y)
    with pytest.raises(ValueError, match="for one-hot targets use 'categorical_crossentropy'"):
        loss(np.zeros((3, 2)), y)


def test_lookup():
    assert losses.get("mse") is losses.get("MSE") is losses.mean_squared_error
    assert losses.get("bce") is losses.binary_crossentropy
    assert isinstance(losses.get("BinaryCrossentropy"), losses.BinaryCrossentropy)
    assert isinstance(losses.get(losses.MeanSquaredError), losses.MeanSquaredError)
    assert losses.get(None) is None
    with pytest.raises(ValueError, match="Did you mean 'binary_crossentropy'"):
        losses.get("binary_crosentropy")
    with pytest.raises(TypeError, match="not int"):
        losses.get(3)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: losses.BinaryCrossentropy(label_smoothing=1.0), "label_smoothing lies in"),
        (lambda: losses.BinaryCrossentropy(from_logit=True), "Did you mean 'from_logits'"),
        (lambda: losses.MeanSquaredError(reduction="summ"), "Did you mean 'sum'"),
    ],
)
def test_arguments(make, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make()
