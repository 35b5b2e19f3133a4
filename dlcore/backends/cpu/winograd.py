"""Convolution with kernels of 3 by 3 in fewer multiplications, compiled by Numba.

Two outputs side by side, of a kernel (g0, g1, g2) on one axis, see four cells d0 to d3. As they
stand they take six multiplications; Winograd's way takes four,

    m0 = (d0 - d2) g0                     y0 = m0 + m1 + m2
    m1 = (d1 + d2) (g0 + g1 + g2) / 2     y1 = m1 - m2 + m3
    m2 = (d2 - d1) (g0 - g1 + g2) / 2
    m3 = (d3 - d1) g2

and on both axes of an image, first along one and then along the other, four outputs take 16 rather
than 36 (Lavin and Gray 2016, "Fast algorithms for convolutional neural networks", section 4.1). The
sum over the channels makes 16 matrix products of it, one for each place (u, v) of the 4 by 4:

    m[u, v] = d[u, v] g[u, v]             (tiles, c) by (c, f)

A tile is the 2 by 2 outputs, or the 4 by 4 cells that they see. The gradients take the same steps,
each turned round: dm from dy, then dg = dT dm and dd = dm gT, and back to w and x.

What is added before and after the products is added in the processor's registers, tile by tile: of
as many channels as one holds, all 16 numbers of a tile at a time. A tile that lies partly outside
the image is cut out of it first, or put into it afterwards, through a square of its own.
"""

import numpy as np
from numba import prange

from dlcore.backends.cpu.fast_math import add_run, clear, zeros
from dlcore.backends.cpu.panels import (
    add_transposed_product,
    multiply_panels,
    pack,
    positions,
    shape_of_panels,
)
from dlcore.backends.cpu.parts import PARTS, part_of, sum_rows
from dlcore.backends.numba.compile import compiled, shared
from dlcore.backends.numba.registers import (
    ROWS,
    add_vector,
    halves,
    lanes,
    not_below_zero,
    number,
    put,
    put_vector,
    scratch,
    vector,
    where_positive,
)

CACHE = 400_000  # bytes that stay near a core, in the second of its caches


def many_products(z, w):
    """Whether a convolution to z has so many products that several threads pay."""
    return z[..., 0].size * w.size > 1_000_000


def many_images(z, w):
    """Whether there are several images for threads to share out, with products enough."""
    return z.shape[0] > 1 and many_products(z, w)


def suits(z, w, strides, padding, dilation):
    """Whether a convolution to z may go this way, and is clearly faster for it.

    With few channels the additions take as long as the multiplications that they spare, and of an
    odd number of outputs the last tiles lie half outside: there it takes many channels to win more
    than the seconds for which these kernels compile.
    """
    if w.shape[:2] != (3, 3) or (*strides, *dilation) != (1, 1, 1, 1):
        return False
    _, p, q, _ = z.shape
    channels, inside = min(w.shape[2:]), p * q / ((p + p % 2) * (q + q % 2))
    return min(p, q) >= 4 and (channels >= 16 if inside > 0.9 else channels >= 64 and inside > 0.8)


@compiled
def _tiles(size):
    """How many tiles lie on an axis with so many outputs."""
    return (size + 1) // 2


@compiled
def _rows_at_once(z, x):
    """So many of them are worked on at a time: what is made of them stays in the cache."""
    tile = 16 * (x.shape[3] + z.shape[3]) * x.itemsize  # bytes
    tiles = max(4 * ROWS, CACHE // tile)
    return max(1, tiles // _tiles(z.shape[2]))


# Along one axis: what is multiplied of four cells and of three weights, the outputs of four
# products, and each of them turned round, all for vectors of the channels.
@compiled
def _cells(d0, d1, d2, d3):
    return d0 - d2, d1 + d2, d2 - d1, d3 - d1


@compiled
def _cells_grad(d0, d1, d2, d3):
    return d0, d1 - d2 - d3, d1 + d2 - d0, d3


@compiled
def _weights(g0, g1, g2):
    outer, middle = halves(g0 + g2), halves(g1)
    return g0, outer + middle, outer - middle, g2


@compiled
def _weights_grad(g0, g1, g2, g3):
    outer = halves(g1 + g2)
    return g0 + outer, halves(g1 - g2), outer + g3


@compiled
def _outputs(m0, m1, m2, m3):
    return m0 + m1 + m2, m1 - m2 + m3


@compiled
def _outputs_grad(y0, y1):
    return y0, y0 + y1, y0 - y1, y1


@compiled
def _four(x, at, step):
    """Four vectors of an array, each so many numbers on from the one before."""
    third = at + 2 * step
    return vector(x, at), vector(x, at + step), vector(x, third), vector(x, third + step)


@compiled
def _put_four(x, at, step, four):
    put_vector(x, at, four[0])
    put_vector(x, at + step, four[1])
    put_vector(x, at + 2 * step, four[2])
    put_vector(x, at + 3 * step, four[3])


@compiled
def _add_four(x, at, step, four, left):
    add_vector(x, at, four[0], left)
    add_vector(x, at + step, four[1], left)
    add_vector(x, at + 2 * step, four[2], left)
    add_vector(x, at + 3 * step, four[3], left)


@compiled
def _three_weights(w, at, size):
    return _weights(vector(w, at), vector(w, at + size), vector(w, at + 2 * size))


@shared
def _transform_weights(g, w):
    """The g (16, c, f) of w (3, 3, c, f)."""
    size, some = w.size // 9, lanes(w)
    for start in range(0, size, some):
        k = min(start, size - some)
        r0 = _three_weights(w, k, size)
        r1 = _three_weights(w, k + 3 * size, size)
        r2 = _three_weights(w, k + 6 * size, size)
        _put_four(g, k, 4 * size, _weights(r0[0], r1[0], r2[0]))
        _put_four(g, k + size, 4 * size, _weights(r0[1], r1[1], r2[1]))
        _put_four(g, k + 2 * size, 4 * size, _weights(r0[2], r1[2], r2[2]))
        _put_four(g, k + 3 * size, 4 * size, _weights(r0[3], r1[3], r2[3]))


@compiled
def _sum_vectors(sums, parts, at, step):
    """To 16 vectors: those of all parts, so many numbers apart, added up in the parts' order."""
    some, part = lanes(sums), 16 * step
    for place in range(16):
        total = vector(parts, at + place * step)
        for further in range(at + place * step + part, parts.size, part):
            total = total + vector(parts, further)
        put_vector(sums, place * some, total)


@shared
def _sum_parts(dw, db, dgs, dbs):
    """The gradients dw (3, 3, c, f) and db, of parts: dgs (parts, 16, c, f) and dbs (parts, f)."""
    sum_rows(db, dbs)
    size, some = dw.size // 9, lanes(dw)
    sums = scratch(16 * some, dw.dtype)
    for start in range(0, size, some):
        k = min(start, size - some)
        _sum_vectors(sums, dgs, k, size)
        r0 = _weights_grad(*_four(sums, 0, some))
        r1 = _weights_grad(*_four(sums, 4 * some, some))
        r2 = _weights_grad(*_four(sums, 8 * some, some))
        r3 = _weights_grad(*_four(sums, 12 * some, some))
        for j in range(3):
            w0, w1, w2 = _weights_grad(r0[j], r1[j], r2[j], r3[j])
            put_vector(dw, k + j * size, w0)
            put_vector(dw, k + (3 + j) * size, w1)
            put_vector(dw, k + (6 + j) * size, w2)


@compiled
def _new_tiles(count, channels, x):
    """Room for the 16 numbers of so many tiles, in each channel.

    There is one tile more, for nobody. Else the 16 are often a multiple of 4096 bytes apart, and a
    cache that holds only some lines of such addresses could not keep them all.
    """
    return scratch(16 * (count + 1) * channels, x.dtype).reshape(16, count + 1, channels)


@compiled
def _lies_in(row, column, size, height, width):
    """Whether a square of so many cells a side, from a row and a column on, lies in an image."""
    return 0 <= row <= height - size and 0 <= column <= width - size


@shared
def _cut_out(square, side, image, row, column):
    """The cells of an image from a row and a column on, and zeros where it has none."""
    height, width, c = image.shape
    for i in range(side):
        for j in range(side):
            inside = 0 <= row + i < height and 0 <= column + j < width
            to, at = (i * side + j) * c, ((row + i) * width + column + j) * c
            for k in range(c):
                put(square, to + k, number(image, at + k) if inside else 0)


@shared
def _put_in(image, square, side, row, column, added):
    """Write a square into an image from a row and a column on, or add it, where they overlap."""
    height, width, c = image.shape
    for i in range(max(0, -row), min(side, height - row)):
        for j in range(max(0, -column), min(side, width - column)):
            to, at = ((row + i) * width + column + j) * c, (i * side + j) * c
            if added:
                add_run(image, to, square, at, c)
            else:
                for k in range(c):
                    put(image, to + k, number(square, at + k))


@shared
def _to_tile(d, to, cells, at, row, c):
    """From 4 by 4 cells, whose rows are so many numbers apart."""
    step, some = d.size // 16, lanes(d)
    for start in range(0, c, some):
        k = min(start, c - some)
        r0 = _cells(*_four(cells, at + k, c))
        r1 = _cells(*_four(cells, at + k + row, c))
        r2 = _cells(*_four(cells, at + k + 2 * row, c))
        r3 = _cells(*_four(cells, at + k + 3 * row, c))
        _put_four(d, to + k, 4 * step, _cells(r0[0], r1[0], r2[0], r3[0]))
        _put_four(d, to + k + step, 4 * step, _cells(r0[1], r1[1], r2[1], r3[1]))
        _put_four(d, to + k + 2 * step, 4 * step, _cells(r0[2], r1[2], r2[2], r3[2]))
        _put_four(d, to + k + 3 * step, 4 * step, _cells(r0[3], r1[3], r2[3], r3[3]))


@shared
def _to_tiles(d, x, first, last, rows, columns, top, left):
    """The cells d (16, tiles, c), of the rows of tiles `first` to `last` of all images."""
    _, height, width, c = x.shape
    square, cells = scratch(16 * c, x.dtype), x.reshape(-1)
    for nth in range(first, last):
        image, row = nth // rows, 2 * (nth % rows) - top
        for tile in range(columns):
            to, column = ((nth - first) * columns + tile) * c, 2 * tile - left
            if _lies_in(row, column, 4, height, width):
                at = ((image * height + row) * width + column) * c
                _to_tile(d, to, cells, at, width * c, c)
            else:
                _cut_out(square, 4, x[image], row, column)
                _to_tile(d, to, square, 0, 4 * c, c)


@shared
def _from_tile(outputs, to, row, m, at, b, relu, f):
    """To 2 by 2 outputs, whose rows are so many numbers apart."""
    step, some = m.size // 16, lanes(m)
    for start in range(0, f, some):
        k = min(start, f - some)
        r0 = _outputs(*_four(m, at + k, 4 * step))
        r1 = _outputs(*_four(m, at + k + step, 4 * step))
        r2 = _outputs(*_four(m, at + k + 2 * step, 4 * step))
        r3 = _outputs(*_four(m, at + k + 3 * step, 4 * step))
        bias = vector(b, k)
        for i in range(2):
            y0, y1 = _outputs(r0[i], r1[i], r2[i], r3[i])
            y0, y1 = y0 + bias, y1 + bias
            if relu:
                y0, y1 = not_below_zero(y0), not_below_zero(y1)
            put_vector(outputs, to + i * row + k, y0)
            put_vector(outputs, to + i * row + f + k, y1)


@shared
def _from_tiles(y, m, first, last, rows, columns, b, relu):
    """The outputs y of these rows of tiles, from their 16 products m (16, tiles, f)."""
    _, p, q, f = y.shape
    square, outputs = scratch(4 * f, y.dtype), y.reshape(-1)
    for nth in range(first, last):
        image, row = nth // rows, 2 * (nth % rows)
        for tile in range(columns):
            at, column = ((nth - first) * columns + tile) * f, 2 * tile
            if _lies_in(row, column, 2, p, q):
                to = ((image * p + row) * q + column) * f
                _from_tile(outputs, to, q * f, m, at, b, relu, f)
            else:
                _from_tile(square, 0, 2 * f, m, at, b, relu, f)
                _put_in(y[image], square, 2, row, column, False)


@shared
def _pack_weights(panels, w, turned):
    """The weights, transformed and in panels, or the 16 transposes of what they are then."""
    _, _, c, f = w.shape
    g = scratch(16 * c * f, w.dtype).reshape(16, c, f)
    _transform_weights(g, w)
    for place in range(16):
        pack(panels[place], 0, g[place], turned)


@compiled
def _panels_of(w, turned):
    count, inner, columns = shape_of_panels(w[0, 0], turned)
    panels = scratch(16 * count * inner * columns, w.dtype)
    panels = panels.reshape(16, count, inner, columns)
    _pack_weights(panels, w, turned)
    return panels


@shared
def _multiply(m, d, panels, count):
    """The 16 products of so many tiles, m (16, tiles, f) of d (16, tiles, c)."""
    _, _, f = m.shape
    tiles, channels = positions(count, d.shape[2]), positions(d.shape[2], 1)
    nothing = zeros(f, m.dtype)
    for place in range(16):
        one, cells = m[place][:count], d[place].reshape(-1)
        multiply_panels(one, 0, cells, tiles, channels, panels[place], nothing, False)


@shared
def _convolve(z, x, panels, b, relu, first, last, top, left):
    """conv2d of these rows of tiles, or conv2d_relu."""
    rows, columns = _tiles(z.shape[1]), _tiles(z.shape[2])
    count = (last - first) * columns
    d, m = _new_tiles(count, x.shape[3], x), _new_tiles(count, z.shape[3], x)
    _to_tiles(d, x, first, last, rows, columns, top, left)
    _multiply(m, d, panels, count)
    _from_tiles(z, m, first, last, rows, columns, b, relu)


@shared
def _from_outputs(dm, to, db, dy, y, at, row, f):
    """From the gradients of 2 by 2 outputs; those of outputs that are not above 0 count as 0."""
    step, some = dm.size // 16, lanes(dm)
    for start in range(0, f, some):
        k = min(start, f - some)
        here, below = at + k, at + k + row
        s0, s1 = vector(dy, here), vector(dy, here + f)
        s2, s3 = vector(dy, below), vector(dy, below + f)
        if y.size:
            s0, s1 = where_positive(s0, vector(y, here)), where_positive(s1, vector(y, here + f))
            s2, s3 = where_positive(s2, vector(y, below)), where_positive(s3, vector(y, below + f))
        add_vector(db, k, s0 + s1 + s2 + s3, start - k)
        r0, r1 = _outputs_grad(s0, s1), _outputs_grad(s2, s3)
        _put_four(dm, to + k, 4 * step, _outputs_grad(r0[0], r1[0]))
        _put_four(dm, to + k + step, 4 * step, _outputs_grad(r0[1], r1[1]))
        _put_four(dm, to + k + 2 * step, 4 * step, _outputs_grad(r0[2], r1[2]))
        _put_four(dm, to + k + 3 * step, 4 * step, _outputs_grad(r0[3], r1[3]))


@shared
def _to_products(dm, db, dy, y, first, last, rows, columns):
    """The dm (16, tiles, f) of these rows of tiles; db is added to. With y dy goes through ReLU."""
    _, p, q, f = dy.shape
    slopes, outputs = dy.reshape(-1), y.reshape(-1)
    square, values = scratch(4 * f, y.dtype), scratch(4 * f if y.size else 0, y.dtype)
    for nth in range(first, last):
        image, row = nth // rows, 2 * (nth % rows)
        for tile in range(columns):
            to, column = ((nth - first) * columns + tile) * f, 2 * tile
            if _lies_in(row, column, 2, p, q):
                at = ((image * p + row) * q + column) * f
                _from_outputs(dm, to, db, slopes, outputs, at, q * f, f)
                continue
            _cut_out(square, 2, dy[image], row, column)
            if y.size:
                _cut_out(values, 2, y[image], row, column)
            _from_outputs(dm, to, db, square, values, 0, 2 * f, f)


@shared
def _add_tile(cells, to, row, dd, at, c):
    """To 4 by 4 cells, whose rows are so many numbers apart."""
    step, some = dd.size // 16, lanes(dd)
    for start in range(0, c, some):
        k = min(start, c - some)
        r0 = _cells_grad(*_four(dd, at + k, 4 * step))
        r1 = _cells_grad(*_four(dd, at + k + step, 4 * step))
        r2 = _cells_grad(*_four(dd, at + k + 2 * step, 4 * step))
        r3 = _cells_grad(*_four(dd, at + k + 3 * step, 4 * step))
        for i in range(4):
            some_cells = _cells_grad(r0[i], r1[i], r2[i], r3[i])
            _add_four(cells, to + k + i * row, c, some_cells, start - k)


@shared
def _from_cells(dx, dd, first, last, rows, columns, top, left):
    """Add to dx what the cells of these rows of tiles say, dd (16, tiles, c)."""
    _, height, width, c = dx.shape
    square, cells = scratch(16 * c, dx.dtype), dx.reshape(-1)
    for nth in range(first, last):
        image, row = nth // rows, 2 * (nth % rows) - top
        for tile in range(columns):
            at, column = ((nth - first) * columns + tile) * c, 2 * tile - left
            if _lies_in(row, column, 4, height, width):
                to = ((image * height + row) * width + column) * c
                _add_tile(cells, to, width * c, dd, at, c)
            else:
                clear(square)
                _add_tile(square, 0, 4 * c, dd, at, c)
                _put_in(dx[image], square, 4, row, column, True)


@shared
def _convolve_back(dx, dgs, dbs, dy, y, x, panels, part, top, left):
    """conv2d_grad of a part of the images, or of conv2d_relu, which gave y; else y is empty.

    The part of dgs (parts, 16, c, f) is for dw.
    """
    dg, db, parts = dgs[part], dbs[part], dbs.shape[0]
    clear(dg.reshape(-1))
    clear(db)
    images = part_of(part, parts, x.shape[0])
    clear(dx[images].reshape(-1))
    rows, columns, together = _tiles(dy.shape[1]), _tiles(dy.shape[2]), _rows_at_once(dy, x)
    most = min(together, (images.stop - images.start) * rows) * columns
    d, dm = _new_tiles(most, x.shape[3], x), _new_tiles(most, dy.shape[3], x)
    tiles, channels = positions(most, x.shape[3]), positions(x.shape[3], 1)
    for first in range(images.start * rows, images.stop * rows, together):
        last = min(first + together, images.stop * rows)
        count = (last - first) * columns
        _to_tiles(d, x, first, last, rows, columns, top, left)
        _to_products(dm, db, dy, y, first, last, rows, columns)
        for place in range(16):
            cells, some = d[place].reshape(-1), dm[place][:count]
            add_transposed_product(dg[place], cells, tiles, channels, some)
        if dx.size:
            _multiply(d, dm, panels, count)  # d is from here on its gradient
            _from_cells(dx, d, first, last, rows, columns, top, left)


@compiled(large=lambda z, x, w, *_: many_products(z, w))
def conv(z, x, w, b, strides, padding, dilation):
    """conv2d in this way."""
    rows, together = z.shape[0] * _tiles(z.shape[1]), _rows_at_once(z, x)
    panels = _panels_of(w, False)
    for turn in prange((rows + together - 1) // together):
        first, last = turn * together, min(turn * together + together, rows)
        _convolve(z, x, panels, b, False, first, last, padding[0], padding[2])


@compiled(large=lambda y, x, w, *_: many_products(y, w))
def conv_relu(y, x, w, b, strides, padding, dilation):
    """conv2d_relu in this way."""
    rows, together = y.shape[0] * _tiles(y.shape[1]), _rows_at_once(y, x)
    panels = _panels_of(w, False)
    for turn in prange((rows + together - 1) // together):
        first, last = turn * together, min(turn * together + together, rows)
        _convolve(y, x, panels, b, True, first, last, padding[0], padding[2])


@compiled(large=lambda dx, dw, db, dz, x, w, *_: many_images(dz, w))
def conv_grad(dx, dw, db, dz, x, w, strides, padding, dilation):
    """conv2d_grad in this way."""
    parts, panels = min(dz.shape[0], PARTS), _panels_of(w, True)
    dgs = np.empty((parts, 16, *w.shape[2:]), w.dtype)
    dbs = np.empty((parts, db.size), db.dtype)
    for part in prange(parts):
        _convolve_back(dx, dgs, dbs, dz, dz[:0], x, panels, part, padding[0], padding[2])
    _sum_parts(dw, db, dgs, dbs)


@compiled(large=lambda dx, dw, db, dy, y, x, w, *_: many_images(y, w))
def conv_relu_grad(dx, dw, db, dy, y, x, w, strides, padding, dilation):
    """conv2d_relu_grad in this way."""
    parts, panels = min(dy.shape[0], PARTS), _panels_of(w, True)
    dgs = np.empty((parts, 16, *w.shape[2:]), w.dtype)
    dbs = np.empty((parts, db.size), db.dtype)
    for part in prange(parts):
        _convolve_back(dx, dgs, dbs, dy, y, x, panels, part, padding[0], padding[2])
    _sum_parts(dw, db, dgs, dbs)
