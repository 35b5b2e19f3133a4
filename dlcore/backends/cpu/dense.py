"""The dense layer, compiled by Numba."""

import numpy as np
from numba import prange

from dlcore.backends.numba.compile import compiled, shared


@compiled
def _parts(inputs):
    """In how many parts the sum over the inputs is taken, so that threads can share it."""
    return 1 if inputs < 512 else 4


def _many_products(x, w):
    return x.shape[1] >= 512 and x.size * w.shape[1] > 1_000_000


@shared
def _product(product, x, w):
    np.dot(np.ascontiguousarray(x), w, product)


@shared
def _gradients(dx, dw, dz, x, w):
    np.dot(np.ascontiguousarray(x).T, dz, dw)
    if dx.size:
        product = np.dot(dz, w.T)
        for i in range(dx.shape[0]):
            row, part_of_row = dx[i], product[i]
            for j in range(row.size):
                row[j] = part_of_row[j]


@compiled(large=lambda z, x, w, b: _many_products(x, w))
def dense(z, x, w, b):
    n, o = z.shape
    parts = _parts(x.shape[1])
    if parts == 1:
        np.dot(x, w, z)
    else:
        sums = np.empty((parts, n, o), z.dtype)
        for part in prange(parts):
            start, stop = part * w.shape[0] // parts, (part + 1) * w.shape[0] // parts
            _product(sums[part], x[:, start:stop], w[start:stop])
        for i in range(n):
            row, first = z[i], sums[0, i]
            for j in range(o):
                row[j] = first[j]
            for part in range(1, parts):
                more = sums[part, i]
                for j in range(o):
                    row[j] += more[j]
    for i in range(n):
        row = z[i]
        for j in range(o):
            row[j] += b[j]


@compiled(large=lambda dx, dw, db, dz, x, w: _many_products(x, w))
def dense_grad(dx, dw, db, dz, x, w):
    n, o = dz.shape
    parts = _parts(x.shape[1])
    if parts == 1:
        np.dot(x.T, dz, dw)
        if dx.size:
            np.dot(dz, w.T, dx)
    else:
        for part in prange(parts):
            start, stop = part * w.shape[0] // parts, (part + 1) * w.shape[0] // parts
            _gradients(dx[:, start:stop], dw[start:stop], dz, x[:, start:stop], w[start:stop])
    db[:] = 0
    for i in range(n):
        row = dz[i]
        for j in range(o):
            db[j] += row[j]
