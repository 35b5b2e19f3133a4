"""Products with a matrix so small that it stays in the cache, such as the weights of a convolution.

BLAS brings both matrices into an order of its own, and where the inner size is small that takes as
long as the products. Here the small one, w, is brought into that order once for all rows that it is
multiplied with: into panels of 16 columns (of float32; 8 of float64), each lying whole, the last
one filled up with zeros. A tile of 6 rows by one panel is calculated in the processor's registers:
for each number of the inner axis, one row of the panel times six numbers (Goto and van de Geijn
2008, "Anatomy of high-performance matrix multiplication", section 4). What comes after a product,
ReLU, is done there too, before the tile is written.
"""

import numpy as np

from dlcore.backends.cpu.fast_math import clear, copy
from dlcore.backends.numba.compile import compiled, shared
from dlcore.backends.numba.lanes import (
    BYTES,
    load,
    not_below_zero,
    number,
    plus,
    plus_times,
    store,
    zeros,
)

ROWS = 6  # of a tile: 6 times 64 bytes of sums leave registers for the rest
PLACES = 64  # so many rows are added up at a time, which stay in the nearest cache


@compiled
def empty_panels(w):
    """Where `pack` puts w (k, f): panels of all its rows and some columns."""
    columns = BYTES // w.itemsize
    return np.empty((-(-w.shape[1] // columns), w.shape[0], columns), w.dtype)


@shared(any_order=True)
def pack(panels, w):
    """Bring w (k, f) into panels."""
    number, k, columns = panels.shape
    for panel in range(number):
        start = panel * columns
        stop = min(start + columns, w.shape[1])
        for row in range(k):
            target, source = panels[panel, row], w[row, start:stop]
            for j in range(source.size):
                target[j] = source[j]
            for j in range(source.size, columns):
                target[j] = 0


@compiled
def _tiles(y, x, panels, first, relu):
    (n, size), (number, inner, columns) = y.shape, panels.shape
    last = np.empty((ROWS, columns), y.dtype)  # where a panel reaches over the last column
    for start in range(0, n, ROWS):
        # The last tile takes in rows of the one before: the same numbers once more.
        i = min(start, n - ROWS)
        x0, x1, x2, x3, x4, x5 = x[i], x[i + 1], x[i + 2], x[i + 3], x[i + 4], x[i + 5]
        for p in range(number):
            a = b = c = d = e = f = load(first, p * columns)
            for k in range(inner):
                w = load(panels, (p * inner + k) * columns)
                a = plus_times(a, w, x0[k])
                b = plus_times(b, w, x1[k])
                c = plus_times(c, w, x2[k])
                d = plus_times(d, w, x3[k])
                e = plus_times(e, w, x4[k])
                f = plus_times(f, w, x5[k])
            if relu:
                a, b, c = not_below_zero(a), not_below_zero(b), not_below_zero(c)
                d, e, f = not_below_zero(d), not_below_zero(e), not_below_zero(f)
            whole = (p + 1) * columns <= size
            target, step, at = (y, size, i * size + p * columns) if whole else (last, columns, 0)
            store(target, at, a)
            store(target, at + step, b)
            store(target, at + 2 * step, c)
            store(target, at + 3 * step, d)
            store(target, at + 4 * step, e)
            store(target, at + 5 * step, f)
            if not whole:
                for row in range(ROWS):
                    for j in range(p * columns, size):
                        y[i + row, j] = last[row, j - p * columns]


@shared
def multiply_panels(y, x, panels, first, relu):
    """Y = x w + first, and ReLU of that if asked for: y (n, f), x (n, k), w and first in panels.

    Each number of y is summed in the order of the inner axis, whatever rows stand beside it.
    """
    n = y.shape[0]
    if n >= ROWS:
        _tiles(y, x, panels, first, relu)
        return
    more, of_more = np.zeros((ROWS, x.shape[1]), x.dtype), np.empty((ROWS, y.shape[1]), y.dtype)
    for i in range(n):
        copy(more[i], x[i])
    _tiles(of_more, more, panels, first, relu)
    for i in range(n):
        copy(y[i], of_more[i])


@compiled
def _widened(x, columns):
    """A copy of x with so many columns, the last ones zero."""
    wide = np.empty((x.shape[0], columns), x.dtype)
    for i in range(x.shape[0]):
        clear(wide[i])
        copy(wide[i][: x.shape[1]], x[i])
    return wide


@compiled
def _sums(y, x, z):
    """Add x.T z to y; z is as wide as some panels, and y as the first columns of z."""
    (inner, size), columns = y.shape, BYTES // y.itemsize
    tile = np.empty((ROWS, columns), y.dtype)
    for start in range(0, z.shape[0], PLACES):
        stop = min(start + PLACES, z.shape[0])
        for row in range(0, inner, ROWS):
            # The last tile takes in rows of the one before, and leaves them as they are.
            k = min(row, inner - ROWS)
            for column in range(0, z.shape[1], columns):
                a = b = c = d = e = f = zeros(z)
                for i in range(start, stop):
                    of_place, at = load(z, i * z.shape[1] + column), i * inner + k
                    a = plus_times(a, of_place, number(x, at))
                    b = plus_times(b, of_place, number(x, at + 1))
                    c = plus_times(c, of_place, number(x, at + 2))
                    d = plus_times(d, of_place, number(x, at + 3))
                    e = plus_times(e, of_place, number(x, at + 4))
                    f = plus_times(f, of_place, number(x, at + 5))
                if row == k and column + columns <= size:
                    at = k * size + column
                    store(y, at, plus(load(y, at), a))
                    store(y, at + size, plus(load(y, at + size), b))
                    store(y, at + 2 * size, plus(load(y, at + 2 * size), c))
                    store(y, at + 3 * size, plus(load(y, at + 3 * size), d))
                    store(y, at + 4 * size, plus(load(y, at + 4 * size), e))
                    store(y, at + 5 * size, plus(load(y, at + 5 * size), f))
                    continue
                store(tile, 0, a)
                store(tile, columns, b)
                store(tile, 2 * columns, c)
                store(tile, 3 * columns, d)
                store(tile, 4 * columns, e)
                store(tile, 5 * columns, f)
                for r in range(row - k, ROWS):
                    target, source = y[k + r][column : column + columns], tile[r]
                    for j in range(target.size):
                        target[j] += source[j]


@shared
def add_transposed_product(y, x, z):
    """Y += x.T z: y (k, f), x (n, k), z (n, f)."""
    columns = BYTES // y.itemsize
    if z.shape[1] % columns:
        z = _widened(z, -(-z.shape[1] // columns) * columns)
    if y.shape[0] >= ROWS:
        _sums(y, x, z)
        return
    more = np.zeros((ROWS, y.shape[1]), y.dtype)
    _sums(more, _widened(x, ROWS), z)
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[i, j] += more[i, j]
