"""The generic primitives, from which everything else is composed, as formulas in NumPy."""

from typing import Any

import numpy as np

from dlcore.backends.declare import Shape, kernel


@kernel("x[*] -> y[*]")
def unary(x, op="exp"):
    """y = op(x): exp, expm1, log, log1p, sqrt, square, abs, sign, negative, sin, cos, floor, ceil,
    and rint, which rounds
    """
    return getattr(np, op)(x)


def _broadcast(*shapes: Shape, **_: Any) -> tuple[Shape, ...]:
    rank = max(len(shape) for shape in shapes)
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    result = []
    for sizes in zip(*padded, strict=True):
        wide = {size for size in sizes if size != 1}
        if len(wide) > 1:
            listed = " and ".join(map(str, shapes))
            raise ValueError(f"The shapes {listed} cannot be broadcast together.")
        result.append(wide.pop() if wide else 1)
    return (tuple(result),)


@kernel("a[*], b[*] -> y[*]", rule=_broadcast)
def binary(a, b, op="add"):
    """y = a op b with broadcasting: add, subtract, multiply, divide, maximum, minimum, power, and
    the comparisons greater, greater_equal, less_equal, equal, which give 1 or 0
    """
    return np.asarray(getattr(np, op)(a, b), dtype=np.result_type(a, b))


@kernel("condition[*], a[*], b[*] -> y[*]", rule=_broadcast)
def where(condition, a, b):
    """y = a where condition, else b"""
    return np.where(condition, a, b)


def _reduced(x: Shape, op: str, axis: tuple[int, ...], keepdims: bool) -> tuple[Shape, ...]:
    if keepdims:
        return (tuple(1 if i in axis else size for i, size in enumerate(x)),)
    return (tuple(size for i, size in enumerate(x) if i not in axis),)


@kernel("x[*] -> y[*]", rule=_reduced)
def reduce(x, op="sum", axis=(0,), keepdims=False):
    """y = the sum, mean, max or min of x over the given axes"""
    return getattr(np, op)(x, axis=axis, keepdims=keepdims)


def _product(a: Shape, b: Shape) -> tuple[Shape, ...]:
    if len(a) < 2 or len(b) < 2 or a[-1] != b[-2]:
        raise ValueError(
            f"matmul: a has shape {a} and b has shape {b}; the last size of a must be the last "
            "but one of b."
        )
    return (
        (_broadcast(a[:-2], b[:-2])[0] + (a[-2], b[-1]),)
        if len(a) + len(b) > 4
        else ((a[0], b[1]),)
    )


@kernel("a[*], b[*] -> y[*]", rule=_product)
def matmul(a, b):
    """y = a b, over the last two axes"""
    return a @ b


def _transposed(x: Shape, axes: tuple[int, ...]) -> tuple[Shape, ...]:
    return (tuple(x[axis] for axis in axes),)


@kernel("x[*] -> y[*]", rule=_transposed)
def transpose(x, axes=()):
    """y = x with its axes in the given order"""
    return x.transpose(axes)


def _gathered(x: Shape, indices: Shape) -> tuple[Shape, ...]:
    return (indices + x[1:],)


@kernel("x[*], indices[*]:int -> y[*]", rule=_gathered, choices=lambda x, indices: x[0])
def gather(x, indices):
    """y_i = x[indices_i]"""
    return x[indices]


def _scattered(dy: Shape, indices: Shape, size: int) -> tuple[Shape, ...]:
    return ((size,) + dy[len(indices) :],)


@kernel("dy[*], indices[*]:int -> dx[*]", rule=_scattered, choices=lambda dy, indices, size: size)
def scatter_add(dy, indices, size=0):
    """dx[j] = the sum of dy_i over all i with indices_i = j"""
    dx = np.zeros((size, *dy.shape[indices.ndim :]), dy.dtype)
    np.add.at(dx, indices, dy)
    return dx


def _extracted(x: Shape, starts: tuple[int, ...], sizes: Shape) -> tuple[Shape, ...]:
    return (tuple(sizes),)


@kernel("x[*] -> y[*]", rule=_extracted)
def extract(x, starts=(), sizes=()):
    """y = the part of x that starts at the given positions and has the given sizes"""
    return x[tuple(slice(i, i + n) for i, n in zip(starts, sizes, strict=True))]


def _inserted(y: Shape, x: Shape, starts: tuple[int, ...]) -> tuple[Shape, ...]:
    return (y,)


@kernel("y[*], x[*] -> y[*]", rule=_inserted)
def insert(y, x, starts=()):
    """y = y with x in place of the part that starts at the given positions"""
    y = y.copy()
    y[tuple(slice(i, i + n) for i, n in zip(starts, x.shape, strict=True))] = x
    return y


def _without_axis(x: Shape, op: str, axis: int) -> tuple[Shape, ...]:
    return (x[:axis] + x[axis + 1 :],)


@kernel("x[*] -> y[*]", rule=_without_axis)
def where_extreme(x, op="max", axis=0):
    """y = the position of the first maximum (or minimum) along the axis"""
    return getattr(x, f"arg{op}")(axis).astype(x.dtype)


@kernel("x[*] -> y[*]")
def cast(x):
    """y = x in the dtype of y"""
    return x
