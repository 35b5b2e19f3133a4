"""Convolution and ReLU in one pass over memory, compiled by Numba.

The plain kernels, one after the other, write a large array and read it again. Here ReLU is applied
to a few pictures while they still lie in the cache, and its gradient is made just where it is used.
All sums are those of the plain kernels, so that the bits are theirs.
"""

# ruff: noqa: D103  The contract describes each kernel.

import numpy as np
from numba import prange

from dlcore.backends._compile import kernel, shared
from dlcore.backends.cpu.convolution import (
    PARTS,
    clear,
    convolve,
    convolve_back,
    group_size,
    many_products,
    sum_parts,
)


@kernel(large=lambda y, x, w, *_: many_products(y[..., 0].size, w))
def conv2d_relu(y, x, w, b, strides, padding, dilation):
    n, p, q, f = y.shape
    group = group_size(n, p * q)
    for number in prange((n + group - 1) // group):
        start, stop = number * group, min(number * group + group, n)
        rows = y[start:stop].reshape(-1, f)
        convolve(rows, x[start:stop], w, b, True, q, strides, padding, dilation)


@shared
def _part_back(dx, dw, db, dy, y, x, w, group, strides, padding, dilation):
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
        convolve_back(
            dx[start:stop], dw, db, dz.reshape(-1, f), x[start:stop], w, q,
            strides, padding, dilation,
        )  # fmt: skip


@kernel(large=lambda dx, dw, db, dy, y, x, w, *_: many_products(y[..., 0].size, w))
def conv2d_relu_grad(dx, dw, db, dy, y, x, w, strides, padding, dilation):
    n, p, q, f = y.shape
    group, parts = group_size(n, p * q), min(n, PARTS)
    dweights = np.empty((parts, w.size // f, f), x.dtype)
    dbiases = np.empty((parts, f), x.dtype)
    for part in prange(parts):
        start, stop = part * n // parts, (part + 1) * n // parts
        _part_back(
            dx[start:stop], dweights[part], dbiases[part], dy[start:stop], y[start:stop],
            x[start:stop], w, group, strides, padding, dilation,
        )  # fmt: skip
    sum_parts(dw.reshape(-1), db, dweights, dbiases)
