"""Numbers of rows that come from data: looked at before a kernel reads or writes there."""

from __future__ import annotations

import numpy as np


def existing(indices: np.ndarray, size: int) -> np.ndarray:
    """The indices, if each is the number of a row.

    Neither a count from the end nor a place outside of the array: a replayed step that calculates
    its indices passes no other check than this one.

    Args:
        indices: whole numbers, in any shape.
        size: how many rows there are.

    Raises:
        IndexError: if one is negative or not below size.
    """
    if indices.size and not (0 <= indices.min() and indices.max() < size):
        wrong = indices[(indices < 0) | (indices >= size)].flat[0]
        numbers = f"the rows have the numbers 0 to {size - 1}" if size else "it has no rows"
        raise IndexError(
            f"An index into an array of {size} rows is {wrong}, but {numbers}; look at how the "
            "indices are calculated, such as the input of an Embedding."
        )
    return indices
