"""Images seen through a transformation: each pixel of the result looks for what it shows."""

import functools
import math

from numba import cuda
from numpy import float64, int32, uint32

from dlcore.backends.cuda.launch import device, launch, named, spread

CONSTANT, REFLECT, WRAP, NEAREST = range(4)
_MODES = {"constant": CONSTANT, "reflect": REFLECT, "wrap": WRAP, "nearest": NEAREST}


@device
def _rest(i, size):
    """The rest of i // size, from 0 to size - 1 also for a negative i."""
    if i >= int32(0):
        return int32(uint32(uint32(i) % uint32(size)))
    beyond = int32(uint32(uint32(int32(-i) - int32(1)) % uint32(size)))
    return int32(int32(size - int32(1)) - beyond)


@device
def _on_axis(i, size, mode):
    """The pixel that stands at place i of an axis, which may lie beyond its ends; -1 for none."""
    if i >= int32(0) and i < size:
        return i
    if mode == REFLECT:
        i = _rest(i, int32(2 * size))
        return min(i, int32(int32(int32(2 * size) - int32(1)) - i))
    if mode == WRAP:
        return _rest(i, size)
    return int32(-1) if mode == CONSTANT else int32(min(max(i, int32(0)), int32(size - 1)))


@device
def _place(matrices, image, i, j, nearest, real):
    """What row i and column j see: the pixel above and to the left, and how far beyond it.

    In 64 bits: where it lies just between two pixels, all backends have to take the same one.
    """
    at = uint32(image * uint32(6))
    y, x = float64(i), float64(j)
    row = matrices[uint32(at + uint32(3))] * x + matrices[uint32(at + uint32(4))] * y
    column = matrices[at] * x + matrices[uint32(at + uint32(1))] * y
    row += matrices[uint32(at + uint32(5))]
    column += matrices[uint32(at + uint32(2))]
    top, left = float64(math.floor(row)), float64(math.floor(column))
    if nearest:
        row, column = _nearest(row, top), _nearest(column, left)
        top, left = row, column
    return int32(top), int32(left), real(row - top), real(column - left)


@device
def _nearest(x, floor):
    """The nearest whole number, and the even one where two are as near."""
    over = x - floor
    even = 2.0 * math.floor(floor * 0.5) == floor
    up = over > 0.5 or (over == 0.5 and not even)
    return floor + 1.0 if up else floor


@functools.cache
def _sample(mode, nearest):
    def kernel(y, x, matrices, height, width, c, fill):
        real = y.dtype.type
        e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        tall, broad = int32(height), int32(width)
        while e < y.size:
            pixel, channel = uint32(e // c), uint32(e % c)
            j, rest = uint32(pixel % width), uint32(pixel // width)
            i, image = uint32(rest % height), uint32(rest // height)
            top, left, below, beside = _place(matrices, image, i, j, nearest, real)
            total = real(0)
            for down in range(2):
                share_down = below if down else real(1) - below
                row = _on_axis(int32(top + down), tall, mode)
                for right in range(2):
                    share = share_down * (beside if right else real(1) - beside)
                    column = _on_axis(int32(left + right), broad, mode)
                    if share != real(0):  # else an image mirrored, or moved by whole pixels
                        seen = fill
                        if row >= int32(0) and column >= int32(0):
                            line = uint32(uint32(image * height) + uint32(row))
                            at = uint32(uint32(line * width) + uint32(column))
                            seen = x[uint32(uint32(at * c) + channel)]
                        total += share * seen
            y[e] = total
            e = uint32(e + step)

    return named(kernel, "sample", mode, "nearest" if nearest else "bilinear")


def affine_sample(y, x, matrices, interpolation, fill_mode, fill_value):
    mode, (_, h, w, c) = _MODES[fill_mode], x.shape
    kernel = _sample(mode, interpolation == "nearest")
    launch(kernel, *spread(y.size), y, x, matrices, h, w, c, y.dtype.type(fill_value))


@functools.cache
def _sample_grad(mode, nearest):
    def kernel(dx, dy, matrices, height, width, c, threads):
        """A thread for each channel of each image goes through all places, in their order.

        Several places see the same pixel: only so does one thread alone add to it.
        """
        real = dx.dtype.type
        e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        tall, broad = int32(height), int32(width)
        while e < threads:
            image, channel = uint32(e // c), uint32(e % c)
            first = uint32(uint32(image * height) * width)
            for pixel in range(uint32(height * width)):
                dx[uint32(uint32(uint32(first + uint32(pixel)) * c) + channel)] = real(0)
            for pixel in range(uint32(height * width)):
                i, j = uint32(uint32(pixel) // width), uint32(uint32(pixel) % width)
                slope = dy[uint32(uint32(uint32(first + uint32(pixel)) * c) + channel)]
                top, left, below, beside = _place(matrices, image, i, j, nearest, real)
                for down in range(2):
                    share_down = below if down else real(1) - below
                    row = _on_axis(int32(top + down), tall, mode)
                    for right in range(2):
                        share = share_down * (beside if right else real(1) - beside)
                        column = _on_axis(int32(left + right), broad, mode)
                        if share != real(0) and row >= int32(0) and column >= int32(0):
                            at = uint32(uint32(uint32(row) * width) + uint32(column))
                            dx[uint32(uint32(uint32(first + at) * c) + channel)] += share * slope
            e = uint32(e + step)

    return named(kernel, "sample_grad", mode, "nearest" if nearest else "bilinear")


def affine_sample_grad(dx, dy, matrices, interpolation, fill_mode, fill_value):
    mode, (n, h, w, c) = _MODES[fill_mode], dy.shape
    kernel = _sample_grad(mode, interpolation == "nearest")
    launch(kernel, *spread(n * c), dx, dy, matrices, h, w, c, n * c)
