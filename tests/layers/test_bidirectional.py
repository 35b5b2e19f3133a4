"""Bidirectional: two layers of one kind, of which one reads backwards."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore import Sequential
from dlcore.engine import ops
from dlcore.layers import GRU, LSTM, Bidirectional, Dense, SimpleRNN
from dlcore.tensor import Tensor, gradients
from dlcore.utils import set_random_seed

KINDS = (SimpleRNN, LSTM, GRU)
MODES = ("concat", "sum", "mul", "ave", None)
MERGED = {
    "concat": lambda y, z: np.concatenate([y, z], -1),
    "sum": lambda y, z: y + z,
    "mul": lambda y, z: y * z,
    "ave": lambda y, z: (y + z) / 2,
}


def listed(y):
    return list(y) if isinstance(y, tuple) else [y]


@given(
    st.sampled_from(KINDS), st.sampled_from(MODES), st.booleans(), st.booleans(), st.booleans(),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_outputs_states_and_shapes(kind, mode, sequences, state, masked, seed):
    rng = np.random.default_rng(seed)
    n, steps, columns = (int(size) for size in rng.integers(1, 4, 3))
    layer = Bidirectional(kind(2, return_sequences=sequences, return_state=state), mode)
    x = rng.normal(size=(n, steps, columns)).astype("float32")
    mask = rng.random((n, steps)) < 0.7 if masked else None
    found = listed(layer(x, mask=mask))
    first, second = layer.forward_layer, layer.backward_layer
    assert not first.go_backwards and second.go_backwards
    y, *states = listed(first(x, mask=mask))
    z, *more = listed(second(x, mask=mask))
    y, z = y.data, z.data[:, ::-1] if sequences else z.data
    outputs = [y, z] if mode is None else [MERGED[mode](y, z)]
    expected = [*outputs, *(s.data for s in (*states, *more))]
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a.data, b, atol=1e-6)
    described = layer.compute_output_shape((n, steps, columns))
    described = list(described) if isinstance(described[0], tuple) else [described]
    assert described == [a.shape for a in found]
    if sequences and masked:
        for a in found[: len(outputs)]:
            assert (a.data[~mask] == 0).all()
    names = ["kernel", "recurrent_kernel", "bias"]
    assert [w.name for w in layer.weights] == names * 2
    assert [id(w) for w in layer.weights] == [id(w) for w in (*first.weights, *second.weights)]


def test_the_two_layers_start_with_other_weights_and_other_names():
    inner = LSTM(3, name="lstm_of_mine", kernel_regularizer="l2")
    layer = Bidirectional(inner)
    layer(np.ones((1, 2, 2)))
    assert layer.forward_layer.name == "forward_lstm_of_mine"
    assert layer.backward_layer.name == "backward_lstm_of_mine"
    a, b = layer.forward_layer.get_weights(), layer.backward_layer.get_weights()
    assert not np.array_equal(a[0], b[0]) and not np.array_equal(a[1], b[1])
    assert layer.layer is layer.forward_layer and not inner.built and len(layer.losses) == 2


@pytest.mark.parametrize("kind", KINDS)
def test_initial_state_is_shared_out(kind):
    count = 2 if kind is LSTM else 1
    x = np.random.default_rng(0).normal(size=(2, 3, 2)).astype("float32")
    states = [np.full((2, 3), 0.1 * i, "float32") for i in range(1, 2 * count + 1)]
    layer = Bidirectional(kind(3), merge_mode=None)
    y, z = layer(x, initial_state=states)
    np.testing.assert_array_equal(y.data, layer.forward_layer(x, states[:count]).data)
    np.testing.assert_array_equal(z.data, layer.backward_layer(x, states[count:]).data)


def test_slopes():
    rng = np.random.default_rng(0)
    for mode in MODES[:-1]:
        layer = Bidirectional(GRU(2, return_sequences=True, dtype="float64"), mode, dtype="float64")
        x = Tensor(rng.normal(size=(2, 3, 2)), requires_grad=True)
        upstream = rng.normal(size=layer(x).shape)
        found = gradients(ops.sum(layer(x) * upstream), [x])[0]
        for place in np.ndindex(*x.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = x.data.copy()
                moved[place] += step
                ends.append(float((layer(moved).data * upstream).sum()))
            assert found[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-6)


def test_a_backward_layer_of_another_kind():
    back = LSTM(2, activation="relu", go_backwards=True, name="back")
    layer = Bidirectional(LSTM(3), backward_layer=back)
    assert layer(np.ones((4, 2, 1))).shape == (4, 5) == layer.compute_output_shape((4, 2, 1))
    assert layer.backward_layer is back


def test_configuration_and_first_weights():
    layer = Bidirectional(GRU(2, return_sequences=True), merge_mode="sum")
    again = Bidirectional.from_config(layer.get_config())
    assert again.merge_mode == "sum" and again.forward_layer.return_sequences
    assert again.get_config() == layer.get_config()
    layer(np.ones((1, 2, 3)))
    same = Bidirectional(GRU(2, return_sequences=True), "sum", weights=layer.get_weights())
    x = np.random.default_rng(0).normal(size=(2, 4, 3))
    np.testing.assert_array_equal(same(x).data, layer(x).data)


def test_stateful():
    x = np.random.default_rng(0).normal(size=(2, 3, 2)).astype("float32")
    layer = Bidirectional(SimpleRNN(2, stateful=True))
    first, second = layer(x).data, layer(x).data
    assert not np.array_equal(first, second)
    layer.reset_state()
    np.testing.assert_array_equal(layer(x).data, first)


WRONG = [
    (lambda: Bidirectional(Dense(2)), TypeError, "takes a recurrent layer such as LSTM"),
    (lambda: Bidirectional(LSTM(2), merge_mode="add"), ValueError, "merge_mode is one of 'concat'"),
    (lambda: Bidirectional(LSTM(2, go_backwards=True)), ValueError, "reads backwards"),
    (
        lambda: Bidirectional(LSTM(2), backward_layer=LSTM(2)),
        ValueError,
        "make the backward_layer with go_backwards=True",
    ),
    (
        lambda: Bidirectional(
            LSTM(2, return_state=True), backward_layer=LSTM(2, go_backwards=True)
        ),
        ValueError,
        "both layers need the same return_state",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), WRONG)
def test_refusals(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


def test_replay_equals_eager():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 4, 2)), rng.normal(size=60)
    kept = []
    for eagerly in (False, True):
        set_random_seed(1)
        model = Sequential([Bidirectional(LSTM(3, dropout=0.2)), Dense(1)])
        model.compile("adam", "mse", run_eagerly=eagerly)
        model.fit(x, y, epochs=3, batch_size=16, verbose=0)
        assert model.run_eagerly == eagerly
        kept.append(model.get_weights())
    for a, b in zip(*kept, strict=True):
        np.testing.assert_array_equal(a, b)
