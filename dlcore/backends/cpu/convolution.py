"""Convolution of images as matrix products, compiled by Numba.

What the kernel sees at one place of an image, laid out as a row of kh kw c numbers, times the
weights of a filter is one output. All places of an image, one row each, make a matrix; its product
with the weights, (kh kw c, f), is the output of the whole image (im2col: Chellapilla et al. 2006,
section 3; in ten lines of NumPy it stands in the answer key). Here that matrix is not made: the
products take each number from where it lies in the image, see ``panels``. With padding the image is
put amidst zeros first. A few images go at a time, so that what is made of them stays in the cache;
several threads share them out. Kernels of 3 by 3, the most usual ones, go another way if there are
many channels: see ``winograd``.
"""

import numpy as np
from numba import prange

from dlcore.backends.cpu import winograd
from dlcore.backends.cpu.fast_math import add_run, clear, through_relu, zeros
from dlcore.backends.cpu.panels import (
    add_transposed_product,
    multiply_panels,
    panels_of,
    positions,
)
from dlcore.backends.cpu.parts import PARTS, part_of, sum_parts
from dlcore.backends.cpu.winograd import many_images
from dlcore.backends.numba.compile import compiled, either, shared
from dlcore.backends.numba.registers import number, put


@compiled
def _with_padding(x, padding):
    """The height and the width of an image together with the padding around it."""
    top, bottom, left, right = padding
    return x.shape[1] + top + bottom, x.shape[2] + left + right


@shared
def _find_cells(places, offsets, x, w, p, q, strides, padding, dilation):
    """Fill the tables of ``_cells_of``."""
    (_, kw, c, _), (height, width) = w.shape, _with_padding(x, padding)
    for place in range(places.size):
        image, r, s = place // (p * q), place // q % p, place % q
        row = image * height + r * strides[0]
        places[place] = (row * width + s * strides[1]) * c
    for k in range(offsets.size):
        i, j = k // (kw * c), k // c % kw
        offsets[k] = (i * dilation[0] * width + j * dilation[1]) * c + k % c


@compiled
def _cells_of(x, w, group, p, q, strides, padding, dilation):
    """Two tables of positions in the memory of so many images, with the padding around each.

    Where each of the p q places begins, and how far from there each of the kh kw c numbers lies
    that the kernel sees.
    """
    places, offsets = np.empty(group * p * q, np.intp), np.empty(w[..., 0].size, np.intp)
    _find_cells(places, offsets, x, w, p, q, strides, padding, dilation)
    return places, offsets


@compiled
def _start_amidst(x, line, padding):
    """Where a row of an image begins in memory with padding, by its number among those of all."""
    (_, rows, _, c), (height, width) = x.shape, _with_padding(x, padding)
    row = line // rows * height + line % rows + padding[0]
    return (row * width + padding[2]) * c


@shared
def _put_amidst(padded, x, padding):
    """Images amidst zeros."""
    clear(padded)
    lines, run = x.shape[0] * x.shape[1], x.shape[2] * x.shape[3]
    for line in range(lines):
        to, at = _start_amidst(x, line, padding), line * run
        for k in range(run):
            put(padded, to + k, number(x, at + k))


@shared
def _take_out(x, padded, padding):
    """The images again."""
    lines, run = x.shape[0] * x.shape[1], x.shape[2] * x.shape[3]
    for line in range(lines):
        to, at = line * run, _start_amidst(x, line, padding)
        for k in range(run):
            put(x, to + k, number(padded, at + k))


@compiled
def _room_for(x, padding):
    """The memory of images, or a larger one for them where there is padding."""
    height, width = _with_padding(x, padding)
    if (height, width) == x.shape[1:3]:
        return x.reshape(-1)
    return np.empty(x.shape[0] * height * width * x.shape[3], x.dtype)


@compiled
def _padded(x, padding):
    """The memory of images, or of a copy amidst zeros where there is padding."""
    cells = _room_for(x, padding)
    if cells.size > x.size:
        _put_amidst(cells, x, padding)
    return cells


@shared
def _add_patches(cells, dpatches, places, offsets, run):
    """Add each number of dpatches where it was taken from; so many lie side by side."""
    size = offsets.size
    for place in range(dpatches.shape[0]):
        for k in range(0, size, run):
            to = number(places, place) + number(offsets, k)
            add_run(cells, to, dpatches, place * size + k, run)


@compiled
def _group_size(n, places):
    """So many images at a time that their matrix has some 128 rows: fewer hardly make tiles."""
    return max(1, min(n, 128 // max(1, places)))


@shared
def _convolve(z, x, panels, b, relu, turn, places, offsets, padding):
    """conv2d of the group of images whose turn it is, or conv2d_relu."""
    _, p, q, f = z.shape
    group = places.size // (p * q)
    some = slice(turn * group, min(turn * group + group, z.shape[0]))
    rows = z[some].reshape(-1, f)  # one for each place of an image
    multiply_panels(rows, 0, _padded(x[some], padding), places, offsets, panels, b, relu)


@either(winograd.conv, lambda z, x, w, b, *more: winograd.suits(z, w, *more))
@compiled(large=lambda z, x, w, *_: many_images(z, w))
def conv2d(z, x, w, b, strides, padding, dilation):
    n, p, q, f = z.shape
    group, panels = _group_size(n, p * q), panels_of(w.reshape(-1, f), False)
    places, offsets = _cells_of(x, w, group, p, q, strides, padding, dilation)
    for turn in prange((n + group - 1) // group):
        _convolve(z, x, panels, b, False, turn, places, offsets, padding)


# Convolution and ReLU in one pass over memory. The plain kernels, one after the other, write a
# large array and read it again. Here ReLU is applied to a few images while they still lie in the
# cache, and its gradient is made just where it is used. All sums are those of the plain kernels,
# so that the bits are theirs.
@either(winograd.conv_relu, lambda y, x, w, b, *more: winograd.suits(y, w, *more))
@compiled(large=lambda y, x, w, *_: many_images(y, w))
def conv2d_relu(y, x, w, b, strides, padding, dilation):
    n, p, q, f = y.shape
    group, panels = _group_size(n, p * q), panels_of(w.reshape(-1, f), False)
    places, offsets = _cells_of(x, w, group, p, q, strides, padding, dilation)
    for turn in prange((n + group - 1) // group):
        _convolve(y, x, panels, b, True, turn, places, offsets, padding)


@shared
def _convolve_back(dx, dw, db, rows, x, panels, places, offsets, run, padding):
    """conv2d_grad of a few images x, with dz in rows; dw (kh kw c, f) and db are added to.

    The transpose of w lies in panels.
    """
    # As for a dense layer with the rows of patches as its input.
    n, f = rows.shape
    add_transposed_product(dw, _padded(x, padding), places, offsets, rows)
    for place in range(n):
        row = rows[place]
        for k in range(f):
            db[k] += row[k]
    if dx.size == 0:  # nobody asks for it
        return
    dpatches, nothing = np.empty((n, dw.shape[0]), x.dtype), zeros(dw.shape[0], x.dtype)
    of_rows, of_filters = positions(n, f), positions(f, 1)
    multiply_panels(dpatches, 0, rows.reshape(-1), of_rows, of_filters, panels, nothing, False)
    cells = _room_for(dx, padding)
    clear(cells)
    _add_patches(cells, dpatches, places, offsets, run)
    if cells.size > dx.size:
        _take_out(dx, cells, padding)


@shared
def _part_back(dx, dws, dbs, dy, y, x, panels, part, places, offsets, run, padding):
    """conv2d_grad of a part of the images, or of conv2d_relu, which gave y; else y is empty."""
    dw, db = dws[part], dbs[part]
    clear(dw.reshape(-1))
    clear(db)
    n, p, q, f = dy.shape
    group, parts = places.size // (p * q), dbs.shape[0]
    some = part_of(part, parts, n)
    for start in range(some.start, some.stop, group):
        stop = min(start + group, some.stop)
        dz = dy[start:stop].reshape(-1)
        if y.size:
            dz = np.empty(dz.size, dz.dtype)
            through_relu(dz, dy[start:stop].reshape(-1), y[start:stop].reshape(-1))
        _convolve_back(
            dx[start:stop], dw, db, dz.reshape(-1, f), x[start:stop], panels,
            places, offsets, run, padding,
        )  # fmt: skip


@compiled
def _run(w, dilation):
    """How many of the numbers that the kernel sees lie side by side."""
    return (w.shape[1] if dilation[1] == 1 else 1) * w.shape[2]


@either(winograd.conv_grad, lambda dx, dw, db, dz, x, w, *more: winograd.suits(dz, w, *more))
@compiled(large=lambda dx, dw, db, dz, x, w, *_: many_images(dz, w))
def conv2d_grad(dx, dw, db, dz, x, w, strides, padding, dilation):
    n, p, q, f = dz.shape
    parts, group, run = min(n, PARTS), _group_size(n, p * q), _run(w, dilation)
    dws, dbs = np.empty((parts, w.size // f, f), x.dtype), np.empty((parts, f), x.dtype)
    panels = panels_of(w.reshape(-1, f), True)
    places, offsets = _cells_of(x, w, group, p, q, strides, padding, dilation)
    for part in prange(parts):
        _part_back(dx, dws, dbs, dz, dz[:0], x, panels, part, places, offsets, run, padding)
    sum_parts(dw, dws)
    sum_parts(db, dbs)


@either(
    winograd.conv_relu_grad,
    lambda dx, dw, db, dy, y, x, w, *more: winograd.suits(y, w, *more),
)
@compiled(large=lambda dx, dw, db, dy, y, x, w, *_: many_images(y, w))
def conv2d_relu_grad(dx, dw, db, dy, y, x, w, strides, padding, dilation):
    n, p, q, f = y.shape
    parts, group, run = min(n, PARTS), _group_size(n, p * q), _run(w, dilation)
    dws, dbs = np.empty((parts, w.size // f, f), x.dtype), np.empty((parts, f), x.dtype)
    panels = panels_of(w.reshape(-1, f), True)
    places, offsets = _cells_of(x, w, group, p, q, strides, padding, dilation)
    for part in prange(parts):
        _part_back(dx, dws, dbs, dy, y, x, panels, part, places, offsets, run, padding)
    sum_parts(dw, dws)
    sum_parts(db, dbs)
