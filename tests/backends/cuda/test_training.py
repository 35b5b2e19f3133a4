"""A training on ``cuda`` beside one on ``cpu``; run as ``test_kernels`` is."""

from __future__ import annotations

import gc
import os
import re
import signal
import weakref
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from dlcore import GradientTape, backends, layers, ops
from dlcore.backends import memory, mine
from dlcore.callbacks import Callback
from dlcore.layers import Dense, Dropout, Input
from dlcore.models import Model, Sequential
from dlcore.utils import set_random_seed

SIMULATED = os.environ.get("NUMBA_ENABLE_CUDASIM") == "1"
if backends.available_backends()["cuda"] is not None:
    pytest.skip("no GPU, and not on the simulator", allow_module_level=True)

from numba import cuda as numba_cuda  # noqa: E402

from dlcore.backends import cuda  # noqa: E402

HERE = Path(cuda.__file__).parent
RNG = np.random.default_rng(2)

pytestmark = [] if SIMULATED else [pytest.mark.gpu]


@pytest.fixture(autouse=True)
def _backend():
    before = backends.get_backend()
    yield
    backends.set_backend(before)


def trained(backend, epochs=2):
    """The weights after some steps, of which all but the first two are replayed; and its losses."""
    backends.set_backend(backend)
    set_random_seed(1)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(24, 6)).astype("float32"), rng.normal(size=(24, 2)).astype("float32")
    model = Sequential([Dense(5, activation="relu"), Dropout(0.3), Dense(2)])
    model.compile("adam", "mse")
    losses = model.fit(x, y, batch_size=8, epochs=epochs, verbose=0).history["loss"]
    return [np.asarray(w) for w in model.get_weights()], losses


def test_it_ends_where_cpu_does():
    weights, losses = trained("cuda")
    expected, expected_losses = trained("cpu")
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-5)
    for w, w_cpu in zip(weights, expected, strict=True):
        np.testing.assert_allclose(w, w_cpu, atol=1e-5)


def mlp():
    model = Sequential([Input((6,)), Dense(10, "relu"), Dense(8, "relu"), Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model, RNG.normal(size=(20, 6)), RNG.integers(0, 2, 20)


def cnn():
    model = Sequential(
        [
            Input((8, 8, 3)),
            layers.RandomFlip("horizontal"),
            layers.RandomTranslation(0.2, 0.2),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(2),
            layers.BatchNormalization(),
            layers.Conv2D(4, 3, padding="same", activation="relu"),
            layers.Flatten(),
            Dropout(0.3),
            Dense(3, "softmax"),
        ]
    )
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, RNG.normal(size=(12, 8, 8, 3)), RNG.integers(0, 3, 12)


def lstm():
    model = Sequential(
        [
            Input((3,), dtype="int64"),
            layers.Embedding(7, 4, mask_zero=True),
            layers.LSTM(4, return_sequences=True, dropout=0.2),
            layers.GRU(3, return_sequences=True),
            layers.SimpleRNN(3),
            Dense(3, "softmax"),
        ]
    )
    model.compile("rmsprop", "sparse_categorical_crossentropy")
    return model, RNG.integers(0, 7, (16, 3)), RNG.integers(0, 3, 16)


class Scaled(layers.Layer):
    """A layer of a user's own."""

    def build(self, shape):
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones")

    def call(self, x):
        return ops.tanh(x * self.scale) + ops.mean(x, axis=-1, keepdims=True)


class OwnStep(Model):
    """A model with a step of its own."""

    def __init__(self):
        super().__init__()
        self.inner, self.outer = Scaled(), Dense(1)

    def call(self, x):
        return self.outer(self.inner(x))

    def train_step(self, data):
        x, y = data
        with GradientTape() as tape:
            loss = ops.mean(ops.square(self(x, training=True) - ops.reshape(y, (-1, 1))))
        weights = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return {"loss": loss}


def own_step():
    model = OwnStep()
    model.compile("adam", "mse")
    return model, RNG.normal(size=(12, 4)), RNG.normal(size=(12, 1))


def own_layer():
    model = Sequential([Input((4,)), Scaled(), Dense(1)])
    model.compile("adam", "mse")
    return model, RNG.normal(size=(16, 4)), RNG.normal(size=(16, 1))


def after_some_steps(make, backend):
    """Losses, weights and predictions; of most models the third and fourth step are replayed."""
    global RNG
    RNG = np.random.default_rng(2)
    backends.set_backend(backend)
    set_random_seed(1)
    model, x, y = make()
    x = x.astype(np.float32) if x.dtype.kind == "f" else x
    losses = model.fit(x, y, batch_size=4, epochs=1, verbose=0).history["loss"]
    outputs = model.predict(x[:4], verbose=0)
    return losses, [np.asarray(w) for w in model.get_weights()], outputs


# The answer key is in float32 too, and adds in another order; four steps make a little more of it.
@pytest.mark.parametrize("make", [mlp, cnn, lstm, own_layer, own_step])
def test_a_model_trains_as_by_the_answer_key(make):
    losses, weights, outputs = after_some_steps(make, "cuda")
    expected_losses, expected, expected_outputs = after_some_steps(make, "numpy")
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-4)
    for w, w_key in zip(weights, expected, strict=True):
        np.testing.assert_allclose(w, w_key, atol=2e-4)
    np.testing.assert_allclose(outputs, expected_outputs, atol=2e-4)


def test_a_model_that_was_trained_on_cuda_goes_on_with_mine(accept):
    accept(["relu"])
    backends.set_backend("cuda")
    set_random_seed(1)
    model, x, y = mlp()
    model.fit(x, y, batch_size=10, verbose=0)
    weights = model.get_weights()
    expected = model.predict(x, verbose=0)
    for name in ("mine", "cpu"):
        backends.set_backend(name)
        assert all(map(np.array_equal, model.get_weights(), weights))
        np.testing.assert_allclose(model.predict(x, verbose=0), expected, atol=1e-5)
    assert mine.calls["relu"] > 0


def test_ctrl_c_leaves_a_model_that_can_go_on():
    class Interrupts(Callback):
        def on_train_batch_end(self, batch, logs=None):
            if epochs and batch == 3:
                signal.raise_signal(signal.SIGINT)

        def on_epoch_end(self, epoch, logs=None):
            epochs.append(epoch)

    backends.set_backend("cuda")
    epochs = []
    model, x, y = mlp()
    with pytest.raises(KeyboardInterrupt):
        model.fit(x, y, batch_size=4, epochs=9, verbose=0, callbacks=[Interrupts()])
    assert epochs == [0] and len(model.history.history["loss"]) == 1
    model.fit(x, y, batch_size=4, verbose=0)
    assert np.isfinite(model.predict(x[:4], verbose=0)).all()


def test_a_replayed_step_moves_nothing():
    class Transfers(Callback):
        def on_train_batch_begin(self, batch, logs=None):
            seen.append((memory.counts.up, memory.counts.down))

    backends.set_backend("cuda")
    seen = []
    model, x, y = mlp()
    model.fit(x, y, batch_size=4, epochs=2, verbose=0, callbacks=[Transfers()])
    assert len(seen) == 10 and len(set(seen[5:])) == 1


def test_batches_that_are_sent_one_by_one_give_the_same(monkeypatch):
    def weights(given, *more):
        set_random_seed(1)
        model, *_ = mlp()
        model.fit(given, *more, batch_size=4, shuffle=False, verbose=0)
        return model.get_weights()

    backends.set_backend("cuda")
    _, x, y = mlp()
    expected = weights(x, y)
    assert all(
        map(
            np.array_equal,
            weights([(x[i : i + 4], y[i : i + 4]) for i in range(0, 20, 4)]),
            expected,
        )
    )
    monkeypatch.setattr(memory.device(), "free", lambda: 0)
    assert all(map(np.array_equal, weights(x, y), expected))


def test_nothing_asks_what_the_gpu_is_but_whether_it_can_be_used():
    """So the bits of a result are those of every GPU, and there is nothing to switch."""
    asks = r"MULTIPROCESSOR_COUNT|num_sms|get_current_device|deterministic|atomic\.add"
    found = [path.name for path in HERE.glob("*.py") if re.search(asks, path.read_text("utf-8"))]
    assert found == ["refusal.py"]


def test_two_trainings_have_the_same_bits():
    for a, b in zip(trained("cuda", 1)[0], trained("cuda", 1)[0], strict=True):
        np.testing.assert_array_equal(a, b)


class Small:
    """A GPU with little memory, for a block of a test."""

    def __init__(self, patch, room):
        self.left, make = room, numba_cuda.device_array

        def device_array(size, dtype):
            if size > self.left:
                raise RuntimeError("[2] Call to cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY")
            self.left -= size
            raw = make(size, dtype)
            weakref.finalize(raw, self.back, size)
            return raw

        context = SimpleNamespace(get_memory_info=lambda: (self.left, room))
        patch.setattr(numba_cuda, "device_array", device_array)
        patch.setattr(numba_cuda, "current_context", lambda: context)

    def back(self, size):
        self.left += size


@pytest.mark.skipif(not SIMULATED, reason="other programs share a GPU")
def test_a_gpu_that_is_full_says_which_batch_fits(monkeypatch):
    backends.set_backend("cuda")
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(48, 6)).astype("float32"), rng.normal(size=(48, 1)).astype("float32")

    def fit(batch_size):
        model = Sequential([Input((6,)), Dense(64, activation="tanh"), Dense(1)])
        model.compile("sgd", "mse")
        gc.collect()
        memory.device()._pool.clear()
        with monkeypatch.context() as patch:
            Small(patch, 70_000)
            model.fit(x, y, batch_size=batch_size, verbose=0)

    with pytest.raises(MemoryError, match="48 rows does not fit into the memory") as caught:
        fit(48)
    fit(int(re.search(r"batch_size=(\d+) fits", str(caught.value))[1]))
    with monkeypatch.context() as patch:
        Small(patch, 5_000)
        memory.device()._pool.clear()
        with pytest.raises(MemoryError, match=r"no room for 0.0 MB more, 0.0 MB are free"):
            memory.empty(9_000, np.float32)


def test_memory_that_nobody_keeps_is_given_out_again():
    backends.set_backend("cuda")
    device = memory.device()
    first = device.allocate(1000)
    address = first.address
    del first
    assert device.allocate(1010).address == address
    assert address % 256 == 0 or SIMULATED


def test_an_array_that_no_kernel_could_reach_to_the_end():
    backends.set_backend("cuda")
    device = memory.device()
    block = device.allocate(8)
    with pytest.raises(ValueError, match="take it in several parts"):
        device.view(block, 0, (2**16, 2**15), np.dtype(np.float32))
