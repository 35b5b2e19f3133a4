"""Numbers of rows that come from data: looked at before a kernel reads or writes there."""

from __future__ import annotations

import numpy as np


def existing(indices: np.ndarray, size: int) -> np.ndarray:
    """The indices, if each is the number of a row, or of a class.

    Neither a count from the end nor a place outside of the array: a replayed step that calculates
    its indices passes no other check than this one.

    Args:
        indices: whole numbers, in any shape.
        size: how many there are.

    Raises:
        IndexError: if one is negative or not below size.
    """
    if indices.size and not (0 <= indices.min() and indices.max() < size):
        wrong = indices[(indices < 0) | (indices >= size)].flat[0]
        known = f"among 0 to {size - 1}" if size else "in an array without rows"
        raise IndexError(
            f"The index {wrong} is not {known}; look at how it is calculated, as the input of an "
            "Embedding or as a class number of the targets."
        )
    return indices
