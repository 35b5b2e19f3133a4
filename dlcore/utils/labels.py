"""Class numbers as rows of ones and zeros."""

import numpy as np

from dlcore.engine.tensor import TensorLike


def to_categorical(x: TensorLike, num_classes: int | None = None) -> np.ndarray:
    """One-hot rows for class numbers: 2 of 4 classes becomes [0, 0, 1, 0].

    Args:
        x: whole numbers from 0 up, of any shape `(...)`; a last axis of size 1 is dropped.
        num_classes: how many classes there are; default: the largest number in x plus one.

    Returns:
        A float32 array `(..., num_classes)`.

    Raises:
        ValueError: if a number is negative, not whole, or not below num_classes.
    """
    labels = np.asarray(x)
    if labels.ndim > 1 and labels.shape[-1] == 1:
        labels = labels[..., 0]
    whole = labels.astype(np.int64)
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
