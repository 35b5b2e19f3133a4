"""What the models of lessons 01 and 04 share: a curve on measured points, and its loss."""

from __future__ import annotations

import numpy as np


class Measured:
    """Measured points, a curve that says what it expects there, and the lowest loss so far.

    A model has its own numbers and `outputs`, and calls `__init__` when its numbers are set.

    Args:
        x: positions, shape (n, 1).
        t: measured values, shape (n, 1).
    """

    def __init__(self, x: np.ndarray, t: np.ndarray) -> None:
        """Keep the points; the first loss is the lowest so far."""
        self.x, self.t = np.ravel(x), np.ravel(t)
        self.best = self.loss

    def outputs(self) -> np.ndarray:
        """What the curve says at each x, shape (n,)."""
        raise NotImplementedError

    @property
    def loss(self) -> float:
        """Mean squared miss, in the unit of t squared."""
        return float(np.mean((self.outputs() - self.t) ** 2))

    def update(self, **values: float) -> None:
        """Set some of the numbers; remembers the lowest loss so far."""
        for name, value in values.items():
            setattr(self, name, value)
        self.best = min(self.best, self.loss)
