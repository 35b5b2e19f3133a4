"""Losses for targets that are measurements."""

from __future__ import annotations

from dlcore.engine import ops
from dlcore.engine.ops import nn
from dlcore.engine.tensor import Tensor, TensorLike
from dlcore.losses.loss import LossFunctionWrapper, PlainLoss, alike
from dlcore.utils.lookup import helpful_arguments


def mean_squared_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean over the last axis of `(y_true - y_pred)^2`.

    Args:
        y_true: targets `(..., k)`, or `(...)` where k is 1.
        y_pred: predictions `(..., k)`.

    Returns:
        One loss a row, `(...)`, in the square of the targets' unit.
    """
    y_true, y_pred = alike(y_true, y_pred)
    return nn.mean_squared_error(y_true, y_pred)


def mean_absolute_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean over the last axis of `|y_true - y_pred|`.

    Args:
        y_true: targets `(..., k)`, or `(...)` where k is 1.
        y_pred: predictions `(..., k)`.

    Returns:
        One loss a row, `(...)`, in the unit of the targets.
    """
    y_true, y_pred = alike(y_true, y_pred)
    return ops.mean(ops.abs(ops.subtract(y_true, y_pred)), axis=-1)


def huber(y_true: TensorLike, y_pred: TensorLike, delta: float = 1.0) -> Tensor:
    """The mean over the last axis of a square that goes on as a straight line.

        e^2 / 2               where |e| <= delta, with e = y_true - y_pred
        delta |e| - delta^2/2 elsewhere

    Single targets that are far off pull less than in the squared error (Huber 1964, "Robust
    Estimation of a Location Parameter").

    Args:
        y_true: targets `(..., k)`, or `(...)` where k is 1.
        y_pred: predictions `(..., k)`.
        delta: where the line begins, in the unit of the targets; default 1.

    Returns:
        One loss a row, `(...)`.
    """
    y_true, y_pred = alike(y_true, y_pred)
    error = ops.abs(ops.subtract(y_true, y_pred))
    square = ops.multiply(ops.square(error), 0.5)
    line = ops.subtract(ops.multiply(error, float(delta)), 0.5 * delta**2)
    return ops.mean(ops.where(ops.greater(error, float(delta)), line, square), axis=-1)


class MeanSquaredError(PlainLoss):
    """The mean of `(y_true - y_pred)^2`; see `mean_squared_error`.

        MeanSquaredError()([[0.0], [1.0]], [[1.0], [1.0]])   # 0.5

    Args:
        reduction: as in `Loss`; default "sum_over_batch_size".
        name: default "mean_squared_error".
        dtype: as in `Loss`.
    """

    function = mean_squared_error


class MeanAbsoluteError(PlainLoss):
    """The mean of `|y_true - y_pred|`; see `mean_absolute_error`.

        MeanAbsoluteError()([[0.0], [1.0]], [[2.0], [1.0]])   # 1.0

    Args:
        reduction: as in `Loss`; default "sum_over_batch_size".
        name: default "mean_absolute_error".
        dtype: as in `Loss`.
    """

    function = mean_absolute_error


class Huber(LossFunctionWrapper):
    """Squares of small errors, absolute values of large ones; see `huber`.

        Huber(delta=1.0)([[0.0], [0.0]], [[0.5], [3.0]])   # 1.3125

    Args:
        delta: where an error counts as large, in the unit of the targets; default 1.
        reduction: as in `Loss`; default "sum_over_batch_size".
        name: default "huber_loss".
        dtype: as in `Loss`.

    Raises:
        ValueError: if delta is not above 0.
    """

    @helpful_arguments
    def __init__(
        self,
        delta: float = 1.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "huber_loss",
        dtype: str | None = None,
    ) -> None:
        if not delta > 0:
            raise ValueError(f"delta is the size of an error and above 0, not {delta}; try 1.0.")
        super().__init__(huber, reduction, name, dtype, delta=delta)
        self.delta = delta
