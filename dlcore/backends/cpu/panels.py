"""Products with a matrix so small that it stays in the cache, such as the weights of a convolution.

BLAS brings both matrices into an order of its own, and where the inner size is small that takes as
long as the products. Here the small one, w, is brought into that order once for all rows that it is
multiplied with: into panels of 16 columns (of float32; 8 of float64), each lying whole. A tile of 6
rows by one panel is calculated in the processor's registers: for each number of the inner axis, one
row of the panel times six numbers (Goto and van de Geijn 2008, "Anatomy of high-performance matrix
multiplication", section 4). What comes after a product, ReLU, is done there too, before the tile is
written.

Where rows or columns do not make whole tiles, the last tile takes in some of the one before, which
come out the same once more; where there are fewer than one tile has, zeros are put beside them.
"""

import numpy as np

from dlcore.backends.cpu.fast_math import copy
from dlcore.backends.numba.compile import compiled, shared
from dlcore.backends.numba.lanes import (
    BYTES,
    add_to,
    load,
    not_below_zero,
    number,
    plus_times,
    store,
    zeros,
)

ROWS = 6  # of a tile: 6 times 64 bytes of sums leave registers for the rest
PLACES = 64  # so many rows are added up at a time, which stay in the nearest cache


@compiled
def shape_of_panels(w):
    """Of those that hold w (k, f): how many they are, and each has all its rows, some columns."""
    columns = BYTES // w.itemsize
    return -(-w.shape[1] // columns), w.shape[0], columns


@compiled
def _first_column(panel, columns, size):
    return max(0, min(panel * columns, size - columns))


@shared(any_order=True)
def pack(panels, w):
    """Bring w (k, f) into panels."""
    count, inner, columns = panels.shape
    for panel in range(count):
        start = _first_column(panel, columns, w.shape[1])
        for row in range(inner):
            target, source = panels[panel, row], w[row, start : start + columns]
            for j in range(source.size):
                target[j] = source[j]
            for j in range(source.size, columns):
                target[j] = 0


@compiled
def panels_of(w):
    """New panels that hold w (k, f)."""
    panels = np.empty(shape_of_panels(w), w.dtype)
    pack(panels, w)
    return panels


@shared
def _put_into(larger, x):
    for i in range(larger.shape[0]):
        larger[i] = 0
        if i < x.shape[0]:
            copy(larger[i][: x.shape[1]], x[i])


@compiled
def _at_least(rows, columns, x):
    """X, or a copy of it with zeros below and beside it, of so many rows and columns."""
    if x.shape[0] >= rows and x.shape[1] >= columns:
        return x
    larger = np.empty((max(rows, x.shape[0]), max(columns, x.shape[1])), x.dtype)
    _put_into(larger, x)
    return larger


@shared
def _take_from(y, larger):
    for i in range(y.shape[0]):
        copy(y[i], larger[i])


@shared
def multiply_panels(y, x, panels, b, relu):
    """Y = x w + b, and ReLU of that if asked for: y (n, f), x (n, k), w (k, f) in panels, b (f,).

    Each number of y is summed in the order of the inner axis, whatever stands beside it.
    """
    count, inner, columns = panels.shape
    target, x = _at_least(ROWS, columns, y), _at_least(ROWS, inner, x)
    first = _at_least(1, columns, b.reshape(1, b.size))
    n, size = target.shape
    for start in range(0, n, ROWS):
        i = min(start, n - ROWS)
        x0, x1, x2, x3, x4, x5 = x[i], x[i + 1], x[i + 2], x[i + 3], x[i + 4], x[i + 5]
        for p in range(count):
            column = _first_column(p, columns, size)
            s0 = s1 = s2 = s3 = s4 = s5 = load(first, column)
            for k in range(inner):
                w = load(panels, (p * inner + k) * columns)
                s0 = plus_times(s0, w, x0[k])
                s1 = plus_times(s1, w, x1[k])
                s2 = plus_times(s2, w, x2[k])
                s3 = plus_times(s3, w, x3[k])
                s4 = plus_times(s4, w, x4[k])
                s5 = plus_times(s5, w, x5[k])
            if relu:
                s0, s1, s2 = not_below_zero(s0), not_below_zero(s1), not_below_zero(s2)
                s3, s4, s5 = not_below_zero(s3), not_below_zero(s4), not_below_zero(s5)
            at = i * size + column
            store(target, at, s0)
            store(target, at + size, s1)
            store(target, at + 2 * size, s2)
            store(target, at + 3 * size, s3)
            store(target, at + 4 * size, s4)
            store(target, at + 5 * size, s5)
    if target.size > y.size:
        _take_from(y, target)


@shared
def add_transposed_product(y, x, z):
    """Y += x.T z: y (k, f), x (n, k), z (n, f)."""
    columns = BYTES // y.itemsize
    wide = -(-z.shape[1] // columns) * columns
    sums, x, z = _at_least(ROWS, wide, y), _at_least(0, ROWS, x), _at_least(0, wide, z)
    inner = sums.shape[0]
    for start in range(0, z.shape[0], PLACES):
        stop = min(start + PLACES, z.shape[0])
        for row in range(0, inner, ROWS):
            k = min(row, inner - ROWS)
            done = row - k
            for column in range(0, wide, columns):
                s0 = s1 = s2 = s3 = s4 = s5 = zeros(z)
                for i in range(start, stop):
                    of_place, at = load(z, i * wide + column), i * inner + k
                    s0 = plus_times(s0, of_place, number(x, at))
                    s1 = plus_times(s1, of_place, number(x, at + 1))
                    s2 = plus_times(s2, of_place, number(x, at + 2))
                    s3 = plus_times(s3, of_place, number(x, at + 3))
                    s4 = plus_times(s4, of_place, number(x, at + 4))
                    s5 = plus_times(s5, of_place, number(x, at + 5))
                at = k * wide + column
                if done < 1:
                    add_to(sums, at, s0)
                if done < 2:
                    add_to(sums, at + wide, s1)
                if done < 3:
                    add_to(sums, at + 2 * wide, s2)
                if done < 4:
                    add_to(sums, at + 3 * wide, s3)
                if done < 5:
                    add_to(sums, at + 4 * wide, s4)
                add_to(sums, at + 5 * wide, s5)
    if sums.size > y.size:
        _take_from(y, sums)
