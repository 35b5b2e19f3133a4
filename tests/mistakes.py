"""Mistakes of beginners, each with what dlcore says to it; `python -m tests.mistakes` prints them.

Keras trains on some of these without a word. A case is what one does, the action, and words of the
sentence that must come: of an error, or of a warning where the training goes on.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import dlcore
from dlcore import callbacks, losses, optimizers
from dlcore.layers import (
    LSTM,
    Conv2D,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    Layer,
    Reshape,
)
from dlcore.models import Sequential, load_model

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 8)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.float32)
CLASSES = np.arange(20) % 3
IMAGES = RNG.uniform(size=(20, 8, 8, 1)).astype(np.float32)


def model(last: Any = None, loss: Any = "binary_crossentropy", **compiled: Any) -> Sequential:
    """A compiled model for X and Y, with another last layer if one is given."""
    made = Sequential([Dense(4, "relu", input_shape=(8,)), last or Dense(1, "sigmoid")])
    made.compile(compiled.pop("optimizer", "adam"), loss, **compiled)
    return made


def fit(made: Sequential, x: Any = X, y: Any = Y, **arguments: Any) -> Any:
    """Train silently."""
    return made.fit(x, y, verbose=0, **arguments)


def with_gap() -> np.ndarray:
    """X with a NaN."""
    x = X.copy()
    x[3, 2] = np.nan
    return x


def embedded(numbers: Any) -> Any:
    """Train an Embedding of 5 rows on some numbers."""
    made = Sequential([Embedding(5, 2), Flatten(), Dense(1, "sigmoid")])
    made.compile("adam", "binary_crossentropy")
    return fit(made, np.array(numbers), [0, 1])


def sequences() -> Sequential:
    """A model that gives one number for each step."""
    made = Sequential([LSTM(3, return_sequences=True), Dense(1)])
    made.compile("adam", "mse")
    return made


def pixels() -> Any:
    """Train on raw bytes."""
    made = Sequential([Conv2D(2, 3), Flatten(), Dense(1, "sigmoid")])
    made.compile("adam", "binary_crossentropy")
    return fit(made, (IMAGES * 255).astype(np.uint8), epochs=1)


class NoCall(Layer):
    """A layer without a call."""


MISTAKES: list[tuple[str, Callable[[], Any], str]] = [
    ("a softmax over one unit", lambda: fit(model(Dense(1, "softmax"))), "gives 1 whatever"),
    ("labels (n,) for outputs (n, 3)", lambda: fit(model(Dense(3), "mse")), r"\(20,\) do not fit"),
    (
        "class numbers for categorical_crossentropy",
        lambda: fit(model(Dense(3, "softmax"), "categorical_crossentropy"), y=CLASSES),
        "'sparse_categorical_crossentropy' or dlcore.utils.to_categorical",
    ),
    (
        "one-hot rows for the sparse loss",
        lambda: fit(
            model(Dense(3, "softmax"), "sparse_categorical_crossentropy"), y=np.eye(3)[CLASSES]
        ),
        "for one-hot rows use the loss 'categorical_crossentropy'",
    ),
    (
        "a class number out of range",
        lambda: fit(model(Dense(2, "softmax"), "sparse_categorical_crossentropy"), y=CLASSES),
        "row 2 of y is 2; give the last layer 3 units",
    ),
    ("crossentropy of raw scores", lambda: fit(model(Dense(1))), "activation='sigmoid'"),
    (
        "from_logits after a softmax",
        lambda: fit(
            model(Dense(3, "softmax"), losses.SparseCategoricalCrossentropy(from_logits=True)),
            y=CLASSES,
        ),
        "leave one of the two out",
    ),
    ("targets -1 and 1", lambda: fit(model(), y=2 * Y - 1), r"write y = \(y \+ 1\) / 2"),
    (
        "accuracy of a regression",
        lambda: fit(model(Dense(1), "mse", metrics=["accuracy"]), y=X[:, 0]),
        r"for measurements use metrics=\['mae'\]",
    ),
    ("a gap in x", lambda: fit(model(), with_gap()), "NaN in column 2, row 3"),
    (
        "infinity in y",
        lambda: fit(model(Dense(1), "mse"), y=np.where(Y > 0, np.inf, 0)),
        "infinite or too large number in row",
    ),
    (
        "a loss that becomes NaN",
        lambda: fit(
            model(Dense(1), "mse", optimizer=optimizers.SGD(1e6)), y=1e6 * X[:, 0], epochs=9
        ),
        "Likely causes: the learning rate 1e",
    ),
    ("a misspelt optimizer", lambda: model(optimizer="adm"), "Did you mean 'adam'"),
    ("a misspelt activation", lambda: Dense(4, "rellu"), "Did you mean 'relu'"),
    ("a misspelt argument", lambda: Dense(4, activaton="relu"), "Did you mean 'activation'"),
    ("lr=", lambda: optimizers.Adam(lr=0.1), "Did you mean 'learning_rate'"),  # type: ignore
    ("a misspelt loss", lambda: model(loss="binary_crosentropy"), "Did you mean 'binary_cross"),
    ("a misspelt metric", lambda: model(metrics=["acuracy"]), "Did you mean 'accuracy'"),
    ("metrics without a list", lambda: model(metrics="accuracy"), r"write metrics=\['accuracy'\]"),
    ("fit before compile", lambda: fit(Sequential([Dense(1)])), "before fit, call model.compile"),
    (
        "evaluate before compile",
        lambda: Sequential([Dense(1)]).evaluate(X, Y),
        "before evaluate, call model.compile",
    ),
    ("compile without a loss", lambda: fit(model(loss=None)), "compile it with a loss such as"),
    (
        "validation_split=20",
        lambda: fit(model(), validation_split=20),
        "between 0 and 1, but is 20",
    ),
    ("no epoch", lambda: fit(model(), epochs=0), "epochs must be at least 1"),
    ("an empty batch", lambda: fit(model(), batch_size=0), "batch_size must be at least 1"),
    ("a negative rate", lambda: optimizers.SGD(-1), "learning_rate is a positive number, not -1"),
    (
        "a second input_dim",
        lambda: Sequential([Dense(3, input_dim=4), Dense(2, input_dim=5)]),
        r"second layer.*rows of shape \(3,\); leave its input shape out",
    ),
    ("no rows", lambda: fit(model(), X[:0], Y[:0]), "x is empty"),
    ("rows without a partner", lambda: fit(model(), y=Y[:7]), "x has 20 rows but y has 7 rows"),
    (
        "labels as text",
        lambda: fit(model(), y=np.array(["yes", "no"] * 10)),
        "names, y = np.unique",
    ),
    ("ragged lists", lambda: fit(model(), [[1, 2, 3], [1, 2]], [0, 1]), "row 1 has 2; cut or pad"),
    ("None among numbers", lambda: fit(model(), [[None] * 8] * 20), "column 0, row 0"),
    ("too few columns", lambda: fit(model(), X[:, :5]), r"shape \(8,\), but x has shape \(20, 5\)"),
    ("one row alone", lambda: model().predict(X[0]), r"write x\[None\]"),
    (
        "images without channels",
        lambda: Sequential([Input((8, 8, 1)), Conv2D(2, 3)]).predict(IMAGES[..., 0]),
        r"write x\[..., None\]",
    ),
    ("raw pixels", pixels, "255"),
    ("half of class_weight", lambda: fit(model(), class_weight={0: 2.0}), "no entry for class 1"),
    (
        "stopping early by nothing",
        lambda: fit(model(), callbacks=[callbacks.EarlyStopping("val_loss")]),
        "give fit validation_data or a validation_split",
    ),
    (
        "a class of callbacks",
        lambda: fit(model(), callbacks=[callbacks.EarlyStopping]),
        r"write EarlyStopping\(\)",
    ),
    ("a code that is too large", lambda: embedded([[1, 2], [3, 7]]), "make input_dim at least 8"),
    ("a fractional code", lambda: embedded([[1, 2], [3, 1.5]]), "1.5 in row 1"),
    ("a negative code", lambda: embedded([[1, 2], [3, -1]]), "-1 in row 1"),
    (
        "a sequence for one number",
        lambda: fit(sequences(), np.zeros((20, 5, 2))),
        r"\(20,\) do not fit outputs of shape \(20, 5, 1\)",
    ),
    ("an LSTM on a table", lambda: Sequential([LSTM(3)])(X), "takes sequences"),
    (
        "a kernel larger than the image",
        lambda: Sequential([Input((4, 4, 1)), Conv2D(2, 5)]),
        "take a smaller kernel_size, or padding='same'",
    ),
    ("no units", lambda: Dense(0), "units is a whole number of at least 1"),
    ("Dropout in per cent", lambda: Dropout(20), "from 0 to 1, not 20"),
    ("a class as a layer", lambda: Sequential([Dense]), r"add a layer of it: Dense\(…\)"),
    (
        "one name twice",
        lambda: Sequential([Dense(1, name="a"), Dense(1, name="a")]),
        "give the other one another name",
    ),
    ("other weights", lambda: model().set_weights([np.zeros(3)]), "takes 4 weights of the shapes"),
    ("a file that is not there", lambda: load_model("nowhere.keras"), "no file 'nowhere.keras'"),
    ("another ending", lambda: model().save("model.h5"), "ends in '.keras'"),
    ("a layer that is not there", lambda: model().get_layer("dens"), "no layer 'dens'"),
    ("a layer without call", lambda: Sequential([NoCall()])(X), r"has no call\(x\)"),
    (
        "NumPy within a loss",
        lambda: fit(model(loss=lambda t, p: np.square(np.asarray(t) - np.asarray(p)).mean(-1))),
        "a step through NumPy loses the way back",
    ),
    ("a number as shape", lambda: Input(8), r"write shape=\(8,\)"),
    ("a backend that is not there", lambda: dlcore.set_backend("cdua"), "no backend 'cdua'"),
    ("validation data alone", lambda: fit(model(), validation_data=X), r"is a tuple \(x, y\)"),
    (
        "a shape that cannot be",
        lambda: Sequential([Input((8,)), Reshape((3, 3))]),
        "both must hold as many",
    ),
]


def said(action: Callable[[], Any]) -> tuple[str, str]:
    """What dlcore says to an action: the kind of error or warning, and its sentence."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            action()
        except Exception as error:
            return type(error).__name__, str(error)
    return ("warning", str(caught[0].message)) if caught else ("nothing", "")


if __name__ == "__main__":
    for what, action, _ in MISTAKES:
        kind, sentence = said(action)
        print(f"{what}\n    {kind}: {sentence}")
