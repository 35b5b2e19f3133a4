"""Convolution of images as matrix products, compiled by Numba.

What the kernel sees at one place of an image, laid out as a row of kh kw c numbers, times the
weights of a filter is one output. All places of an image, one row each, make a matrix; its product
with the weights, (kh kw c, f), is the output of the whole image (im2col: Chellapilla et al. 2006,
section 3; in ten lines of NumPy it stands in the answer key). That matrix is made for a few images
at a time, in scratch space of the kernel, so that it stays in the cache; several threads share out
the images. The weights are brought into an order for these products once for all of them: see
``panels``. Kernels of 3 by 3, the most usual ones, go another way if there are many channels: see
``winograd``.

Numbers are taken and put by their positions in memory, counted from the first of an array. With a
sum in a usual index, ``source[first + k]``, Numba allows for its being negative, and the loop goes
number by number, ten times slower.
"""

import numpy as np
from numba import prange

from dlcore.backends.cpu import winograd
from dlcore.backends.cpu.fast_math import add, add_run, clear
from dlcore.backends.cpu.panels import add_transposed_product, multiply_panels, panels_of
from dlcore.backends.cpu.winograd import PARTS, many_images
from dlcore.backends.numba.compile import compiled, either, shared
from dlcore.backends.numba.registers import number, put


@compiled
def _inside(size, kernel, places, stride, before, dilation):
    """The first place where the kernel lies wholly on the axis, and the one after the last.

    Only for kernels without gaps: there, what it sees lies side by side.
    """
    if dilation != 1:
        return places, places
    first = min(places, -(-before // stride))
    return first, min(places, max(first, (size - kernel + before) // stride + 1))


@shared
def _im2col(patches, x, q, kh, kw, strides, padding, dilation):
    """Row r q + s of patches: what the kernel sees of the image x when at row r, column s.

    Of each row of places the numbers come in three ways: those that the row of places above has
    already, a row of the kernel where it lies wholly inside, and cell by cell at the edges.
    """
    height, width, c = x.shape
    (sr, sc), (dr, dc), (top, _, left, _) = strides, dilation, padding
    first, last = _inside(width, kw, q, sc, left, dc)
    size, run = patches.shape[1], kw * c
    for r in range(patches.shape[0] // q):
        start, known = r * q * size, 0
        if r > 0 and sr == dr:
            # One row of places up, the kernel saw all of this but the last row, one row further on.
            # One copy of the whole fills the last row with what stands there next, and is mended.
            known, above = kh - 1, start - q * size + run
            for k in range(q * size - run):
                put(patches, start + k, number(patches, above + k))
        for i in range(known, kh):
            row = r * sr + i * dr - top
            for s in range(q):
                to = start + s * size + i * run
                if not 0 <= row < height:
                    for k in range(run):
                        put(patches, to + k, 0)
                elif first <= s < last:
                    at = (row * width + s * sc - left) * c
                    for k in range(run):
                        put(patches, to + k, number(x, at + k))
                else:
                    for j in range(kw):
                        column = s * sc + j * dc - left
                        at, inside = (row * width + column) * c, 0 <= column < width
                        for k in range(c):
                            put(patches, to + j * c + k, number(x, at + k) if inside else 0)


@shared
def _col2im(dx, dpatches, q, kh, kw, strides, padding, dilation):
    """Add each number of dpatches to the cell of the image that _im2col took it from."""
    height, width, c = dx.shape
    (sr, sc), (dr, dc), (top, _, left, _) = strides, dilation, padding
    first, last = _inside(width, kw, q, sc, left, dc)
    size, run = dpatches.shape[1], kw * c
    for place in range(dpatches.shape[0]):
        r, s = place // q, place % q
        for i in range(kh):
            row, start = r * sr + i * dr - top, place * size + i * run
            if not 0 <= row < height:
                continue
            if first <= s < last:
                add_run(dx, (row * width + s * sc - left) * c, dpatches, start, run)
                continue
            for j in range(kw):
                column = s * sc + j * dc - left
                if 0 <= column < width:
                    add_run(dx, (row * width + column) * c, dpatches, start + j * c, c)


@shared
def _sum_parts(dw, db, dweights, dbiases):
    clear(dw)
    clear(db)
    for part in range(dbiases.shape[0]):
        add(dw, dweights[part].reshape(-1))
        add(db, dbiases[part])


@compiled
def _group_size(n, places):
    """So many images at a time that their matrix has some 128 rows: fewer hardly make tiles."""
    return max(1, min(n, 128 // max(1, places)))


@shared
def _convolve(z, x, w, panels, b, relu, turn, group, strides, padding, dilation):
    """conv2d of the group of images whose turn it is, or conv2d_relu; w lies in panels."""
    kh, kw, c, f = w.shape
    _, p, q, _ = z.shape
    start, stop = turn * group, min(turn * group + group, z.shape[0])
    rows = z[start:stop].reshape(-1, f)  # one for each place of an image
    patches = np.empty((rows.shape[0], kh * kw * c), x.dtype)
    for i in range(stop - start):
        seen = patches[i * p * q : (i + 1) * p * q]
        _im2col(seen, x[start + i], q, kh, kw, strides, padding, dilation)
    multiply_panels(rows, patches, panels, b, relu)


@either(winograd.conv, lambda z, x, w, b, *more: winograd.suits(z, w, *more))
@compiled(large=lambda z, x, w, *_: many_images(z, w))
def conv2d(z, x, w, b, strides, padding, dilation):
    group = _group_size(z.shape[0], z.shape[1] * z.shape[2])
    panels = panels_of(w.reshape(-1, b.size), False)
    for turn in prange((z.shape[0] + group - 1) // group):
        _convolve(z, x, w, panels, b, False, turn, group, strides, padding, dilation)


# Convolution and ReLU in one pass over memory. The plain kernels, one after the other, write a
# large array and read it again. Here ReLU is applied to a few images while they still lie in the
# cache, and its gradient is made just where it is used. All sums are those of the plain kernels,
# so that the bits are theirs.
@either(winograd.conv_relu, lambda y, x, w, b, *more: winograd.suits(y, w, *more))
@compiled(large=lambda y, x, w, *_: many_images(y, w))
def conv2d_relu(y, x, w, b, strides, padding, dilation):
    group = _group_size(y.shape[0], y.shape[1] * y.shape[2])
    panels = panels_of(w.reshape(-1, b.size), False)
    for turn in prange((y.shape[0] + group - 1) // group):
        _convolve(y, x, w, panels, b, True, turn, group, strides, padding, dilation)


@shared
def _convolve_back(dx, dw, db, rows, x, w, panels, q, strides, padding, dilation):
    """conv2d_grad of a few images x, with dz in rows; dw (kh kw c, f) and db are added to.

    The transpose of w lies in panels.
    """
    # As for a dense layer with the rows of patches as its input.
    kh, kw, c, f = w.shape
    patches = np.empty((rows.shape[0], kh * kw * c), x.dtype)
    places = rows.shape[0] // x.shape[0]
    for i in range(x.shape[0]):
        seen = patches[i * places : (i + 1) * places]
        _im2col(seen, x[i], q, kh, kw, strides, padding, dilation)
    add_transposed_product(dw, patches, rows)
    for place in range(rows.shape[0]):
        row = rows[place]
        for k in range(f):
            db[k] += row[k]
    if dx.size == 0:  # nobody asks for it
        return
    nothing = np.zeros(patches.shape[1], x.dtype)
    multiply_panels(patches, rows, panels, nothing, False)  # from here on their gradient
    clear(dx.reshape(-1))
    for i in range(x.shape[0]):
        seen = patches[i * places : (i + 1) * places]
        _col2im(dx[i], seen, q, kh, kw, strides, padding, dilation)


@compiled
def _through_relu(dy, y):
    """In one row: dy where y > 0, else 0."""
    value, gradient = y.reshape(-1), dy.reshape(-1)
    dz = np.empty(value.size, dy.dtype)
    for k in range(dz.size):
        slope = gradient[k]
        dz[k] = slope if value[k] > 0 else 0
    return dz


@shared
def _part_back(dx, dws, dbs, dy, y, x, w, panels, part, strides, padding, dilation):
    """conv2d_grad of a part of the images, or of conv2d_relu, which gave y; else y is empty."""
    dw, db = dws[part], dbs[part]
    clear(dw.reshape(-1))
    clear(db)
    n, p, q, f = dy.shape
    group, parts = _group_size(n, p * q), min(n, PARTS)
    end = (part + 1) * n // parts
    for start in range(part * n // parts, end, group):
        stop = min(start + group, end)
        dz = dy[start:stop].reshape(-1)
        if y.size:
            dz = _through_relu(dz, y[start:stop])
        _convolve_back(
            dx[start:stop], dw, db, dz.reshape(-1, f), x[start:stop], w, panels, q,
            strides, padding, dilation,
        )  # fmt: skip


@either(winograd.conv_grad, lambda dx, dw, db, dz, x, w, *more: winograd.suits(dz, w, *more))
@compiled(large=lambda dx, dw, db, dz, x, w, *_: many_images(dz, w))
def conv2d_grad(dx, dw, db, dz, x, w, strides, padding, dilation):
    parts = min(dz.shape[0], PARTS)
    dws = np.empty((parts, w.size // db.size, db.size), x.dtype)
    dbs = np.empty((parts, db.size), x.dtype)
    panels = panels_of(w.reshape(-1, db.size), True)
    for part in prange(parts):
        _part_back(dx, dws, dbs, dz, dz[:0], x, w, panels, part, strides, padding, dilation)
    _sum_parts(dw.reshape(-1), db, dws, dbs)


@either(
    winograd.conv_relu_grad,
    lambda dx, dw, db, dy, y, x, w, *more: winograd.suits(y, w, *more),
)
@compiled(large=lambda dx, dw, db, dy, y, x, w, *_: many_images(y, w))
def conv2d_relu_grad(dx, dw, db, dy, y, x, w, strides, padding, dilation):
    parts = min(dy.shape[0], PARTS)
    dws = np.empty((parts, w.size // db.size, db.size), x.dtype)
    dbs = np.empty((parts, db.size), x.dtype)
    panels = panels_of(w.reshape(-1, db.size), True)
    for part in prange(parts):
        _part_back(dx, dws, dbs, dy, y, x, w, panels, part, strides, padding, dilation)
    _sum_parts(dw.reshape(-1), db, dws, dbs)
