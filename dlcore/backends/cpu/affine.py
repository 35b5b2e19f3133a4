"""Images seen through a transformation, compiled by Numba. Threads share out the images."""

import math

import numpy as np
from numba import prange

from dlcore.backends.cpu.fast_math import clear
from dlcore.backends.numba.compile import compiled, shared

CONSTANT, REFLECT, WRAP, NEAREST = range(4)


def _many(images):
    return images.shape[0] > 1 and images.size > 20_000


@compiled
def _mode_number(fill_mode):
    # Strings are compared here once, and not for every pixel.
    if fill_mode == "reflect":
        return REFLECT
    if fill_mode == "wrap":
        return WRAP
    return NEAREST if fill_mode == "nearest" else CONSTANT


@compiled
def _on_axis(i, size, mode):
    """The pixel that stands at place i of an axis, which may lie beyond its ends; -1 for none."""
    if 0 <= i < size:
        return i
    if mode == REFLECT:
        i = i % (2 * size)
        return min(i, 2 * size - 1 - i)
    if mode == WRAP:
        return i % size
    return -1 if mode == CONSTANT else min(max(i, 0), size - 1)


@compiled
def _place(matrix, i, j, nearest):
    """What row i and column j see: the pixel above and to the left, and how far beyond it."""
    row = matrix[3] * j + matrix[4] * i + matrix[5]
    column = matrix[0] * j + matrix[1] * i + matrix[2]
    if nearest:
        row, column = np.rint(row), np.rint(column)
    top, left = math.floor(row), math.floor(column)
    return int(top), int(left), row - top, column - left


@shared
def _sample(y, x, matrix, nearest, mode, fill_value):
    """affine_sample of one image."""
    height, width, channels = x.shape
    for i in range(height):
        for j in range(width):
            top, left, below, beside = _place(matrix, i, j, nearest)
            if 0 <= top < height - 1 and 0 <= left < width - 1:
                for k in range(channels):
                    above = x[top, left, k] * (1 - beside) + x[top, left + 1, k] * beside
                    under = x[top + 1, left, k] * (1 - beside) + x[top + 1, left + 1, k] * beside
                    y[i, j, k] = above * (1 - below) + under * below
                continue
            # The same at the edges, where a neighbour may lie beyond.
            for k in range(channels):
                y[i, j, k] = 0
            for down in range(2):
                share_down = below if down else 1 - below
                pi = _on_axis(top + down, height, mode)
                for right in range(2):
                    share = share_down * (beside if right else 1 - beside)
                    if share == 0:  # an image mirrored, or moved by whole pixels
                        continue
                    pj = _on_axis(left + right, width, mode)
                    for k in range(channels):
                        seen = fill_value if pi < 0 or pj < 0 else x[pi, pj, k]
                        y[i, j, k] += share * seen


@compiled(large=lambda y, *_: _many(y))
def affine_sample(y, x, matrices, interpolation, fill_mode, fill_value):
    mode, nearest = _mode_number(fill_mode), interpolation == "nearest"
    for m in prange(x.shape[0]):
        _sample(y[m], x[m], matrices[m], nearest, mode, fill_value)


@shared
def _sample_grad(dx, dy, matrix, nearest, mode):
    """affine_sample_grad of one image."""
    height, width, channels = dy.shape
    clear(dx.reshape(-1))
    for i in range(height):
        for j in range(width):
            top, left, below, beside = _place(matrix, i, j, nearest)
            for down in range(2):
                share_down = below if down else 1 - below
                pi = _on_axis(top + down, height, mode)
                for right in range(2):
                    share = share_down * (beside if right else 1 - beside)
                    pj = _on_axis(left + right, width, mode)
                    if share != 0 and pi >= 0 and pj >= 0:
                        for k in range(channels):
                            dx[pi, pj, k] += share * dy[i, j, k]


@compiled(large=lambda dx, *_: _many(dx))
def affine_sample_grad(dx, dy, matrices, interpolation, fill_mode, fill_value):
    mode, nearest = _mode_number(fill_mode), interpolation == "nearest"
    for m in prange(dy.shape[0]):
        _sample_grad(dx[m], dy[m], matrices[m], nearest, mode)
