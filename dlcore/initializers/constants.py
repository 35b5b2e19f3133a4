"""Initializers without chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.initializers.base import Initializer, Shape
from dlcore.utils.lookup import helpful_arguments, number


class Constant(Initializer):
    """Every element is `value`, by default 0."""

    @helpful_arguments
    def __init__(self, value: Any = 0.0) -> None:
        self.value = number("value", value)

    def draw(self, shape: Shape) -> np.ndarray:  # noqa: D102
        return np.full(shape, self.value)


class Zeros(Constant):
    """Every element is 0, as biases start."""

    def __init__(self) -> None:
        super().__init__(0.0)


class Ones(Constant):
    """Every element is 1."""

    def __init__(self) -> None:
        super().__init__(1.0)


class Identity(Initializer):
    """`gain`, by default 1, on the diagonal of a matrix, and 0 elsewhere.

    Raises:
        ValueError: when called, if the weight is no matrix.
    """

    @helpful_arguments
    def __init__(self, gain: float = 1.0) -> None:
        self.gain = number("gain", gain)

    def draw(self, shape: Shape) -> np.ndarray:  # noqa: D102
        if len(shape) != 2:
            raise ValueError(
                f"Identity is for weights of two axes, such as the kernel of Dense, but this one "
                f"has shape {shape}."
            )
        return self.gain * np.eye(*shape)
