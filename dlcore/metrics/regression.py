"""How far off predicted numbers are."""

from __future__ import annotations

import numpy as np

from dlcore.metrics.metric import RowMetric, alike
from dlcore.utils.lookup import helpful_arguments


class MeanSquaredError(RowMetric):
    """The mean of `(y_true - y_pred)^2`."""

    @helpful_arguments
    def __init__(self, name: str | None = "mean_squared_error") -> None:
        super().__init__(name)

    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:  # noqa: D102
        y_true, y_pred = alike(y_true, y_pred)
        return np.square(y_pred - y_true).mean(axis=-1)


class MeanAbsoluteError(RowMetric):
    """The mean of `|y_true - y_pred|`, in the unit of the targets."""

    @helpful_arguments
    def __init__(self, name: str | None = "mean_absolute_error") -> None:
        super().__init__(name)

    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:  # noqa: D102
        y_true, y_pred = alike(y_true, y_pred)
        return np.abs(y_pred - y_true).mean(axis=-1)
