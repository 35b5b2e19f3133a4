"""Comparisons, logic and positions: 1 where something holds, else 0. None has a gradient."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from dlcore.backends import call, compute, memory
from dlcore.engine.operators import Operators
from dlcore.engine.ops.axes import Axis, axes_of
from dlcore.engine.ops.elementwise import binary
from dlcore.engine.tensor import Tensor, TensorLike, convert_to_tensor, pair


def greater(a: TensorLike, b: TensorLike) -> Tensor:
    """1 where a > b, else 0, in the dtype of a."""
    return _compared(a, b, "greater")


def greater_equal(a: TensorLike, b: TensorLike) -> Tensor:
    """1 where a >= b, else 0, in the dtype of a."""
    return _compared(a, b, "greater_equal")


def less(a: TensorLike, b: TensorLike) -> Tensor:
    """1 where a < b, else 0, in the dtype of a."""
    return _compared(b, a, "greater")


def less_equal(a: TensorLike, b: TensorLike) -> Tensor:
    """1 where a <= b, else 0, in the dtype of a."""
    return _compared(a, b, "less_equal")


def equal(a: TensorLike, b: TensorLike) -> Tensor:
    """1 where a = b, else 0, in the dtype of a."""
    return _compared(a, b, "equal")


def not_equal(a: TensorLike, b: TensorLike) -> Tensor:
    """1 where a and b differ, else 0, in the dtype of a."""
    return logical_not(equal(a, b))


def logical_and(a: TensorLike, b: TensorLike) -> Tensor:
    """1 where neither is 0, else 0."""
    a, b = pair(a, b)
    return Tensor(binary(_truth(a), _truth(b), "multiply"))


def logical_or(a: TensorLike, b: TensorLike) -> Tensor:
    """0 where both are 0, else 1."""
    a, b = pair(a, b)
    return Tensor(binary(_truth(a), _truth(b), "maximum"))


def logical_not(x: TensorLike) -> Tensor:
    """1 where x is 0, else 0."""
    x = convert_to_tensor(x)
    return Tensor(binary(x.data, np.zeros((), x.dtype), "equal"))


def any(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """1 where anything along the axes is not 0, else 0."""
    return _gathered(x, axis, keepdims, "max")


def all(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """1 where nothing along the axes is 0, else 0."""
    return _gathered(x, axis, keepdims, "min")


def argmax(x: TensorLike, axis: int | None = None) -> Tensor:
    """The position of the first maximum along an axis, in all of x by default."""
    return _position(x, axis, "max")


def argmin(x: TensorLike, axis: int | None = None) -> Tensor:
    """The position of the first minimum along an axis, in all of x by default."""
    return _position(x, axis, "min")


def one_hot(labels: TensorLike, num_classes: int, dtype: str = "float32") -> Tensor:
    """Rows of zeros with a 1 at the class number; all zeros for one that is out of range."""
    labels = convert_to_tensor(labels).data
    spread = memory.contiguous(labels).reshape(*labels.shape, 1)
    kind = labels.dtype
    found = binary(spread, np.arange(num_classes).astype(kind), "equal")
    y = memory.empty(found.shape, dtype)
    call("cast", (y,), (found,))
    return Tensor(y)


def holds_numbers(value: Any) -> bool:
    """Whether it is something that numbers can be compared with: no name, no None, no object."""
    if isinstance(value, list | tuple):
        try:
            value = np.asarray(value)
        except (TypeError, ValueError):  # of different lengths, or with a symbol inside
            return False
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind in "fiub"
    return isinstance(value, Operators | int | float)


def _compared(a: TensorLike, b: TensorLike, op: str) -> Tensor:
    a, b = pair(a, b)
    return Tensor(binary(a.data, b.data, op))


def _truth(x: Tensor) -> np.ndarray:
    zero = np.zeros((), x.dtype)
    return binary(binary(x.data, zero, "equal"), zero, "equal")


def _gathered(x: TensorLike, axis: Axis, keepdims: bool, op: str) -> Tensor:
    x = convert_to_tensor(x)
    axes = axes_of(axis, x.ndim)
    return Tensor(compute("reduce", _truth(x), op=op, axis=axes, keepdims=keepdims))


def _position(x: TensorLike, axis: int | None, op: str) -> Tensor:
    x = convert_to_tensor(x)
    data = x.data.reshape(-1) if axis is None else x.data
    if axis is not None and not -x.ndim <= axis < x.ndim:
        raise ValueError(f"There is no axis {axis} in an array of {x.ndim} axes.")
    position = 0 if axis is None else axis % builtins.max(x.ndim, 1)
    found = compute("where_extreme", memory.contiguous(data), op=op, axis=position)
    whole = memory.empty(found.shape, np.int64)
    call("cast", (whole,), (found,))
    return Tensor(whole)
