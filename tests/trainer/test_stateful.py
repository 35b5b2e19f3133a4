"""Recurrent layers that go on from batch to batch, in fit, evaluate, predict and in a backup."""

import numpy as np
import pytest

from dlcore import Input
from dlcore.callbacks import BackupAndRestore, Callback
from dlcore.layers import GRU, LSTM, Bidirectional, Dense, SimpleRNN
from dlcore.layers.tracking import go_back, stateful_layers, states_of
from dlcore.models import Model, Sequential
from dlcore.trainer.divergence import Divergence
from dlcore.utils import set_random_seed

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 3, 2)).astype(np.float32)
Y = RNG.normal(size=12).astype(np.float32)


def made(eagerly=False, rate=0.01):
    set_random_seed(1)
    model = Sequential([Input((None, 2)), LSTM(3, stateful=True, name="memory"), Dense(1)])
    model.compile("sgd", "mse", run_eagerly=eagerly)
    model.optimizer.learning_rate = rate
    return model


REST = (
    "'memory' is stateful .* 12 rows of {} with a batch_size of 5 leave 2 .* such as 6, or give 10"
)


@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_a_smaller_last_batch_is_refused_before_the_first(method):
    model = made()
    before = model.get_weights()
    what = "training data" if method == "fit" else "x"
    with pytest.raises(ValueError, match=REST.format(what)):
        getattr(model, method)(X, *([] if method == "predict" else [Y]), batch_size=5, verbose=0)
    assert model.layers[0].states is None
    for a, b in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(a, b)
    inner = Input((None, 2))
    outer = Model(inner, model(inner))
    outer.compile("sgd", "mse")
    with pytest.raises(ValueError, match=REST.format("training data")):
        outer.fit(X, Y, batch_size=5, verbose=0)


def test_what_has_no_smaller_batch_goes_through():
    model = made()
    model.fit(X, Y, batch_size=5, steps_per_epoch=2, verbose=0)
    model.layers[0].reset_state()
    model.evaluate(X, Y, batch_size=5, steps=2, verbose=0)
    with pytest.raises(ValueError, match="training data"):
        model.fit(X, Y, batch_size=5, steps_per_epoch=2, epochs=2, verbose=0)
    model.layers[0].reset_state()
    model.fit(X, Y, batch_size=4, verbose=0)
    model.layers[0].reset_state()
    model.fit(X, Y, verbose=0)
    free = Sequential([Input((None, 2)), LSTM(3), Dense(1)])
    free.compile("sgd", "mse")
    free.fit(X, Y, batch_size=5, verbose=0)
    assert free.predict(X, batch_size=5, verbose=0).shape == (12, 1)


def test_a_validation_needs_the_batches_of_the_training():
    model = made()
    with pytest.raises(ValueError, match="12 rows of validation data with a batch_size of 5"):
        model.fit(X[:10], Y[:10], batch_size=5, validation_data=(X, Y), verbose=0)
    with pytest.raises(ValueError, match="training have 4 rows and those of the validation data 3"):
        model.fit(X, Y, batch_size=4, validation_data=(X[:3], Y[:3]), verbose=0)
    assert model.layers[0].states is None
    model.fit(X, Y, batch_size=4, validation_data=(X[:8], Y[:8]), verbose=0)


@pytest.mark.parametrize(("rows", "size", "hint"), [(7, 3, 7), (9, 4, 3), (10, 7, 5), (50, 32, 25)])
def test_the_hint_divides_the_rows(rows, size, hint):
    with pytest.raises(ValueError, match=f"divides {rows}, such as {hint}, or give"):
        made().predict(np.zeros((rows, 1, 2)), batch_size=size, verbose=0)


class Stop(Callback):
    def __init__(self, batch):
        super().__init__()
        self.left = batch

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("save_freq", ["epoch", 2])
@pytest.mark.parametrize("stop", [1, 4, 6, 8])
def test_a_resumed_run_goes_on_with_the_states(save_freq, stop, tmp_path):
    def run(*more):
        model = made()
        model.fit(X, Y, batch_size=4, epochs=4, verbose=0, callbacks=[*more])
        return [*model.get_weights(), *states_of(model)[0]]

    expected = run()
    with pytest.raises(KeyboardInterrupt):
        run(Stop(stop), BackupAndRestore(tmp_path / "b", save_freq))
    for a, b in zip(run(BackupAndRestore(tmp_path / "b", save_freq)), expected, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_run_that_breaks_goes_back_to_the_states_too(eagerly):
    model = made(eagerly)
    kept = []

    class Jump(Callback):
        def on_epoch_end(self, epoch, logs=None):
            kept[:] = states_of(self.model)[0]
            if epoch == 1:
                self.model.optimizer.learning_rate = 1e30

    with pytest.raises(Divergence, match="in epoch 3"), np.errstate(all="ignore"):
        model.fit(X, 1e3 * Y, batch_size=4, epochs=4, verbose=0, callbacks=[Jump()])
    for a, b in zip(states_of(model)[0], kept, strict=True):
        np.testing.assert_array_equal(a, b)


def test_states_are_found_wherever_the_layers_are():
    shared = SimpleRNN(2, stateful=True, return_sequences=True)
    inner = Sequential([Input((None, 2)), shared, GRU(2, stateful=True)])
    x = Input((None, 2))
    both = Bidirectional(SimpleRNN(2, stateful=True))
    model = Model(x, [inner(x), both(shared(x)), LSTM(2)(x)])
    found = stateful_layers(model)
    assert [type(layer) for layer in found] == [SimpleRNN, GRU, SimpleRNN, SimpleRNN]
    assert states_of(model) == [None] * 4
    model.predict(X, verbose=0)
    states = states_of(model)
    assert [state[0].shape for state in states] == [(12, 2)] * 4
    kept = [state[0].copy() for state in states]
    again = model.predict(X, verbose=0)[0]
    model.predict(X, verbose=0)
    np.testing.assert_array_equal(kept[0], states[0][0])
    go_back(model, states)
    np.testing.assert_array_equal(model.predict(X, verbose=0)[0], again)
    go_back(model, [None] * 4)
    assert not any(state.any() for one in states_of(model) for state in one)
    go_back(model, [[s[0][:5]] for s in states])
    assert [state[0].shape for state in states_of(model)] == [(5, 2)] * 4
