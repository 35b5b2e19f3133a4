"""Replayed training ends with the bits of eager training, and everything around it still works."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore.callbacks import Callback
from dlcore.engine import ops
from dlcore.engine.program import Program, Recording
from dlcore.layers import Dense, Dropout, Input, Layer
from dlcore.models import Sequential
from dlcore.trainer import divergence
from dlcore.utils import set_random_seed

LAST = {
    "mse": (None, 2, lambda rng, n: rng.normal(size=(n, 2))),
    "binary_crossentropy": ("sigmoid", 1, lambda rng, n: rng.integers(0, 2, n)),
    "categorical_crossentropy": ("softmax", 3, lambda rng, n: np.eye(3)[rng.integers(0, 3, n)]),
    "sparse_categorical_crossentropy": ("softmax", 3, lambda rng, n: rng.integers(0, 3, n)),
}


@pytest.fixture
def replays(monkeypatch):
    """Counts the steps that were replayed."""
    count = []
    run = Program.run

    def counted(self):
        if self.replayed:
            count.append(1)
        return run(self)

    monkeypatch.setattr(Program, "run", counted)
    return count


def trained(eagerly, loss, n, widths, activation, optimizer, rates=(), **fit):
    set_random_seed(7)
    rng = np.random.default_rng(0)
    last, units, targets = LAST[loss]
    x, y = rng.normal(size=(n, 4)), targets(rng, n)
    hidden = [Dense(width, activation=activation) for width in widths]
    for place, rate in enumerate(rates):
        hidden.insert(2 * place, Dropout(rate))
    model = Sequential([*hidden, Dense(units, activation=last)])
    metrics = ["mse"] if loss == "mse" else ["accuracy"]
    model.compile(optimizer, loss, metrics=metrics, run_eagerly=eagerly)
    if fit.pop("weighted"):
        fit["sample_weight"] = rng.uniform(0, 2, n)
    history = model.fit(x, y, verbose=0, **fit)
    state = [variable.value for variable in model.variables]
    return state, history.history, model.predict(x, verbose=0, batch_size=3)


@settings(max_examples=40)
@given(
    loss=st.sampled_from(sorted(LAST)),
    n=st.integers(4, 30),
    widths=st.lists(st.integers(1, 6), max_size=2),
    activation=st.sampled_from(["relu", "tanh", "sigmoid", "leaky_relu"]),
    optimizer=st.sampled_from(["sgd", "adam"]),
    rates=st.lists(st.sampled_from([0.0, 0.2, 0.5, 1.0]), max_size=2),
    batch_size=st.integers(1, 8),
    epochs=st.integers(1, 4),
    shuffle=st.booleans(),
    validation_split=st.sampled_from([0.0, 0.3]),
    weighted=st.booleans(),
)
def test_the_same_bits_as_eager(**arguments):
    expected = trained(True, **arguments)
    found = trained(False, **arguments)
    for a, b in zip(found[0], expected[0], strict=True):
        np.testing.assert_array_equal(a, b)
    assert found[1] == expected[1]
    np.testing.assert_array_equal(found[2], expected[2])


def test_all_steps_but_two_of_each_shape_are_replayed(replays):
    arguments = {"widths": [5], "activation": "relu", "optimizer": "adam", "weighted": False}
    trained(False, "mse", 22, **arguments, batch_size=5, epochs=10)
    # 4 full batches and 1 partial one an epoch; predict: 7 batches of 3 rows and one of 1.
    assert len(replays) == (40 - 2) + (10 - 2) + (7 - 2)
    replays.clear()
    trained(True, "mse", 22, **arguments, batch_size=5, epochs=10)
    assert not replays


class Rate(Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.model.optimizer.learning_rate = [0.1, 0.01, 0.0][epoch]


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_callback_changes_the_rate_and_the_weights(eagerly, replays):
    x = np.random.default_rng(0).normal(size=(40, 2))
    seen = []

    class Watch(Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append([w.copy() for w in self.model.get_weights()])
            if epoch == 0:
                self.model.set_weights([np.zeros((2, 1)), np.zeros(1)])

    set_random_seed(0)
    model = Sequential([Dense(1)])
    model.compile("sgd", "mse", run_eagerly=eagerly)
    model.fit(x, x.sum(1), epochs=3, verbose=0, batch_size=4, callbacks=[Rate(), Watch()])
    # From zeros, one epoch at 0.01 goes a little way; at rate 0 nothing moves.
    assert 0 < np.abs(seen[1][0]).max() < 0.5
    np.testing.assert_array_equal(seen[1][0], seen[2][0])
    assert bool(replays) != eagerly


class Noise(Layer):
    def call(self, x):
        return x + self.rng.normal(size=x.shape)


class Norm(Layer):
    def call(self, x):
        return x / float(ops.max(ops.abs(x)))


def numpy_loss(y_true, y_pred):
    weights = np.exp(-np.abs(np.asarray(y_true)))
    return ops.mean(ops.square(y_true - y_pred) * weights, axis=-1)


@pytest.mark.parametrize("kind", ["layer with dropout", "layer that reads", "loss that reads"])
def test_numpy_inside_falls_back_to_eager_and_says_so_once(kind, replays):
    def make(eagerly):
        set_random_seed(0)
        layers = [Dense(3), Dense(1)]
        if kind == "layer with dropout":
            layers.insert(1, Noise())
            layers[1].rng = np.random.default_rng(0)
        if kind == "layer that reads":
            layers.insert(1, Norm())
        model = Sequential(layers)
        loss = numpy_loss if kind == "loss that reads" else "mse"
        model.compile("sgd", loss, run_eagerly=eagerly)
        return model

    x = np.random.default_rng(1).normal(size=(24, 2))
    weights = []
    for eagerly in (False, True):
        model = make(eagerly)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            for _ in range(2):
                model.fit(x, x[:, 0], epochs=3, batch_size=4, verbose=0)
        said = [str(w.message) for w in caught if "runs step by step" in str(w.message)]
        assert len(said) == (0 if eagerly else 1)
        weights.append(model.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_array_equal(a, b)
    assert not replays


def test_a_run_that_breaks_in_dropout_goes_back_to_the_step_of_its_random_numbers():
    x = np.linspace(-1, 1, 40)[:, None]
    ends = []
    for eagerly in (False, True):
        set_random_seed(0)
        layers = [Dense(4, "relu", name="a"), Dropout(0.5, name="drop"), Dense(1, name="b")]
        model = Sequential(layers)
        model.compile("sgd", "mse", run_eagerly=eagerly)
        generator = model.layers[1].seed_generator
        good = []

        class Jump(Callback):
            def on_epoch_end(self, epoch, logs=None, model=model, good=good, draws=generator.step):
                good[:] = [*model.get_weights(), draws.value]
                if epoch == 1:
                    model.optimizer.learning_rate = 1e30

        with pytest.raises(divergence.Divergence) as caught, np.errstate(all="ignore"):
            model.fit(x, 3 * x, epochs=5, batch_size=4, verbose=0, callbacks=[Jump()])
        assert good[-1] == 20
        ends.append((str(caught.value), [v.value for v in model.variables]))
        for a, b in zip(ends[-1][1], good, strict=True):
            np.testing.assert_array_equal(a, b)
    assert ends[0][0] == ends[1][0]


def test_a_diverging_run_names_the_step_and_keeps_the_last_good_epoch(replays):
    x = np.linspace(-1, 1, 40)[:, None]
    errors, kept = [], []
    for eagerly in (False, True):
        set_random_seed(0)
        model = Sequential([Dense(4, activation="relu", name="first"), Dense(1, name="last")])
        model.compile("sgd", "mse", run_eagerly=eagerly)
        good = []

        class Jump(Callback):
            def on_epoch_end(self, epoch, logs=None, model=model, good=good):
                good[:] = model.get_weights()
                if epoch == 1:
                    model.optimizer.learning_rate = 1e30

        with (
            pytest.raises(divergence.Divergence) as caught,
            np.errstate(all="ignore"),
        ):
            model.fit(x, 3 * x, epochs=5, batch_size=4, verbose=0, callbacks=[Jump()])
        errors.append(str(caught.value))
        kept.append(model.get_weights())
        for a, b in zip(model.get_weights(), good, strict=True):
            np.testing.assert_array_equal(a, b)
    assert errors[0] == errors[1] and "in epoch 3, step " in errors[0] and replays
    for a, b in zip(*kept, strict=True):
        np.testing.assert_array_equal(a, b)


def test_ctrl_c_in_a_replayed_step_leaves_a_usable_model(monkeypatch):
    x = np.random.default_rng(0).normal(size=(40, 2))
    model = Sequential([Dense(1)])
    model.compile("sgd", "mse")
    run, steps = Program.run, []

    def interrupted(self):
        steps.append(self.replayed)
        if len(steps) == 25:
            raise KeyboardInterrupt
        return run(self)

    monkeypatch.setattr(Program, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, x.sum(1), epochs=9, batch_size=4, verbose=0)
    monkeypatch.undo()
    assert steps[-1] and model.history.epoch == [0, 1]
    assert np.isfinite(model.predict(x, verbose=0)).all()
    model.fit(x, x.sum(1), verbose=0)


@pytest.mark.parametrize(("rows", "recorded"), [(1, 0), (20, 0), (21, 3)])
def test_a_short_predict_is_not_recorded_in_vain(rows, recorded, monkeypatch):
    entered = []
    enter = Recording.__enter__
    monkeypatch.setattr(Recording, "__enter__", lambda self: entered.append(1) or enter(self))
    model = Sequential([Input((4,)), Dense(3, "relu"), Dense(1)])
    x = np.random.default_rng(0).normal(size=(rows, 4)).astype("float32")
    y = model.predict(x, batch_size=10, verbose=0)
    # Of batches of 10, 10 and 1 the last has a program of its own.
    assert len(entered) == recorded
    np.testing.assert_allclose(y, model(x).numpy(), rtol=1e-6)
