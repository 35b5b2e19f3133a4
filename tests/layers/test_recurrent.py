"""SimpleRNN, LSTM and GRU: shapes, slopes, states, and the two forms in which they are computed."""

from __future__ import annotations

import inspect
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore import Sequential, backends
from dlcore.engine import ops
from dlcore.layers import (
    GRU,
    LSTM,
    RNN,
    Dense,
    GRUCell,
    Layer,
    LSTMCell,
    SimpleRNN,
    SimpleRNNCell,
)
from dlcore.tensor import Tensor, gradients
from dlcore.utils import set_random_seed

KINDS = (SimpleRNN, LSTM, GRU)
WIDTH = {SimpleRNN: 1, LSTM: 4, GRU: 3}
KERNEL = {SimpleRNN: "simple_rnn", LSTM: "lstm", GRU: "gru"}
# Arguments that are computed step by step from operations.
COMPOSED = {"activation": ["sigmoid"], "recurrent_activation": ["tanh"], "reset_after": [False]}

settings_of = st.fixed_dictionaries(
    {
        "units": st.integers(1, 3),
        "use_bias": st.booleans(),
        "return_sequences": st.booleans(),
        "return_state": st.booleans(),
        "go_backwards": st.booleans(),
        "zero_output_for_mask": st.booleans(),
    }
)


def listed(y):
    return list(y) if isinstance(y, tuple) else [y]


def random_weights(layer, rng):
    layer.set_weights([rng.normal(0, 0.6, w.shape) for w in layer.get_weights()])


@settings(max_examples=40)
@given(
    st.sampled_from(KINDS), settings_of, st.integers(1, 3), st.integers(1, 4), st.integers(1, 3),
    st.booleans(),
)  # fmt: skip
def test_shapes(kind, arguments, n, steps, columns, composed):
    layer = kind(**arguments, **({"activation": "relu"} if composed else {}))
    y = listed(layer(np.zeros((n, steps, columns), "float32")))
    units, wide = arguments["units"], WIDTH[kind] * arguments["units"]
    shape = (n, steps, units) if arguments["return_sequences"] else (n, units)
    states = (2 if kind is LSTM else 1) * arguments["return_state"]
    assert [a.shape for a in y] == [shape] + [(n, units)] * states
    described = layer.compute_output_shape((None, None, columns))
    described = list(described) if isinstance(described[0], tuple) else [described]
    open_shape = (None, None, units) if arguments["return_sequences"] else (None, units)
    assert described == [open_shape] + [(None, units)] * states
    bias = (2, wide) if kind is GRU else (wide,)
    expected = {"kernel": (columns, wide), "recurrent_kernel": (units, wide), "bias": bias}
    if not arguments["use_bias"]:
        del expected["bias"]
    assert {w.name: w.shape for w in layer.weights} == expected
    assert list(expected) == [w.name for w in layer.weights]


def slope_of(function, x, step=1e-6):
    slope = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        x[i] += step
        up = function()
        x[i] -= 2 * step
        slope[i] = (up - function()) / (2 * step)
        x[i] += step
    return slope


@pytest.mark.parametrize(
    ("kind", "more"),
    [(kind, {}) for kind in KINDS]
    + [(kind, {"activation": "sigmoid"}) for kind in KINDS]
    + [(LSTM, {"recurrent_activation": "tanh"}), (GRU, {"reset_after": False})],
)
@settings(max_examples=5)
@given(arguments=settings_of, masked=st.booleans(), seed=st.integers(0, 2**32 - 1))
def test_slopes_against_finite_differences(kind, more, arguments, masked, seed):
    rng = np.random.default_rng(seed)
    n, steps, columns = rng.integers(1, 4, 3)
    layer = kind(**arguments, **more, dtype="float64")
    layer.build_once((None, steps, columns))
    random_weights(layer, rng)
    mask = (rng.random((n, steps)) < 0.7).astype(int) if masked else None
    x = Tensor(rng.normal(size=(n, steps, columns)), requires_grad=True)
    states = [
        Tensor(rng.normal(size=(n, arguments["units"])), requires_grad=True)
        for _ in range(2 if kind is LSTM else 1)
    ]
    upstream = [rng.normal(size=y.shape) for y in listed(layer(x))]

    def loss():
        outputs = listed(layer(x, initial_state=states, mask=mask))
        parts = [ops.sum(y * dy) for y, dy in zip(outputs, upstream, strict=True)]
        return sum(parts[1:], parts[0])

    sources = [x, *states, *layer.weights]
    found = gradients(loss(), sources)
    for source, gradient in zip(sources, found, strict=True):
        expected = slope_of(lambda: float(loss().data), source.data)
        np.testing.assert_allclose(gradient, expected, atol=1e-6)


@settings(max_examples=40)
@given(
    kind=st.sampled_from(KINDS), arguments=settings_of, masked=st.booleans(),
    started=st.booleans(), seed=st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_the_form_of_operations_equals_that_of_kernels(kind, arguments, masked, started, seed):
    rng = np.random.default_rng(seed)
    n, steps, columns = rng.integers(1, 5, 3)
    layer = kind(**arguments)
    layer.build_once((None, steps, columns))
    random_weights(layer, rng)
    of_rnn = {k: v for k, v in arguments.items() if k not in ("units", "use_bias")}
    composed = RNN(layer.cell, **of_rnn)
    x = Tensor(rng.normal(size=(n, steps, columns)).astype("float32"), requires_grad=True)
    more = {}
    if masked:
        more["mask"] = rng.random((n, steps)) < 0.6
    if started:
        count, shape = (2 if kind is LSTM else 1), (n, arguments["units"])
        more["initial_state"] = [rng.normal(size=shape).astype("float32") for _ in range(count)]
    calls, results = [], []
    before = backends.set_recorder(lambda name, *_: calls.append(name))
    try:
        for form in (layer, composed):
            y = listed(form(x, **more))
            loss = sum((ops.sum(ops.square(part)) for part in y), Tensor(np.float32(0)))
            results.append([*(part.data for part in y), *gradients(loss, [x, *layer.weights])])
    finally:
        backends.set_recorder(before)
    assert calls.count(KERNEL[kind]) == 1
    for a, b in zip(*results, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [(k, n, v) for k in KINDS for n, vs in COMPOSED.items() for v in vs
     if hasattr(k(1), n)],
)  # fmt: skip
def test_what_the_kernels_do_not_compute_is_composed(kind, name, value):
    calls = []
    layer = kind(2, **{name: value})
    before = backends.set_recorder(lambda name, *_: calls.append(name))
    try:
        layer(np.ones((2, 3, 2), "float32"))
        assert KERNEL[kind] not in calls
        kind(2)(np.ones((2, 3, 2), "float32"))
        assert KERNEL[kind] in calls
    finally:
        backends.set_recorder(before)


def test_one_step_by_hand():
    x = np.array([[[1.0, 2.0]]], "float32")
    simple = SimpleRNN(1)
    simple.build_once((None, 1, 2))
    simple.set_weights([[[0.1], [0.2]], [[0.5]], [0.3]])
    y = simple(x, initial_state=np.array([[2.0]], "float32"))
    assert y.data.item() == pytest.approx(np.tanh(0.1 + 0.4 + 1.0 + 0.3), rel=1e-6)

    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    lstm = LSTM(1, return_state=True)
    lstm.build_once((None, 1, 2))
    lstm.set_weights([[[0.1, 0.2, 0.3, 0.4], [0, 0, 0, 0]], [[0.5, 0.6, 0.7, 0.8]], [0, 1, 0, 2]])
    h, last, c = lstm(x, initial_state=[np.array([[2.0]]), np.array([[3.0]])])
    i, f, g, o = sigmoid(1.1), sigmoid(2.4), np.tanh(1.7), sigmoid(4.0)
    assert c.data.item() == pytest.approx(3 * f + i * g, rel=1e-6)
    assert h.data.item() == last.data.item() == pytest.approx(o * np.tanh(3 * f + i * g), rel=1e-6)

    gru = GRU(1)
    gru.build_once((None, 1, 2))
    gru.set_weights([[[0.1, 0.2, 0.3], [0, 0, 0]], [[0.5, 0.6, 0.7]], [[0, 0, 1], [0, 1, 2]]])
    y = gru(x, initial_state=[np.array([[2.0]])])
    z, r = sigmoid(1.1), sigmoid(0.2 + 1.2 + 1)
    assert y.data.item() == pytest.approx(z * 2 + (1 - z) * np.tanh(1.3 + r * 3.4), rel=1e-6)
    before = GRU(1, reset_after=False)
    before.build_once((None, 1, 2))
    before.set_weights([[[0.1, 0.2, 0.3], [0, 0, 0]], [[0.5, 0.6, 0.7]], [0, 1, 2]])
    y = before(x, initial_state=[np.array([[2.0]])])
    assert y.data.item() == pytest.approx(z * 2 + (1 - z) * np.tanh(2.3 + r * 1.4), rel=1e-6)


def test_first_values():
    set_random_seed(0)
    for kind in KINDS:
        layer = kind(4)
        layer.build_once((None, 3, 2))
        kernel, recurrent, bias = layer.get_weights()
        limit = np.sqrt(6 / sum(kernel.shape))
        assert 0.8 * limit < np.abs(kernel).max() <= limit
        np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(4), atol=1e-5)
        expected = np.zeros_like(bias)
        if kind is LSTM:
            expected[4:8] = 1
        np.testing.assert_array_equal(bias, expected)
    plain = LSTM(4, unit_forget_bias=False, bias_initializer="ones")
    plain.build_once((None, 3, 2))
    np.testing.assert_array_equal(plain.get_weights()[2], np.ones(16))


def test_a_longer_sequence_than_that_of_the_first_call():
    layer = LSTM(2)
    assert [layer(np.ones((2, steps, 3))).shape for steps in (2, 5, 1)] == [(2, 2)] * 3


def test_going_backwards_gives_the_last_step_first():
    x = np.random.default_rng(0).normal(size=(2, 4, 3)).astype("float32")
    for kind in KINDS:
        forwards = kind(3, return_sequences=True)
        backwards = kind(3, return_sequences=True, go_backwards=True)
        forwards(x), backwards(x)
        backwards.set_weights(forwards.get_weights())
        np.testing.assert_array_equal(backwards(x).data, forwards(x[:, ::-1].copy()).data)


@pytest.mark.parametrize("kind", KINDS)
def test_regularizers_and_activity(kind):
    layer = kind(3, kernel_regularizer="l2", recurrent_regularizer="l1", bias_regularizer="l2",
                 bias_initializer="ones", activity_regularizer="l2")  # fmt: skip
    y = layer(np.ones((2, 3, 2), "float32"))
    w, u, b = (array.astype("float64") for array in layer.get_weights())
    found = sorted(float(loss.data) for loss in layer.losses)
    parts = [(w**2).sum(), np.abs(u).sum(), (b**2).sum(), (y.data**2).sum() / 2]
    np.testing.assert_allclose(found, sorted(0.01 * part for part in parts), rtol=1e-5)


class Mean(Layer):
    """A cell of one's own, without weights: the mean of input and state."""

    state_size = 2

    def call(self, x, states):
        y = (x + states[0]) * 0.5
        return y, [y]


def test_a_cell_of_ones_own():
    x = np.random.default_rng(0).normal(size=(3, 4, 2)).astype("float32")
    y, last = RNN(Mean(), return_sequences=True, return_state=True)(x)
    state = np.zeros((3, 2), "float32")
    for t in range(4):
        state = (state + x[:, t]) / 2
        np.testing.assert_allclose(y.data[:, t], state, rtol=1e-6)
    np.testing.assert_array_equal(last.data, y.data[:, -1])
    model = Sequential([RNN(Mean()), Dense(1)])
    model.compile("sgd", "mse")
    model.fit(x, np.zeros(3), verbose=0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("more", [{}, {"activation": "relu"}])
def test_replay_equals_eager(kind, more):
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 4, 2)), rng.normal(size=60)
    kept = []
    for eagerly in (False, True):
        set_random_seed(1)
        first = kind(3, dropout=0.2, return_sequences=True)
        model = Sequential([first, kind(4, recurrent_dropout=0.2, **more), Dense(1)])
        model.compile("adam", "mse", run_eagerly=eagerly)
        model.fit(x, y, epochs=3, batch_size=16, verbose=0)
        assert model.run_eagerly == eagerly
        kept.append(model.get_weights())
    for a, b in zip(*kept, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("kind", "own"),
    [
        (SimpleRNN, "activation use_bias … return_sequences … seed"),
        (SimpleRNNCell, "activation use_bias … seed"),
        (LSTM, "activation recurrent_activation … unit_forget_bias … seed return_sequences …"),
        (LSTMCell, "activation recurrent_activation … unit_forget_bias … seed"),
        (GRU, "activation recurrent_activation … seed return_sequences … reset_after"),
        (GRUCell, "activation recurrent_activation … reset_after seed"),
    ],
)
def test_the_arguments_are_those_of_keras_in_their_order(kind, own):
    names = [*inspect.signature(kind).parameters]
    assert re.fullmatch(f"units {own.replace('…', '.*')} ?kwargs", " ".join(names))
    assert inspect.signature(kind).parameters["recurrent_initializer"].default == "orthogonal"
    with pytest.raises(TypeError, match=rf"{kind.__name__}\.__init__\(\) missing .*'units'"):
        kind()
