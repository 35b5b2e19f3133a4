"""Ctrl-C in fit: the exception goes on, the model and its history stay usable."""

import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from dlcore.backends.numba import blas
from dlcore.callbacks import Callback, History, LambdaCallback, ProgbarLogger
from dlcore.engine.variable import Flat
from dlcore.layers import Dense, Layer
from dlcore.models import Sequential

X = np.linspace(-1, 1, 40).reshape(-1, 2)
Y = X[:, 0]


class Interrupt(Callback):
    def on_train_batch_end(self, batch, logs=None):
        if self.model.history.epoch and self.model.history.epoch[-1] == 1:
            raise KeyboardInterrupt


def test_weights_and_history_stay_usable(capsys):
    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    start = model.get_weights()
    with pytest.raises(KeyboardInterrupt) as caught:
        model.fit(X, Y, epochs=9, batch_size=4, callbacks=[Interrupt()], verbose=2)
    assert "stopped after 2 whole epochs" in caught.value.__notes__[0]
    assert model.history.epoch == [0, 1] and len(model.history.history["loss"]) == 2
    assert capsys.readouterr().out.count("Epoch") == 2
    assert (model.get_weights()[0] != start[0]).any()
    assert blas._held is None
    assert model.predict(X, verbose=0).shape == (20, 1)
    assert model.fit(X, Y, epochs=3, initial_epoch=2, verbose=0).epoch == [2]


@pytest.fixture
def pythons_own_handler():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.signal(signal.SIGINT, before) is signal.default_int_handler


class Pressed(Layer):
    """Presses Ctrl-C so many times in the middle of the third training step."""

    def __init__(self, times):
        super().__init__()
        self.times, self.steps = times, 0

    def call(self, x, training=False):
        self.steps += training
        if training and self.steps == 3:
            for _ in range(self.times):
                signal.raise_signal(signal.SIGINT)
        return x


@pytest.mark.parametrize("times", [1, 2])
def test_a_step_is_finished_unless_it_is_pressed_twice(times, pythons_own_handler):
    model = Sequential([Pressed(times), Dense(1)])
    model.compile("adam", "mse", run_eagerly=True)
    with pytest.raises(KeyboardInterrupt) as caught:
        model.fit(X, Y, epochs=2, batch_size=4, verbose=0)
    assert "stopped after 0 whole epochs" in caught.value.__notes__[0]
    assert int(model.optimizer.iterations) == (3 if times == 1 else 2)
    assert model.interrupted and blas._held is None
    model.fit(X, Y, verbose=0)


def press(*_):
    if not pressed:
        signal.raise_signal(signal.SIGINT)
    pressed.append("went on")


pressed = []


class Press(Callback):
    on_test_batch_end = on_predict_batch_end = press


@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
@pytest.mark.parametrize("whose", ["user", "function", "library"])
def test_a_callback_of_ones_own_is_left_at_once(method, whose, pythons_own_handler, monkeypatch):
    pressed.clear()
    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    model.predict(X, verbose=0)
    event = {"fit": "train", "evaluate": "test", "predict": "predict"}[method]
    callback = Press()
    if method == "fit":
        callback = LambdaCallback(on_train_batch_end=press)
    if whose == "function":
        callback = LambdaCallback(**{f"on_{event}_batch_end": press})
    if whose == "library":
        monkeypatch.setattr(ProgbarLogger, "on_" + event + "_batch_end", press)
        monkeypatch.setattr(ProgbarLogger, "hears", lambda self, name: True)
        callback = History()
    before = model.get_weights()[0]
    data = (X,) if method == "predict" else (X, Y)
    with pytest.raises(KeyboardInterrupt):
        verbose = 2 if whose == "library" else 0
        getattr(model, method)(*data, batch_size=4, verbose=verbose, callbacks=[callback])
    assert len(pressed) == (whose == "library")
    assert (model.get_weights()[0] != before).any() == (method == "fit")


def test_data_of_ones_own_are_left_at_once(pythons_own_handler):
    got = []

    def batches():
        yield X, Y
        signal.raise_signal(signal.SIGINT)
        got.append("went on")
        yield X, Y

    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    with pytest.raises(KeyboardInterrupt):
        model.fit(batches(), verbose=0)
    assert got == [] and int(model.optimizer.iterations) == 1


class Taught(Sequential):
    def train_step(self, data):
        if int(self.optimizer.iterations) == 0:
            signal.raise_signal(signal.SIGINT)
        return super().train_step(data)


def test_a_step_of_ones_own_is_finished(pythons_own_handler):
    model = Taught([Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, batch_size=4, verbose=0)
    assert int(model.optimizer.iterations) == 1


@pytest.mark.parametrize("method", ["train_on_batch", "test_on_batch", "predict_on_batch"])
def test_a_single_batch_is_finished(method, pythons_own_handler):
    seen = []

    class Late(Layer):
        def call(self, x):
            if seen:
                signal.raise_signal(signal.SIGINT)
                seen.append("went on")
            return x

    model = Sequential([Late(), Dense(1)])
    model.compile("sgd", "mse")
    model.predict(X, verbose=0)
    seen.append("begun")
    with pytest.raises(KeyboardInterrupt):
        getattr(model, method)(*([X] if method == "predict_on_batch" else [X, Y]))
    assert "went on" in seen and blas._held is None


def test_fit_in_another_thread():
    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    thread = threading.Thread(target=lambda: model.fit(X, Y, verbose=0))
    thread.start()
    thread.join()
    assert model.history.epoch == [0]


# Should it ever hang, its stacks are told after a minute. A shell starts what it runs in the
# background with Ctrl-C ignored, and a process hands that on to its children: so it is asked for.
PROGRAM = """
import _thread, faulthandler, signal, threading, numpy as np
signal.signal(signal.SIGINT, signal.default_int_handler)
faulthandler.dump_traceback_later(60, exit=True)
from dlcore.models import Sequential
from dlcore.layers import Dense
model = Sequential([Dense(1, input_dim=2)])
model.compile("sgd", "mse")
x = np.zeros((2000, 2)); y = np.zeros(2000)
model.fit(x, y, verbose=0)
threading.Timer(0.3, _thread.interrupt_main).start()
try:
    model.fit(x, y, epochs=100000, batch_size=4, verbose=0)
except KeyboardInterrupt:
    print("interrupted", np.isfinite(model.get_weights()[0]).all(), model.evaluate(x, y, verbose=0))
"""


def test_a_real_interrupt_at_any_moment():
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120
    )
    assert run.stdout.startswith("interrupted True 0.0"), run.stdout + run.stderr


def test_an_optimizer_that_was_broken_off_begins_anew(monkeypatch):
    parts, calls = Flat.parts, []

    def broken_off(self, long):
        calls.append(long)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return parts(self, long)

    model = Sequential([Dense(1, input_dim=2)])
    model.compile("adam", "mse")
    monkeypatch.setattr(Flat, "parts", broken_off)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, verbose=0)
    model.fit(X, Y, verbose=0)
    assert int(model.optimizer.iterations) == 1
