"""Operations over axes: sums and the like, other shapes, rows by number, matrix products."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.backends import call, compute, memory
from dlcore.engine.ops.elementwise import binary, unbroadcast
from dlcore.engine.tensor import Tensor, TensorLike, convert_to_tensor, floating, pair, result

Axis = int | Sequence[int] | None


def sum(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The sum over the given axes, all of them by default."""
    x = convert_to_tensor(x)
    axes = axes_of(axis, x.ndim)
    y = compute("reduce", x.data, op="sum", axis=axes, keepdims=keepdims)
    return result(y, [x], lambda dy: [_spread(dy, x.shape, axes)])


def mean(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The mean over the given axes, all of them by default."""
    x = floating(x)
    axes = axes_of(axis, x.ndim)
    y = compute("reduce", x.data, op="mean", axis=axes, keepdims=keepdims)
    count = np.asarray(math.prod(x.shape[i] for i in axes), x.dtype)

    def backward(dy: np.ndarray) -> list[np.ndarray]:
        return [_spread(compute("binary", dy, count, op="divide"), x.shape, axes)]

    return result(y, [x], backward)


def max(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The maximum over the given axes; equal maxima share the gradient."""
    return _extreme(x, axis, keepdims, "max")


def min(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The minimum over the given axes; equal minima share the gradient."""
    return _extreme(x, axis, keepdims, "min")


def reshape(x: TensorLike, newshape: Sequence[int]) -> Tensor:
    """The same numbers in the same order, in another shape; one size may be -1."""
    x = convert_to_tensor(x)
    y = memory.contiguous(x.data).reshape(newshape)
    return result(y, [x], lambda dy: [dy.reshape(x.shape)])


def expand_dims(x: TensorLike, axis: int) -> Tensor:
    """A view of x with a new axis of size one."""
    x = convert_to_tensor(x)
    return reshape(x, np.expand_dims(memory.outline(x.data), axis).shape)


def squeeze(x: TensorLike, axis: int | None = None) -> Tensor:
    """A view of x without its axes of size one, or without the one given."""
    x = convert_to_tensor(x)
    return reshape(x, np.squeeze(memory.outline(x.data), axis).shape)


def transpose(x: TensorLike, axes: Sequence[int] | None = None) -> Tensor:
    """The array with its axes in the given order, reversed by default."""
    x = convert_to_tensor(x)
    order = tuple(range(x.ndim))[::-1] if axes is None else axes_of(axes, x.ndim)
    back = tuple(int(i) for i in np.argsort(order))
    y = compute("transpose", x.data, axes=order)
    return result(y, [x], lambda dy: [compute("transpose", dy, axes=back)])


def last(x: Tensor, axis: int) -> Tensor:
    """The tensor with one axis moved to the end, of outputs and their targets.

    Raises:
        ValueError: if there is no such axis.
    """
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"There is no axis {axis} in outputs of shape {x.shape}.")
    if axis % x.ndim == x.ndim - 1:
        return x
    others = [i for i in range(x.ndim) if i != axis % x.ndim]
    return transpose(x, [*others, axis % x.ndim])


def take(x: TensorLike, indices: TensorLike, axis: int = 0) -> Tensor:
    """The entries of x at whole-number positions along an axis; -1 is the last one.

    Raises:
        IndexError: if there is no such position.
    """
    x = convert_to_tensor(x)
    if axis % x.ndim:
        order = (axis % x.ndim, *(i for i in range(x.ndim) if i != axis % x.ndim))
        y = take(transpose(x, order), indices)
        extra = y.ndim - x.ndim + 1
        moved = list(range(extra, y.ndim))
        moved[axis % x.ndim : axis % x.ndim] = range(extra)
        return transpose(y, moved)
    return rows(x, _from_start(indices, x.shape[0]))


def rows(x: Tensor, indices: TensorLike) -> Tensor:
    """The rows of x of the given numbers, from 0.

    Raises:
        IndexError: if a number is negative, or not below the number of rows.
    """
    numbers = convert_to_tensor(indices).data
    size = x.shape[0]
    y = compute("gather", x.data, numbers)
    return result(y, [x], lambda dy: [compute("scatter_add", dy, numbers, size=size)])


def matmul(a: TensorLike, b: TensorLike) -> Tensor:
    """The matrix product over the last two axes; da = dy bT, db = aT dy."""
    a, b = pair(a, b)
    y = compute("matmul", a.data, b.data)

    def backward(dy: np.ndarray) -> list[np.ndarray]:
        da = compute("matmul", dy, _swapped(b.data))
        db = compute("matmul", _swapped(a.data), dy)
        return [unbroadcast(da, a.shape), unbroadcast(db, b.shape)]

    return result(y, [a, b], backward)


def get_item(x: Tensor, key: Any) -> Tensor:
    """Part of a tensor, by NumPy's indexing: ``x[key]``."""
    box = _box(x.shape, key)
    if box is not None:
        starts, sizes, shape = box
        y = compute("extract", x.data, starts=starts, sizes=sizes)

        def insert(dy: np.ndarray) -> list[np.ndarray]:
            dx = memory.full(x.shape, 0, dy.dtype)
            call("insert", (dx,), (memory.contiguous(dy).reshape(sizes),), {"starts": starts})
            return [dx]

        return result(y.reshape(shape), [x], insert)
    chosen = np.arange(x.size).reshape(x.shape)[key]
    positions = chosen.reshape(-1)
    y = compute("gather", x.data.reshape(-1), positions).reshape(np.shape(chosen))

    def backward(dy: np.ndarray) -> list[np.ndarray]:
        dx = compute("scatter_add", dy.reshape(-1), positions, size=x.size)
        return [dx.reshape(x.shape)]

    return result(y, [x], backward)


def _box(shape: tuple[int, ...], key: Any) -> tuple[tuple[int, ...], ...] | None:
    """Where a key of numbers and unbroken slices starts, the sizes it cuts out, and its result.

    None for any other key.
    """
    parts = list(key) if isinstance(key, tuple) else [key]
    if any(part is Ellipsis for part in parts):
        i = next(i for i, part in enumerate(parts) if part is Ellipsis)
        parts[i : i + 1] = [slice(None)] * (len(shape) - len(parts) + 1)
    if len(parts) > len(shape):
        return None
    starts, sizes, kept = [], [], []
    for size, part in zip(shape, parts + [slice(None)] * (len(shape) - len(parts)), strict=True):
        if isinstance(part, slice):
            start, stop, step = part.indices(size)
            if step != 1:
                return None
            starts.append(start)
            sizes.append(builtins.max(stop - start, 0))
            kept.append(sizes[-1])
        elif isinstance(part, int | np.integer) and not isinstance(part, bool):
            if not -size <= part < size:
                return None  # NumPy says what is wrong with it
            starts.append(int(part) % size)
            sizes.append(1)
        else:
            return None
    return tuple(starts), tuple(sizes), tuple(kept)


def _extreme(x: TensorLike, axis: Axis, keepdims: bool, op: str) -> Tensor:
    x = convert_to_tensor(x)
    axes = axes_of(axis, x.ndim)
    kept = compute("reduce", x.data, op=op, axis=axes, keepdims=True)
    shape = kept.shape if keepdims else [n for i, n in enumerate(x.shape) if i not in axes]

    def backward(dy: np.ndarray) -> list[np.ndarray]:
        mask = binary(x.data, kept, "equal")
        count = compute("reduce", mask, op="sum", axis=axes, keepdims=True)
        share = binary(dy.reshape(kept.shape), count, "divide")
        return [binary(mask, share, "multiply")]

    return result(kept.reshape(shape), [x], backward)


def _from_start(indices: TensorLike, size: int) -> Any:
    """Positions counted from the start, for such as may be counted from the end."""
    if isinstance(indices, Tensor):
        if indices.dtype.kind != "i":
            return indices
        # By kernels: a replayed step calculates other indices.
        given = convert_to_tensor(indices, np.int64).data
        negative = binary(given, np.asarray(-1), "less_equal")
        return binary(given, binary(negative, np.asarray(size), "multiply"), "add")
    given = np.asarray(indices)
    if given.dtype.kind != "i" or not (given < 0).any():
        return indices
    return np.where(given < 0, given.astype(np.int64) + size, given)


def axes_of(axis: Axis, rank: int) -> tuple[int, ...]:
    """The axes meant, as numbers from 0; all of them for None."""
    if axis is None:
        return tuple(range(rank))
    listed = (axis,) if isinstance(axis, int | np.integer) else tuple(axis)
    for i in listed:
        if not -rank <= i < rank:
            raise ValueError(f"There is no axis {i} in an array of {rank} axes.")
    return tuple(int(i) % rank for i in listed)


def _swapped(x: np.ndarray) -> np.ndarray:
    axes = (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2)
    return compute("transpose", x, axes=axes)


def _spread(dy: np.ndarray, shape: tuple[int, ...], axes: tuple[int, ...]) -> np.ndarray:
    """The gradient of a sum: repeated along the axes that were summed over."""
    kept = tuple(1 if i in axes else n for i, n in enumerate(shape))
    ones = np.ones(shape, dy.dtype)
    return compute("binary", dy.reshape(kept), ones, op="multiply")
