"""Pooling of images, channels last, as formulas in NumPy.

A window of pool_size (rows, columns) moves over the image by the strides; the padding is (top,
bottom, left, right). Cells of the padding are never counted: a window sees the part of the image
that lies in it, which must be at least one cell.
"""

import numpy as np

from dlcore.backends.declare import Shape, count_windows, kernel


def _pooled(
    x: Shape,
    pool_size: tuple[int, int],
    strides: tuple[int, int],
    padding: tuple[int, int, int, int],
) -> Shape:
    if len(x) != 4:
        raise ValueError(f"Pooling takes x of shape (n, h, w, c), but it has shape {x}.")
    top, bottom, left, right = padding
    rows = count_windows(x[1], pool_size[0], strides[0], top, bottom)
    columns = count_windows(x[2], pool_size[1], strides[1], left, right)
    if not rows or not columns:
        raise ValueError(
            f"Windows of {pool_size[0]} by {pool_size[1]} do not fit into an image of {x[1]} by "
            f"{x[2]} with padding {padding}."
        )
    return (x[0], rows, columns, x[3])


def _value_and_place(x: Shape, **attributes: tuple[int, ...]) -> tuple[Shape, ...]:
    shape = _pooled(x, **attributes)  # type: ignore[arg-type]
    return shape, shape


@kernel(
    "x[n, h, w, c] -> y[n, p, q, c], argmax[n, p, q, c]:int",
    rule=_value_and_place,
    optional=("argmax",),
)
def max_pool2d(x, pool_size=(2, 2), strides=(2, 2), padding=(0, 0, 0, 0)):
    """y = the maximum of x in the window, argmax = its place row w + column in the image, the first
    where several are equal
    """
    (sr, sc), (top, bottom, left, right) = strides, padding
    _, height, width, _ = x.shape
    edges = (top, bottom), (left, right)
    view = np.lib.stride_tricks.sliding_window_view
    # No cell of the padding is the maximum; where a window holds nothing but -inf, the padding
    # stands for the nearest cell of the image.
    x = np.pad(x, ((0, 0), *edges, (0, 0)), constant_values=-np.inf)
    places = np.pad(np.arange(height * width).reshape(height, width), edges, mode="edge")
    windows = view(x, pool_size, axis=(1, 2))[:, ::sr, ::sc]
    places = view(places, pool_size)[::sr, ::sc]
    windows = windows.reshape(*windows.shape[:4], -1)
    places = places.reshape(1, *places.shape[:2], 1, -1)
    index = windows.argmax(axis=-1)[..., None]
    y = np.take_along_axis(windows, index, axis=-1)[..., 0]
    argmax = np.take_along_axis(places, index, axis=-1)[..., 0]
    return y, argmax


@kernel("dy[n, p, q, c], argmax[n, p, q, c]:int, x[n, h, w, c] -> dx[n, h, w, c]")
def max_pool2d_grad(dy, argmax, x):
    """dx = the sum of dy over the windows whose maximum this x is, else 0"""
    n, height, width, c = x.shape
    dx = np.zeros((n, height * width, c), dy.dtype)
    image, channel = np.arange(n)[:, None, None, None], np.arange(c)
    np.add.at(dx, (image, argmax, channel), dy)
    return dx.reshape(x.shape)


def _value(x: Shape, **attributes: tuple[int, ...]) -> tuple[Shape, ...]:
    return (_pooled(x, **attributes),)  # type: ignore[arg-type]


@kernel("x[n, h, w, c] -> y[n, p, q, c]", rule=_value)
def avg_pool2d(x, pool_size=(2, 2), strides=(2, 2), padding=(0, 0, 0, 0)):
    """y = the mean of x over the cells of the window that lie in the image"""
    (kh, kw), (sr, sc), (top, bottom, left, right) = pool_size, strides, padding
    edges = ((0, 0), (top, bottom), (left, right), (0, 0))
    inside = np.pad(np.ones_like(x[:1]), edges)
    x = np.pad(x, edges)
    p, q = (x.shape[1] - kh) // sr + 1, (x.shape[2] - kw) // sc + 1
    total = np.zeros((len(x), p, q, x.shape[3]), x.dtype)
    count = np.zeros_like(total[:1])
    for i in range(kh):
        for j in range(kw):
            rows, columns = slice(i, i + p * sr, sr), slice(j, j + q * sc, sc)
            total += x[:, rows, columns]
            count += inside[:, rows, columns]
    return total / count


@kernel("dy[n, p, q, c], x[n, h, w, c] -> dx[n, h, w, c]")
def avg_pool2d_grad(dy, x, pool_size=(2, 2), strides=(2, 2), padding=(0, 0, 0, 0)):
    """dx = the sum of dy / count over the windows that this cell lies in"""
    (kh, kw), (sr, sc), (top, bottom, left, right) = pool_size, strides, padding
    _, p, q, _ = dy.shape
    _, height, width, _ = x.shape
    edges = ((0, 0), (top, bottom), (left, right), (0, 0))
    inside = np.pad(np.ones_like(x[:1]), edges)
    cells = [
        (slice(None), slice(i, i + p * sr, sr), slice(j, j + q * sc, sc))
        for i in range(kh)
        for j in range(kw)
    ]
    count = sum(inside[cell] for cell in cells)
    dx = np.zeros_like(np.pad(x, edges))
    for cell in cells:
        dx[cell] += dy / count
    return dx[:, top : top + height, left : left + width]
