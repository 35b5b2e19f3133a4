"""Pooling of images, compiled by Numba.

Each loop goes over the part of a window that lies in the image; the padding has no cells. Threads
share out the images.
"""

import numpy as np
from numba import prange

from dlcore.backends.cpu.fast_math import clear
from dlcore.backends.numba.compile import compiled, shared
from dlcore.backends.numba.registers import number, put


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
def _max_of_four(y, start, x, a, b, d, e, c):
    """Windows of 2 by 2, of which most are, in one loop rather than four that hardly begin."""
    for k in range(c):
        largest, other = number(x, a + k), number(x, b + k)
        largest = other if _greater(other, largest) else largest
        other = number(x, d + k)
        largest = other if _greater(other, largest) else largest
        other = number(x, e + k)
        put(y, start + k, other if _greater(other, largest) else largest)


@compiled
def _place_of_four(argmax, start, x, a, b, d, e, c, first, width):
    # As wide as a float32, so that both go side by side as vectors.
    at_a, at_d = np.int32(first), np.int32(first + width)
    at_b, at_e = np.int32(first + 1), np.int32(first + width + 1)
    for k in range(c):
        largest, other = number(x, a + k), number(x, b + k)
        place = at_b if _greater(other, largest) else at_a
        largest = other if _greater(other, largest) else largest
        other = number(x, d + k)
        place = at_d if _greater(other, largest) else place
        largest = other if _greater(other, largest) else largest
        other = number(x, e + k)
        put(argmax, start + k, at_e if _greater(other, largest) else place)


@compiled
def _take_cell(y, argmax, start, x, place, c):
    """Go on with one more cell of a window."""
    cell = place * c
    if argmax.size:
        for k in range(c):
            takes = _greater(number(x, cell + k), number(y, start + k))
            put(argmax, start + k, place if takes else number(argmax, start + k))
    for k in range(c):
        largest, other = number(y, start + k), number(x, cell + k)
        put(y, start + k, other if _greater(other, largest) else largest)


@shared
def _max_of_windows(y, argmax, x, pool_size, strides, padding):
    """max_pool2d of one image; argmax (1, p, q, c) is empty if nobody asks."""
    p, q, c = y.shape
    height, width, _ = x.shape
    for r in range(p):
        top, bottom = _inside(r, strides[0], padding[0], pool_size[0], height)
        for s in range(q):
            left, right = _inside(s, strides[1], padding[2], pool_size[1], width)
            start, first = (r * q + s) * c, top * width + left
            if bottom - top == right - left == 2:
                a, d = first * c, (first + width) * c
                _max_of_four(y, start, x, a, a + c, d, d + c, c)
                if argmax.size:
                    _place_of_four(argmax, start, x, a, a + c, d, d + c, c, first, width)
                continue
            for k in range(c):
                put(y, start + k, -np.inf)
            if argmax.size:
                for k in range(c):
                    put(argmax, start + k, first)
            for row in range(top, bottom):
                for column in range(left, right):
                    _take_cell(y, argmax, start, x, row * width + column, c)


@compiled(large=lambda y, argmax, x, *_: _many(x))
def max_pool2d(y, argmax, x, pool_size, strides, padding):
    for image in prange(x.shape[0]):
        # A slice, as there are no images in it where it is empty.
        places = argmax[image : image + 1]
        _max_of_windows(y[image], places, x[image], pool_size, strides, padding)


@shared
def _to_maxima(dx, dy, argmax):
    """max_pool2d_grad of one image."""
    p, q, c = dy.shape
    cells = dx.reshape(-1, c)
    clear(dx.reshape(-1))
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
            clear(mean)
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
    clear(dx.reshape(-1))
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
