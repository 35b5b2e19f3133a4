"""Ctrl-C in fit: the exception goes on, the model and its history stay usable."""

import subprocess
import sys

import numpy as np
import pytest

from dlcore.callbacks import Callback
from dlcore.layers import Dense
from dlcore.models import Sequential
from dlcore.trainer import threads

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
    assert threads._inside is False
    assert model.predict(X, verbose=0).shape == (20, 1)
    assert model.fit(X, Y, epochs=3, initial_epoch=2, verbose=0).epoch == [2]


# Should it ever hang, its stacks are told after a minute.
PROGRAM = """
import _thread, faulthandler, threading, numpy as np
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
