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

All that is added before and after a product is added over whole rows of tiles: their even columns
side by side, and their odd ones, so that the loops are long and become vector instructions.
"""

import numpy as np
from numba import prange

from dlcore.backends.cpu.fast_math import add, add_run, clear, copy
from dlcore.backends.cpu.panels import (
    add_transposed_product,
    multiply_panels,
    pack,
    shape_of_panels,
)
from dlcore.backends.numba.compile import compiled, shared
from dlcore.backends.numba.registers import number, put

# The gradients of the weights are summed in so many parts, whatever the number of threads.
PARTS = 8


def many_products(z, w):
    """Whether a convolution to z has so many products that several threads pay."""
    return z[..., 0].size * w.size > 1_000_000


def many_images(z, w):
    """Whether there are several images for threads to share out, with products enough."""
    return z.shape[0] > 1 and many_products(z, w)


def suits(z, w, strides, padding, dilation):
    """Whether a convolution to z may go this way, and is clearly faster for it.

    With few channels the additions take as long as the multiplications that they spare, and of an
    odd number of outputs the last tiles lie half outside.
    """
    if w.shape[:2] != (3, 3) or (*strides, *dilation) != (1, 1, 1, 1):
        return False
    _, p, q, _ = z.shape
    inside = p * q > 0.9 * (p + p % 2) * (q + q % 2)
    return min(p, q) >= 4 and min(w.shape[2:]) >= (32 if inside else 64)


@compiled
def _tiles(size):
    """How many tiles lie on an axis with so many outputs."""
    return (size + 1) // 2


@compiled
def _rows_of(z):
    """How many rows of tiles lie on all images together."""
    return z.shape[0] * _tiles(z.shape[1])


@compiled
def _rows_at_once(z):
    """So many of them are worked on at a time: what is made of them stays in the cache."""
    return max(1, 96 // _tiles(z.shape[2]))


@shared
def _plus(y, a, b):
    for k in range(y.size):
        y[k] = a[k] + b[k]


@shared
def _minus(y, a, b):
    for k in range(y.size):
        y[k] = a[k] - b[k]


@shared
def _plus_minus(y, a, b, c):
    for k in range(y.size):
        y[k] = a[k] + b[k] - c[k]


@shared
def _minus_minus(y, a, b, c):
    for k in range(y.size):
        y[k] = a[k] - b[k] - c[k]


@shared
def _outputs(y0, y1, m0, m1, m2, m3):
    for k in range(y0.size):
        y0[k] = m0[k] + m1[k] + m2[k]
    for k in range(y1.size):
        y1[k] = m1[k] - m2[k] + m3[k]


@shared
def _weights(u1, u2, g0, g1, g2):
    half = u1.dtype.type(0.5)
    for k in range(u1.size):
        u1[k] = half * (g0[k] + g2[k]) + half * g1[k]
    for k in range(u2.size):
        u2[k] = half * (g0[k] + g2[k]) - half * g1[k]


@shared
def _weights_grad(g0, g1, g2, u0, u1, u2, u3):
    half = u1.dtype.type(0.5)
    for k in range(g0.size):
        g0[k] = u0[k] + half * (u1[k] + u2[k])
    for k in range(g1.size):
        g1[k] = half * (u1[k] - u2[k])
    for k in range(g2.size):
        g2[k] = half * (u1[k] + u2[k]) + u3[k]


@shared
def _transform_weights(g, w):
    """The g (16, c, f) of w (3, 3, c, f)."""
    size = w[0, 0].size
    kernel, four = w.reshape(3, 3, size), g.reshape(4, 4, size)
    rows = np.empty((4, 3, size), w.dtype)
    for j in range(3):
        copy(rows[0, j], kernel[0, j])
        _weights(rows[1, j], rows[2, j], kernel[0, j], kernel[1, j], kernel[2, j])
        copy(rows[3, j], kernel[2, j])
    for u in range(4):
        row = rows[u]
        copy(four[u, 0], row[0])
        _weights(four[u, 1], four[u, 2], row[0], row[1], row[2])
        copy(four[u, 3], row[2])


@shared
def _sum_parts(dw, db, dgs, dbs):
    """The gradients dw and db, whose parts are summed in their order."""
    dg = np.zeros(dgs.shape[1:], dw.dtype)
    clear(db)
    for part in range(dbs.shape[0]):
        add(dg.reshape(-1), dgs[part].reshape(-1))
        add(db, dbs[part])
    _weights_back(dw, dg)


@shared
def _weights_back(dw, dg):
    """Dw (3, 3, c, f) of dg (16, c, f)."""
    size = dw[0, 0].size
    kernel, four = dw.reshape(3, 3, size), dg.reshape(4, 4, size)
    rows = np.empty((4, 3, size), dw.dtype)
    for u in range(4):
        of_row = four[u]
        _weights_grad(
            rows[u, 0], rows[u, 1], rows[u, 2], of_row[0], of_row[1], of_row[2], of_row[3]
        )
    for j in range(3):
        _weights_grad(
            kernel[0, j], kernel[1, j], kernel[2, j],
            rows[0, j], rows[1, j], rows[2, j], rows[3, j],
        )  # fmt: skip


@compiled
def _split(lines, line, left):
    """The even and the odd columns of a line of an image, from `left` columns before it on."""
    _, columns, c = lines.shape
    for place in range(2 * columns):
        to, column = (place % 2 * columns + place // 2) * c, place - left
        at, inside = column * c, 0 <= column < line.shape[0]
        for k in range(c):
            put(lines, to + k, number(line, at + k) if inside else 0)


@shared
def _to_tiles(d, x, first, last, rows, columns, top, left):
    """The cells d (16, tiles, c), of the rows of tiles `first` to `last` of all images."""
    c = x.shape[3]
    size = columns * c
    lines = np.empty((2, columns + 1, c), x.dtype)
    even, odd = lines[0].reshape(-1), lines[1].reshape(-1)
    e, next_e, o, next_o = even[:size], even[c:], odd[:size], odd[c:]
    seen = np.empty((4, 4, size), x.dtype)  # of a row of cells, by its number modulo 4
    for nth in range(first, last):
        image, row = x[nth // rows], nth % rows
        for i in range(4):
            if i < 2 and row > 0 and nth > first:
                continue  # the row of tiles above has made it
            line, of_row = 2 * row + i - top, seen[(2 * row + i) % 4]
            if not 0 <= line < image.shape[0]:
                clear(of_row.reshape(-1))
                continue
            _split(lines, image[line], left)
            _minus(of_row[0], e, next_e)
            _plus(of_row[1], o, next_e)
            _minus(of_row[2], next_e, o)
            _minus(of_row[3], next_o, o)
        d0, d1 = seen[2 * row % 4], seen[(2 * row + 1) % 4]
        d2, d3 = seen[(2 * row + 2) % 4], seen[(2 * row + 3) % 4]
        start, stop = (nth - first) * columns, (nth - first + 1) * columns
        for v in range(4):
            _minus(d[v][start:stop].reshape(-1), d0[v], d2[v])
            _plus(d[4 + v][start:stop].reshape(-1), d1[v], d2[v])
            _minus(d[8 + v][start:stop].reshape(-1), d2[v], d1[v])
            _minus(d[12 + v][start:stop].reshape(-1), d3[v], d1[v])


@shared
def _from_tiles(y, m, first, last, rows, columns, b, relu):
    """The outputs y of these rows of tiles, from their 16 products m (16, tiles, f)."""
    _, p, q, f = y.shape
    size = columns * f
    both, lines = np.empty((2, 4, size), m.dtype), np.empty((2, size), m.dtype)
    for nth in range(first, last):
        image, row = y[nth // rows], nth % rows
        start, stop = (nth - first) * columns, (nth - first + 1) * columns
        for v in range(4):
            _outputs(
                both[0, v], both[1, v],
                m[v][start:stop].reshape(-1), m[4 + v][start:stop].reshape(-1),
                m[8 + v][start:stop].reshape(-1), m[12 + v][start:stop].reshape(-1),
            )  # fmt: skip
        for i in range(min(2, p - 2 * row)):
            of_row = both[i]
            _outputs(lines[0], lines[1], of_row[0], of_row[1], of_row[2], of_row[3])
            line = image[2 * row + i]
            for column in range(q):
                to, at = column * f, column % 2 * size + column // 2 * f
                for k in range(f):
                    total = number(lines, at + k) + b[k]
                    # A NaN is not below zero: it stays, and is seen.
                    put(line, to + k, 0 if relu and total < 0 else total)


@shared
def _pack_weights(panels, g, turned):
    """The transformed weights g (16, c, f) in panels, or each of their transposes."""
    for place in range(16):
        pack(panels[place], g[place], turned)


@compiled
def _panels_of(g, turned):
    panels = np.empty((16, *shape_of_panels(g[0], turned)), g.dtype)
    _pack_weights(panels, g, turned)
    return panels


@shared
def _convolve(z, x, g, b, relu, first, last, top, left):
    """conv2d of these rows of tiles, or conv2d_relu; g are the transformed weights, in panels."""
    nothing = np.zeros(z.shape[3], x.dtype)
    rows, columns = _tiles(z.shape[1]), _tiles(z.shape[2])
    d = np.empty((16, (last - first) * columns, x.shape[3]), x.dtype)
    m = np.empty((16, d.shape[1], z.shape[3]), x.dtype)
    _to_tiles(d, x, first, last, rows, columns, top, left)
    for place in range(16):
        multiply_panels(m[place], d[place], g[place], nothing, False)
    _from_tiles(z, m, first, last, rows, columns, b, relu)


@shared
def _outputs_grad(dm, db, dy, y, first, last, rows, columns):
    """The dm (16, tiles, f) of these rows of tiles; db is added to. With y dy goes through ReLU."""
    _, p, q, f = dy.shape
    lines = np.empty((2, columns, f), dy.dtype)
    even, odd = lines[0].reshape(-1), lines[1].reshape(-1)
    along = np.empty((2, 4, even.size), dy.dtype)
    for nth in range(first, last):
        image, row = nth // rows, nth % rows
        for i in range(2):
            of_row = along[i]
            if 2 * row + i >= p:
                clear(of_row.reshape(-1))
                continue
            slopes = dy[image, 2 * row + i]
            for column in range(2 * columns):
                to, at = (column % 2 * columns + column // 2) * f, column * f
                if column >= q:
                    for k in range(f):
                        put(lines, to + k, 0)
                elif y.size:
                    values = y[image, 2 * row + i]
                    for k in range(f):
                        slope = number(slopes, at + k)
                        put(lines, to + k, slope if number(values, at + k) > 0 else 0)
                else:
                    for k in range(f):
                        put(lines, to + k, number(slopes, at + k))
                for k in range(f):
                    db[k] += number(lines, to + k)
            copy(of_row[0], even)
            _plus(of_row[1], even, odd)
            _minus(of_row[2], even, odd)
            copy(of_row[3], odd)
        start, stop = (nth - first) * columns, (nth - first + 1) * columns
        for v in range(4):
            copy(dm[v][start:stop].reshape(-1), along[0, v])
            _plus(dm[4 + v][start:stop].reshape(-1), along[0, v], along[1, v])
            _minus(dm[8 + v][start:stop].reshape(-1), along[0, v], along[1, v])
            copy(dm[12 + v][start:stop].reshape(-1), along[1, v])


@shared
def _tiles_grad(dx, dd, first, last, rows, columns, top, left):
    """Add to dx what the cells of these rows of tiles say, dd (16, tiles, c)."""
    _, height, width, c = dx.shape
    size = columns * c
    lines, along = np.empty((2, columns + 1, c), dx.dtype), np.empty((4, size), dx.dtype)
    even, odd = lines[0].reshape(-1), lines[1].reshape(-1)
    e, next_e, o, next_o = even[:size], even[c:], odd[:size], odd[c:]
    for nth in range(first, last):
        image, row = dx[nth // rows], nth % rows
        start, stop = (nth - first) * columns, (nth - first + 1) * columns
        for i in range(4):
            line = 2 * row + i - top
            if not 0 <= line < height:
                continue
            for v in range(4):
                r0, r1 = dd[v][start:stop].reshape(-1), dd[4 + v][start:stop].reshape(-1)
                r2, r3 = dd[8 + v][start:stop].reshape(-1), dd[12 + v][start:stop].reshape(-1)
                if i == 0:
                    copy(along[v], r0)
                elif i == 1:
                    _minus_minus(along[v], r1, r2, r3)
                elif i == 2:
                    _plus_minus(along[v], r1, r2, r0)
                else:
                    copy(along[v], r3)
            clear(lines.reshape(-1))
            _plus_minus(next_e, along[1], along[2], along[0])
            add(e, along[0])
            copy(next_o, along[3])
            _minus_minus(along[3], along[1], along[2], next_o)
            add(o, along[3])
            cells = image[line]
            for place in range(2 * columns + 2):
                column = place - left
                if 0 <= column < width:
                    at = (place % 2 * (columns + 1) + place // 2) * c
                    add_run(cells, column * c, lines, at, c)


@shared
def _convolve_back(dx, dg, db, dy, y, x, g, top, left):
    """conv2d_grad of some images, with dg (16, c, f) for dw; y is empty where there is no ReLU.

    The transposes of the transformed weights lie in panels, g.
    """
    nothing = np.zeros(x.shape[3], x.dtype)
    rows, columns = _tiles(dy.shape[1]), _tiles(dy.shape[2])
    clear(dg.reshape(-1))
    clear(db)
    clear(dx.reshape(-1))
    together, end = _rows_at_once(dy), _rows_of(dy)
    d = np.empty((16, min(together, end) * columns, x.shape[3]), x.dtype)
    dm = np.empty((16, d.shape[1], dy.shape[3]), x.dtype)
    for first in range(0, end, together):
        last = min(first + together, end)
        count = (last - first) * columns
        _to_tiles(d, x, first, last, rows, columns, top, left)
        _outputs_grad(dm, db, dy, y, first, last, rows, columns)
        for place in range(16):
            add_transposed_product(dg[place], d[place][:count], dm[place][:count])
        if dx.size:
            for place in range(16):
                some = d[place][:count]  # from here on dd
                multiply_panels(some, dm[place][:count], g[place], nothing, False)
            _tiles_grad(dx, d, first, last, rows, columns, top, left)


@compiled(large=lambda z, x, w, *_: many_products(z, w))
def conv(z, x, w, b, strides, padding, dilation):
    """conv2d in this way."""
    rows, together = _rows_of(z), _rows_at_once(z)
    g = np.empty((16, *w.shape[2:]), w.dtype)
    _transform_weights(g, w)
    packed = _panels_of(g, False)
    for turn in prange((rows + together - 1) // together):
        first, last = turn * together, min(turn * together + together, rows)
        _convolve(z, x, packed, b, False, first, last, padding[0], padding[2])


@compiled(large=lambda y, x, w, *_: many_products(y, w))
def conv_relu(y, x, w, b, strides, padding, dilation):
    """conv2d_relu in this way."""
    rows, together = _rows_of(y), _rows_at_once(y)
    g = np.empty((16, *w.shape[2:]), w.dtype)
    _transform_weights(g, w)
    packed = _panels_of(g, False)
    for turn in prange((rows + together - 1) // together):
        first, last = turn * together, min(turn * together + together, rows)
        _convolve(y, x, packed, b, True, first, last, padding[0], padding[2])


@compiled(large=lambda dx, dw, db, dz, x, w, *_: many_images(dz, w))
def conv_grad(dx, dw, db, dz, x, w, strides, padding, dilation):
    """conv2d_grad in this way."""
    parts, g = min(dz.shape[0], PARTS), np.empty((16, *w.shape[2:]), w.dtype)
    _transform_weights(g, w)
    packed = _panels_of(g, True)
    dgs, dbs = np.empty((parts, *g.shape), x.dtype), np.empty((parts, db.size), x.dtype)
    for part in prange(parts):
        some = slice(part * len(x) // parts, (part + 1) * len(x) // parts)
        _convolve_back(
            dx[some], dgs[part], dbs[part], dz[some], dz[:0], x[some], packed, *padding[::2]
        )
    _sum_parts(dw, db, dgs, dbs)


@compiled(large=lambda dx, dw, db, dy, y, x, w, *_: many_images(y, w))
def conv_relu_grad(dx, dw, db, dy, y, x, w, strides, padding, dilation):
    """conv2d_relu_grad in this way."""
    parts, g = min(dy.shape[0], PARTS), np.empty((16, *w.shape[2:]), w.dtype)
    _transform_weights(g, w)
    packed = _panels_of(g, True)
    dgs, dbs = np.empty((parts, *g.shape), x.dtype), np.empty((parts, db.size), x.dtype)
    for part in prange(parts):
        some = slice(part * len(x) // parts, (part + 1) * len(x) // parts)
        _convolve_back(
            dx[some], dgs[part], dbs[part], dy[some], y[some], x[some], packed, *padding[::2]
        )
    _sum_parts(dw, db, dgs, dbs)
