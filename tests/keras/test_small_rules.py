"""Small rules that Keras keeps: building by hand, other lengths, loss="crossentropy", indices."""

from __future__ import annotations

import numpy as np
import pytest

import dlcore

keras = pytest.importorskip("keras")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

RNG = np.random.default_rng(0)
TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}
NUMBERS = RNG.integers(0, 3, 12)
STACKS = {
    "SimpleRNN": lambda k: [k.SimpleRNN(2)],
    "LSTM": lambda k: [k.LSTM(2, return_sequences=True), k.Dense(1)],
    "GRU": lambda k: [k.Masking(), k.GRU(2)],
    "Bidirectional": lambda k: [k.Bidirectional(k.GRU(2))],
    "Conv1D": lambda k: [k.Conv1D(2, 2), k.GlobalMaxPooling1D(), k.Dense(1)],
    "MaxPooling1D": lambda k: [k.MaxPooling1D(2), k.Flatten()],
    "BatchNormalization": lambda k: [k.BatchNormalization(), k.GlobalAveragePooling1D()],
    "Dense": lambda k: [k.Dense(2), k.Reshape((-1,))],
    # These do not fit.
    "Flatten": lambda k: [k.Flatten(), k.Dense(1)],
    "Reshape": lambda k: [k.Reshape((12,))],
}


def steps(n):
    return RNG.normal(size=(3, n, 3)).astype("float32")


@pytest.mark.parametrize("name", STACKS)
def test_other_lengths_than_the_first(name):
    x, first = steps(7), steps(4)
    ours, theirs = (k.Sequential(STACKS[name](k.layers)) for k in (dlcore, keras))
    ours.predict(first, verbose=0)
    theirs.predict(first, verbose=0)
    ours.set_weights(theirs.get_weights())
    if name in ("Flatten", "Reshape"):
        for model in (ours, theirs):
            with pytest.raises(ValueError):
                model.predict(x, verbose=0)
        return
    found, expected = (model.predict(x, verbose=0) for model in (ours, theirs))
    np.testing.assert_allclose(found, expected, **TOLERANCE)


@pytest.mark.parametrize("k", [dlcore, keras], ids=["dlcore", "keras"])
def test_building_by_hand(k):
    class Scale(k.layers.Layer):
        def build(self, input_shape):
            self.factor = self.add_weight(shape=(input_shape[-1],), initializer="ones")

        def call(self, x):
            return x * self.factor

    for layer in (k.layers.Dense(3), Scale()):
        layer.build((None, 4))
        count = len(layer.weights)
        assert layer.built
        layer(np.ones((2, 4), "float32"))
        assert len(layer.weights) == count
        with pytest.raises(ValueError, match="already"):
            layer.build((None, 4))
    model = k.Sequential([k.layers.Dense(3)])
    model.build((None, 4))
    model.build((None, 4))
    with pytest.raises(ValueError, match="already"):
        model.build((None, 5))


@pytest.mark.parametrize(
    ("units", "y"),
    [
        (1, (NUMBERS > 0).astype("float32")),
        (1, (NUMBERS > 0).astype("float32")[:, None]),
        (3, NUMBERS),
        (3, NUMBERS[:, None]),
        (3, np.eye(3, dtype="float32")[NUMBERS]),
    ],
)
@pytest.mark.parametrize("name", ["crossentropy", "ce"])
def test_the_crossentropy_by_the_shapes(name, units, y):
    x = RNG.normal(size=(12, 4)).astype("float32")
    results = []
    weights = None
    for k in (keras, dlcore):
        activation = "sigmoid" if units == 1 else "softmax"
        model = k.Sequential([k.Input((4,)), k.layers.Dense(units, activation=activation)])
        weights = model.get_weights() if weights is None else weights
        model.set_weights(weights)
        model.compile("sgd", name, metrics=["accuracy"])
        results.append(model.evaluate(x, y, verbose=0))
        with pytest.raises(ValueError):
            k.metrics.get(name)
    np.testing.assert_allclose(*results, **TOLERANCE)


@pytest.mark.parametrize("indices", [[-1, 0], [-4], [[2, -3], [0, 1]]])
def test_take_counts_from_the_end(indices):
    x = np.arange(12.0, dtype="float32").reshape(4, 3)
    for axis in (0, 1):
        if axis and -4 in np.ravel(indices):
            continue
        expected = np.asarray(keras.ops.take(x, np.array(indices), axis=axis))
        np.testing.assert_array_equal(dlcore.ops.take(x, indices, axis).data, expected)
