"""Lesson 16: the recipes by which its networks are trained, and what the lesson starts from."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dlcore.backends import get_backend, set_backend
from dlcore.callbacks import Callback
from dlcore.datasets import emoji10
from dlcore.layers import (
    Activation,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Input,
    MaxPooling2D,
    RandomFlip,
    RandomTranslation,
)
from dlcore.models import Sequential
from dlcore.optimizers import Adam
from dlcore.optimizers.schedules import CosineDecay
from dlcore.utils import set_random_seed

Array = np.ndarray
Drawings = tuple[Array, Array, Array, Array]


def drawings(scaled: bool = False) -> Drawings:
    """The drawings of emoji10, as they come or from -1 to 1.

    Args:
        scaled: whether the pixels, 0 to 255 as they come, are divided by 127.5 and less by 1.

    Returns:
        x and labels to train on, shape (6000, 32, 32, 3) and (6000,), and unseen, 1500 of each;
        x is float32.
    """
    (x, labels), (x_test, labels_test) = emoji10.load_data()
    x, x_test = x.astype(np.float32), x_test.astype(np.float32)
    if scaled:
        x, x_test = (part / np.float32(127.5) - np.float32(1) for part in (x, x_test))
    return x, labels, x_test, labels_test


@dataclass(frozen=True)
class Recipe:
    """A network for the drawings, and how it is trained.

    Args:
        filters: of each convolution, which is followed by a pooling.
        scaled: whether the pixels are brought to -1 to 1; else they stay as they come.
        moved: whether the training pictures are mirrored and shifted at random, anew each time.
        rate: the share that dropout leaves out before each dense layer; 0 for none.
        norm: whether batch normalisation stands behind each convolution, and no hidden dense layer
            behind them; without it there is one of 128 units, as in the article.
        falling: whether the learning rate falls along half a cosine, from 0.002 to 0.
        batch: rows in a batch.
        epochs: how often every picture is seen.
    """

    filters: tuple[int, ...] = (32, 64)
    scaled: bool = True
    moved: bool = False
    rate: float = 0.0
    norm: bool = False
    falling: bool = False
    batch: int = 32
    epochs: int = 10

    def layers(self) -> list[Any]:
        """The layers in their order; those that do nothing are left out."""
        made: list[Any] = [Input((32, 32, 3))]
        if self.moved:
            made += [RandomFlip("horizontal"), RandomTranslation(0.1, 0.1)]
        for filters in self.filters:
            if self.norm:
                made.append(Conv2D(filters, 3, padding="same", use_bias=False))
                made += [BatchNormalization(momentum=0.9), Activation("relu")]
            else:
                made.append(Conv2D(filters, 3, padding="same", activation="relu"))
            made.append(MaxPooling2D(2))
        made.append(Flatten())
        hidden = [] if self.norm else [Dense(128, activation="relu")]
        for dense in (*hidden, Dense(10, activation="softmax")):
            made += [Dropout(self.rate), dense] if self.rate else [dense]
        return made

    def model(self, rows: int = 6000) -> Sequential:
        """The compiled network.

        Args:
            rows: how many pictures it will be trained on, by which a falling rate knows its end.
        """
        model = Sequential(self.layers())
        steps = self.epochs * -(-rows // self.batch)
        rate: Any = CosineDecay(0.002, steps) if self.falling else 0.002
        optimizer = Adam(rate) if self.norm else Adam()
        model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    def train(self, data: Drawings, seed: int = 0, **more: Any) -> Sequential:
        """A network trained by the recipe from this seed; ``more`` is handed on to fit."""
        set_random_seed(seed)
        model = self.model(len(data[0]))
        model.fit(data[0], data[1], batch_size=self.batch, epochs=self.epochs, **more)
        return model


ARTICLE = Recipe()
WITH_NORM = Recipe((24, 48, 96), moved=True, rate=0.3, norm=True)
LONGER = replace(WITH_NORM, falling=True, batch=64, epochs=22)
RECIPES = {
    "raw": replace(ARTICLE, scaled=False),
    "scaled": ARTICLE,
    "moved": replace(ARTICLE, moved=True),
    "dropout": replace(ARTICLE, rate=0.4),
    "moved, dropout": replace(ARTICLE, moved=True, rate=0.4),
    "batch norm": WITH_NORM,
    "longer": LONGER,
    "wider": replace(LONGER, filters=(32, 64, 128)),
}
"""By their names in the lesson; each line changes one thing, or as little as that."""


class _Shares(Callback):
    """After each epoch the accuracy on pictures of both parts, as they are, by all units."""

    def __init__(self, data: Drawings) -> None:
        super().__init__()
        self.data = data
        self.seen: list[float] = []
        self.unseen: list[float] = []
        self.fit: dict[str, list[float]] = {"loss": [], "accuracy": []}

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        for name, kept in self.fit.items():
            kept.append(float(logs[name]))
        x, labels, x_test, labels_test = self.data
        rows = len(x_test)  # as many of the one part as of the other, which is enough for a curve
        self.seen.append(share(self.model, x[:rows], labels[:rows]))
        self.unseen.append(share(self.model, x_test, labels_test))


def share(model: Any, x: Array, labels: Array) -> float:
    """The share of the pictures whose class the network names."""
    answers: Array = model.predict(x, batch_size=256, verbose=0)
    return float(np.mean(answers.argmax(axis=-1) == labels))


def history(name: str, seed: int = 0, say: Callable[[str], Any] = print) -> dict[str, list[float]]:
    """Train a recipe of the lesson, and note how it went.

    Args:
        name: of `RECIPES`.
        seed: of weights, batches, moves and dropout.
        say: is told a line when it is done.

    Returns:
        For each epoch "loss" and "fit", the loss and the accuracy that fit shows; and "seen" and
        "unseen", the accuracy on 1500 training pictures and on the test pictures when it is over.
        "end" has two numbers: the accuracy in the end on all training pictures, and on the test
        pictures.
    """
    recipe = RECIPES[name]
    data = drawings(recipe.scaled)
    shares = _Shares(data)
    model = recipe.train(data, seed, verbose=0, callbacks=[shares])
    end = [share(model, *data[:2]), shares.unseen[-1]]
    say(f"{name}, seed {seed}: seen {end[0]:.3f}, unseen {end[1]:.3f}")
    found = {"loss": shares.fit["loss"], "fit": shares.fit["accuracy"]}
    return found | {"seen": shares.seen, "unseen": shares.unseen, "end": end}


def three_networks(data: Drawings, epochs: int = 1) -> dict[str, Sequential]:
    """Networks to look into: the article's untrained and trained, and one with batch norm.

    Args:
        data: what `drawings` gives, scaled; every second training picture is taken.
        epochs: how long they are trained.
    """
    half = (data[0][::2], data[1][::2], *data[2:])  # enough to look at, in half the time
    set_random_seed(0)
    networks = {"before training": ARTICLE.model()}
    short = {"article": ARTICLE, "with batch norm": replace(WITH_NORM, moved=False, batch=64)}
    for name, recipe in short.items():
        networks[name] = replace(recipe, epochs=epochs).train(half, 0, verbose=0)
    return networks


def step_seconds(backend: str, data: Drawings, rows: int = 2) -> tuple[float, float]:
    """How long a step of the article's network takes on a backend.

    Args:
        backend: "mine", "numpy" or "cpu"; afterwards the one of before is set again.
        data: what `drawings` gives, scaled.
        rows: pictures in the batch; Python loops over more of them take long.

    Returns:
        The seconds of one step, the fastest of two that follow two for recording; and its loss.
    """
    before = get_backend()
    try:
        set_backend(backend)
        set_random_seed(0)
        model = ARTICLE.model()
        losses = [float(model.train_on_batch(data[0][:rows], data[1][:rows])[0])]
        model.train_on_batch(data[0][:rows], data[1][:rows])
        taken = []
        for _ in range(2):
            start = time.perf_counter()
            model.train_on_batch(data[0][:rows], data[1][:rows])
            taken.append(time.perf_counter() - start)
    finally:
        set_backend(before)
    return min(taken), losses[0]
