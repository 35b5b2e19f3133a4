"""Declarations: pooling of pictures, channels last.

A window of pool_size (rows, columns) moves over the picture by the strides; the padding is (top,
bottom, left, right). Cells of the padding are never counted: a window sees the part of the picture
that lies in it, which must be at least one cell.
"""

from __future__ import annotations

from dlcore.backends.contract.kernel import Shape, declare
from dlcore.backends.contract.windows import steps


def _pooled(
    x: Shape,
    pool_size: tuple[int, int],
    strides: tuple[int, int],
    padding: tuple[int, int, int, int],
) -> Shape:
    if len(x) != 4:
        raise ValueError(f"Pooling takes x of shape (n, h, w, c), but it has shape {x}.")
    top, bottom, left, right = padding
    rows = steps(x[1], pool_size[0], strides[0], top, bottom)
    columns = steps(x[2], pool_size[1], strides[1], left, right)
    if not rows or not columns:
        raise ValueError(
            f"Windows of {pool_size[0]} by {pool_size[1]} do not fit into a picture of {x[1]} by "
            f"{x[2]} with padding {padding}."
        )
    return (x[0], rows, columns, x[3])


def _value_and_place(x: Shape, **attributes: tuple[int, ...]) -> tuple[Shape, ...]:
    shape = _pooled(x, **attributes)  # type: ignore[arg-type]
    return shape, shape


def _value(x: Shape, **attributes: tuple[int, ...]) -> tuple[Shape, ...]:
    return (_pooled(x, **attributes),)  # type: ignore[arg-type]


declare(
    "max_pool2d",
    "x[n,h,w,c] -> y[n,p,q,c], argmax[n,p,q,c]:int",
    "y = the greatest x of the window, argmax = its place row w + column in the picture, the first "
    "where several are equal",
    _value_and_place,
    optional=("argmax",),
    pool_size=(2, 2),
    strides=(2, 2),
    padding=(0, 0, 0, 0),
)
declare(
    "max_pool2d_grad",
    "dy[n,p,q,c], argmax[n,p,q,c]:int, x[n,h,w,c] -> dx[n,h,w,c]",
    "dx = the sum of dy over the windows whose greatest x this is, else 0",
)
declare(
    "avg_pool2d",
    "x[n,h,w,c] -> y[n,p,q,c]",
    "y = the mean of x over the cells of the window that lie in the picture",
    _value,
    pool_size=(2, 2),
    strides=(2, 2),
    padding=(0, 0, 0, 0),
)
declare(
    "avg_pool2d_grad",
    "dy[n,p,q,c], x[n,h,w,c] -> dx[n,h,w,c]",
    "dx = the sum of dy / count over the windows that this cell lies in",
    pool_size=(2, 2),
    strides=(2, 2),
    padding=(0, 0, 0, 0),
)
