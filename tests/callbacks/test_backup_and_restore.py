"""A training that was broken off goes on, bit for bit, from its backup."""

import json
import subprocess
import sys

import numpy as np
import pytest

from dlcore.callbacks import BackupAndRestore, Callback, LearningRateScheduler, ReduceLROnPlateau
from dlcore.layers import Dense, Dropout
from dlcore.models import Sequential
from dlcore.utils import PyDataset, set_random_seed

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 3)).astype(np.float32)
Y = (X.sum(axis=1) > 0) * 1.0


class Break(Callback):
    def __init__(self, after):
        super().__init__()
        self.after = after

    def on_train_batch_end(self, batch, logs=None):
        self.after -= 1
        if self.after == 0:
            raise KeyboardInterrupt


class Data(PyDataset):
    def __len__(self):
        return 7

    def __getitem__(self, i):
        return X[8 * i : 8 * i + 8], Y[8 * i : 8 * i + 8]


def run(backup=None, after=0, seed=1, optimizer="adam", data=(X, Y), epochs=5, more=(), **fit):
    set_random_seed(seed)
    model = Sequential([Dense(4, "relu", input_dim=3), Dropout(0.3), Dense(1, "sigmoid")])
    model.compile(optimizer, "binary_crossentropy", metrics=["accuracy", "AUC", "Precision"])
    callbacks = [*more, Break(after)]
    if backup is not None:
        callbacks.insert(0, backup)
    fit = {"batch_size": 8, "verbose": 0, **fit}
    history = model.fit(*data, epochs=epochs, callbacks=callbacks, **fit)
    state = [v.value for v in model.variables] + model.optimizer.get_state()
    return [array.tobytes() for array in state], history.history, history.epoch


CASES = {
    "epochs": ({}, {}),
    "epochs with validation": ({}, {"validation_split": 0.2}),
    "batches": ({"save_freq": 3}, {}),
    "steps": ({}, {"steps_per_epoch": 4}),
    "batches and steps": ({"save_freq": 5}, {"steps_per_epoch": 4}),
    "a data set": ({}, {"data": (Data(),)}),
    "batches of a data set": ({"save_freq": 4}, {"data": (Data(),)}),
    "steps of a data set": ({}, {"data": (Data(),), "steps_per_epoch": 4}),
    "momentum": ({}, {"optimizer": "rmsprop", "shuffle": "batch"}),
    "in order": ({"save_freq": 2}, {"shuffle": False}),
    "every step": ({"save_freq": 1}, {"data": (Data(),), "steps_per_epoch": 5}),
}


@pytest.mark.parametrize("after", [1, 15, 16, 20])
@pytest.mark.parametrize("name", CASES)
def test_it_goes_on_bit_for_bit(name, after, tmp_path):
    arguments, fit = CASES[name]
    folder = tmp_path / "deep" / "backup"
    expected = run(**fit)
    with pytest.raises(KeyboardInterrupt):
        run(BackupAndRestore(folder, **arguments), after, **fit)
    # Another seed: what counts must come from the backup.
    found = run(BackupAndRestore(folder, **arguments), seed=1 if after == 1 else 2, **fit)
    assert found[2] == expected[2] == [0, 1, 2, 3, 4]
    assert found[0] == expected[0]
    assert found[1] == expected[1]
    assert not folder.exists()


def test_the_learning_rate_and_the_history_of_others_come_back(tmp_path):
    def rates():
        return [ReduceLROnPlateau("loss", min_delta=10.0, patience=1, factor=0.5)]

    expected = run(more=rates(), epochs=4)
    with pytest.raises(KeyboardInterrupt):
        run(BackupAndRestore(tmp_path / "b"), 15, more=rates(), epochs=4)
    found = run(BackupAndRestore(tmp_path / "b"), seed=2, more=rates(), epochs=4)
    # The callback waits anew, as in Keras; the rate that it had set is there.
    assert found[1]["learning_rate"][:3] == expected[1]["learning_rate"][:3]
    assert found[1]["learning_rate"][2] < found[1]["learning_rate"][0]
    assert set(found[1]) == set(expected[1]) and len(found[1]["loss"]) == 4


def test_a_backup_of_a_training_that_ended_may_be_kept(tmp_path):
    first = run(BackupAndRestore(tmp_path / "b", delete_checkpoint=False), epochs=2)
    names = sorted(path.name for path in (tmp_path / "b").iterdir())
    assert names == ["latest-2.weights.h5", "training_metadata.json"]
    again = run(BackupAndRestore(tmp_path / "b", delete_checkpoint=False), epochs=2, seed=5)
    assert again[0] == first[0] and again[1] == first[1]
    longer = run(BackupAndRestore(tmp_path / "b"), epochs=4, seed=5)
    assert longer == run(epochs=4)


def test_other_files_of_the_folder_stay(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    run(BackupAndRestore(tmp_path), epochs=2)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_callbacks_before_it_have_added_to_the_history(tmp_path):
    rates = LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
    with pytest.raises(KeyboardInterrupt):
        run(BackupAndRestore(tmp_path), 16, more=[rates])
    kept = json.loads((tmp_path / "training_metadata.json").read_text())
    assert len(kept["history"]["learning_rate"]) == kept["epoch"] == 2


def test_a_damaged_or_strange_backup_is_refused_and_changes_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        run(BackupAndRestore(tmp_path), 16)
    about = tmp_path / "training_metadata.json"
    whole = about.read_text()
    about.write_text(whole[: len(whole) // 2])
    with pytest.raises(ValueError, match="The backup in .* cannot be read .*; delete the folder"):
        run(BackupAndRestore(tmp_path))
    about.write_text(whole)
    model = Sequential([Dense(2, input_dim=3)])
    model.compile("sgd", "mse")
    before = model.get_weights()
    with pytest.raises(ValueError, match="does not fit the model"):
        model.fit(X, X[:, :2], callbacks=[BackupAndRestore(tmp_path)], verbose=0)
    for a, b in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_arguments():
    with pytest.raises(ValueError, match="backup_dir is empty"):
        BackupAndRestore("")
    for frequency in ("batch", 0, -2, True, 1.5):
        with pytest.raises(ValueError, match="save_freq is 'epoch' or a number of batches"):
            BackupAndRestore("b", save_freq=frequency)
    assert not BackupAndRestore("b").hears("on_train_batch_end")


PROGRAM = """
import os, signal, sys
import numpy as np
from dlcore import saving
from dlcore.callbacks import BackupAndRestore
from dlcore.layers import Dense, Dropout
from dlcore.models import Sequential
from dlcore.utils import set_random_seed
folder, moment = sys.argv[1], int(sys.argv[2])
set_random_seed(1)
x = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
model = Sequential([Dense(4, "relu", input_dim=3), Dropout(0.3), Dense(1)])
model.compile("adam", "mse")
write, count = os.fsync, [0]

def half(descriptor):
    # Killed with half of the file on the disk.
    count[0] += 1
    if count[0] == moment:
        os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
        os.kill(os.getpid(), signal.SIGKILL)
    write(descriptor)

os.fsync = half
backup = BackupAndRestore(folder)
history = model.fit(x, x[:, 0], epochs=6, batch_size=8, verbose=0, callbacks=[backup])
print(b"".join(w.tobytes() for w in model.get_weights()).hex(), history.history["loss"])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("moment", [1, 6])
def test_killed_in_mid_write(tmp_path, moment):
    def start(folder, moment):
        command = [sys.executable, "-c", PROGRAM, str(folder), str(moment)]
        return subprocess.run(command, capture_output=True, text=True, timeout=120)

    expected = start(tmp_path / "never", 0)
    killed = start(tmp_path / "b", moment)
    assert killed.returncode == -9 and expected.returncode == 0, killed.stderr + expected.stderr
    assert any(path.name.endswith(".tmp") for path in (tmp_path / "b").iterdir())
    if moment > 2:
        kept = json.loads((tmp_path / "b" / "training_metadata.json").read_text())
        # Two writes an epoch: the sixth is the second of the third.
        assert kept["epoch"] == 2
    again = start(tmp_path / "b", 0)
    assert again.stdout == expected.stdout, again.stderr
    assert not (tmp_path / "b").exists()
