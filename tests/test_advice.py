"""The advice in tests/mistakes.py, followed to the letter: what it says to do works."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

import dlcore
from dlcore import callbacks, losses, optimizers
from dlcore.engine import ops
from dlcore.files import disk
from dlcore.layers import (
    LSTM,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    GlobalMaxPooling2D,
    Input,
    Layer,
    Rescaling,
)
from dlcore.models import Sequential, load_model
from tests.mistakes import CLASSES, IMAGES, MISTAKES, RNG, X, Y, fit, model, said, with_gap

KNOWN = {what for what, _, _ in MISTAKES}
SEQUENCES = RNG.normal(size=(20, 5, 2)).astype("float32")
SPARSE = "sparse_categorical_crossentropy"


def without_gaps():
    x, y = with_gap(), Y
    keep = np.isfinite(x).all(axis=1)
    x, y = x[keep], y[keep]
    return fit(model(), x, y)


def finite_targets():
    x, y = X, np.where(Y > 0, np.inf, 0)
    keep = np.isfinite(y)
    x, y = x[keep], y[keep]
    return fit(model(Dense(1), "mse"), x, y)


def numbered(y):
    names, y = np.unique(y, return_inverse=True)
    return fit(model(), y=y)


def numbered_codes(x):
    values, x = np.unique(x, return_inverse=True)
    made = Sequential([Embedding(len(values), 2), Flatten(), Dense(1, "sigmoid")])
    made.compile("adam", "binary_crossentropy")
    return fit(made, x, [0, 1])


def of_sequences(*layers):
    made = Sequential(list(layers))
    made.compile("adam", "mse")
    return fit(made, SEQUENCES)


def pixels(first, scale):
    made = Sequential([*first, Conv2D(2, 3), GlobalMaxPooling2D(), Dense(1, "sigmoid")])
    made.compile("adam", "binary_crossentropy")
    return fit(made, (IMAGES * 255).astype(np.uint8) / scale)


def started_with(columns):
    made = Sequential([Input((columns,)), Dense(1, "sigmoid")])
    made.compile("adam", "binary_crossentropy")
    return fit(made, X[:, :columns])


class Written(Layer):
    def call(self, x):
        return 2 * x


ADVICE = [
    ("a softmax over one unit", lambda: fit(model(Dense(1, activation="sigmoid")))),
    (
        "labels (n,) for outputs (n, 3)",
        lambda: fit(model(Dense(3, "softmax"), SPARSE), y=CLASSES),
    ),
    ("labels (n,) for outputs (n, 3)", lambda: fit(model(Dense(1), "mse"))),
    (
        "class numbers for categorical_crossentropy",
        lambda: fit(
            model(Dense(3, "softmax"), "categorical_crossentropy"),
            y=dlcore.utils.to_categorical(CLASSES, 3),
        ),
    ),
    ("a class number out of range", lambda: fit(model(Dense(3, "softmax"), SPARSE), y=CLASSES)),
    (
        "crossentropy of raw scores",
        lambda: fit(model(Dense(1), losses.BinaryCrossentropy(from_logits=True))),
    ),
    ("from_logits after a softmax", lambda: fit(model(Dense(3, "softmax"), SPARSE), y=CLASSES)),
    (
        "from_logits after a softmax",
        lambda: fit(
            model(Dense(3), losses.SparseCategoricalCrossentropy(from_logits=True)), y=CLASSES
        ),
    ),
    ("targets -1 and 1", lambda: fit(model(), y=((2 * Y - 1) + 1) / 2)),
    (
        "accuracy of a regression",
        lambda: fit(model(Dense(1), "mse", metrics=["mae"]), y=X[:, 0]),
    ),
    ("a gap in x", without_gaps),
    ("infinity in y", finite_targets),
    (
        "a loss that becomes NaN",
        lambda: fit(model(Dense(1), "mse", optimizer=optimizers.SGD(0.01)), y=X[:, 0], epochs=9),
    ),
    ("metrics without a list", lambda: fit(model(metrics=["accuracy"]))),
    ("validation_split=20", lambda: fit(model(), validation_split=0.2)),
    ("labels as text", lambda: numbered(np.array(["yes", "no"] * 10))),
    ("labels as text", lambda: numbered(["yes", "no"] * 10)),
    ("ragged lists", lambda: padded([[1.5, 2, 3], [1, 2]])),
    ("too few columns", lambda: started_with(5)),
    ("one row alone", lambda: model().predict(X[0][None], verbose=0)),
    (
        "images without channels",
        lambda: Sequential([Input((8, 8, 1)), Conv2D(2, 3)]).predict(
            IMAGES[..., 0][..., None], verbose=0
        ),
    ),
    ("raw pixels", lambda: pixels([], 255)),
    ("raw pixels", lambda: pixels([Rescaling(1 / 255)], 1)),
    ("half of class_weight", lambda: fit(model(), class_weight={0: 2.0, 1: 1.0})),
    (
        "stopping early by nothing",
        lambda: fit(model(), callbacks=[callbacks.EarlyStopping("val_loss")], validation_split=0.2),
    ),
    ("a class of callbacks", lambda: fit(model(), callbacks=[callbacks.EarlyStopping("loss")])),
    ("a fractional code", lambda: numbered_codes(np.array([[1, 2], [3, 1.5]]))),
    ("a negative code", lambda: numbered_codes(np.array([[1, 2], [3, -1]]))),
    ("a sequence for one number", lambda: of_sequences(LSTM(3), Dense(1))),
    (
        "a sequence for one number",
        lambda: of_sequences(LSTM(3, return_sequences=True), Flatten(), Dense(1)),
    ),
    ("an LSTM on a table", lambda: Sequential([LSTM(3)])(X[..., None])),
    (
        "a kernel larger than the image",
        lambda: Sequential([Input((4, 4, 1)), Conv2D(2, 5, padding="same")]),
    ),
    ("Dropout in per cent", lambda: Dropout(0.2)),
    ("other weights", lambda: model().set_weights(model().get_weights())),
    ("a layer without call", lambda: Sequential([Written()])(X)),
    (
        "NumPy within a loss",
        lambda: fit(model(loss=lambda t, p: ops.mean(ops.square(t - p), -1))),
    ),
    ("validation data alone", lambda: fit(model(), validation_data=(X, Y))),
]


def padded(x):
    x = dlcore.utils.pad_sequences(x, dtype="float32")
    assert x[0].tolist() == [1.5, 2, 3]
    return started_with_data(x)


def started_with_data(x):
    made = Sequential([Dense(1, "sigmoid")])
    made.compile("adam", "binary_crossentropy")
    return fit(made, x, [0, 1])


@pytest.mark.parametrize(("what", "action"), ADVICE, ids=[a[0] for a in ADVICE])
def test_the_advice_works_and_warns_of_nothing(what, action):
    assert what in KNOWN
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        action()


def sentence(what):
    return next(said(action)[1] for known, action, _ in MISTAKES if known == what)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("a gap in x", "keep = np.isfinite(x).all(axis=1); x, y = x[keep], y[keep]"),
        ("infinity in y", "keep = np.isfinite(y); x, y = x[keep], y[keep]"),
        ("infinity in y", "the logarithm of 0"),
        ("ragged lists", "dlcore.utils.pad_sequences(x, dtype='float32')"),
        ("too few columns", "start the model with Input((5,))"),
        ("half of class_weight", "add 1: 1.0 to it"),
        ("a sequence for one number", "by a Flatten or by return_sequences=False"),
        ("Dropout in per cent", "try 0.2."),
        ("other weights", "get_weights() of a layer or model of the same form"),
        ("a layer without call", "def call(self, x)"),
        ("NumPy within a loss", "such as ops.square and ops.mean"),
        ("validation data alone", "write validation_data=(x_val, y_val)"),
        ("another ending", "write 'model.keras'"),
    ],
)
def test_what_was_followed_is_what_it_says(what, words):
    assert words in sentence(what)


def test_targets_with_gaps_are_not_to_be_filled():
    y = Y.copy()
    y[2] = np.nan
    with pytest.raises(ValueError, match="from which nothing can be learnt: leave those rows out"):
        fit(model(), y=y)


def test_a_missing_file_is_looked_for_in_a_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError) as caught:
        load_model("nowhere.keras")
    assert str(caught.value) == f"There is no file 'nowhere.keras' in the folder {str(tmp_path)!r}."
    with pytest.raises(FileNotFoundError) as caught:
        load_model(tmp_path / "nowhere.keras")
    assert "folder" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "ending", "mend"),
    [
        ("model.h5", ".keras", "write 'model.keras', and of an old file make such a one by"),
        ("model", ".keras", "write 'model.keras'."),
        ("w.h5", ".weights.h5", "write 'w.weights.h5'."),
        ("w.keras", ".weights.h5", "write 'w.weights.h5'."),
    ],
)
def test_another_ending(name, ending, mend):
    with pytest.raises(ValueError) as caught:
        disk.with_ending(name, ending)
    assert mend in str(caught.value)


@pytest.mark.parametrize(("rate", "advice"), [(50, "0.5"), (2.5, "0.025"), (-1, "0.5")])
def test_a_rate_in_per_cent(rate, advice):
    with pytest.raises(ValueError, match=f"try {advice}.$"):
        Dropout(rate)
