"""Pooling of pictures, compiled by Numba.

Each loop goes over the part of a window that lies in the picture; the padding has no cells.
"""

# ruff: noqa: D103  The contract describes each kernel.

import numpy as np

from dlcore.backends._compile import kernel


@kernel
def _inside(place, stride, before, window, size):
    """First cell of a window that lies on the axis, and the one after its last."""
    start = place * stride - before
    return max(start, 0), min(start + window, size)


@kernel
def max_pool2d(y, argmax, x, pool_size, strides, padding):
    n, p, q, c = y.shape
    _, height, width, _ = x.shape
    for picture in range(n):
        for r in range(p):
            top, bottom = _inside(r, strides[0], padding[0], pool_size[0], height)
            for s in range(q):
                left, right = _inside(s, strides[1], padding[2], pool_size[1], width)
                greatest, place = y[picture, r, s], argmax[picture, r, s]
                greatest[:] = -np.inf
                place[:] = top * width + left
                for row in range(top, bottom):
                    for column in range(left, right):
                        for k in range(c):
                            value = x[picture, row, column, k]
                            # A NaN is not equal to itself: it stays, and is seen.
                            if value > greatest[k] or value != value:
                                greatest[k] = value
                                place[k] = row * width + column


@kernel
def max_pool2d_grad(dx, dy, argmax, x):
    n, p, q, c = dy.shape
    width = x.shape[2]
    dx[:] = 0
    for picture in range(n):
        for r in range(p):
            for s in range(q):
                for k in range(c):
                    place = argmax[picture, r, s, k]
                    dx[picture, place // width, place % width, k] += dy[picture, r, s, k]


@kernel
def avg_pool2d(y, x, pool_size, strides, padding):
    n, p, q, c = y.shape
    _, height, width, _ = x.shape
    for picture in range(n):
        for r in range(p):
            top, bottom = _inside(r, strides[0], padding[0], pool_size[0], height)
            for s in range(q):
                left, right = _inside(s, strides[1], padding[2], pool_size[1], width)
                mean = y[picture, r, s]
                mean[:] = 0
                for row in range(top, bottom):
                    for column in range(left, right):
                        for k in range(c):
                            mean[k] += x[picture, row, column, k]
                mean /= (bottom - top) * (right - left)


@kernel
def avg_pool2d_grad(dx, dy, x, pool_size, strides, padding):
    n, p, q, c = dy.shape
    _, height, width, _ = x.shape
    dx[:] = 0
    for picture in range(n):
        for r in range(p):
            top, bottom = _inside(r, strides[0], padding[0], pool_size[0], height)
            for s in range(q):
                left, right = _inside(s, strides[1], padding[2], pool_size[1], width)
                count = (bottom - top) * (right - left)
                for row in range(top, bottom):
                    for column in range(left, right):
                        for k in range(c):
                            dx[picture, row, column, k] += dy[picture, r, s, k] / count
