"""The base of the initializers."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore import random
from dlcore.tensor import floatx
from dlcore.utils.config import Configurable

Shape = tuple[int, ...]


class Initializer(Configurable):
    """Base of the initializers: `initializer(shape) -> array`.

    One of your own writes `draw(shape)`:

        class Ramp(Initializer):
            def draw(self, shape):
                return np.linspace(0, 1, math.prod(shape)).reshape(shape)
    """

    def __call__(self, shape: Shape, dtype: Any = None) -> np.ndarray:
        """First values of a weight of the given shape, float32 by default."""
        return np.asarray(self.draw(tuple(shape)), dtype=dtype or floatx())

    def draw(self, shape: Shape) -> np.ndarray:
        """The values, in any number type; what a subclass writes."""
        raise NotImplementedError(f"{type(self).__name__} has no draw(shape).")


class RandomInitializer(Initializer):
    """Base of those that draw random numbers.

    With a seed it gives the same numbers at each call; without one it takes a seed from the
    library's own when it is made.

    Raises:
        ValueError: if the seed is no whole number from 0 up.
    """

    def __init__(self, seed: int | None = None) -> None:
        whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
        if seed is not None and not (whole and seed >= 0):
            raise ValueError(f"The seed of an initializer is a whole number, not {seed!r}.")
        self.seed = None if seed is None else int(seed)
        self._seed = int(random.generator().integers(2**63)) if seed is None else self.seed

    def generator(self) -> np.random.Generator:
        """A generator that starts anew at each call: an initializer repeats itself."""
        return np.random.default_rng(self._seed)


def truncated_normal(generator: np.random.Generator, shape: Shape) -> np.ndarray:
    """Standard normal numbers; those beyond two deviations are drawn again."""
    values = generator.normal(size=shape)
    outside = np.abs(values) > 2
    while outside.any():
        values[outside] = generator.normal(size=int(outside.sum()))
        outside = np.abs(values) > 2
    return values
