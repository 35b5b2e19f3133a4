"""Pooling of images: a thread for each number, or for four channels that are neighbours.

Only the part of a window that lies in the image is looked at; the padding has no cells.
"""

import functools
import math

from numba import cuda
from numpy import int32, int64, uint32

from dlcore.backends.cuda.device import scratch
from dlcore.backends.cuda.launch import device, launch, named, spread
from dlcore.backends.cuda.wide import load4, store4

# g = (p, q, h, w, rows and columns of a window, strides, rows and columns of padding before).


def _geometry(y, x, pool_size, strides, padding):
    return (*y.shape[1:3], *x.shape[1:3], *pool_size, *strides, padding[0], padding[2])


@device
def _window(place, g):
    """Of the window at a place of all images: its image, and what of it lies inside.

    That are the rows from one to the one before another, and likewise the columns.
    """
    s, rest = uint32(place % uint32(g[1])), uint32(place // uint32(g[1]))
    r, image = uint32(rest % uint32(g[0])), uint32(rest // uint32(g[0]))
    top, left = int32(int32(r) * g[6] - g[8]), int32(int32(s) * g[7] - g[9])
    bottom, right = int32(top + g[4]), int32(left + g[5])
    bottom, right = min(bottom, g[2]), min(right, g[3])
    return image, max(top, int32(0)), bottom, max(left, int32(0)), right


@functools.cache
def _max_of_windows(width, places):
    def kernel(y, argmax, x, c, g):
        real = y.dtype.type
        best, where = cuda.local.array(width, y.dtype), cuda.local.array(width, int32)
        e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        groups = uint32(c // uint32(width))
        while e < uint32(y.size // width):
            place, channel = uint32(e // groups), uint32(uint32(e % groups) * uint32(width))
            image, top, bottom, left, right = _window(place, g)
            for i in range(width):
                best[i], where[i] = real(-math.inf), int32(int32(top * g[3]) + left)
            for row in range(top, bottom):
                for column in range(left, right):
                    cell = int32(int32(int32(row) * g[3]) + int32(column))
                    line = uint32(uint32(image * uint32(g[2] * g[3])) + uint32(cell))
                    at = uint32(uint32(line * c) + channel)
                    if width == 4:
                        v0, v1, v2, v3 = load4(x, at)
                    else:
                        v0 = x[at]
                        v1, v2, v3 = v0, v0, v0
                    for i in range(width):
                        v = v0 if i == 0 else v1 if i == 1 else v2 if i == 2 else v3
                        # As in NumPy the first maximum; a NaN is beyond all, and stays.
                        takes = v > best[i] or (v != v and best[i] == best[i])
                        best[i] = v if takes else best[i]
                        where[i] = cell if takes else where[i]
            at = uint32(e * uint32(width))
            if width == 4:
                store4(y, at, best[0], best[1], best[2], best[3])
            else:
                y[at] = best[0]
            if places:
                for i in range(width):
                    argmax[uint32(at + uint32(i))] = int64(where[i])
            e = uint32(e + step)

    return named(kernel, "max_pool", width, "places" if places else "alone")


def _width(c, *arrays):
    return 4 if c % 4 == 0 and all(array.aligned for array in arrays) else 1


def max_pool2d(y, argmax, x, pool_size, strides, padding):
    c, places = x.shape[3], argmax.size > 0
    width = _width(c, x, y)
    # Where nobody asks for the places, the kernel is given another array in their stead.
    given = y, argmax if places else y, x, c, _geometry(y, x, pool_size, strides, padding)
    launch(_max_of_windows(width, places), *spread(y.size // width), *given)


# The gradient of max_pool2d knows where the maxima are, but not which windows there were, and a
# cell may be the maximum of several. So each cell first learns the first and the last window that
# it is the maximum of, and then adds up what comes from those between that are its own, in their
# order. The least of several whole numbers is the same in whatever order they come, unlike a sum of
# floats: so atomics are allowed here.

NONE_YET = 2**31 - 1


def _forget(first, last):
    e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while e < first.size:
        first[e], last[e] = int32(NONE_YET), int32(-1)
        e = uint32(e + step)


def _note_windows(first, last, argmax, places, cells, c):
    e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while e < argmax.size:
        place, channel = uint32(e // c), uint32(e % c)
        image = uint32(place // places)
        window = int32(uint32(place % places))
        cell = uint32(uint32(image * cells) + uint32(argmax[e]))
        at = uint32(uint32(cell * c) + channel)
        cuda.atomic.min(first, at, window)
        cuda.atomic.max(last, at, window)
        e = uint32(e + step)


def _from_windows(dx, dy, argmax, first, last, places, cells, c):
    real = dx.dtype.type
    e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while e < dx.size:
        pixel, channel = uint32(e // c), uint32(e % c)
        image, cell = uint32(pixel // cells), uint32(pixel % cells)
        total = real(0)
        for window in range(first[e], last[e] + 1):
            at = uint32(uint32(image * places) + uint32(window))
            at = uint32(uint32(at * c) + channel)
            if argmax[at] == cell:
                total += dy[at]
        dx[e] = total
        e = uint32(e + step)


def max_pool2d_grad(dx, dy, argmax, x):
    n, h, w, c = x.shape
    places, cells = dy.shape[1] * dy.shape[2], h * w
    first = scratch("max_pool2d_grad first", int32, *x.shape)
    last = scratch("max_pool2d_grad last", int32, *x.shape)
    launch(_forget, *spread(dx.size), first, last)
    launch(_note_windows, *spread(dy.size), first, last, argmax, places, cells, c)
    launch(_from_windows, *spread(dx.size), dx, dy, argmax, first, last, places, cells, c)


def _means_of_windows(y, x, c, g):
    real = y.dtype.type
    e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while e < y.size:
        place, channel = uint32(e // c), uint32(e % c)
        image, top, bottom, left, right = _window(place, g)
        total = real(0)
        for row in range(top, bottom):
            for column in range(left, right):
                cell = uint32(int32(int32(int32(row) * g[3]) + int32(column)))
                line = uint32(uint32(image * uint32(g[2] * g[3])) + cell)
                total += x[uint32(uint32(line * c) + channel)]
        y[e] = total / real(int32(int32(bottom - top) * int32(right - left)))
        e = uint32(e + step)


def avg_pool2d(y, x, pool_size, strides, padding):
    g = _geometry(y, x, pool_size, strides, padding)
    launch(_means_of_windows, *spread(y.size), y, x, x.shape[3], g)


@device
def _windows_of(cell, window, stride, before, places):
    """The windows along an axis that a cell lies in: the first, and the one after the last.

    Window r begins at r stride - before.
    """
    far = int32(cell + before)
    late = int32(far - window)  # the window must begin after this
    first = int32(int32(uint32(uint32(late) // uint32(stride))) + 1) if late >= 0 else int32(0)
    stop = int32(int32(uint32(uint32(far) // uint32(stride))) + 1)
    return first, min(stop, places)


@device
def _cells_in(place, window, stride, before, size):
    """How many cells of the axis the window at a place has."""
    start = int32(int32(place * stride) - before)
    return int32(min(int32(start + window), size) - max(start, int32(0)))


def _from_means(dx, dy, c, g):
    real = dx.dtype.type
    e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while e < dx.size:
        pixel, channel = uint32(e // c), uint32(e % c)
        column, rest = int32(uint32(pixel % uint32(g[3]))), uint32(pixel // uint32(g[3]))
        row, image = int32(uint32(rest % uint32(g[2]))), uint32(rest // uint32(g[2]))
        top, bottom = _windows_of(row, g[4], g[6], g[8], g[0])
        left, right = _windows_of(column, g[5], g[7], g[9], g[1])
        total = real(0)
        for r in range(top, bottom):
            tall = _cells_in(int32(r), g[4], g[6], g[8], g[2])
            for s in range(left, right):
                broad = _cells_in(int32(s), g[5], g[7], g[9], g[3])
                place = uint32(int32(int32(int32(r) * g[1]) + int32(s)))
                at = uint32(uint32(image * uint32(g[0] * g[1])) + place)
                total += dy[uint32(uint32(at * c) + channel)] / real(int32(tall * broad))
        dx[e] = total
        e = uint32(e + step)


def avg_pool2d_grad(dx, dy, x, pool_size, strides, padding):
    g = _geometry(dy, x, pool_size, strides, padding)
    launch(_from_means, *spread(dx.size), dx, dy, x.shape[3], g)
