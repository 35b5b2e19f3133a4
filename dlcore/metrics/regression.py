"""How far off predicted numbers are."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.losses import mean_absolute_error, mean_squared_error
from dlcore.metrics.inputs import alike, weights_of
from dlcore.metrics.reduction import Mean, MeanMetricWrapper
from dlcore.utils.lookup import helpful_arguments


class MeanSquaredError(MeanMetricWrapper):
    """The mean of `(y_true - y_pred)^2`.

    Args:
        name: default "mean_squared_error".
        dtype: as in `Mean`.
    """

    direction = "down"

    @helpful_arguments
    def __init__(self, name: str | None = "mean_squared_error", dtype: str | None = None) -> None:
        super().__init__(mean_squared_error, name, dtype)

    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, None]:
        """One value an output."""
        y_true, y_pred = alike(y_true, y_pred)
        return np.square(y_pred - y_true), None


class MeanAbsoluteError(MeanMetricWrapper):
    """The mean of `|y_true - y_pred|`, in the unit of the targets.

    Args:
        name: default "mean_absolute_error".
        dtype: as in `Mean`.
    """

    direction = "down"

    @helpful_arguments
    def __init__(self, name: str | None = "mean_absolute_error", dtype: str | None = None) -> None:
        super().__init__(mean_absolute_error, name, dtype)

    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, None]:
        """One value an output."""
        y_true, y_pred = alike(y_true, y_pred)
        return np.abs(y_pred - y_true), None


class RootMeanSquaredError(Mean):
    """The root of the mean of `(y_true - y_pred)^2`, in the unit of the targets.

    Args:
        name: default "root_mean_squared_error".
        dtype: as in `Mean`.
    """

    direction = "down"

    @helpful_arguments
    def __init__(
        self, name: str | None = "root_mean_squared_error", dtype: str | None = None
    ) -> None:
        super().__init__(name, dtype)

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        """Take in a batch; the shapes are those of `mean_squared_error`."""
        weights = weights_of(sample_weight, y_pred)
        y_true, y_pred = alike(y_true, y_pred)
        super().update_state(np.square(y_pred - y_true), sample_weight=weights)

    def result(self) -> float:
        """The root of the mean over all rows, 0 when there were none."""
        return float(np.sqrt(super().result()))
