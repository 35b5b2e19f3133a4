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
from dlcore.backends.numba.registers import (
    BYTES,
    ROWS,
    add_rows,
    not_below_zero,
    plus_products,
    same_rows,
    store_rows,
    zero_rows,
)

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
        for p in range(count):
            column = _first_column(p, columns, size)
            sums = same_rows(first, column)
            for k in range(inner):
                at = (p * inner + k) * columns
                sums = plus_products(sums, x, i * inner + k, inner, panels, at)
            if relu:
                sums = not_below_zero(sums)
            store_rows(target, i * size + column, size, sums)
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
            for column in range(0, wide, columns):
                tile = zero_rows(z)
                for i in range(start, stop):
                    tile = plus_products(tile, x, i * inner + k, 1, z, i * wide + column)
                add_rows(sums, k * wide + column, wide, tile, row - k)
    if sums.size > y.size:
        _take_from(y, sums)
