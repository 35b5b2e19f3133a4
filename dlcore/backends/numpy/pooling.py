"""The answer key: pooling of pictures, channels last."""

# ruff: noqa: D103  The contract describes each kernel; the text here is its formula.

import numpy as np


def max_pool2d(x, pool_size=(2, 2), strides=(2, 2), padding=(0, 0, 0, 0)):
    (sr, sc), (top, bottom, left, right) = strides, padding
    _, height, width, _ = x.shape
    edges = (top, bottom), (left, right)
    view = np.lib.stride_tricks.sliding_window_view
    # No cell of the padding is the greatest; where a window holds nothing but -inf, the padding
    # stands for the nearest cell of the picture.
    x = np.pad(x, ((0, 0), *edges, (0, 0)), constant_values=-np.inf)
    places = np.pad(np.arange(height * width).reshape(height, width), edges, mode="edge")
    windows = view(x, pool_size, axis=(1, 2))[:, ::sr, ::sc]
    places = view(places, pool_size)[::sr, ::sc]
    windows = windows.reshape(*windows.shape[:4], -1)
    places = places.reshape(1, *places.shape[:2], 1, -1)
    greatest = windows.argmax(axis=-1)[..., None]
    y = np.take_along_axis(windows, greatest, axis=-1)[..., 0]
    argmax = np.take_along_axis(places, greatest, axis=-1)[..., 0]
    return y, argmax


def max_pool2d_grad(dy, argmax, x):
    n, height, width, c = x.shape
    dx = np.zeros((n, height * width, c), dy.dtype)
    picture, channel = np.arange(n)[:, None, None, None], np.arange(c)
    np.add.at(dx, (picture, argmax, channel), dy)
    return dx.reshape(x.shape)


def avg_pool2d(x, pool_size=(2, 2), strides=(2, 2), padding=(0, 0, 0, 0)):
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


def avg_pool2d_grad(dy, x, pool_size=(2, 2), strides=(2, 2), padding=(0, 0, 0, 0)):
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
