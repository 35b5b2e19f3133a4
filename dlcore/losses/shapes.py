"""Targets and outputs brought into one shape, the axis of columns or classes last."""

from __future__ import annotations

from typing import Any

from dlcore import ops
from dlcore.ops.core import floating
from dlcore.tensor import Tensor
from dlcore.utils.targets import fitted


def alike(y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    """Both as tensors of floats, the targets in the shape and number type of the outputs.

    Raises:
        ValueError: if the shapes do not fit; it names both and the mend.
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), floating(y_pred)
    y_true = fitted(y_true, y_pred.shape)
    return y_true if y_true.dtype == y_pred.dtype else ops.cast(y_true, y_pred.dtype), y_pred


def last(x: Tensor, axis: int) -> Tensor:
    """The tensor with one axis moved to the end.

    Raises:
        ValueError: if there is no such axis.
    """
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"There is no axis {axis} in outputs of shape {x.shape}.")
    if axis % x.ndim == x.ndim - 1:
        return x
    others = [i for i in range(x.ndim) if i != axis % x.ndim]
    return ops.transpose(x, [*others, axis % x.ndim])
