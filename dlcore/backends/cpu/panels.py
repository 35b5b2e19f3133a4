"""Products with a matrix so small that it stays in the cache, such as the weights of a convolution.

Or such as the weights of a recurrent layer, which come again with each step; a larger one goes a
few panels at a time (`multiply_part`). BLAS brings both matrices into an order of its own, and
where the inner size or the number of rows is small that takes as long as the products. Here the
small one, w, is brought into that order once for all rows that it is multiplied with: into panels
of some columns, each lying whole. A tile of 6 or 8 rows by one panel is calculated in the
processor's registers: for each number of the inner axis, one row of the panel times one number of
each row (Goto and van de Geijn 2008, "Anatomy of high-performance matrix multiplication", section
4). What comes after a product, ReLU, is done there too, before the tile is written.

The other one, x, lies wherever it lies: the number in row i and column k is the one at places[i] +
offsets[k] of an array of one axis. In that way an image is the matrix of what a kernel sees at each
of its places (im2col: Chellapilla et al. 2006, section 3) without anybody writing that matrix down.

A tile is as wide as the registers allow, or narrow where there are few columns. Where rows or
columns do not make whole tiles, the last tile takes in some of the one before, which come out the
same once more; where there are fewer than one tile has, zeros are put beside them.
"""

import numpy as np

from dlcore.backends.cpu.fast_math import clear, copy, zeros
from dlcore.backends.cpu.parts import PARTS, part_of
from dlcore.backends.numba.compile import compiled, shared
from dlcore.backends.numba.registers import (
    NARROW,
    ROWS,
    WIDE,
    add_rows,
    ask_for_rows,
    lanes,
    narrow,
    not_below_zero,
    number,
    plus_products,
    put,
    put_turned,
    put_vector,
    same_rows,
    scratch,
    store_rows,
    vector,
    wide,
)

BLOCK = 96  # so many rows are multiplied with a panel after the other
GROUP = 256 * 1024  # bytes of the panels that are packed and used at a time, in the second cache
PLACES = 64  # so many rows are added up at a time, which stay in the nearest cache


@compiled
def _columns(size, itemsize):
    """How many columns a tile has, where there are so many in all."""
    return (WIDE if size * itemsize >= WIDE else NARROW) // itemsize


@compiled
def shape_of_panels(w, turned):
    """Of those that hold w, or its transpose: how many, and each has all rows, some columns."""
    inner, size = (w.shape[1], w.shape[0]) if turned else w.shape
    columns = _columns(size, w.itemsize)
    return -(-size // columns), inner, columns


@compiled
def _first_column(panel, columns, size):
    return max(0, min(panel * columns, size - columns))


@compiled
def columns_of_panel(panel, w):
    """The columns of w that lie in a panel, where w is wider than one."""
    columns = _columns(w.shape[1], w.itemsize)
    first = _first_column(panel, columns, w.shape[1])
    return slice(first, first + columns)


@shared
def _turn(to, first, step, x, at, apart, rows, columns):
    """To[first + row * step + column] = x[at + column * apart + row], for so many of both."""
    square = lanes(x)
    if rows < square or columns < square:
        for row in range(rows):
            for column in range(columns):
                to[first + row * step + column] = x[at + column * apart + row]
        return
    for begin in range(0, columns, square):
        column = min(begin, columns - square)
        for start in range(0, rows, square):
            row = min(start, rows - square)
            place = at + column * apart + row
            put_turned(to, first + row * step + column, step, x, place, apart)


@compiled
def _pack_panel(panels, place, w, column, columns):
    inner = panels.shape[1]
    for row in range(inner):
        to, at = (place * inner + row) * columns, row * w.shape[1] + column
        for j in range(0, columns, lanes(w)):
            put_vector(panels, to + j, vector(w, at + j))


@compiled
def _pack_few_columns(panels, w, turned):
    _, inner, columns = panels.shape
    size = w.shape[0] if turned else w.shape[1]
    down, beside = (1, inner) if turned else (size, 1)
    for row in range(inner):
        for j in range(columns):
            value = number(w, row * down + j * beside) if j < size else 0
            put(panels, row * columns + j, value)


@shared
def pack(panels, start, w, turned):
    """Bring w (k, f), or its transpose, into panels: the one of this number and those after it."""
    count, inner, columns = panels.shape
    size = w.shape[0] if turned else w.shape[1]
    if size < columns:
        _pack_few_columns(panels, w, turned)
        return
    for panel in range(count):
        column = _first_column(start + panel, columns, size)
        if turned:
            to, at = panel * inner * columns, column * inner
            _turn(panels.reshape(-1), to, columns, w.reshape(-1), at, inner, inner, columns)
        elif columns == 2 * lanes(w):  # a constant, so that there is no loop for so few
            _pack_panel(panels, panel, w, column, 2 * lanes(w))
        else:
            _pack_panel(panels, panel, w, column, lanes(w))


@compiled
def room_for_panels(w, turned):
    """New panels for w, or its transpose."""
    count, inner, columns = shape_of_panels(w, turned)
    return scratch(count * inner * columns, w.dtype).reshape(count, inner, columns)


@compiled
def panels_of(w, turned):
    """New panels that hold w, or its transpose."""
    panels = room_for_panels(w, turned)
    pack(panels, 0, w, turned)
    return panels


@compiled
def turn(y, x, start):
    """Y (columns, n) = the transpose of so many columns of x (n, k), from one on."""
    columns, n = y.shape
    _turn(y.reshape(-1), 0, n, x.reshape(-1), start, x.shape[1], columns, n)


@shared
def _put_into(larger, x):
    for i in range(larger.shape[0]):
        clear(larger[i])
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


@compiled
def _as_long(size, b):
    """B, or a copy of it with zeros behind it, of so many numbers."""
    if b.size >= size:
        return b
    longer = zeros(size, b.dtype)
    copy(longer[: b.size], b)
    return longer


@shared
def _take_from(y, larger):
    for i in range(y.shape[0]):
        copy(y[i], larger[i])


@compiled
def positions(count, step):
    """The positions of so many numbers or rows, each so many numbers on from the one before."""
    found = np.empty(count, np.intp)
    for i in range(count):
        found[i] = i * step
    return found


@compiled
def _multiply(target, start, x, places, offsets, panels, first, relu, nothing):
    count, inner, columns = panels.shape
    n, size = target.shape
    for block in range(0, n, BLOCK):
        for p in range(count):  # each stays in the nearest cache for all rows of a block
            column = _first_column(start + p, columns, size)
            for row in range(block, min(block + BLOCK, n), ROWS):
                i = min(row, n - ROWS)
                ask_for_rows(target, i * size + column, size, nothing)
                tile = same_rows(nothing, first, column)
                for k in range(inner):
                    at = (p * inner + k) * columns
                    tile = plus_products(tile, x, places, i, number(offsets, k), panels, at)
                if relu:
                    tile = not_below_zero(tile)
                store_rows(target, i * size + column, size, tile)


@shared
def multiply_panels(y, start, x, places, offsets, panels, b, relu):
    """Y = x w + b, and ReLU of that if asked for: y (n, f), w (k, f) in panels, b (f,).

    The number of x in row i and column k lies at places[i] + offsets[k]. Each number of y is summed
    in the order of the inner axis, whatever stands beside it. Of y, those columns are written that
    the panels hold, which are the one of this number and some after it.
    """
    columns = panels.shape[2]
    target, first = _at_least(ROWS, columns, y), _as_long(columns, b)
    places = _as_long(ROWS, places)
    if WIDE > NARROW and columns * y.itemsize > NARROW:
        _multiply(target, start, x, places, offsets, panels, first, relu, wide(y))
    else:
        _multiply(target, start, x, places, offsets, panels, first, relu, narrow(y))
    if target.size > y.size:
        _take_from(y, target)


@compiled
def parts_of_panels(w, turned, rows):
    """In so many parts are the panels of w, or of its transpose, that rows are multiplied with.

    So few rows that they make no tile are one part: their tile is written beside them.
    """
    count, _, _ = shape_of_panels(w, turned)
    return min(count, PARTS) if rows >= ROWS else 1


@shared
def multiply_part(y, x, w, turned, b, relu, part, parts):
    """Some columns of y = x w + b, or of x w.T + b: w is packed a few panels at a time."""
    count, inner, columns = shape_of_panels(w, turned)
    own = part_of(part, parts, count)
    some = GROUP // (max(inner, 1) * columns * w.itemsize)
    some = max(1, min(own.stop - own.start, some))
    panels = scratch(some * inner * columns, w.dtype).reshape(some, inner, columns)
    places, offsets = positions(x.shape[0], inner), positions(inner, 1)
    for panel in range(own.start, own.stop, some):
        few = panels[: own.stop - panel]
        pack(few, panel, w, turned)
        multiply_panels(y, panel, x.reshape(-1), places, offsets, few, b, relu)


@compiled
def _add_product(sums, x, places, offsets, z, columns, nothing):
    inner, size = sums.shape
    for start in range(0, z.shape[0], PLACES):
        stop = min(start + PLACES, z.shape[0])
        for row in range(0, inner, ROWS):
            k = min(row, inner - ROWS)
            for column in range(0, size, columns):
                tile = nothing
                for i in range(start, stop):
                    place, at = number(places, i), i * size + column
                    tile = plus_products(tile, x, offsets, k, place, z, at)
                add_rows(sums, k * size + column, size, tile, row - k)


@shared
def add_transposed_product(y, x, places, offsets, z):
    """Y += x.T z: y (k, f), z (n, f); the number (i, k) of x lies at places[i] + offsets[k]."""
    columns = _columns(z.shape[1], z.itemsize)
    size = -(-z.shape[1] // columns) * columns
    sums, offsets, z = _at_least(ROWS, size, y), _as_long(ROWS, offsets), _at_least(0, size, z)
    if WIDE > NARROW and columns * y.itemsize > NARROW:
        _add_product(sums, x, places, offsets, z, columns, wide(y))
    else:
        _add_product(sums, x, places, offsets, z, columns, narrow(y))
    if sums.size > y.size:
        _take_from(y, sums)
