"""How far off predicted numbers are."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from dlcore.engine.tensor import TensorLike
from dlcore.losses import mean_absolute_error, mean_squared_error
from dlcore.metrics.metric import Mean, PlainMeanMetric, alike, weights_of
from dlcore.utils.lookup import helpful_arguments
from dlcore.utils.targets import Shape, refuse_class_numbers


class _SizeOfErrors(PlainMeanMetric):
    """The mean of what `size` makes of the errors, over all outputs alike."""

    size: ClassVar[np.ufunc]

    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, None]:
        """One value an output."""
        y_true, y_pred = alike(y_true, y_pred, type(self).__name__)
        return self.size(y_pred - y_true), None


class MeanSquaredError(_SizeOfErrors):
    """The mean of `(y_true - y_pred)^2`.

        metric = MeanSquaredError()
        metric.update_state([[0.0], [1.0]], [[1.0], [1.0]])
        metric.result()   # 0.5

    Args:
        name: default "mean_squared_error".
        dtype: as in `Mean`.
    """

    function, size = mean_squared_error, np.square


class MeanAbsoluteError(_SizeOfErrors):
    """The mean of `|y_true - y_pred|`, in the unit of the targets.

        metric = MeanAbsoluteError()
        metric.update_state([[0.0], [1.0]], [[2.0], [1.0]])
        metric.result()   # 1.0

    Args:
        name: default "mean_absolute_error".
        dtype: as in `Mean`.
    """

    function, size = mean_absolute_error, np.abs


class RootMeanSquaredError(Mean):
    """The root of the mean of `(y_true - y_pred)^2`, in the unit of the targets.

        metric = RootMeanSquaredError()
        metric.update_state([[0.0], [0.0]], [[3.0], [4.0]])
        metric.result()   # 3.5355

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

    def check_shapes(self, target: Shape, output: Shape) -> None:
        """Raise a ValueError for class numbers; it names the metric and the mend."""
        refuse_class_numbers(self.name, target, output)

    def update_state(  # type: ignore[override]
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        """Take in a batch; the shapes are those of `mean_squared_error`."""
        weights = weights_of(sample_weight, y_pred)
        y_true, y_pred = alike(y_true, y_pred, type(self).__name__)
        super().update_state(np.square(y_pred - y_true), sample_weight=weights)

    def result(self) -> float:
        """The root of the mean over all rows, 0 when there were none."""
        return float(np.sqrt(super().result()))
