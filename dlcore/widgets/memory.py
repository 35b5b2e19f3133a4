"""Lesson 11: a network, wrong labels and few or many rows, and what it learns of them."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from dlcore.engine import random
from dlcore.layers import Dense
from dlcore.models import Sequential
from dlcore.optimizers import Adam
from dlcore.plots.memory import memory_scene
from dlcore.plots.scene import Scene
from dlcore.plots.still import still
from dlcore.widgets.bench import Bench
from dlcore.widgets.controls import Choice, Control, Group

UNITS = (4, 8, 16, 32, 64, 128, 256)
ROWS = (50, 100, 300, 600, 1000)
EPOCHS = 60
CLASSES = 10

Curves = tuple[np.ndarray, np.ndarray]


class MemoryModel:
    """A network with one hidden layer that is trained anew whenever a number changes.

    Weights, batches and wrong labels follow from the seed alone, so that the same numbers give the
    same curves. It is trained by Adam with a rate of 0.003 and batches of 32, for 60 epochs.

    Args:
        x: rows to learn from, shape (n, i), of which the first are taken.
        labels: their right classes, whole numbers from 0 to 9, shape (n,).
        x_unseen: other rows, shape (m, i).
        labels_unseen: their classes, which stay right, shape (m,).
        units: neurons of the hidden layer, one of `UNITS`.
        noise: the share of labels that are made wrong, 0 to 0.9.
        rows: how many rows it learns from, one of `ROWS`.
        seed: of everything that is random.
    """

    controls = (Control("noise", "noise (share of wrong labels)", 0.0, 0.9, 0.1),)

    def __init__(
        self,
        x: np.ndarray,
        labels: np.ndarray,
        x_unseen: np.ndarray,
        labels_unseen: np.ndarray,
        units: int = 64,
        noise: float = 0.3,
        rows: int = 300,
        seed: int = 0,
    ) -> None:
        """Keep the rows, and train."""
        self.x, self.labels = x, labels
        self.x_unseen, self.labels_unseen = x_unseen, labels_unseen
        self.units, self.noise, self.rows, self.seed = units, noise, rows, seed
        chance = np.random.default_rng(seed)
        self._u = chance.uniform(size=len(labels))
        self._shift = chance.integers(1, CLASSES, len(labels))
        self._known: dict[tuple[int, float, int], Curves] = {}

    def update(self, **values: float) -> None:
        """Set some of the numbers.

        Raises:
            ValueError: for a number of units or rows that is not offered.
        """
        for name, value in values.items():
            offered = {"units": UNITS, "rows": ROWS}.get(name)
            if offered is not None and value not in offered:
                raise ValueError(f"{name}={value:g} is not offered; choose one of {offered}.")
            setattr(self, name, round(value, 1) if offered is None else int(value))

    def shown_labels(self) -> np.ndarray:
        """The labels that it learns from, wrong ones among them, shape (rows,)."""
        moved = (self.labels + self._shift) % CLASSES
        return np.where(self._u < self.noise, moved, self.labels)[: self.rows]

    @property
    def share_right(self) -> float:
        """How many of the labels that it learns from are right, a share."""
        return float(np.mean(self.shown_labels() == self.labels[: self.rows]))

    @property
    def weights(self) -> int:
        """How many numbers the network owns."""
        return self.units * (self.x.shape[1] + 1) + CLASSES * (self.units + 1)

    def curves(self) -> Curves:
        """The accuracy in each epoch on the rows that it learns from, and after it on others."""
        key = self.units, self.noise, self.rows
        if key not in self._known:
            self._known[key] = self._trained()
        return self._known[key]

    @property
    def best_epoch(self) -> int:
        """The first epoch with the best accuracy on the unseen rows, counted from 1."""
        return int(np.argmax(self.curves()[1])) + 1

    def report(self) -> str:
        """Where both curves end, and where the unseen one was best."""
        seen, unseen = self.curves()
        return (
            f"{self.weights} weights, {self.rows} rows, {self.share_right:.2f} of their labels "
            f"right \N{MIDDLE DOT} in the end {seen[-1]:.2f} on the rows it has seen, "
            f"{unseen[-1]:.2f} on others \N{MIDDLE DOT} best {unseen.max():.2f} after epoch "
            f"{self.best_epoch}"
        )

    def _trained(self) -> Curves:
        before = random.state()
        try:
            random.set_seed(self.seed)
            hidden = Dense(self.units, "relu", input_dim=self.x.shape[1])
            network = Sequential([hidden, Dense(CLASSES, "softmax")])
            network.compile(Adam(0.003), "sparse_categorical_crossentropy", metrics=["accuracy"])
            unseen = self.x_unseen, self.labels_unseen
            history = network.fit(
                self.x[: self.rows], self.shown_labels(), batch_size=32, epochs=EPOCHS, verbose=0,
                validation_data=unseen,
            ).history  # fmt: skip
        finally:
            random.restore(before)
        return np.array(history["accuracy"]), np.array(history["val_accuracy"])


def scene(model: MemoryModel) -> Scene:
    """Both accuracies over the epochs."""
    title = f"{model.units} units, noise {model.noise:.1f}, {model.rows} rows"
    return memory_scene(*model.curves(), model.share_right, title, model.report())


def draw(model: MemoryModel) -> Figure:
    """The same as a figure."""
    return still(scene(model))


class MemoryBench(Bench):
    """A slider for the noise, and all numbers of units and rows side by side."""

    offers = {"units": UNITS, "rows": ROWS}

    def __init__(self, model: MemoryModel) -> None:
        """Show the model as it stands."""
        super().__init__("Memory bench", model, scene)

    def controls(self) -> list[Group]:
        """Capacity, noise and data, and the way back."""
        noise, again = super().controls()
        units = Choice("units", "units of the hidden layer", tuple(map(str, UNITS)))
        rows = Choice("rows", "rows to learn from", tuple(map(str, ROWS)))
        return [Group((units, rows)), Group((*noise.controls, *again.controls))]

    def __repr__(self) -> str:
        return "<Memory bench: run this cell to set units, rows and noise>"


def memory_bench(
    x: np.ndarray, labels: np.ndarray, x_unseen: np.ndarray, labels_unseen: np.ndarray
) -> MemoryBench:
    """The widget of lesson 11.

    Args:
        x: rows to learn from, shape (n, i).
        labels: their classes, shape (n,).
        x_unseen: other rows, shape (m, i).
        labels_unseen: their classes, shape (m,).
    """
    return MemoryBench(MemoryModel(x, labels, x_unseen, labels_unseen))
