"""Operations that are composed of others: waves, whole numbers, spread, running sums, order.

What has no gradient of its own here has it from the operations that it is made of.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dlcore.backends import compute
from dlcore.engine.ops.axes import Axis, axes_of, matmul, mean, reshape, take, transpose
from dlcore.engine.ops.comparison import equal, less_equal, not_equal
from dlcore.engine.ops.elementwise import (
    abs,
    add,
    binary,
    divide,
    multiply,
    sqrt,
    square,
    subtract,
)
from dlcore.engine.ops.joining import concatenate, pad, slice
from dlcore.engine.tensor import (
    DType,
    Tensor,
    TensorLike,
    cast,
    convert_to_tensor,
    floating,
    pair,
    result,
)

absolute = abs


def sin(x: TensorLike) -> Tensor:
    """The sine of x, in radians; dx = dy cos(x)."""
    x = floating(x)
    y = compute("unary", x.data, op="sin")
    return result(y, [x], lambda dy: [binary(dy, compute("unary", x.data, op="cos"), "multiply")])


def cos(x: TensorLike) -> Tensor:
    """The cosine of x, in radians; dx = -dy sin(x)."""
    x = floating(x)
    y = compute("unary", x.data, op="cos")

    def backward(dy: np.ndarray) -> list[np.ndarray]:
        slope = binary(dy, compute("unary", x.data, op="sin"), "multiply")
        return [compute("unary", slope, op="negative")]

    return result(y, [x], backward)


def tan(x: TensorLike) -> Tensor:
    """The tangent of x, in radians: sin(x) / cos(x)."""
    return divide(sin(x), cos(x))


def floor(x: TensorLike) -> Tensor:
    """The greatest whole number that is not above x; its gradient is zero everywhere."""
    return Tensor(compute("unary", floating(x).data, op="floor"))


def ceil(x: TensorLike) -> Tensor:
    """The least whole number that is not below x; its gradient is zero everywhere."""
    return Tensor(compute("unary", floating(x).data, op="ceil"))


def round(x: TensorLike, decimals: int = 0) -> Tensor:
    """The nearest number of so many decimals, of two the even one; its gradient is zero.

    Args:
        x: numbers.
        decimals: default 0; -1 rounds to tens.
    """
    x = convert_to_tensor(x)
    if x.dtype.kind != "f" and decimals >= 0:
        return x
    # Divided by 10 to the power, which is whole: 0.1 itself is not exact.
    scale = np.asarray(10.0 ** math.fabs(decimals), floating(x).dtype)
    there, back = (multiply, divide) if decimals >= 0 else (divide, multiply)
    y = back(Tensor(compute("unary", there(floating(x), scale).data, op="rint")), scale)
    return Tensor(cast(y, x.dtype).data)


def isnan(x: TensorLike) -> Tensor:
    """1 where x is no number (NaN), else 0."""
    x = convert_to_tensor(x)
    return not_equal(x, x)


def isinf(x: TensorLike) -> Tensor:
    """1 where x is infinite, else 0."""
    x = floating(x)
    return equal(abs(x), np.asarray(np.inf, x.dtype))


def isfinite(x: TensorLike) -> Tensor:
    """1 where x is neither infinite nor NaN, else 0."""
    x = floating(x)
    return less_equal(abs(x), np.finfo(x.dtype).max)


def var(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The variance over the given axes, all of them by default: the mean of `(x - mean)^2`."""
    x = floating(x)
    return mean(square(subtract(x, mean(x, axis, keepdims=True))), axis, keepdims)


def std(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The standard deviation over the given axes, all of them by default: the root of `var`."""
    return sqrt(var(x, axis, keepdims))


def cumsum(x: TensorLike, axis: int | None = None, dtype: DType | None = None) -> Tensor:
    """Running sums along an axis: each number with all before it; by default of all in a row.

    Sums over 1, 2, 4, … numbers are made of one another (Hillis and Steele 1986), so that n
    numbers take log2(n) additions.
    """
    y = convert_to_tensor(x, dtype)
    y, axis = (reshape(y, (y.size,)), 0) if axis is None else (y, axes_of(axis, y.ndim)[0])
    size, step = y.shape[axis], 1
    while step < size:
        sizes, widths = list(y.shape), [(0, 0)] * y.ndim
        sizes[axis], widths[axis] = size - step, (step, 0)
        y = add(y, pad(slice(y, (0,) * y.ndim, sizes), widths))
        step *= 2
    return y


def prod(
    x: TensorLike, axis: Axis = None, keepdims: bool = False, dtype: DType | None = None
) -> Tensor:
    """The product over the given axes, all of them by default."""
    y = convert_to_tensor(x, dtype)
    axes = axes_of(axis, y.ndim)
    for i in axes:
        while y.shape[i] != 1:
            y = _halves_multiplied(y, i)
    kept = [size for i, size in enumerate(y.shape) if keepdims or i not in axes]
    return reshape(y, kept)


def tensordot(
    x1: TensorLike, x2: TensorLike, axes: int | Sequence[int | Sequence[int]] = 2
) -> Tensor:
    """Sums of products over axes of both: matrix products for arrays of more axes.

    Args:
        x1: numbers.
        x2: numbers.
        axes: how many axes, the last of x1 and the first of x2; or a pair: those of x1, and those
            of x2 in the same order. Default 2.

    Returns:
        A Tensor with the other axes of x1, then those of x2.

    Raises:
        ValueError: if the sizes of the axes differ.
    """
    a, b = pair(x1, x2)
    if isinstance(axes, int | np.integer):
        first, second = tuple(range(a.ndim - axes, a.ndim)), tuple(range(axes))
    else:
        left, right = axes
        first, second = axes_of(left, a.ndim), axes_of(right, b.ndim)
    sizes = [a.shape[i] for i in first]
    if sizes != [b.shape[i] for i in second]:
        raise ValueError(
            f"tensordot sums over the axes {first} of shape {a.shape} and {second} of shape "
            f"{b.shape}, whose sizes must be alike."
        )
    rest = (
        [i for i in range(a.ndim) if i not in first],
        [i for i in range(b.ndim) if i not in second],
    )
    shape = [a.shape[i] for i in rest[0]], [b.shape[i] for i in rest[1]]
    count = math.prod(sizes)
    rows = reshape(transpose(a, [*rest[0], *first]), (math.prod(shape[0]), count))
    columns = reshape(transpose(b, [*second, *rest[1]]), (count, math.prod(shape[1])))
    return reshape(matmul(rows, columns), (*shape[0], *shape[1]))


def argsort(x: TensorLike, axis: int | None = -1) -> Tensor:
    """The positions of the numbers along an axis, that of the least first; of all for None.

    Equal numbers keep their order. The values are read, so that a step with it is not replayed.
    """
    x = convert_to_tensor(x)
    x, axis = (reshape(x, (x.size,)), 0) if axis is None else (x, axes_of(axis, x.ndim)[0])
    return Tensor(np.argsort(np.asarray(x), axis, kind="stable").astype(np.int64))


def sort(x: TensorLike, axis: int = -1) -> Tensor:
    """The numbers along an axis, the least first; the gradient goes back to where each stood.

    The values are read, so that a step with it is not replayed.
    """
    x = convert_to_tensor(x)
    return _along(x, argsort(x, axis).data, axes_of(axis, x.ndim)[0])


def top_k(x: TensorLike, k: int, sorted: bool = True) -> tuple[Tensor, Tensor]:
    """The k greatest numbers along the last axis, the greatest first, and their positions.

    Of equal numbers the first comes first. The values are read, so that a step with it is not
    replayed.

    Args:
        x: numbers `(..., n)`.
        k: how many, at most n.
        sorted: taken as in Keras; they are always in order.

    Raises:
        ValueError: if k is below 1 or above n.
    """
    x = convert_to_tensor(x)
    size = x.shape[-1] if x.ndim else 0
    if not 1 <= k <= size:
        raise ValueError(f"top_k takes a k from 1 to the size of the last axis, {size}, not {k}.")
    # From behind, so that of equal numbers the first comes first when the order is turned round.
    behind = size - 1 - np.argsort(np.asarray(x)[..., ::-1], -1, kind="stable")
    places = np.ascontiguousarray(behind[..., : -k - 1 : -1]).astype(np.int64)
    return _along(x, places, x.ndim - 1), Tensor(places)


def _along(x: Tensor, places: np.ndarray, axis: int) -> Tensor:
    """The numbers of x at positions along an axis, which are given for each place."""
    numbers = np.arange(x.size).reshape(x.shape)
    return take(reshape(x, (x.size,)), np.take_along_axis(numbers, places, axis))


def _halves_multiplied(x: Tensor, axis: int) -> Tensor:
    """The first half of an axis times the second; a number in the middle is left over."""
    size = x.shape[axis]
    if size == 0:
        shape = list(x.shape)
        shape[axis] = 1
        return Tensor(np.ones(shape, x.dtype))

    def part(start: int, length: int) -> Tensor:
        starts, sizes = [0] * x.ndim, list(x.shape)
        starts[axis], sizes[axis] = start, length
        return slice(x, starts, sizes)

    half = size // 2
    y = multiply(part(0, half), part(half, half))
    return concatenate([y, part(2 * half, 1)], axis) if size % 2 else y
