"""Pictures seen through a transformation, compiled by Numba."""

# ruff: noqa: D103  The contract describes each kernel.

import math

from dlcore.backends._compile import kernel

CONSTANT, REFLECT, WRAP, NEAREST = range(4)


@kernel
def mode_number(fill_mode):
    # Strings are compared here once, and not for every pixel.
    if fill_mode == "reflect":
        return REFLECT
    if fill_mode == "wrap":
        return WRAP
    return NEAREST if fill_mode == "nearest" else CONSTANT


@kernel
def neighbour(place, number, neighbours):
    """One of the pixels around a place on an axis, and its share in what is seen there."""
    if neighbours == 1:
        return int(round(place)), 1.0
    before = math.floor(place)
    after = place - before
    return int(before) + number, after if number else 1 - after


@kernel
def on_axis(i, size, mode):
    """The pixel that stands at place i of an axis, which may lie beyond its ends; -1 for none."""
    if mode == REFLECT:
        i = i % (2 * size)
        return min(i, 2 * size - 1 - i)
    if mode == WRAP:
        return i % size
    if mode == CONSTANT and (i < 0 or i >= size):
        return -1
    return min(max(i, 0), size - 1)


@kernel
def affine_sample(y, x, matrices, interpolation, fill_mode, fill_value):
    n, height, width, channels = x.shape
    mode = mode_number(fill_mode)
    neighbours = 1 if interpolation == "nearest" else 2
    for m in range(n):
        a0, a1, a2 = matrices[m, 0], matrices[m, 1], matrices[m, 2]
        b0, b1, b2 = matrices[m, 3], matrices[m, 4], matrices[m, 5]
        for i in range(height):
            for j in range(width):
                row = b0 * j + b1 * i + b2
                column = a0 * j + a1 * i + a2
                y[m, i, j] = 0
                for down in range(neighbours):
                    place, share_down = neighbour(row, down, neighbours)
                    pi = on_axis(place, height, mode)
                    for right in range(neighbours):
                        place, share_right = neighbour(column, right, neighbours)
                        pj = on_axis(place, width, mode)
                        share = share_down * share_right
                        for k in range(channels):
                            seen = fill_value if pi < 0 or pj < 0 else x[m, pi, pj, k]
                            y[m, i, j, k] += share * seen


@kernel
def affine_sample_grad(dx, dy, matrices, interpolation, fill_mode, fill_value):
    n, height, width, channels = dy.shape
    mode = mode_number(fill_mode)
    neighbours = 1 if interpolation == "nearest" else 2
    dx[:] = 0
    for m in range(n):
        a0, a1, a2 = matrices[m, 0], matrices[m, 1], matrices[m, 2]
        b0, b1, b2 = matrices[m, 3], matrices[m, 4], matrices[m, 5]
        for i in range(height):
            for j in range(width):
                row = b0 * j + b1 * i + b2
                column = a0 * j + a1 * i + a2
                for down in range(neighbours):
                    place, share_down = neighbour(row, down, neighbours)
                    pi = on_axis(place, height, mode)
                    for right in range(neighbours):
                        place, share_right = neighbour(column, right, neighbours)
                        pj = on_axis(place, width, mode)
                        if pi >= 0 and pj >= 0:
                            share = share_down * share_right
                            for k in range(channels):
                                dx[m, pi, pj, k] += share * dy[m, i, j, k]
