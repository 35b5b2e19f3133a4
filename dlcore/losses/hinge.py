"""The loss of a large margin."""

from __future__ import annotations

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor, TensorLike
from dlcore.losses.loss import PlainLoss, alike


def hinge(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The mean over the last axis of `max(0, 1 - t y)`: nothing more to gain beyond the margin.

    The loss of support vector machines (Cortes and Vapnik 1995).

    Args:
        y_true: targets t, -1 or 1, `(..., k)`, or `(...)` where k is 1. Where all of a batch are
            0 or 1, they are taken as -1 or 1.
        y_pred: scores y `(..., k)`, of any size: without a last activation, or with tanh.

    Returns:
        One loss a row, `(...)`.
    """
    y_true, y_pred = alike(y_true, y_pred)
    zero_or_one = ops.add(ops.equal(y_true, 0.0), ops.equal(y_true, 1.0))
    signs = ops.subtract(ops.multiply(y_true, 2.0), 1.0)
    t = ops.where(ops.min(zero_or_one), signs, y_true)
    return ops.mean(ops.maximum(ops.subtract(1.0, ops.multiply(t, y_pred)), 0.0), axis=-1)


class Hinge(PlainLoss):
    """The mean of `max(0, 1 - t y)`; see `hinge`.

        Hinge()([[1.0], [-1.0]], [[0.5], [-2.0]])   # 0.25

    Args:
        reduction: as in `Loss`; default "sum_over_batch_size".
        name: default "hinge".
        dtype: as in `Loss`.
    """

    function = hinge
