"""The dense layer and the activations, compiled by Numba."""

# ruff: noqa: D103  The contract describes each kernel.

import math

import numpy as np
from numba import prange

from dlcore.backends._compile import kernel, shared
from dlcore.backends.cpu.curves import exp_of, sigmoid_of, tanh_of
from dlcore.backends.cpu.sums import greatest_of, sum_of


@kernel
def _parts(inputs):
    """So many parts of its inputs does a dense layer sum one by one; threads share them out."""
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


@kernel(large=lambda z, x, w, b: _many_products(x, w))
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


@kernel(large=lambda dx, dw, db, dz, x, w: _many_products(x, w))
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


def _many_numbers(x):
    return x.size > 100_000


@kernel(large=lambda y, x: _many_numbers(x))
def sigmoid(y, x):
    real = x.dtype.type
    for i in prange(x.size):
        y[i] = sigmoid_of(x[i], real)


@kernel
def sigmoid_grad(dx, dy, y):
    for i in range(y.size):
        dx[i] = dy[i] * y[i] * (1 - y[i])


@kernel(large=lambda y, x: _many_numbers(x))
def tanh(y, x):
    real = x.dtype.type
    for i in prange(x.size):
        y[i] = tanh_of(x[i], real)


@kernel
def tanh_grad(dx, dy, y):
    for i in range(y.size):
        dx[i] = dy[i] * (1 - y[i] * y[i])


@kernel
def relu(y, x):
    for i in range(x.size):
        # A NaN is not below zero: it stays, and is seen.
        y[i] = 0 if x[i] < 0 else x[i]


@kernel
def relu_grad(dx, dy, y):
    for i in range(y.size):
        dx[i] = dy[i] if y[i] > 0 else 0


@kernel
def leaky_relu(y, x, negative_slope):
    for i in range(x.size):
        y[i] = x[i] if x[i] > 0 else negative_slope * x[i]


@kernel
def leaky_relu_grad(dx, dy, x, negative_slope):
    for i in range(x.size):
        dx[i] = dy[i] if x[i] > 0 else negative_slope * dy[i]


@kernel
def erf(y, x):
    for i in range(x.size):
        y[i] = math.erf(x[i])


@kernel
def softmax(y, x):
    real = x.dtype.type
    for i in range(x.shape[0]):
        row, z = y[i], x[i]
        largest = greatest_of(z)
        for j in range(z.size):
            row[j] = z[j] - largest
    # In one go over all rows: each alone may be shorter than a vector of the machine.
    e = y.reshape(-1)
    for k in range(e.size):
        e[k] = exp_of(e[k], real)
    for i in range(x.shape[0]):
        row = y[i]
        total = real(sum_of(row))
        for j in range(row.size):
            row[j] /= total


@kernel
def softmax_grad(dx, dy, y):
    for i in range(y.shape[0]):
        dot = 0.0
        for j in range(y.shape[1]):
            dot += dy[i, j] * y[i, j]
        for j in range(y.shape[1]):
            dx[i, j] = y[i, j] * (dy[i, j] - dot)
