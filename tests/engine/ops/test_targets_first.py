"""Losses as operations: values by formula, the order of Keras, and what is said of a swap."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from dlcore import ops
from dlcore.tensor import Tensor, Variable, gradients

RNG = np.random.default_rng(0)
Z = RNG.normal(size=(2, 5, 3))
P = np.exp(Z) / np.exp(Z).sum(-1, keepdims=True)
LABELS = RNG.integers(0, 3, (2, 5))
ONE_HOT = np.eye(3)[LABELS]


def test_the_order_is_that_of_keras():
    for name, more in (
        ("binary_crossentropy", ["from_logits"]),
        ("categorical_crossentropy", ["from_logits", "axis"]),
        ("sparse_categorical_crossentropy", ["from_logits", "axis"]),
        ("mean_squared_error", []),
    ):
        found = list(inspect.signature(getattr(ops, name)).parameters)
        assert found == ["target", "output", *more]


def test_binary_crossentropy_is_one_number_for_each_output():
    for shape in ((), (4,), (4, 1), (2, 3, 4)):
        t, z = RNG.random(shape), RNG.normal(size=shape)
        y = 1 / (1 + np.exp(-z))
        expected = -t * np.log(y) - (1 - t) * np.log(1 - y)
        for found in (ops.binary_crossentropy(t, y), ops.binary_crossentropy(t, z, True)):
            assert found.shape == shape
            np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-6)


def test_categorical_crossentropies_along_any_axis():
    expected = -np.log((P * ONE_HOT).sum(-1))
    moved, flags = np.moveaxis(P, -1, 1), np.moveaxis(ONE_HOT, -1, 1)
    logits = np.moveaxis(Z, -1, 1)
    for found in (
        ops.categorical_crossentropy(ONE_HOT, P),
        ops.categorical_crossentropy(ONE_HOT, Z, from_logits=True),
        ops.categorical_crossentropy(flags, moved, axis=1),
        ops.categorical_crossentropy(flags, logits, True, 1),
        ops.sparse_categorical_crossentropy(LABELS, P),
        ops.sparse_categorical_crossentropy(LABELS[..., None], P),
        ops.sparse_categorical_crossentropy(LABELS, Z, from_logits=True),
        ops.sparse_categorical_crossentropy(LABELS, moved, axis=1),
    ):
        np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-6)


def test_the_gradient_goes_to_the_output():
    z = Variable(Z[0], dtype="float64")
    loss = ops.sum(ops.categorical_crossentropy(ONE_HOT[0], z, from_logits=True))
    np.testing.assert_allclose(gradients(loss, [z])[0], P[0] - ONE_HOT[0], rtol=1e-6)
    loss = ops.sum(ops.binary_crossentropy(ONE_HOT[0], ops.sigmoid(z)))
    expected = 1 / (1 + np.exp(-Z[0])) - ONE_HOT[0]
    np.testing.assert_allclose(gradients(loss, [z])[0], expected, rtol=1e-6)
    loss = ops.sum(ops.mean_squared_error(ONE_HOT[0], z))
    np.testing.assert_allclose(gradients(loss, [z])[0], 2 / 3 * (Z[0] - ONE_HOT[0]), rtol=1e-6)


W = Variable(P[0])


@pytest.mark.parametrize(
    "swapped",
    [
        lambda: ops.binary_crossentropy(P, ONE_HOT),
        lambda: ops.categorical_crossentropy(P, ONE_HOT),
        lambda: ops.categorical_crossentropy(P, ONE_HOT.astype(int)),
        lambda: ops.binary_crossentropy(ops.sigmoid(W), ONE_HOT[0]),
        lambda: ops.categorical_crossentropy(ops.softmax(W), ONE_HOT[0]),
        lambda: ops.categorical_crossentropy(W, RNG.random((5, 3)), from_logits=True),
        lambda: ops.mean_squared_error(W * 2.0, np.zeros((5, 3))),
        lambda: ops.sparse_categorical_crossentropy(P, LABELS),
        lambda: ops.sparse_categorical_crossentropy(Tensor(P), LABELS[..., None]),
    ],
)
def test_whoever_swaps_the_two_is_told(swapped):
    with pytest.raises(ValueError, match=r"\(target, output\) .* swapped"):
        swapped()


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(ValueError, match=r"\(2, 5, 3\) and \(2, 5, 2\)"):
        ops.categorical_crossentropy(ONE_HOT, P[..., :2])
    with pytest.raises(ValueError, match=r"\(2, 4\) and \(2, 5, 3\): the shapes do not fit"):
        ops.sparse_categorical_crossentropy(LABELS[:, :4], P)


def test_hard_outputs_and_soft_targets_are_taken_where_they_are_known_to_be_outputs():
    saturated = ops.softmax(np.array([[-200.0, 200.0]], "float32"))
    assert set(saturated.data[0]) == {0, 1}
    soft = np.array([[0.1, 0.9]], "f")
    assert np.isfinite(ops.categorical_crossentropy(soft, saturated).data).all()
