"""Initializers that draw every number from one distribution."""

from __future__ import annotations

import numpy as np

from dlcore.initializers.base import RandomInitializer, Shape, truncated_normal
from dlcore.utils.lookup import helpful_arguments, not_negative, number


class RandomUniform(RandomInitializer):
    """Uniform numbers from `minval` to `maxval`, by default -0.05 to 0.05.

    Raises:
        ValueError: if minval is greater than maxval.
    """

    @helpful_arguments
    def __init__(
        self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None
    ) -> None:
        super().__init__(seed)
        self.minval, self.maxval = number("minval", minval), number("maxval", maxval)
        if self.minval > self.maxval:
            raise ValueError(
                f"minval must not be greater than maxval, but is {self.minval:g}, and maxval "
                f"{self.maxval:g}."
            )

    def draw(self, shape: Shape) -> np.ndarray:  # noqa: D102
        return self.generator().uniform(self.minval, self.maxval, shape)


class RandomNormal(RandomInitializer):
    """Normal numbers of the given mean (0) and standard deviation (0.05).

    Raises:
        ValueError: if stddev is negative.
    """

    @helpful_arguments
    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        self.mean = number("mean", mean)
        self.stddev = not_negative("stddev", stddev, advice=0.05)

    def draw(self, shape: Shape) -> np.ndarray:  # noqa: D102
        return self.generator().normal(self.mean, self.stddev, shape)


class TruncatedNormal(RandomNormal):
    """Normal numbers; those beyond two standard deviations are drawn again.

    What is left has a standard deviation of 0.8796 times `stddev`.
    """

    def draw(self, shape: Shape) -> np.ndarray:  # noqa: D102
        return self.mean + self.stddev * truncated_normal(self.generator(), shape)
