"""The share of rows that a model gets right."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.metrics.metric import RowMetric, alike
from dlcore.utils.lookup import helpful_arguments
from dlcore.utils.targets import as_array


def binary_accuracy(y_true: Any, y_pred: Any, threshold: float = 0.5) -> np.ndarray:
    """For each row the share of its outputs for which `(y_pred > threshold) == y_true`.

    Args:
        y_true: targets 0 or 1, `(..., k)`, or `(...)` where k is 1.
        y_pred: probabilities `(..., k)`.
        threshold: a prediction must lie above it to count as 1; default 0.5.
    """
    y_true, y_pred = alike(y_true, y_pred)
    right = (y_pred > threshold) == y_true
    return right[..., 0] if right.shape[-1] == 1 else right.mean(axis=-1)


def categorical_accuracy(y_true: Any, y_pred: Any) -> np.ndarray:
    """For each row whether the largest prediction stands where the largest target does.

    Args:
        y_true: one-hot targets `(..., k)`.
        y_pred: predictions `(..., k)`.
    """
    y_true, y_pred = alike(y_true, y_pred)
    return y_true.argmax(axis=-1) == y_pred.argmax(axis=-1)


def sparse_categorical_accuracy(y_true: Any, y_pred: Any) -> np.ndarray:
    """For each row whether the largest prediction stands at the class number.

    Args:
        y_true: class numbers `(...)` or `(..., 1)`.
        y_pred: predictions `(..., k)`.
    """
    y_true, y_pred = as_array(y_true), as_array(y_pred)
    best = y_pred.argmax(axis=-1)
    if y_true.size != best.size:
        raise ValueError(
            f"sparse_categorical_accuracy takes class numbers of shape {best.shape} for outputs "
            f"of shape {y_pred.shape}, but these have shape {y_true.shape}; for one-hot targets "
            "use 'categorical_accuracy'."
        )
    return y_true.reshape(best.shape) == best


class Accuracy(RowMetric):
    """The share of elements for which y_true and y_pred are equal."""

    @helpful_arguments
    def __init__(self, name: str | None = "accuracy") -> None:
        super().__init__(name)

    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:  # noqa: D102
        y_true, y_pred = alike(y_true, y_pred)
        return (y_true == y_pred).mean(axis=-1)


class BinaryAccuracy(RowMetric):
    """The mean of `binary_accuracy`; the threshold is strict."""

    @helpful_arguments
    def __init__(self, name: str | None = "binary_accuracy", threshold: float = 0.5) -> None:
        super().__init__(name)
        self.threshold = threshold

    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:  # noqa: D102
        return binary_accuracy(y_true, y_pred, self.threshold)


class CategoricalAccuracy(RowMetric):
    """The mean of `categorical_accuracy`: for one-hot targets."""

    @helpful_arguments
    def __init__(self, name: str | None = "categorical_accuracy") -> None:
        super().__init__(name)

    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:  # noqa: D102
        return categorical_accuracy(y_true, y_pred)


class SparseCategoricalAccuracy(RowMetric):
    """The mean of `sparse_categorical_accuracy`: for class numbers."""

    @helpful_arguments
    def __init__(self, name: str | None = "sparse_categorical_accuracy") -> None:
        super().__init__(name)

    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:  # noqa: D102
        return sparse_categorical_accuracy(y_true, y_pred)


def accuracy_for(target: tuple[int, ...], output: tuple[int, ...], name: str) -> RowMetric:
    """The accuracy that "accuracy" means for targets and outputs of these shapes.

    One output: binary; class numbers, `(n,)` or `(n, 1)`, against several: sparse categorical;
    otherwise categorical.
    """
    if len(output) < 2 or output[-1] == 1:
        return BinaryAccuracy(name)
    if len(target) < len(output) or target[-1] == 1:
        return SparseCategoricalAccuracy(name)
    return CategoricalAccuracy(name)
