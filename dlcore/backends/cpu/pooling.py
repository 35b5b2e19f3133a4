"""Pooling of images, compiled by Numba.

Each loop goes over the part of a window that lies in the image; the padding has no cells. Threads
share out the images.
"""

import numpy as np
from numba import prange

from dlcore.backends.numba.compile import compiled, either, shared


@compiled
def _inside(place, stride, before, window, size):
    """First cell of a window that lies on the axis, and the one after its last."""
    start = place * stride - before
    return max(start, 0), min(start + window, size)


def _many(x):
    """Whether images hold so many numbers that several threads pay."""
    return x.shape[0] > 1 and x.size > 100_000


@compiled
def _greater(a, b):
    # A NaN is not equal to itself: it stays, and is seen.
    return a > b or a != a


@compiled
def _max_of_four(maximum, place, above, below, first, width):
    """Windows of 2 by 2, of which most are, in one loop rather than four that hardly begin."""
    c = maximum.size
    a, b, d, e = above[0], above[1], below[0], below[1]
    # As wide as a float32, so that both go side by side as vectors.
    at_a, at_d = np.int32(first), np.int32(first + width)
    at_b, at_e = np.int32(first + 1), np.int32(first + width + 1)
    for k in range(c):
        largest, here = a[k], at_a
        here = at_b if _greater(b[k], largest) else here
        largest = b[k] if _greater(b[k], largest) else largest
        here = at_d if _greater(d[k], largest) else here
        largest = d[k] if _greater(d[k], largest) else largest
        here = at_e if _greater(e[k], largest) else here
        largest = e[k] if _greater(e[k], largest) else largest
        maximum[k] = largest
        if place.size:  # somebody asks for the places
            place[k] = here


@shared
def _max_of_windows(ys, places, xs, image, pool_size, strides, padding):
    """max_pool2d of one image."""
    y, argmax, x = ys[image], places[image], xs[image]
    p, q, c = y.shape
    height, width, _ = x.shape
    for r in range(p):
        top, bottom = _inside(r, strides[0], padding[0], pool_size[0], height)
        for s in range(q):
            left, right = _inside(s, strides[1], padding[2], pool_size[1], width)
            maximum, place = y[r, s], argmax[r, s]
            if bottom - top == right - left == 2:
                above, below = x[top, left:right], x[top + 1, left:right]
                _max_of_four(maximum, place, above, below, top * width + left, width)
                continue
            maximum[:] = -np.inf
            place[:] = top * width + left
            for row in range(top, bottom):
                for column in range(left, right):
                    cell, here = x[row, column], row * width + column
                    for k in range(c):
                        takes = _greater(cell[k], maximum[k])
                        maximum[k] = cell[k] if takes else maximum[k]
                        place[k] = here if takes else place[k]


@shared
def _max_of_windows_alone(ys, xs, image, pool_size, strides, padding):
    """The same, where nobody asks for the places."""
    y, x = ys[image], xs[image]
    p, q, c = y.shape
    nowhere = np.empty(0, np.int64)
    height, width, _ = x.shape
    for r in range(p):
        top, bottom = _inside(r, strides[0], padding[0], pool_size[0], height)
        for s in range(q):
            left, right = _inside(s, strides[1], padding[2], pool_size[1], width)
            maximum = y[r, s]
            if bottom - top == right - left == 2:
                above, below = x[top, left:right], x[top + 1, left:right]
                _max_of_four(maximum, nowhere, above, below, top * width + left, width)
                continue
            maximum[:] = -np.inf
            for row in range(top, bottom):
                for column in range(left, right):
                    cell = x[row, column]
                    for k in range(c):
                        takes = _greater(cell[k], maximum[k])
                        maximum[k] = cell[k] if takes else maximum[k]


@compiled(large=lambda y, argmax, x, *_: _many(x))
def _max_alone(y, argmax, x, pool_size, strides, padding):
    """max_pool2d where nobody asks for the places."""
    for image in prange(x.shape[0]):
        _max_of_windows_alone(y, x, image, pool_size, strides, padding)


@either(_max_alone, lambda y, argmax, *_: argmax.size == 0)
@compiled(large=lambda y, argmax, x, *_: _many(x))
def max_pool2d(y, argmax, x, pool_size, strides, padding):
    for image in prange(x.shape[0]):
        _max_of_windows(y, argmax, x, image, pool_size, strides, padding)


@shared
def _to_maxima(dx, dy, argmax):
    """max_pool2d_grad of one image."""
    p, q, c = dy.shape
    cells = dx.reshape(-1, c)
    cells[:] = 0
    for r in range(p):
        for s in range(q):
            gradient, place = dy[r, s], argmax[r, s]
            for k in range(c):
                cells[place[k], k] += gradient[k]


@compiled(large=lambda dx, *_: _many(dx))
def max_pool2d_grad(dx, dy, argmax, x):
    for image in prange(dx.shape[0]):
        _to_maxima(dx[image], dy[image], argmax[image])


@shared
def _means_of_windows(y, x, pool_size, strides, padding):
    """avg_pool2d of one image."""
    p, q, c = y.shape
    height, width, _ = x.shape
    for r in range(p):
        top, bottom = _inside(r, strides[0], padding[0], pool_size[0], height)
        for s in range(q):
            left, right = _inside(s, strides[1], padding[2], pool_size[1], width)
            mean, count = y[r, s], (bottom - top) * (right - left)
            mean[:] = 0
            for row in range(top, bottom):
                for column in range(left, right):
                    cell = x[row, column]
                    for k in range(c):
                        mean[k] += cell[k]
            for k in range(c):
                mean[k] /= count


@compiled(large=lambda y, x, *_: _many(x))
def avg_pool2d(y, x, pool_size, strides, padding):
    for image in prange(x.shape[0]):
        _means_of_windows(y[image], x[image], pool_size, strides, padding)


@shared
def _to_windows(dx, dy, pool_size, strides, padding):
    """avg_pool2d_grad of one image."""
    p, q, c = dy.shape
    height, width, _ = dx.shape
    dx[:] = 0
    for r in range(p):
        top, bottom = _inside(r, strides[0], padding[0], pool_size[0], height)
        for s in range(q):
            left, right = _inside(s, strides[1], padding[2], pool_size[1], width)
            gradient, count = dy[r, s], (bottom - top) * (right - left)
            for row in range(top, bottom):
                for column in range(left, right):
                    cell = dx[row, column]
                    for k in range(c):
                        cell[k] += gradient[k] / count


@compiled(large=lambda dx, *_: _many(dx))
def avg_pool2d_grad(dx, dy, x, pool_size, strides, padding):
    for image in prange(dx.shape[0]):
        _to_windows(dx[image], dy[image], pool_size, strides, padding)
