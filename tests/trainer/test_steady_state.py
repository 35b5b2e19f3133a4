"""A training that has got going allocates nothing, and asks the system for no memory."""

import gc
import sys
import tracemalloc

import numpy as np
import pytest

from dlcore import Input, Sequential
from dlcore.callbacks import Callback
from dlcore.engine.program import Program, Recording
from dlcore.layers import Conv2D, Dense, Dropout, Flatten, MaxPooling2D, RandomFlip
from dlcore.trainer.data.array_data_adapter import ArrayDataAdapter

RNG = np.random.default_rng(0)


def mlp():
    model = Sequential([Input((8,)), Dense(10, "relu"), Dropout(0.2), Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy", "mae"])
    return model, RNG.normal(size=(405, 8)), RNG.integers(0, 2, 405)


def cnn():
    layers = [RandomFlip(), Conv2D(4, 3), MaxPooling2D(), Flatten(), Dense(5, "softmax")]
    model = Sequential([Input((12, 12, 3)), *layers])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, RNG.normal(size=(85, 12, 12, 3)), RNG.integers(0, 5, 85)


class AtEpochs(Callback):
    def __init__(self, measure):
        super().__init__()
        self.measure, self.found = measure, []

    def on_epoch_begin(self, epoch, logs=None):
        self.found.append(self.measure())


def traced():
    now, peak = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    return now, peak


@pytest.mark.parametrize("make", [mlp, cnn])
def test_memory_stands_still(make):
    model, x, y = make()
    at = AtEpochs(traced)
    tracemalloc.start()
    try:
        model.fit(x, y, batch_size=10, epochs=12, verbose=0, callbacks=[at])
    finally:
        tracemalloc.stop()
    # The history gets its numbers, an epoch its snapshot of the weights and its order, and a
    # kernel has scratch space while it runs.
    now, peak = np.array(at.found[3:]).T
    assert (np.diff(now) < 2000).all()
    snapshot = 4 * sum(v.size * 4 for v in model.variables) + 3 * 8 * len(x)
    assert (peak - now < snapshot + 30_000).all()
    assert not model.run_eagerly


@pytest.mark.skipif(sys.platform != "linux", reason="counts the page faults of Linux")
@pytest.mark.parametrize("make", [mlp, cnn])
def test_there_are_no_page_faults(make):
    import resource

    model, x, y = make()
    at = AtEpochs(lambda: resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
    model.fit(x, y, batch_size=10, epochs=25, verbose=0, callbacks=[at])
    # Once in a while the process itself needs a page; the median epoch needs none.
    assert np.median(np.diff(at.found)[5:]) == 0


def wide_steps(steps):
    """What a fit of so many steps, with some 2 MB of activations each, takes: left, and at most."""
    layers = [Conv2D(16, 3, activation="relu"), MaxPooling2D(), Flatten(), Dense(2)]
    model = Sequential([Input((32, 32, 1)), *layers])
    model.compile("sgd", "mse")
    x, y = RNG.normal(size=(10 * steps, 32, 32, 1)).astype("f4"), np.zeros((10 * steps, 2), "f4")
    model.fit(x[:10], y[:10], batch_size=10, verbose=0)
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        model.fit(x, y, batch_size=10, verbose=0)
        return tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()


def test_recording_a_step_takes_the_memory_of_one_step():
    (_, one), (_, many) = wide_steps(1), wide_steps(5)
    assert 1_500_000 < many < 1.3 * one


def test_buffers_end_with_the_fit():
    left, most = wide_steps(3)
    assert left < 100_000 < most


def test_a_whole_data_set_is_not_copied_to_record_its_step():
    adapter = ArrayDataAdapter((np.zeros((1000, 1000), np.float32), None), None, 4)
    (batch, *_) = adapter.epoch()
    program = Program(lambda: adapter.fetch(batch), adapter.lasting)
    tracemalloc.start()
    try:
        program.run()
        program.run()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert program.replayed and peak < 100_000


@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_weights_are_not_copied_to_record_a_step(method, monkeypatch):
    model = Sequential([Input((200,)), Dense(300, "relu"), Dense(1)])
    model.compile("adam", "mse")
    copied, copy = [], Recording._copied

    def noted(self, value, at):
        copied.append(value.size)
        return copy(self, value, at)

    monkeypatch.setattr(Recording, "_copied", noted)
    x, y = np.ones((12, 200), np.float32), np.ones(12, np.float32)
    getattr(model, method)(*(x, y)[: 1 if method == "predict" else 2], batch_size=4, verbose=0)
    assert copied and max(copied) < 200
