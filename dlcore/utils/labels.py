"""Class numbers as rows of ones and zeros."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.backends import memory
from dlcore.engine.tensor import Tensor, TensorLike
from dlcore.utils.targets import refuse_text


def to_categorical(x: TensorLike, num_classes: int | None = None) -> np.ndarray:
    """One-hot rows for class numbers: 2 of 4 classes becomes [0, 0, 1, 0].

    Args:
        x: whole numbers from 0 up, of any shape `(...)`; a last axis of size 1 is dropped.
        num_classes: how many classes there are; default: the largest number in x plus one.

    Returns:
        A float32 array `(..., num_classes)`.

    Raises:
        TypeError: if it holds text or other objects.
        ValueError: if a number is negative, not whole, or not below num_classes.
    """
    labels = label_array(x, "to_categorical takes class numbers (0, 1, 2, …), but x")
    if num_classes is not None:
        if isinstance(num_classes, str) or num_classes != int(num_classes):
            raise TypeError(f"num_classes is a whole number, not {num_classes!r}.")
        num_classes = int(num_classes)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    whole = as_whole(labels)
    if not np.array_equal(whole, labels):
        raise ValueError("to_categorical takes class numbers (0, 1, 2, …); these are not whole.")
    if num_classes is None:
        num_classes = int(whole.max()) + 1 if whole.size else 0
    if whole.size and (whole.min() < 0 or whole.max() >= num_classes):
        raise ValueError(
            f"With num_classes={num_classes} the class numbers go from 0 to {num_classes - 1}, "
            f"but these go from {whole.min()} to {whole.max()}."
        )
    return (whole[..., None] == np.arange(num_classes)).astype(np.float32)


def as_whole(numbers: np.ndarray) -> np.ndarray:
    """As int64; what is no class number, such as NaN, becomes one that differs from it."""
    with np.errstate(invalid="ignore"):
        return numbers.astype(np.int64)


def label_array(values: Any, what: str, mend: str = "") -> np.ndarray:
    """Labels as an array of numbers.

    Args:
        values: an array, a list, a table's column or a Tensor.
        what: the start of a message, which tells what holds them, such as "labels".
        mend: what is said of text; default: to number the classes.

    Raises:
        TypeError: if they are text, or objects that are no numbers.
        ValueError: if they differ in length.
    """
    try:
        array = np.asarray(memory.to_host(values.data) if isinstance(values, Tensor) else values)
    except ValueError:
        raise ValueError(f"{what} holds rows of different lengths; give one number each.") from None
    refuse_text(array, what, mend)
    if array.dtype.kind in "biuf":
        return array
    for entry in array.reshape(-1):
        if not isinstance(entry, int | float | np.number):
            given = "None" if entry is None else f"the {type(entry).__name__} {str(entry)[:30]!r}"
            raise TypeError(f"{what} holds {given}; give numbers.")
    return array.astype(np.float64)
