"""Operations over axes: sums and the like, other shapes, rows by number, matrix products."""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.backends import compute, memory
from dlcore.backends.declare import existing
from dlcore.engine import parts
from dlcore.engine.ops.elementwise import binary, wanted
from dlcore.engine.tensor import Tensor, TensorLike, convert_to_tensor, floating, pair, result

Axis = int | Sequence[int] | None

# Of so many entries one: then to pick them one by one is quicker than to turn all of them round.
FEW = 4


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
    axis %= x.ndim
    size = x.shape[axis]
    if not isinstance(indices, Tensor) and (given := np.asarray(indices)).dtype.kind in "iu":
        if given.ndim == 0 or (axis and given.size < size / FEW):
            return _few(x, existing(_from_start(given, size), size), axis)
    if axis:
        order = (axis, *(i for i in range(x.ndim) if i != axis))
        y = take(transpose(x, order), indices)
        extra = y.ndim - x.ndim + 1
        moved = list(range(extra, y.ndim))
        moved[axis:axis] = range(extra)
        return transpose(y, moved)
    return rows(x, _from_start(indices, size))


def _few(x: Tensor, numbers: np.ndarray, axis: int) -> Tensor:
    """Few of many entries along an axis, without going through the others."""
    before, size, after = x.shape[:axis], x.shape[axis], x.shape[axis + 1 :]
    if numbers.ndim == 0:
        starts, sizes = [0] * x.ndim, list(x.shape)
        starts[axis], sizes[axis] = int(numbers), 1
        return box(x, tuple(starts), tuple(sizes), before + after)
    # As rows: an entry of axis 1 in each entry of axis 0.
    first = np.arange(math.prod(before)).reshape(*before, *(1,) * numbers.ndim) * size
    return _taken(x, first + numbers, (first.size * size, *after))


def rows(x: Tensor, indices: TensorLike) -> Tensor:
    """The rows of x of the given numbers, from 0.

    Raises:
        IndexError: if a number is negative, or not below the number of rows.
    """
    return _taken(x, convert_to_tensor(indices).data, x.shape)


def _taken(x: Tensor, numbers: np.ndarray, table: tuple[int, ...]) -> Tensor:
    """The rows of the given numbers, of x in another shape."""
    y = compute("gather", x.data.reshape(table), numbers)
    return result(y, [x], lambda dy: [parts.of_rows(dy, numbers, x.shape, table)])


def matmul(a: TensorLike, b: TensorLike) -> Tensor:
    """The matrix product over the last two axes; da = dy bT, db = aT dy."""
    a, b = pair(a, b)
    y = compute("matmul", a.data, b.data)

    def backward(dy: np.ndarray) -> list[np.ndarray | None]:
        return [
            wanted(a, lambda: compute("matmul", dy, _swapped(b.data))),
            wanted(b, lambda: compute("matmul", _swapped(a.data), dy)),
        ]

    return result(y, [a, b], backward)


def get_item(x: Tensor, key: Any) -> Tensor:
    """Part of a tensor, by NumPy's indexing: ``x[key]``."""
    cut = _cut(x.shape, key)
    if cut is not None:
        return box(x, *cut)
    return _taken(x, _places(x.shape, key), (x.size,))


def box(
    x: Tensor, starts: tuple[int, ...], sizes: tuple[int, ...], shape: tuple[int, ...]
) -> Tensor:
    """The part of x that starts at the given positions and has the given sizes, in a shape."""
    y = compute("extract", x.data, starts=starts, sizes=sizes)

    def backward(dy: np.ndarray) -> list[parts.Parts]:
        return [parts.of_box(memory.contiguous(dy).reshape(sizes), starts, x.shape)]

    return result(y.reshape(shape), [x], backward)


def _cut(shape: tuple[int, ...], key: Any) -> tuple[tuple[int, ...], ...] | None:
    """Where a key of numbers, unbroken slices and None starts, the sizes it cuts out, its result.

    None for any other key.
    """
    keys = list(key) if isinstance(key, tuple) else [key]
    left = len(shape) - builtins.sum(each is not None and each is not Ellipsis for each in keys)
    if left < 0:
        return None
    place = next((i for i, each in enumerate(keys) if each is Ellipsis), len(keys))
    keys[place : place + 1] = [slice(None)] * left
    starts: list[int] = []
    sizes: list[int] = []
    kept: list[int] = []
    for each in keys:
        if each is None:
            kept.append(1)
            continue
        if len(starts) == len(shape):
            return None
        size = shape[len(starts)]
        if isinstance(each, slice):
            start, stop, step = each.indices(size)
            if step != 1:
                return None
            starts.append(start)
            sizes.append(builtins.max(stop - start, 0))
            kept.append(sizes[-1])
        elif isinstance(each, int | np.integer) and not isinstance(each, bool):
            if not -size <= each < size:
                return None  # NumPy says what is wrong with it
            starts.append(int(each) % size)
            sizes.append(1)
        else:
            return None
    return tuple(starts), tuple(sizes), tuple(kept)


def _places(shape: tuple[int, ...], key: Any) -> np.ndarray:
    """The positions in the flat array of what a key of NumPy chooses.

    They are made of those along each axis, which costs no more than what is chosen: to number all
    of x would take as long as x is large.
    """
    places: Any = np.broadcast_to(np.zeros((), np.int64), shape)[key]
    step = 1
    for axis, size in reversed([*enumerate(shape)]):
        along = (np.arange(size) * step).reshape(size, *(1,) * (len(shape) - axis - 1))
        places = places + np.broadcast_to(along, shape)[key]
        step *= size
    return np.asarray(places)


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
