"""Embedding, masks and recurrent layers beside Keras's, with random settings and equal weights."""

from __future__ import annotations

import random

import numpy as np
import pytest

import dlcore
from dlcore import layers

keras = pytest.importorskip("keras")

# With PyTorch below it Keras 3.15 gives 0, not the initial state, for masked steps at the start,
# and goes through the mask forwards when it goes through the steps backwards.
pytestmark = [
    pytest.mark.skipif(keras.backend.backend() == "torch", reason="its masks differ"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning"),
]

TOLERANCE = {"rtol": 2e-4, "atol": 2e-5}
ACTIVATIONS = ("tanh", "tanh", "tanh", "relu", "sigmoid", None)
GATES = ("sigmoid", "sigmoid", "sigmoid", "tanh", "hard_sigmoid")


def setting(rnd: random.Random) -> tuple[str, dict]:
    """A recurrent layer and its arguments."""
    kind = rnd.choice(["SimpleRNN", "LSTM", "GRU"])
    given = {"units": rnd.randint(1, 4)}
    if rnd.random() < 0.5:
        given["activation"] = rnd.choice(ACTIVATIONS)
    if kind != "SimpleRNN" and rnd.random() < 0.5:
        given["recurrent_activation"] = rnd.choice(GATES)
    if kind == "GRU":
        given["reset_after"] = rnd.random() < 0.6
    for name, share in (
        ("return_sequences", 0.5),
        ("return_state", 0.4),
        ("go_backwards", 0.4),
        ("zero_output_for_mask", 0.3),
    ):
        given[name] = rnd.random() < share
    given["use_bias"] = rnd.random() < 0.8
    # Dropout does nothing outside of training.
    given["dropout"], given["recurrent_dropout"] = rnd.choice([(0, 0), (0.5, 0), (0.3, 0.2)])
    return kind, given


def some_mask(rnd: random.Random, rng: np.random.Generator, n: int, steps: int):
    """None, steps left out at the end of each row, or anywhere (whole rows too)."""
    kind = rnd.choice(["none", "end", "anywhere"])
    if kind == "none":
        return None
    if kind == "end":
        return np.arange(steps) < rng.integers(0, steps + 1, (n, 1))
    return rng.random((n, steps)) < 0.6


def shaken(first, second, rng: np.random.Generator):
    """The same random weights for both."""
    weights = [rng.normal(0, 0.6, w.shape).astype("float32") for w in first.get_weights()]
    assert [w.shape for w in weights] == [w.shape for w in second.get_weights()]
    first.set_weights(weights)
    second.set_weights(weights)


def arrays(y):
    """Outputs of either library as a list of arrays."""
    parts = y if isinstance(y, list | tuple) else [y]
    return [np.asarray(keras.ops.convert_to_numpy(p) if keras.ops.is_tensor(p) else p.data)
            for p in parts]  # fmt: skip


def alike(ours, theirs):
    ours, theirs = arrays(ours), arrays(theirs)
    assert [y.shape for y in ours] == [y.shape for y in theirs]
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, **TOLERANCE)


@pytest.mark.parametrize("seed", range(300))
def test_output_and_states(seed):
    rnd, rng = random.Random(seed), np.random.default_rng(seed)
    kind, given = setting(rnd)
    n, steps, columns = rnd.randint(1, 4), rnd.randint(1, 5), rnd.randint(1, 3)
    x = rng.normal(size=(n, steps, columns)).astype("float32")
    mask = some_mask(rnd, rng, n, steps)
    both_ways = rnd.random() < 0.35
    if both_ways:
        given["go_backwards"] = False
    ours, theirs = (getattr(module, kind)(**given) for module in (layers, keras.layers))
    if both_ways:
        mode = rnd.choice(["concat", "sum", "mul", "ave", None])
        ours = layers.Bidirectional(ours, merge_mode=mode)
        theirs = keras.layers.Bidirectional(theirs, merge_mode=mode)
    ours.build_once((None, steps, columns))
    theirs.build((None, steps, columns))
    shaken(ours, theirs, rng)
    more = {}
    if rnd.random() < 0.4:
        count = (2 if kind == "LSTM" else 1) * (2 if hasattr(ours, "forward_layer") else 1)
        shape = (n, given["units"])
        more["initial_state"] = [rng.normal(size=shape).astype("float32") for _ in range(count)]
    if mask is not None:
        more["mask"] = mask
    alike(ours(x, **more), theirs(x, **more))
    described = ours.compute_output_shape((n, steps, columns))
    found = [y.shape for y in arrays(ours(x))]
    assert (list(described) if isinstance(described[0], tuple) else [described]) == found


@pytest.mark.parametrize("seed", range(40))
def test_stateful_layers_go_on(seed):
    rnd, rng = random.Random(seed), np.random.default_rng(seed)
    kind, given = setting(rnd)
    given["stateful"] = True
    n, columns = rnd.randint(1, 3), rnd.randint(1, 3)
    ours, theirs = (getattr(module, kind)(**given) for module in (layers, keras.layers))
    ours.build_once((n, 3, columns))
    theirs.build((n, 3, columns))
    shaken(ours, theirs, rng)
    for batch in range(4):
        x = rng.normal(size=(n, 3, columns)).astype("float32")
        mask = some_mask(rnd, rng, n, 3)
        alike(ours(x, mask=mask), theirs(x, mask=mask))
        if batch == 2:
            ours.reset_state()
            theirs.reset_state()


def model_of(module, kind, given, bidirectional, masked, columns, regularized):
    # A model of either library; the seed decides on everything else.
    made = module.layers
    if masked == "zero":
        first = [module.Input((None,)), made.Embedding(7, columns, mask_zero=True)]
    elif masked == "value":
        first = [module.Input((None, columns)), made.Masking(0.5)]
    else:
        first = [module.Input((None, columns))]
    if regularized:
        given = {**given, "kernel_regularizer": "l2", "bias_regularizer": "l1"}
        given = {**given, "recurrent_regularizer": "l2"}
    layer = getattr(made, kind)(**given)
    if bidirectional:
        layer = made.Bidirectional(layer)
    return module.Sequential([*first, layer, made.Dense(2)])


@pytest.mark.parametrize("seed", range(120))
def test_two_steps_of_training(seed):
    rnd, rng = random.Random(seed), np.random.default_rng(seed)
    kind, given = setting(rnd)
    given.update(return_state=False, dropout=0, recurrent_dropout=0)
    n, steps, columns = rnd.randint(2, 5), rnd.randint(1, 5), rnd.randint(1, 3)
    bidirectional, regularized = rnd.random() < 0.3, rnd.random() < 0.3
    given["go_backwards"] &= not bidirectional
    masked = rnd.choice([None, "zero", "value"])
    choice = (kind, given, bidirectional, masked, columns, regularized)
    ours, theirs = model_of(dlcore, *choice), model_of(keras, *choice)
    x = rng.normal(size=(n, steps, columns)).astype("float32")
    if masked == "zero":
        x = rng.integers(0, 7, (n, steps))
    elif masked == "value":
        x[rng.random((n, steps)) < 0.4] = 0.5
    y = rng.normal(size=(n, steps, 2) if given["return_sequences"] else (n, 2)).astype("float32")
    for model, module in ((ours, dlcore), (theirs, keras)):
        optimizer = rnd.choice(["SGD"]) if seed % 2 else "Adam"
        rate = 0.1 if optimizer == "SGD" else 0.01
        model.compile(getattr(module.optimizers, optimizer)(rate), "mse", run_eagerly=True)
    shaken(ours, theirs, rng)
    for _ in range(2):
        ours.train_on_batch(x, y)
        theirs.train_on_batch(x, y)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-3, atol=2e-4)
    np.testing.assert_allclose(
        ours.predict(x, verbose=0), theirs.predict(x, verbose=0), rtol=2e-3, atol=5e-4
    )


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_first_values_of_weights(kind):
    ours, theirs = (getattr(module, kind)(5) for module in (layers, keras.layers))
    ours.build_once((None, 3, 4))
    theirs.build((None, 3, 4))
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        assert a.shape == b.shape
        if a.ndim == 1 or kind == "GRU" and a.shape == (2, 15):
            np.testing.assert_array_equal(a, b)
        assert np.abs(a).max() <= 1


@pytest.mark.parametrize("kind", ["SimpleRNN", "LSTM", "GRU"])
def test_configuration_has_the_arguments_of_keras(kind):
    ours, theirs = (getattr(module, kind)(5) for module in (layers, keras.layers))
    found, expected = ours.get_config(), theirs.get_config()
    left_out = {"quantization_config", "activity_regularizer"}  # None is not written
    assert set(expected) - set(found) - left_out == set()
    again = getattr(layers, kind).from_config(expected)
    assert again.units == 5 and again.cell.units == 5


def test_a_cell_of_ones_own():
    def cell(base, add, multiply):
        class Mean(base):
            state_size = 2
            output_size = 2

            def call(self, x, states):
                y = multiply(add(x, states[0]), 0.5)
                return y, [y]

        return Mean()

    ours = layers.RNN(cell(layers.Layer, dlcore.ops.add, dlcore.ops.multiply), True)
    theirs = keras.layers.RNN(cell(keras.layers.Layer, keras.ops.add, keras.ops.multiply), True)
    x = np.random.default_rng(0).normal(size=(3, 4, 2)).astype("float32")
    alike(ours(x), theirs(x))
