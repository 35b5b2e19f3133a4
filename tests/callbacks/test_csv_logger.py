"""CSVLogger: a line an epoch, at once on the disk."""

import csv

import numpy as np
import pytest

from dlcore.callbacks import Callback, CSVLogger
from dlcore.layers import Dense
from dlcore.models import Sequential

X = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)


def fit(*callbacks, metrics=("mae",), y=X[:, 0], units=1, **more):
    model = Sequential([Dense(units, input_dim=3)])
    model.compile("sgd", "mse", metrics=list(metrics))
    more = {"epochs": 3, "verbose": 0, **more}
    return model.fit(X, y, callbacks=list(callbacks), **more).history


def read(path, separator=","):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=separator))


@pytest.mark.parametrize("separator", [",", ";"])
def test_the_numbers_of_the_history(tmp_path, separator):
    path = tmp_path / "log.csv"
    history = fit(CSVLogger(path, separator=separator), validation_split=0.5)
    rows = read(path, separator)
    assert list(rows[0]) == ["epoch", "loss", "mae", "val_loss", "val_mae"]
    assert [row["epoch"] for row in rows] == ["0", "1", "2"]
    for name, values in history.items():
        assert [float(row[name]) for row in rows] == values


def test_validation_now_and_then(tmp_path):
    fit(CSVLogger(tmp_path / "log.csv"), validation_split=0.5, validation_freq=2)
    rows = read(tmp_path / "log.csv")
    assert [row["val_loss"] == "NA" for row in rows] == [True, False, True]


def test_lines_are_added_or_the_file_is_replaced(tmp_path):
    path = tmp_path / "log.csv"
    fit(CSVLogger(path, append=True), epochs=2)
    fit(CSVLogger(path, append=True), epochs=4, initial_epoch=2)
    assert [row["epoch"] for row in read(path)] == ["0", "1", "2", "3"]
    logger = CSVLogger(path)
    fit(logger, epochs=1)
    fit(logger, epochs=1)
    assert [row["epoch"] for row in read(path)] == ["0"]


def test_a_line_is_there_when_the_epoch_ends_and_the_file_is_closed_after_a_failure(tmp_path):
    class Look(Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append(len(read(tmp_path / "log.csv")))
            if epoch == 1:
                raise ZeroDivisionError

    seen = []
    logger = CSVLogger(tmp_path / "log.csv")
    with pytest.raises(ZeroDivisionError):
        fit(logger, Look())
    assert seen == [1, 2] and logger._file is None


def test_arrays_and_a_wrong_separator(tmp_path):
    path = tmp_path / "log.csv"
    fit(CSVLogger(path), metrics=["f1_score"], y=np.eye(3)[[0, 1] * 10], units=3, epochs=1)
    assert read(path)[0]["f1_score"].startswith('"[')
    with pytest.raises(ValueError, match="separator is one character, not ', '"):
        CSVLogger(path, separator=", ")
    with pytest.raises(FileNotFoundError):
        fit(CSVLogger(tmp_path / "no" / "log.csv"))
