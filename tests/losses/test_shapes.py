"""(n,) against (n, 1) is meant, (n,) against (n, k) is not: in every loss and in one's own."""

import numpy as np
import pytest

from dlcore import losses
from dlcore.engine import ops

T, Y = np.array([1.0, 0, 1, 1]), np.array([[0.9], [0.2], [0.7], [0.4]])
OF_FLOATS = [
    losses.BinaryCrossentropy, losses.Hinge, losses.Huber, losses.KLDivergence,
    losses.MeanAbsoluteError, losses.MeanSquaredError,
]  # fmt: skip
ALL = [*OF_FLOATS, losses.CategoricalCrossentropy]


@pytest.mark.parametrize("kind", OF_FLOATS)
def test_a_row_of_targets_meets_a_column_of_outputs(kind):
    loss = kind(reduction="none")
    expected = loss(T[:, None], Y).data
    assert expected.shape == (4,)
    for t, y in ((T, Y), (T[:, None], Y[:, 0]), (T, Y[:, 0])):
        np.testing.assert_array_equal(loss(t, y).data, expected)
    # Steps of sequences too.
    t, y = np.stack([T, T]), np.stack([Y, Y])
    np.testing.assert_array_equal(loss(t, y).data, np.stack([expected, expected]))


@pytest.mark.parametrize("kind", ALL)
@pytest.mark.parametrize(
    ("t", "y", "words"),
    [
        ((4,), (4, 3), r"\(4,\) do not fit outputs of shape \(4, 3\).*sparse"),
        ((4, 1), (4, 3), r"\(4, 1\) do not fit outputs of shape \(4, 3\)"),
        ((3,), (3, 3), r"\(3,\) do not fit outputs of shape \(3, 3\)"),
        ((4, 2), (4, 3), "let the last layer have 2 units"),
        ((4,), (4, 5, 1), "Flatten"),
        ((4, 5, 2), (4, 5, 3), r"\(4, 5, 2\) do not fit outputs of shape \(4, 5, 3\)"),
    ],
)
def test_shapes_that_numpy_would_broadcast_are_refused(kind, t, y, words):
    with pytest.raises(ValueError, match=words):
        kind()(np.zeros(t), np.full(y, 0.5))


class Absolute(losses.Loss):
    def call(self, y_true, y_pred):
        assert y_true.shape == y_pred.shape
        return ops.mean(ops.abs(y_true - y_pred), axis=-1)


def absolute(y_true, y_pred):
    return Absolute().call(y_true, y_pred)


@pytest.mark.parametrize("loss", [Absolute(), losses.LossFunctionWrapper(absolute)])
def test_one_s_own_get_targets_in_the_shape_of_the_outputs(loss):
    assert loss.name == "absolute"
    assert float(loss(T, Y)) == pytest.approx(0.3)
    assert float(loss(T[:, None], Y)) == pytest.approx(0.3)


def test_one_s_own_may_take_class_numbers():
    def doubled(y_true, y_pred):
        return 2.0 * losses.sparse_categorical_crossentropy(y_true, y_pred)

    labels, y = np.array([0, 2]), np.full((2, 4), 0.25)
    loss = losses.LossFunctionWrapper(doubled)
    for t in (labels, labels[:, None]):
        assert float(loss(t, y)) == pytest.approx(2 * np.log(4))
    # A batch of one row too, whose targets have the shape (1,).
    assert float(loss(labels[:1], y[:1])) == pytest.approx(2 * np.log(4))


def test_an_axis_that_is_not_there():
    with pytest.raises(ValueError, match=r"no axis 2 in outputs of shape \(4, 1\)"):
        losses.BinaryCrossentropy(axis=2)(T, Y)


def test_a_dtype_to_compute_in():
    y = Y.astype(np.float32)
    assert losses.MeanSquaredError()(T, y).dtype == np.float32
    assert losses.MeanSquaredError(dtype="float64")(T, y).dtype == np.float64
