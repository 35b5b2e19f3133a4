"""Graphs of layers against real Keras: the order of layers and weights, outputs, gradients.

This order is what files and `set_weights` depend on.
"""

import numpy as np
import pytest

import dlcore
from dlcore.engine import ops
from dlcore.tensor import gradients

keras = pytest.importorskip("keras")

# Keras itself uses what NumPy deprecates.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

CASES = 150


def drawn(library, rng):
    """A model with several inputs and outputs, shared layers and operations; the same by a seed."""
    layers = library.layers
    inputs = [library.Input((int(rng.integers(2, 5)),), name=f"in_{i}") for i in range(2)]
    inputs += [library.Input((3,), name="in_2")] if rng.random() < 0.3 else []
    pool = list(inputs)
    shared: list = []
    for i in range(int(rng.integers(2, 8))):
        x = pool[int(rng.integers(len(pool)))]
        kind = rng.random()
        fitting = [s for s in shared if s[0] == x.shape[-1]]
        if kind < 0.25 and fitting:
            y = fitting[int(rng.integers(len(fitting)))][1](x)
        elif kind < 0.4:
            y = x * 0.5 + x
        elif kind < 0.55:
            alike = [p for p in pool if p.shape == x.shape]
            y = x + alike[int(rng.integers(len(alike)))]
        else:
            layer = layers.Dense(int(rng.integers(2, 5)), activation="tanh", name=f"layer_{i}")
            shared.append((x.shape[-1], layer))
            y = layer(x)
        pool.append(y)
    outputs = [layers.Dense(1, name=f"out_{i}")(x) for i, x in enumerate(inputs)]
    outputs.append(layers.Dense(2, name="out_last")(pool[-1]))
    order = rng.permutation(len(outputs))
    return library.Model(inputs, [outputs[i] for i in order])


@pytest.mark.parametrize("seed", range(CASES))
def test_a_random_graph(seed):
    theirs = drawn(keras, np.random.default_rng(seed))
    ours = drawn(dlcore, np.random.default_rng(seed))
    names = [layer.name for layer in theirs.layers if "_" in layer.name and layer.weights]
    assert [layer.name for layer in ours.layers if layer.weights] == names
    inputs = [layer.name for layer in theirs.layers if layer.name.startswith("in_")]
    assert [layer.name for layer in ours.layers if layer.name.startswith("in_")] == inputs
    assert ours.output_names == theirs.output_names
    assert [w.shape for w in ours.weights] == [tuple(w.shape) for w in theirs.weights]
    ours.set_weights(theirs.get_weights())
    rng = np.random.default_rng(seed)
    data = [rng.normal(size=(4, s.shape[1])).astype(np.float32) for s in ours.inputs]
    expected = [np.asarray(y) for y in theirs(data)]
    found = ours(data)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a.data, b, atol=1e-5)
    # The gradient is proved by a shift along it.
    loss = sum((ops.sum(y) for y in found[1:]), ops.sum(found[0]))
    slopes = gradients(loss, ours.trainable_weights)
    step = 1e-3
    moved = [w + step * g for w, g in zip(ours.get_weights(), slopes, strict=True)]
    theirs.set_weights(moved)
    rise = sum(float(np.sum(np.asarray(y))) for y in theirs(data)) - float(loss)
    expected_rise = step * sum(float(np.sum(g**2)) for g in slopes)
    assert rise == pytest.approx(expected_rise, rel=0.1, abs=0.02)
