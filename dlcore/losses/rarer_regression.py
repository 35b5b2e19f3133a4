"""Losses for measurements that are asked for less often: relative ones, counts, directions."""

from __future__ import annotations

import numpy as np

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor, TensorLike
from dlcore.losses.loss import LossFunctionWrapper, PlainLoss, alike
from dlcore.utils.lookup import helpful_arguments

_EPSILON = 1e-7


def mean_absolute_percentage_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean over the last axis of `100 |y_true - y_pred| / max(|y_true|, 1e-7)`.

    Args:
        y_true: targets `(..., k)`, or `(...)` where k is 1; of those near 0 the loss is huge.
        y_pred: predictions `(..., k)`.

    Returns:
        One loss a row, `(...)`, in percent.
    """
    y_true, y_pred = alike(y_true, y_pred)
    size = ops.maximum(ops.abs(y_true), _EPSILON)
    return 100.0 * ops.mean(ops.abs((y_true - y_pred) / size), axis=-1)


def mean_squared_logarithmic_error(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean over the last axis of `(log(1 + y_true) - log(1 + y_pred))^2`.

    What lies below 1e-7 counts as that.

    Args:
        y_true: targets `(..., k)`, or `(...)` where k is 1, from 0 up.
        y_pred: predictions `(..., k)`, from 0 up.

    Returns:
        One loss a row, `(...)`.
    """
    y_true, y_pred = alike(y_true, y_pred)
    t, y = (ops.log(ops.maximum(each, _EPSILON) + 1.0) for each in (y_true, y_pred))
    return ops.mean(ops.square(t - y), axis=-1)


def poisson(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean over the last axis of `y_pred - y_true log(y_pred + 1e-7)`.

    Up to a number that no prediction changes, the negative logarithm of the probability that a
    Poisson distribution of mean y_pred gives to a count.

    Args:
        y_true: counts `(..., k)`, or `(...)` where k is 1.
        y_pred: predicted means `(..., k)`, from 0 up.

    Returns:
        One loss a row, `(...)`.
    """
    y_true, y_pred = alike(y_true, y_pred)
    return ops.mean(y_pred - y_true * ops.log(y_pred + _EPSILON), axis=-1)


def log_cosh(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean over the last axis of `log(cosh(y_pred - y_true))`.

    Nearly `e^2 / 2` for small errors and `|e| - log(2)` for large ones.

    Args:
        y_true: targets `(..., k)`, or `(...)` where k is 1.
        y_pred: predictions `(..., k)`.

    Returns:
        One loss a row, `(...)`.
    """
    y_true, y_pred = alike(y_true, y_pred)
    error = y_pred - y_true
    return ops.mean(error + ops.softplus(-2.0 * error) - float(np.log(2.0)), axis=-1)


def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Tensor:
    """The negative cosine of the angle between target and prediction: -1 for one direction.

    Args:
        y_true: targets `(..., k)`.
        y_pred: predictions `(..., k)`.
        axis: that of the vectors; default: the last.

    Returns:
        One loss a row, `(...)`, from -1 to 1; 0 where one of the two has only zeros.
    """
    y_true, y_pred = alike(y_true, y_pred)
    t, y = (_of_length_one(each, axis) for each in (y_true, y_pred))
    return -ops.sum(t * y, axis=axis)


class MeanAbsolutePercentageError(PlainLoss):
    """The mean of errors in percent; see `mean_absolute_percentage_error`.

        MeanAbsolutePercentageError()([[2.0], [4.0]], [[1.0], [4.0]])   # 25.0

    Args:
        reduction: as in `Loss`; default "sum_over_batch_size".
        name: default "mean_absolute_percentage_error".
        dtype: as in `Loss`.
    """

    function = mean_absolute_percentage_error


class MeanSquaredLogarithmicError(PlainLoss):
    """Squared errors of logarithms; see `mean_squared_logarithmic_error`.

        MeanSquaredLogarithmicError()([[0.0], [1.0]], [[0.0], [1.0]])   # 0.0

    Args:
        reduction: as in `Loss`; default "sum_over_batch_size".
        name: default "mean_squared_logarithmic_error".
        dtype: as in `Loss`.
    """

    function = mean_squared_logarithmic_error


class Poisson(PlainLoss):
    """The loss of counts; see `poisson`.

        Poisson()([[0.0], [0.0]], [[1.0], [2.0]])   # 1.5

    Args:
        reduction: as in `Loss`; default "sum_over_batch_size".
        name: default "poisson".
        dtype: as in `Loss`.
    """

    function = poisson


class LogCosh(PlainLoss):
    """Squares of small errors, absolute values of large ones; see `log_cosh`.

        LogCosh()([[1.0], [2.0]], [[1.0], [2.0]])   # 0.0

    Args:
        reduction: as in `Loss`; default "sum_over_batch_size".
        name: default "log_cosh".
        dtype: as in `Loss`.
    """

    function = log_cosh


class CosineSimilarity(LossFunctionWrapper):
    """The negative cosine of the angle between two vectors; see `cosine_similarity`.

        CosineSimilarity()([[0.0, 1.0]], [[0.0, 2.0]])   # -1.0

    Args:
        axis: that of the vectors; default: the last.
        reduction: as in `Loss`; default "sum_over_batch_size".
        name: default "cosine_similarity".
        dtype: as in `Loss`.
    """

    @helpful_arguments
    def __init__(
        self,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "cosine_similarity",
        dtype: str | None = None,
    ) -> None:
        super().__init__(cosine_similarity, reduction, name, dtype, axis=axis)
        self.axis = axis


def _of_length_one(x: Tensor, axis: int) -> Tensor:
    square = ops.sum(ops.square(x), axis=axis, keepdims=True)
    return x / ops.sqrt(ops.maximum(square, 1e-12))
