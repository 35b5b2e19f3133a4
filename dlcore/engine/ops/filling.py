"""Tensors that are made of a shape and of numbers: of zeros, of ones, of equal steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.engine.ops.axes import reshape, transpose
from dlcore.engine.ops.elementwise import add, divide, multiply, subtract
from dlcore.engine.tensor import (
    DType,
    Tensor,
    TensorLike,
    cast,
    convert_to_tensor,
    floating,
    floatx,
    pair,
)


def shape(x: TensorLike) -> tuple[int | None, ...]:
    """The sizes of the axes, as a tuple; of a symbol with None for a size that is not known."""
    sizes = getattr(x, "shape", None)
    return np.shape(x) if sizes is None else tuple(sizes)  # type: ignore[arg-type]


def zeros(shape: Sequence[int], dtype: DType | None = None) -> Tensor:
    """Zeros of a shape, in `floatx()` unless another dtype is asked for."""
    return Tensor(np.zeros(_sizes(shape), dtype or floatx()))


def ones(shape: Sequence[int], dtype: DType | None = None) -> Tensor:
    """Ones of a shape, in `floatx()` unless another dtype is asked for."""
    return Tensor(np.ones(_sizes(shape), dtype or floatx()))


def full(shape: Sequence[int], fill_value: TensorLike, dtype: DType | None = None) -> Tensor:
    """One value everywhere in a shape, or what broadcasts to it; in `floatx()` by default."""
    return multiply(ones(shape, dtype), cast(fill_value, np.dtype(dtype or floatx())))


def zeros_like(x: TensorLike, dtype: DType | None = None) -> Tensor:
    """Zeros in the shape of x, and in its dtype unless another is asked for."""
    x = convert_to_tensor(x)
    return zeros(x.shape, dtype or x.dtype)


def ones_like(x: TensorLike, dtype: DType | None = None) -> Tensor:
    """Ones in the shape of x, and in its dtype unless another is asked for."""
    x = convert_to_tensor(x)
    return ones(x.shape, dtype or x.dtype)


def full_like(x: TensorLike, fill_value: TensorLike, dtype: DType | None = None) -> Tensor:
    """One value in the shape of x, and in its dtype unless another is asked for."""
    x = convert_to_tensor(x)
    return full(x.shape, fill_value, dtype or x.dtype)


def arange(
    start: float, stop: float | None = None, step: float | None = None, dtype: DType | None = None
) -> Tensor:
    """Numbers from `start` on, below `stop`, in equal steps; `arange(3)` is 0, 1, 2.

    Args:
        start: the first number; without `stop` the bound, and the first is 0.
        stop: the bound, which is not reached.
        step: default 1.
        dtype: default: int32 where all that is given is whole, else `floatx()`.
    """
    ends = [np.asarray(end) for end in (start, stop, step) if end is not None]
    whole = all(end.dtype.kind in "iu" for end in ends)
    if stop is None:
        start, stop = 0, start
    numbers = np.arange(start, stop, 1 if step is None else step)
    return Tensor(numbers.astype(dtype or ("int32" if whole else floatx())))


def linspace(
    start: TensorLike,
    stop: TensorLike,
    num: int = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: DType | None = None,
    axis: int = 0,
) -> Any:
    """Numbers at equal distances from `start` to `stop`.

    Args:
        start: the first, a number or an array of them.
        stop: the last.
        num: how many; default 50.
        endpoint: whether `stop` is among them; default True.
        retstep: whether the distance is given as well; default False.
        dtype: default: that of the ends, `floatx()` for whole numbers.
        axis: where the new axis lies, for arrays; default 0.

    Returns:
        A Tensor; with `retstep` a pair, whose second is the distance.
    """
    first, last = pair(floating(start), floating(stop))
    parts = np.asarray(max(num - 1 if endpoint else num, 1), first.dtype)
    way = subtract(last, first)
    places = np.arange(num, dtype=first.dtype).reshape(num, *(1,) * way.ndim) / parts
    # Both ends are met exactly.
    y = add(multiply(first, 1 - places), multiply(last, places))
    if axis % y.ndim:
        order = list(range(1, y.ndim))
        order.insert(axis % y.ndim, 0)
        y = transpose(y, order)
    y = y if dtype is None else cast(y, dtype)
    return (y, divide(way, parts)) if retstep else y


def eye(N: int, M: int | None = None, k: int = 0, dtype: DType | None = None) -> Tensor:  # noqa: N803
    """A matrix of N rows and M columns (default: N), with ones on a diagonal.

    Args:
        N: number of rows.
        M: number of columns.
        k: the diagonal: 0 (default) is the main one, 1 that above it, -1 that below.
        dtype: default: `floatx()`.
    """
    return Tensor(np.eye(N, M, k, dtype or floatx()))


def outer(x1: TensorLike, x2: TensorLike) -> Tensor:
    """The products of all numbers of x1 with all of x2: `y[i, j] = x1[i] x2[j]`."""
    a, b = pair(x1, x2)
    return multiply(reshape(a, (a.size, 1)), reshape(b, (1, b.size)))


def _sizes(shape: Any) -> tuple[int, ...]:
    if isinstance(shape, int | np.integer):
        return (int(shape),)
    return tuple(int(size) for size in shape)
