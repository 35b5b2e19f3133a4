"""What is timed: a model of the course, its data, and how each kind of library writes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Workload:
    """A model with its data, the same for every contender.

    Args:
        title: what it is, for the table.
        batch: rows of a training step.
        data: gives x as float32 or whole numbers, and y: a class for each row as int64, or 0 and 1
            as float32. The rows are a multiple of the batch, so that all steps are alike.
        keras: gives the compiled model, from a library with Keras's names.
        pytorch: gives the same network as a torch module that ends in logits.
        one_hot: whether the program in Keras's names takes y as one-hot rows.
        epochs: of a turn, so many that a turn is long beside the clock.
        predicts: how many rows `predict` and `evaluate` get at once; 0 for none.
        single: whether one row is predicted as well, or the model is only trained.
    """

    title: str
    batch: int
    data: Callable[[], tuple[np.ndarray, np.ndarray]]
    keras: Callable[[Any], Any]
    pytorch: Callable[[], Any]
    one_hot: bool = False
    epochs: int = 1
    predicts: int = 0
    single: bool = True

    @property
    def steps(self) -> int:
        """Training steps of an epoch."""
        return len(self.data()[0]) // self.batch

    def targets(self, y: np.ndarray) -> np.ndarray:
        """Y as the program in Keras's names takes it."""
        return np.eye(y.max() + 1, dtype=np.float32)[y] if self.one_hot else y

    def many(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows for `predict` and `evaluate`: those of the data, over and over."""
        x, y = self.data()
        while len(x) < self.predicts:
            x, y = np.concatenate([x, x]), np.concatenate([y, y])
        return x[: self.predicts], y[: self.predicts]
