"""Which classes are taken for which."""

from __future__ import annotations

import numpy as np

from dlcore.engine.tensor import DType, Tensor, TensorLike
from dlcore.utils.labels import as_whole, label_array


def confusion_matrix(
    labels: TensorLike,
    predictions: TensorLike,
    num_classes: int | None = None,
    weights: TensorLike | None = None,
    dtype: DType | None = None,
) -> np.ndarray:
    """How often each class (a row) was taken for each class (a column).

        confusion_matrix([0, 0, 1], [0, 1, 1])   # [[1, 1], [0, 1]]

    What is right stands on the diagonal.

    Args:
        labels: class numbers from 0, `(n,)` or `(n, 1)`.
        predictions: class numbers, such as `model.predict(x).argmax(axis=-1)`.
        num_classes: how many classes there are; default: the largest number plus one.
        weights: what each row counts, `(n,)`; default 1.
        dtype: of the result; default "int32", with weights "float32".

    Returns:
        An array `(num_classes, num_classes)`.

    Raises:
        TypeError: if something is text.
        ValueError: if the shapes do not fit, or something is no class number.
    """
    rows = _class_numbers(labels, "labels")
    columns = _class_numbers(predictions, "predictions")
    if rows.shape != columns.shape:
        raise ValueError(
            f"labels has shape {rows.shape}, but predictions has shape {columns.shape}; each row "
            "needs a partner."
        )
    largest = max((int(numbers.max()) for numbers in (rows, columns) if numbers.size), default=-1)
    if num_classes is None:
        num_classes = largest + 1
    if largest >= num_classes:
        raise ValueError(
            f"With num_classes={num_classes} the class numbers go from 0 to {num_classes - 1}, but "
            f"there is a {largest}."
        )
    counts = None
    if weights is not None:
        counts = np.asarray(weights.numpy() if isinstance(weights, Tensor) else weights, np.float64)
        if counts.shape not in (rows.shape, (*rows.shape, 1)):
            raise ValueError(
                f"weights has one number for each row, shape {rows.shape}, but its shape is "
                f"{counts.shape}."
            )
        counts = counts.reshape(-1)
    size = num_classes * num_classes
    matrix = np.bincount(rows * num_classes + columns, counts, minlength=size)
    kind = dtype or ("int32" if weights is None else "float32")
    return matrix.reshape(num_classes, num_classes).astype(kind)


def _class_numbers(values: TensorLike, what: str) -> np.ndarray:
    """A row of whole numbers from 0 up."""
    mend = f"number both by one list: names = np.unique(labels), np.searchsorted(names, {what})"
    numbers = label_array(values, what, mend)
    if numbers.ndim == 2 and numbers.shape[1] == 1:
        numbers = numbers[:, 0]
    if numbers.ndim != 1:
        raise ValueError(
            f"{what} holds class numbers, shape (n,), but has shape {numbers.shape}; of one-hot "
            f"rows or probabilities take {what}.argmax(axis=-1)."
        )
    whole = as_whole(numbers)
    wrong = np.flatnonzero((whole != numbers) | (whole < 0))
    if wrong.size:
        raise ValueError(
            f"{what} holds class numbers 0, 1, 2, …, but row {wrong[0]} is {numbers[wrong[0]]:g}; "
            "make probabilities class numbers first, such as (y > 0.5).astype(int)."
        )
    return whole
