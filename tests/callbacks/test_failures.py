"""An exception in a callback or a full disk: the model, its history and the last file stay good."""

import errno
import os
import subprocess
import sys

import numpy as np
import pytest

from dlcore.backends.numba import blas
from dlcore.callbacks import (
    BackupAndRestore,
    Callback,
    CSVLogger,
    EarlyStopping,
    LambdaCallback,
    ModelCheckpoint,
)
from dlcore.layers import Dense
from dlcore.models import Sequential, load_model

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
Y = X[:, 0]


def model():
    net = Sequential([Dense(4, "relu", input_dim=3), Dense(1)])
    net.compile("adam", "mse")
    return net


def usable(net, epochs):
    assert net.history.epoch == epochs and net.interrupted
    assert len(net.history.history["loss"]) == len(epochs) if epochs else True
    assert blas._held is None
    assert np.isfinite(net.predict(X, verbose=0)).all()
    assert net.fit(X, Y, verbose=0).epoch == [0] and not net.interrupted


@pytest.mark.parametrize("error", [ZeroDivisionError, OSError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("event", ["on_train_batch_end", "on_epoch_begin", "on_epoch_end"])
def test_an_exception_in_a_callback(event, error):
    class Fail(Callback):
        pass

    def fail(self, number, logs=None):
        if len(self.model.history.epoch) == 2:
            raise error("mine")

    setattr(Fail, event, fail)
    net = model()
    with pytest.raises(error) as caught:
        net.fit(X, Y, epochs=5, verbose=0, callbacks=[Fail()])
    assert "stopped after 2 whole epochs; the model keeps its weights" in caught.value.__notes__[0]
    usable(net, [0, 1])


def test_the_other_callbacks_end_well_whatever_one_does(tmp_path):
    ended = []

    class Fail(Callback):
        def on_train_end(self, logs=None):
            ended.append(self.model.interrupted)
            raise ZeroDivisionError("first")

    stop = EarlyStopping("loss", restore_best_weights=True, patience=9)
    log = CSVLogger(tmp_path / "log.csv")
    last = LambdaCallback(on_train_end=lambda logs: ended.append("last"))
    with pytest.raises(ZeroDivisionError, match="first"):
        model().fit(X, Y, epochs=2, verbose=0, callbacks=[Fail(), stop, log, last])
    assert ended == [False, "last"] and log._file is None


class FullDisk:
    """Lets so many files be written, and then no more."""

    def __init__(self, monkeypatch, files):
        self.left, fsync = files, os.fsync

        def full(descriptor):
            if self.left == 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            self.left -= 1
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", full)


@pytest.mark.parametrize("name", ["best.keras", "best.weights.h5"])
def test_a_full_disk_leaves_the_last_good_file(name, tmp_path, monkeypatch):
    weights = []
    net = model()
    keep = LambdaCallback(on_epoch_begin=lambda epoch, logs: weights.append(net.get_weights()))
    only = name.endswith("h5")
    checkpoint = ModelCheckpoint(tmp_path / name, save_weights_only=only)
    FullDisk(monkeypatch, 2)
    with pytest.raises(OSError, match="No space left") as caught:
        net.fit(X, Y, epochs=5, verbose=0, callbacks=[keep, checkpoint])
    monkeypatch.undo()
    assert "stopped after 2 whole epochs" in caught.value.__notes__[0]
    assert [path.name for path in tmp_path.iterdir()] == [name]
    other = model()
    if only:
        other.load_weights(tmp_path / name)
    else:
        other = load_model(tmp_path / name)
    for a, b in zip(other.get_weights(), weights[2], strict=True):
        np.testing.assert_array_equal(a, b)
    usable(net, [0, 1])


@pytest.mark.parametrize("files", [2, 3, 4])
def test_a_full_disk_leaves_the_last_good_backup(files, tmp_path, monkeypatch):
    def run(**more):
        from dlcore.utils import set_random_seed

        set_random_seed(0)
        net = model()
        net.fit(X, Y, epochs=4, verbose=0, **more)
        return [w.tobytes() for w in net.get_weights()]

    expected = run()
    FullDisk(monkeypatch, files)
    with pytest.raises(OSError, match="No space left"):
        run(callbacks=[BackupAndRestore(tmp_path / "b")])
    monkeypatch.undo()
    assert (tmp_path / "b" / "training_metadata.json").exists()
    assert run(callbacks=[BackupAndRestore(tmp_path / "b")]) == expected


PROGRAM = """
import resource, signal, sys
import numpy as np
from dlcore.callbacks import ModelCheckpoint
from dlcore.layers import Dense
from dlcore.models import Sequential
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
x = np.zeros((8, 3), np.float32)
model = Sequential([Dense(400, input_dim=3), Dense(3)])
model.compile("sgd", "mse")
path = sys.argv[1]
model.fit(x, x, verbose=0, callbacks=[ModelCheckpoint(path, save_weights_only=True)])
good = open(path, "rb").read()
resource.setrlimit(resource.RLIMIT_FSIZE, (len(good) // 2, resource.RLIM_INFINITY))
try:
    model.fit(x, x, epochs=3, verbose=0, callbacks=[ModelCheckpoint(path, save_weights_only=True)])
except OSError as error:
    print("stopped", type(error).__name__, open(path, "rb").read() == good, model.history.epoch)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of resources")
def test_a_real_limit(tmp_path):
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "a.weights.h5")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.stdout.split(maxsplit=1)[0:1] == ["stopped"], run.stdout + run.stderr
    assert run.stdout.endswith("True []\n")
    assert [path.name for path in tmp_path.iterdir()] == ["a.weights.h5"]
