"""Convolution of pictures as matrix products, compiled by Numba.

What the kernel sees at one place of a picture, laid out as a row of kh kw c numbers, times the
weights of a filter is one output. All places of a picture, one row each, make a matrix; its product
with the weights, (kh kw c, f), is the output of the whole picture (im2col: Chellapilla et al. 2006,
section 3). That matrix is made for one picture at a time, so that it stays in the cache.
"""

# ruff: noqa: D103  The contract describes each kernel.

import numpy as np

from dlcore.backends._compile import kernel


@kernel
def _im2col(patches, x, q, kh, kw, strides, padding, dilation):
    """Row r q + s of patches: what the kernel sees of the picture x when at row r, column s."""
    height, width, c = x.shape
    (sr, sc), (dr, dc), (top, _, left, _) = strides, dilation, padding
    for place in range(patches.shape[0]):
        r, s = place // q, place % q
        first = 0
        for i in range(kh):
            for j in range(kw):
                row, column = r * sr + i * dr - top, s * sc + j * dc - left
                inside = 0 <= row < height and 0 <= column < width
                for k in range(c):
                    patches[place, first + k] = x[row, column, k] if inside else 0
                first += c


@kernel
def _col2im(dx, dpatches, q, kh, kw, strides, padding, dilation):
    """Add each number of dpatches to the cell of the picture that _im2col took it from."""
    height, width, c = dx.shape
    (sr, sc), (dr, dc), (top, _, left, _) = strides, dilation, padding
    for place in range(dpatches.shape[0]):
        r, s = place // q, place % q
        first = 0
        for i in range(kh):
            for j in range(kw):
                row, column = r * sr + i * dr - top, s * sc + j * dc - left
                if 0 <= row < height and 0 <= column < width:
                    for k in range(c):
                        dx[row, column, k] += dpatches[place, first + k]
                first += c


@kernel
def conv2d(z, x, w, b, strides, padding, dilation):
    n, p, q, f = z.shape
    kh, kw, c, _ = w.shape
    weights = w.reshape(kh * kw * c, f)
    patches = np.empty((p * q, kh * kw * c), x.dtype)
    for picture in range(n):
        _im2col(patches, x[picture], q, kh, kw, strides, padding, dilation)
        rows = z[picture].reshape(p * q, f)
        np.dot(patches, weights, rows)
        for place in range(p * q):
            for k in range(f):
                rows[place, k] += b[k]


@kernel
def conv2d_grad(dx, dw, db, dz, x, w, strides, padding, dilation):
    # As for a dense layer with the rows of patches as its input, picture after picture.
    n, p, q, f = dz.shape
    kh, kw, c, _ = w.shape
    weights = w.reshape(kh * kw * c, f)
    dweights = dw.reshape(kh * kw * c, f)
    patches = np.empty((p * q, kh * kw * c), x.dtype)
    part = np.empty_like(dweights)
    dx[:] = 0
    dw[:] = 0
    db[:] = 0
    for picture in range(n):
        rows = dz[picture].reshape(p * q, f)
        _im2col(patches, x[picture], q, kh, kw, strides, padding, dilation)
        np.dot(patches.T, rows, part)
        dweights += part
        for place in range(p * q):
            for k in range(f):
                db[k] += rows[place, k]
        # From here on patches holds their gradient.
        np.dot(rows, weights.T, patches)
        _col2im(dx[picture], patches, q, kh, kw, strides, padding, dilation)
