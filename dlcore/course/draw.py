"""Numbers and sizes for the cases of exercises, so that every mistake shows in them."""

from __future__ import annotations

import numpy as np


def sizes(rng: np.random.Generator, size: int, count: int) -> list[int]:
    """Different sizes from 2 on: nothing is square, and no sum has a single number.

    Args:
        rng: gives the random numbers.
        size: of the case, 1 to 5.
        count: how many sizes are wanted.
    """
    return [int(each) for each in rng.choice(np.arange(2, 2 * size + count + 1), count, False)]


def numbers(rng: np.random.Generator, size: int, *shape: int) -> np.ndarray:
    """Whole numbers from -3 to 3 for the tiny cases, any numbers for the larger ones."""
    if size == 1:
        return rng.integers(-3, 4, shape).astype(float)
    return rng.normal(0, 2, shape)


def table(text: str) -> np.ndarray:
    """An array from text, a row a line or between semicolons: ``table("1 2; 3 4")``."""
    return np.array([[float(each) for each in row.split()] for row in text.split(";")])
