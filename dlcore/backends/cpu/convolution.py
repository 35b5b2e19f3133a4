"""Convolution of pictures as matrix products, compiled by Numba.

What the kernel sees at one place of a picture, laid out as a row of kh kw c numbers, times the
weights of a filter is one output. All places of a picture, one row each, make a matrix; its product
with the weights, (kh kw c, f), is the output of the whole picture (im2col: Chellapilla et al. 2006,
section 3). That matrix is made for a few pictures at a time, so that it stays in the cache; several
threads share out the pictures.

A loop such as ``for k in range(target.size): target[k] = source[k]`` over whole small arrays copies
many numbers at once. With a sum in the index, ``source[first + k]``, Numba allows for its being
negative and goes number by number, ten times slower: so the slices are taken before the loop.
"""

# ruff: noqa: D103  The contract describes each kernel.

import numpy as np
from numba import prange

from dlcore.backends._compile import kernel

# The gradients of the weights are summed in so many parts, whatever the number of threads.
PARTS = 8


@kernel
def _inside(size, kernel, places, stride, before, dilation):
    """The first place where the kernel lies wholly on the axis, and the one after the last.

    Only for kernels without gaps: there, what it sees lies side by side.
    """
    if dilation != 1:
        return places, places
    first = min(places, -(-before // stride))
    return first, min(places, max(first, (size - kernel + before) // stride + 1))


@kernel
def _im2col(patches, x, q, kh, kw, strides, padding, dilation):
    """Row r q + s of patches: what the kernel sees of the picture x when at row r, column s."""
    height, width, c = x.shape
    (sr, sc), (dr, dc), (top, _, left, _) = strides, dilation, padding
    first, last = _inside(width, kw, q, sc, left, dc)
    for r in range(patches.shape[0] // q):
        places = patches[r * q : (r + 1) * q]
        for i in range(kh):
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


@kernel
def _col2im(dx, dpatches, q, kh, kw, strides, padding, dilation):
    """Add each number of dpatches to the cell of the picture that _im2col took it from."""
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


@kernel
def _group(n, places):
    """So many pictures at a time that their matrix has some 128 rows: fewer do not fill BLAS."""
    return max(1, min(n, 128 // max(1, places)))


def _many_products(z, w):
    """Whether a convolution has so many products that several threads pay."""
    return z.shape[0] > 1 and z.size * (w.size // w.shape[3]) > 1_000_000


@kernel(large=lambda z, x, w, *_: _many_products(z, w))
def conv2d(z, x, w, b, strides, padding, dilation):
    n, p, q, f = z.shape
    kh, kw, c, _ = w.shape
    weights = w.reshape(kh * kw * c, f)
    group = _group(n, p * q)
    for part in prange((n + group - 1) // group):
        pictures = range(part * group, min(part * group + group, n))
        patches = np.empty((len(pictures) * p * q, kh * kw * c), x.dtype)
        rows = z[pictures.start : pictures.stop].reshape(-1, f)
        for i, picture in enumerate(pictures):
            places = patches[i * p * q : (i + 1) * p * q]
            _im2col(places, x[picture], q, kh, kw, strides, padding, dilation)
        np.dot(patches, weights, rows)
        for place in range(rows.shape[0]):
            row = rows[place]
            for k in range(f):
                row[k] += b[k]


@kernel(large=lambda dx, dw, db, dz, x, w, *_: _many_products(dz, w))
def conv2d_grad(dx, dw, db, dz, x, w, strides, padding, dilation):
    # As for a dense layer with the rows of patches as its input, a few pictures at a time.
    n, p, q, f = dz.shape
    kh, kw, c, _ = w.shape
    weights = w.reshape(kh * kw * c, f)
    group = _group(n, p * q)
    parts = min(n, PARTS)
    dweights = np.zeros((parts, kh * kw * c, f), x.dtype)
    dbiases = np.zeros((parts, f), x.dtype)
    for part in prange(parts):
        patches = np.empty((group * p * q, kh * kw * c), x.dtype)
        product = np.empty((kh * kw * c, f), x.dtype)
        dweight, dbias = dweights[part], dbiases[part]
        last = (part + 1) * n // parts
        for start in range(part * n // parts, last, group):
            pictures = range(start, min(start + group, last))
            seen = patches[: len(pictures) * p * q]
            rows = dz[pictures.start : pictures.stop].reshape(-1, f)
            for i, picture in enumerate(pictures):
                places = seen[i * p * q : (i + 1) * p * q]
                _im2col(places, x[picture], q, kh, kw, strides, padding, dilation)
            np.dot(seen.T, rows, product)
            dweight += product
            for place in range(rows.shape[0]):
                row = rows[place]
                for k in range(f):
                    dbias[k] += row[k]
            if dx.size == 0:  # nobody asks for it
                continue
            np.dot(rows, weights.T, seen)  # from here on their gradient
            for i, picture in enumerate(pictures):
                places = seen[i * p * q : (i + 1) * p * q]
                dx[picture] = 0
                _col2im(dx[picture], places, q, kh, kw, strides, padding, dilation)
    dw[:] = 0
    db[:] = 0
    for part in range(parts):
        dw += dweights[part].reshape(dw.shape)
        db += dbiases[part]
