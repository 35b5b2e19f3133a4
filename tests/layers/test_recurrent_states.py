"""Recurrent layers: states from outside and from the batch before, dropout, arguments, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore import Input, Model, Sequential, layers
from dlcore.engine import ops
from dlcore.layers import GRU, LSTM, RNN, Dense, GRUCell, LSTMCell, SimpleRNN, SimpleRNNCell
from dlcore.tensor import gradients
from dlcore.utils import set_random_seed

KINDS = (SimpleRNN, LSTM, GRU)
RNG = np.random.default_rng(0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_the_states_lead_on(kind, activation):
    x = RNG.normal(size=(2, 6, 3)).astype("float32")
    layer = kind(4, activation=activation, return_state=True)
    whole = layer(x)
    _, *states = layer(x[:, :4])
    rest = layer(x[:, 4:], initial_state=states)
    for a, b in zip(whole, rest, strict=True):
        np.testing.assert_allclose(a.data, b.data, atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("more", [{}, {"activation": "relu"}])
def test_a_stateful_layer_goes_on_until_it_is_reset(kind, more):
    x = RNG.normal(size=(2, 6, 3)).astype("float32")
    layer = kind(4, stateful=True, **more)
    plain = kind(4, **more)
    parts = [layer(x[:, :2]), layer(x[:, 2:5]), layer(x[:, 5:])]
    plain(x)
    plain.set_weights(layer.get_weights())
    np.testing.assert_allclose(parts[-1].data, plain(x).data, atol=1e-6)
    layer.reset_state()
    np.testing.assert_array_equal(layer(x[:, :2]).data, parts[0].data)
    assert len(layer.weights) == 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("more", [{}, {"activation": "relu"}])
def test_the_gradient_is_that_of_the_state_before_the_batch(kind, more):
    x = RNG.normal(size=(2, 3, 2)).astype("float32")
    layer, plain = kind(4, stateful=True, **more), kind(4, **more)
    layer(x), plain(x)
    plain.set_weights(layer.get_weights())
    before = [state.data.copy() for state in layer.states]
    found = gradients(ops.sum(layer(x)), layer.weights)
    expected = gradients(ops.sum(plain(x, initial_state=before)), plain.weights)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_each_gate_has_its_own_dropout_where_the_state_is_dropped_out():
    x = layers.Layer()._taken(np.ones((5, 3), "float32"))
    for kind, gates in ((SimpleRNN, 1), (GRU, 3), (LSTM, 4)):
        cases = (((0.5, 0.5), (gates, gates)), ((0.5, 0), (1, 0)), ((0, 0.5), (0, gates)))
        for rates, counts in cases:
            cell = kind(2, dropout=rates[0], recurrent_dropout=rates[1]).cell
            assert tuple(len(part or ()) for part in cell.draw(x, True)) == counts
            assert cell.draw(x, False) == (None, None)


def test_a_batch_of_another_size_needs_a_reset():
    layer = LSTM(3, stateful=True, name="memory")
    layer(np.ones((4, 2, 1)))
    with pytest.raises(ValueError, match="'memory' is stateful .* 4 rows, but this batch has 3"):
        layer(np.ones((3, 2, 1)))
    layer.reset_state()
    assert layer(np.ones((3, 2, 1))).shape == (3, 3)


def stateful_model(eagerly):
    set_random_seed(2)
    model = Sequential([Input((None, 2)), GRU(3, stateful=True), Dense(1)])
    model.compile("sgd", "mse", run_eagerly=eagerly)
    return model


def test_training_carries_states_over_and_replay_equals_eager():
    x, y = RNG.normal(size=(20, 3, 2)), RNG.normal(size=20)
    kept = []
    for eagerly in (False, True):
        model = stateful_model(eagerly)
        model.fit(x, y, epochs=3, batch_size=4, shuffle=False, verbose=0)
        assert model.run_eagerly == eagerly
        kept.append([*model.get_weights(), *(s.data.copy() for s in model.layers[0].states)])
    for a, b in zip(*kept, strict=True):
        np.testing.assert_array_equal(a, b)
    # The state is that of all batches, also those that were replayed.
    other = stateful_model(False)
    other.fit(x, y, epochs=2, batch_size=4, shuffle=False, verbose=0)
    assert not np.array_equal(other.layers[0].states[0].data, kept[0][-1])
    other.fit(x, y, epochs=1, batch_size=4, shuffle=False, verbose=0)
    np.testing.assert_array_equal(other.layers[0].states[0].data, kept[0][-1])


def test_looking_at_the_data_leaves_the_states_alone():
    x = RNG.normal(size=(1, 3, 2)).astype("float32")
    model = stateful_model(True)
    whole = stateful_model(True)
    whole.layers[0].stateful = False
    whole.set_weights(model.get_weights())
    model.evaluate(x, np.zeros(1), verbose=0)
    assert model.compute_output_shape((None, 3, 2)) == (None, 1)
    found = model.predict(x, verbose=0)
    expected = whole.predict(np.concatenate([x, x], 1), verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_states_of_the_encoder_start_the_decoder():
    source, target = Input((None, 2)), Input((None, 3))
    _, *states = LSTM(4, return_state=True)(source)
    y = LSTM(4, return_sequences=True)(target, initial_state=states)
    model = Model([source, target], Dense(1)(y))
    model.compile("adam", "mse")
    a, b = RNG.normal(size=(8, 5, 2)), RNG.normal(size=(8, 3, 3))
    encoder = model.layers[1] if isinstance(model.layers[1], LSTM) else model.layers[2]
    before = [w.copy() for w in encoder.get_weights()]
    model.fit([a, b], RNG.normal(size=(8, 3, 1)), epochs=3, verbose=0)
    assert all(not np.array_equal(v, w) for v, w in zip(before, encoder.get_weights(), strict=True))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rates", [(0.5, 0), (0, 0.5), (0.5, 0.25)])
def test_dropout(kind, rates):
    x = np.ones((200, 3, 2), "float32")
    layer = kind(4, dropout=rates[0], recurrent_dropout=rates[1], seed=1, return_sequences=True)
    layer(x)
    layer.set_weights([RNG.normal(size=w.shape) for w in layer.get_weights()])
    quiet = layer(x).data
    np.testing.assert_array_equal(quiet, np.broadcast_to(quiet[:1], quiet.shape))
    first, second = layer(x, training=True).data, layer(x, training=True).data
    assert not np.array_equal(first, second)
    found = len({row.tobytes() for row in first[:, 0].round(5)})
    # In the first step the state is 0; of two columns each is there or not: four ways, or four
    # for each gate.
    gates = {SimpleRNN: 1, LSTM: 4, GRU: 3}[kind] if rates[1] else 1
    assert found == 1 if rates[0] == 0 else found <= 4**gates and found > 3
    again = kind(4, dropout=rates[0], recurrent_dropout=rates[1], seed=1, return_sequences=True)
    again(x)
    again.set_weights(layer.get_weights())
    np.testing.assert_array_equal(again(x, training=True).data, first)


def test_dropout_is_the_same_in_all_steps_and_keeps_the_mean():
    layer = SimpleRNN(1, activation=None, dropout=0.25, return_sequences=True, seed=3)
    x = np.ones((4000, 3, 1), "float32")
    layer(x)
    layer.set_weights([[[1.0]], [[0.0]], [0.0]])
    y = layer(x, training=True).data
    np.testing.assert_array_equal(y[:, 0], y[:, 2])
    np.testing.assert_allclose(np.unique(y), [0, 4 / 3], rtol=1e-6)
    assert abs(y.mean() - 1) < 0.03
    state = SimpleRNN(1, activation=None, recurrent_dropout=0.25, return_sequences=True, seed=3)
    state(x)
    state.set_weights([[[1.0]], [[1.0]], [0.0]])
    y = state(x, training=True).data
    kept = y[:, 1] - 1
    np.testing.assert_allclose(np.unique(kept.round(5)), [0, 1.33333], rtol=1e-6)
    np.testing.assert_allclose(y[:, 2], 1 + kept * y[:, 1], rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_configuration(kind):
    given = {"units": 3, "activation": "relu", "dropout": 0.1, "go_backwards": True, "seed": 5}
    given |= {"kernel_regularizer": "l2", "return_state": True, "zero_output_for_mask": True}
    if kind is GRU:
        given["reset_after"] = False
    layer = kind(**given, name="mine", trainable=False)
    config = layer.get_config()
    assert "cell" not in config
    again = kind.from_config(config)
    assert again.get_config() == config
    assert (again.units, again.cell.units, again.seed) == (3, 3, 5)
    assert again.zero_output_for_mask and again.return_state and again.go_backwards
    again(np.ones((1, 2, 2)))
    assert not again.trainable_weights and len(again.weights) == 3
    cell = RNN.from_config(RNN(LSTMCell(3)).get_config()).cell
    assert isinstance(cell, LSTMCell) and cell.units == 3


def test_a_cell_alone():
    x, h = np.ones((2, 3), "float32"), np.zeros((2, 4), "float32")
    for cell, count in ((SimpleRNNCell(4), 1), (LSTMCell(4), 2), (GRUCell(4), 1)):
        y, states = cell(x, [layers.Layer()._taken(h)] * count)
        assert y.shape == (2, 4) and len(states) == count


WRONG = [
    (lambda: LSTM(0), ValueError, "LSTM: units is a whole number of at least 1"),
    (lambda: GRU(2, dropout=20), ValueError, "GRU: dropout is the share"),
    (lambda: GRU(2, recurrent_dropout=-1), ValueError, "GRU: recurrent_dropout is the share"),
    (lambda: LSTM(2, return_sequence=True), TypeError, "Did you mean 'return_sequences'"),
    (lambda: LSTM(2, activation="tanhh"), ValueError, "Did you mean 'tanh'"),
    (lambda: RNN([LSTMCell(2)]), TypeError, "takes one cell"),
    (lambda: RNN(Dense(2)), TypeError, "takes a cell such as LSTMCell"),
    (lambda: LSTM(2, name="a")(np.ones((3, 4))), ValueError, r"'a' takes sequences.*\(None, 4\)"),
    (
        lambda: LSTM(2, name="a").build_once((None, 3, None)),
        ValueError,
        r"'a' needs to know how many columns",
    ),
    (
        lambda: LSTM(2, name="a")(np.ones((3, 4, 1)), initial_state=np.ones((3, 2))),
        ValueError,
        r"'a' starts from 2 states of the shapes \(3, 2\), \(3, 2\), but initial_state has \(3, 2",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), WRONG)
def test_refusals(call, kind, text):
    with pytest.raises(kind, match=text):
        call()


def test_other_columns_than_before_are_named():
    layer = GRU(2, name="a")
    layer(np.ones((2, 3, 4)))
    with pytest.raises(ValueError, match=r"'a' takes .* \(n, steps, 4\), but .* \(2, 3, 5\)"):
        layer(np.ones((2, 3, 5)))
