"""Convolution of images as matrix products, compiled by Numba.

What the kernel sees at one place of an image, laid out as a row of kh kw c numbers, times the
weights of a filter is one output. All places of an image, one row each, make a matrix; its product
with the weights, (kh kw c, f), is the output of the whole image (im2col: Chellapilla et al. 2006,
section 3). That matrix is made for a few images at a time, so that it stays in the cache; several
threads share out the images.

A loop such as ``for k in range(target.size): target[k] = source[k]`` over whole small arrays copies
many numbers at once. With a sum in the index, ``source[first + k]``, Numba allows for its being
negative and goes number by number, ten times slower: so the slices are taken before the loop.
"""

import numpy as np
from numba import prange

from dlcore.backends.cpu.fast_math import add, clear
from dlcore.backends.numba.compile import compiled, shared

# The gradients of the weights are summed in so many parts, whatever the number of threads.
PARTS = 8


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
    """Row r q + s of patches: what the kernel sees of the image x when at row r, column s."""
    height, width, c = x.shape
    (sr, sc), (dr, dc), (top, _, left, _) = strides, dilation, padding
    first, last = _inside(width, kw, q, sc, left, dc)
    for r in range(patches.shape[0] // q):
        places, known = patches[r * q : (r + 1) * q], 0
        if r > 0 and sr == dr:
            # One row of places up, the kernel saw all of this but the last row, one row further on.
            above, known = patches[(r - 1) * q : r * q], kh - 1
            for s in range(q):
                target, source = places[s][: known * kw * c], above[s][kw * c :]
                for k in range(target.size):
                    target[k] = source[k]
        for i in range(known, kh):
            row, start, stop = r * sr + i * dr - top, i * kw * c, (i + 1) * kw * c
            if not 0 <= row < height:
                places[:, start:stop] = 0
                continue
            line = x[row].reshape(-1)
            for s in range(first, last):
                column = (s * sc - left) * c
                target, source = places[s][start:stop], line[column : column + kw * c]
                for k in range(target.size):
                    target[k] = source[k]
            for s in range(q):
                if first <= s < last:
                    continue
                for j in range(kw):
                    column = s * sc + j * dc - left
                    for k in range(c):
                        inside = 0 <= column < width
                        places[s, start + j * c + k] = x[row, column, k] if inside else 0


@compiled
def _col2im(dx, dpatches, q, kh, kw, strides, padding, dilation):
    """Add each number of dpatches to the cell of the image that _im2col took it from."""
    height, width, c = dx.shape
    (sr, sc), (dr, dc), (top, _, left, _) = strides, dilation, padding
    first, last = _inside(width, kw, q, sc, left, dc)
    for r in range(dpatches.shape[0] // q):
        places = dpatches[r * q : (r + 1) * q]
        for i in range(kh):
            row, start, stop = r * sr + i * dr - top, i * kw * c, (i + 1) * kw * c
            if not 0 <= row < height:
                continue
            line = dx[row].reshape(-1)
            for s in range(first, last):
                column = (s * sc - left) * c
                target, source = line[column : column + kw * c], places[s][start:stop]
                for k in range(target.size):
                    target[k] += source[k]
            for s in range(q):
                if first <= s < last:
                    continue
                for j in range(kw):
                    column = s * sc + j * dc - left
                    for k in range(c):
                        if 0 <= column < width:
                            dx[row, column, k] += places[s, start + j * c + k]


@shared
def _sum_parts(dw, db, dweights, dbiases):
    clear(dw)
    clear(db)
    for part in range(dbiases.shape[0]):
        add(dw, dweights[part].reshape(-1))
        add(db, dbiases[part])


@compiled
def _group_size(n, places):
    """So many images at a time that their matrix has some 128 rows: fewer do not fill BLAS."""
    return max(1, min(n, 128 // max(1, places)))


def _many_products(places, w):
    """Whether a convolution at so many places has so many products that several threads pay."""
    return places * w.size > 1_000_000


@shared
def _convolve(rows, x, w, b, relu, q, strides, padding, dilation):
    """conv2d of a few images x, or conv2d_relu; a row of rows is a place of an image."""
    kh, kw, c, f = w.shape
    patches = np.empty((rows.shape[0], kh * kw * c), x.dtype)
    places = rows.shape[0] // x.shape[0]
    for i in range(x.shape[0]):
        seen = patches[i * places : (i + 1) * places]
        _im2col(seen, x[i], q, kh, kw, strides, padding, dilation)
    np.dot(patches, w.reshape(kh * kw * c, f), rows)
    for place in range(rows.shape[0]):
        row = rows[place]
        for k in range(f):
            z = row[k] + b[k]
            # A NaN is not below zero: it stays, and is seen.
            row[k] = 0 if relu and z < 0 else z


@shared
def _convolve_back(dx, dw, db, rows, x, w, q, strides, padding, dilation):
    """conv2d_grad of a few images x, with dz in rows; dw (kh kw c, f) and db are added to."""
    # As for a dense layer with the rows of patches as its input.
    kh, kw, c, f = w.shape
    patches = np.empty((rows.shape[0], kh * kw * c), x.dtype)
    places = rows.shape[0] // x.shape[0]
    for i in range(x.shape[0]):
        seen = patches[i * places : (i + 1) * places]
        _im2col(seen, x[i], q, kh, kw, strides, padding, dilation)
    add(dw.reshape(-1), np.dot(patches.T, rows).reshape(-1))
    for place in range(rows.shape[0]):
        row = rows[place]
        for k in range(f):
            db[k] += row[k]
    if dx.size == 0:  # nobody asks for it
        return
    np.dot(rows, w.reshape(kh * kw * c, f).T, patches)  # from here on their gradient
    clear(dx.reshape(-1))
    for i in range(x.shape[0]):
        seen = patches[i * places : (i + 1) * places]
        _col2im(dx[i], seen, q, kh, kw, strides, padding, dilation)


@compiled(large=lambda z, x, w, *_: _many_products(z[..., 0].size, w))
def conv2d(z, x, w, b, strides, padding, dilation):
    n, p, q, f = z.shape
    group = _group_size(n, p * q)
    for number in prange((n + group - 1) // group):
        start, stop = number * group, min(number * group + group, n)
        rows = z[start:stop].reshape(-1, f)
        _convolve(rows, x[start:stop], w, b, False, q, strides, padding, dilation)


@shared
def _part_back(dx, dw, db, dz, x, w, group, strides, padding, dilation):
    clear(dw.reshape(-1))
    clear(db)
    n, _, q, f = dz.shape
    for start in range(0, n, group):
        stop = min(start + group, n)
        _convolve_back(
            dx[start:stop], dw, db, dz[start:stop].reshape(-1, f), x[start:stop], w, q,
            strides, padding, dilation,
        )  # fmt: skip


@compiled(large=lambda dx, dw, db, dz, x, w, *_: _many_products(dz[..., 0].size, w))
def conv2d_grad(dx, dw, db, dz, x, w, strides, padding, dilation):
    n, p, q, f = dz.shape
    group, parts = _group_size(n, p * q), min(n, PARTS)
    dweights = np.empty((parts, w.size // f, f), x.dtype)
    dbiases = np.empty((parts, f), x.dtype)
    for part in prange(parts):
        start, stop = part * n // parts, (part + 1) * n // parts
        _part_back(
            dx[start:stop], dweights[part], dbiases[part], dz[start:stop], x[start:stop], w,
            group, strides, padding, dilation,
        )  # fmt: skip
    _sum_parts(dw.reshape(-1), db, dweights, dbiases)


# Convolution and ReLU in one pass over memory. The plain kernels, one after the other, write a
# large array and read it again. Here ReLU is applied to a few images while they still lie in the
# cache, and its gradient is made just where it is used. All sums are those of the plain kernels,
# so that the bits are theirs.


@compiled(large=lambda y, x, w, *_: _many_products(y[..., 0].size, w))
def conv2d_relu(y, x, w, b, strides, padding, dilation):
    n, p, q, f = y.shape
    group = _group_size(n, p * q)
    for number in prange((n + group - 1) // group):
        start, stop = number * group, min(number * group + group, n)
        rows = y[start:stop].reshape(-1, f)
        _convolve(rows, x[start:stop], w, b, True, q, strides, padding, dilation)


@shared
def _relu_part_back(dx, dw, db, dy, y, x, w, group, strides, padding, dilation):
    clear(dw.reshape(-1))
    clear(db)
    n, _, q, f = dy.shape
    for start in range(0, n, group):
        stop = min(start + group, n)
        value, gradient = y[start:stop].reshape(-1), dy[start:stop].reshape(-1)
        dz = np.empty(value.size, dy.dtype)
        for k in range(dz.size):
            slope = gradient[k]
            dz[k] = slope if value[k] > 0 else 0
        _convolve_back(
            dx[start:stop], dw, db, dz.reshape(-1, f), x[start:stop], w, q,
            strides, padding, dilation,
        )  # fmt: skip


@compiled(large=lambda dx, dw, db, dy, y, x, w, *_: _many_products(y[..., 0].size, w))
def conv2d_relu_grad(dx, dw, db, dy, y, x, w, strides, padding, dilation):
    n, p, q, f = y.shape
    group, parts = _group_size(n, p * q), min(n, PARTS)
    dweights = np.empty((parts, w.size // f, f), x.dtype)
    dbiases = np.empty((parts, f), x.dtype)
    for part in prange(parts):
        start, stop = part * n // parts, (part + 1) * n // parts
        _relu_part_back(
            dx[start:stop], dweights[part], dbiases[part], dy[start:stop], y[start:stop],
            x[start:stop], w, group, strides, padding, dilation,
        )  # fmt: skip
    _sum_parts(dw.reshape(-1), db, dweights, dbiases)
