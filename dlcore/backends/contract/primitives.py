"""Declarations: the generic primitives, from which everything else is composed."""

from __future__ import annotations

from typing import Any

from dlcore.backends.contract.kernel import Shape, declare


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


def _reduced(x: Shape, op: str, axis: tuple[int, ...], keepdims: bool) -> tuple[Shape, ...]:
    if keepdims:
        return (tuple(1 if i in axis else size for i, size in enumerate(x)),)
    return (tuple(size for i, size in enumerate(x) if i not in axis),)


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


def _transposed(x: Shape, axes: tuple[int, ...]) -> tuple[Shape, ...]:
    return (tuple(x[axis] for axis in axes),)


def _gathered(x: Shape, indices: Shape) -> tuple[Shape, ...]:
    return (indices + x[1:],)


def _scattered(dy: Shape, indices: Shape, size: int) -> tuple[Shape, ...]:
    return ((size,) + dy[len(indices) :],)


def _extracted(x: Shape, starts: tuple[int, ...], sizes: Shape) -> tuple[Shape, ...]:
    return (tuple(sizes),)


def _inserted(y: Shape, x: Shape, starts: tuple[int, ...]) -> tuple[Shape, ...]:
    return (y,)


def _without_axis(x: Shape, op: str, axis: int) -> tuple[Shape, ...]:
    return (x[:axis] + x[axis + 1 :],)


declare(
    "unary",
    "x[*] -> y[*]",
    "y = op(x): exp, expm1, log, log1p, sqrt, square, abs, sign, negative, sin, cos",
    op="exp",
)
declare(
    "binary",
    "a[*], b[*] -> y[*]",
    "y = a op b with broadcasting: add, subtract, multiply, divide, maximum, minimum, power, "
    "and the comparisons greater, greater_equal, less_equal, equal, which give 1 or 0",
    _broadcast,
    op="add",
)
declare("where", "condition[*], a[*], b[*] -> y[*]", "y = a where condition, else b", _broadcast)
declare(
    "reduce",
    "x[*] -> y[*]",
    "y = the sum, mean, max or min of x over the given axes",
    _reduced,
    op="sum",
    axis=(0,),
    keepdims=False,
)
declare("matmul", "a[*], b[*] -> y[*]", "y = a b, over the last two axes", _product)
declare("transpose", "x[*] -> y[*]", "y = x with its axes in the given order", _transposed, axes=())
declare(
    "gather",
    "x[*], indices[*]:int -> y[*]",
    "y_i = x[indices_i]",
    _gathered,
    choices=lambda x, indices: x[0],
)
declare(
    "scatter_add",
    "dy[*], indices[*]:int -> dx[*]",
    "dx[j] = the sum of dy_i over all i with indices_i = j",
    _scattered,
    choices=lambda dy, indices, size: size,
    size=0,
)
declare(
    "extract",
    "x[*] -> y[*]",
    "y = the part of x that starts at the given positions and has the given sizes",
    _extracted,
    starts=(),
    sizes=(),
)
declare(
    "insert",
    "y[*], x[*] -> y[*]",
    "y = y with x in place of the part that starts at the given positions",
    _inserted,
    starts=(),
)
declare(
    "where_extreme",
    "x[*] -> y[*]",
    "y = the position of the first greatest (or least) number along the axis",
    _without_axis,
    op="max",
    axis=0,
)
declare("cast", "x[*] -> y[*]", "y = x in the number type of y")
