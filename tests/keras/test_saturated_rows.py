"""Where a sigmoid or softmax rounds to 0 or 1: the one place where a compiled loss leaves Keras.

Such a row is saturated. dlcore reckons its crossentropy from what went into the activation, as
Keras on TensorFlow does; Keras on JAX and on PyTorch keeps the probability in [1e-7, 1 - 1e-7], so
that the loss stops at 16.1 and its gradient at 0. What differs there is exempt by name; everything
else agrees.
"""

import numpy as np
import pytest

import dlcore

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore")

# The backends of Keras whose saturated rows are exempt.
EXEMPT = ("jax", "torch")
CLIPPED = -np.log(1e-7)

RNG = np.random.default_rng(0)
N = 40
X = RNG.normal(size=(N, 4)).astype(np.float32)
W = RNG.normal(size=(4, 3)).astype(np.float32)
LABELS = RNG.integers(0, 3, N)
KINDS = {
    "BinaryCrossentropy": ("sigmoid", 1, RNG.integers(0, 2, (N, 1)).astype(np.float32)),
    "CategoricalCrossentropy": ("softmax", 3, np.eye(3, dtype=np.float32)[LABELS]),
    "SparseCategoricalCrossentropy": ("softmax", 3, LABELS),
}


def model_of(library, kind, scale, from_logits=False):
    activation, units, _ = KINDS[kind]
    last = library.layers.Dense(units, None if from_logits else activation)
    model = library.Sequential([library.Input((4,)), last])
    model.set_weights([scale * W[:, :units], np.zeros(units, np.float32)])
    loss = getattr(library.losses, kind)(from_logits=from_logits)
    model.compile(library.optimizers.SGD(0.1), loss)
    return model


def results(model, rows, kind):
    """The loss of some rows, and the weights after a step on them."""
    x, y = X[rows], KINDS[kind][2][rows]
    loss = model.evaluate(x, y, verbose=0)
    model.train_on_batch(x, y)
    return [loss, *model.get_weights()]


def agree(found, expected):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-4, atol=2e-5)


def saturated(kind, scale):
    """The rows whose target has a probability beyond Keras's bounds."""
    _, units, y = KINDS[kind]
    z = (scale * X @ W[:, :units]).astype(np.float64)
    if units == 1:
        losses = np.logaddexp(0, np.where(y == 1, -z, z))[:, 0]
    else:
        losses = np.logaddexp.reduce(z, axis=1) - z[np.arange(N), LABELS]
    return (losses > CLIPPED) | (losses < 2e-7)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scale", [1.0, 3.0, 50.0])
def test_rows_that_are_not_saturated_agree(kind, scale):
    rows = ~saturated(kind, scale)
    assert rows.sum() >= 3
    agree(*(results(model_of(library, kind, scale), rows, kind) for library in (dlcore, keras)))


@pytest.mark.parametrize("kind", KINDS)
def test_saturated_rows_are_those_of_keras_from_logits(kind):
    rows = saturated(kind, 200.0)
    found = results(model_of(dlcore, kind, 200.0), rows, kind)
    assert found[0] > CLIPPED
    agree(found, results(model_of(keras, kind, 200.0, from_logits=True), rows, kind))


@pytest.mark.parametrize("kind", KINDS)
def test_saturated_rows_differ_where_keras_clips_and_nowhere_else(kind):
    rows = saturated(kind, 200.0)
    found, expected = (
        results(model_of(library, kind, 200.0), rows, kind) for library in (dlcore, keras)
    )
    if keras.backend.backend() in EXEMPT:
        assert expected[0] < CLIPPED < found[0]
    else:
        agree(found, expected)
