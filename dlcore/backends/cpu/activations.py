"""The activations, compiled by Numba."""

import math

from numba import prange

from dlcore.backends.cpu.fast_math import exp_of, max_of, sigmoid_of, sum_of, tanh_of
from dlcore.backends.numba.compile import compiled


def _many_numbers(x):
    return x.size > 100_000


@compiled(large=lambda y, x: _many_numbers(x))
def sigmoid(y, x):
    real = x.dtype.type
    for i in prange(x.size):
        y[i] = sigmoid_of(x[i], real)


@compiled(large=lambda dx, *_: _many_numbers(dx))
def sigmoid_grad(dx, dy, y):
    for i in prange(y.size):
        dx[i] = dy[i] * y[i] * (1 - y[i])


@compiled(large=lambda y, x: _many_numbers(x))
def tanh(y, x):
    real = x.dtype.type
    for i in prange(x.size):
        y[i] = tanh_of(x[i], real)


@compiled(large=lambda dx, *_: _many_numbers(dx))
def tanh_grad(dx, dy, y):
    for i in prange(y.size):
        dx[i] = dy[i] * (1 - y[i] * y[i])


@compiled(large=lambda y, *_: _many_numbers(y))
def relu(y, x):
    for i in prange(x.size):
        # A NaN is not below zero: it stays, and is seen.
        y[i] = 0 if x[i] < 0 else x[i]


@compiled(large=lambda dx, *_: _many_numbers(dx))
def relu_grad(dx, dy, y):
    for i in prange(y.size):
        dx[i] = dy[i] if y[i] > 0 else 0


@compiled(large=lambda y, *_: _many_numbers(y))
def leaky_relu(y, x, negative_slope):
    for i in prange(x.size):
        y[i] = x[i] if x[i] > 0 else negative_slope * x[i]


@compiled(large=lambda dx, *_: _many_numbers(dx))
def leaky_relu_grad(dx, dy, x, negative_slope):
    for i in prange(x.size):
        dx[i] = dy[i] if x[i] > 0 else negative_slope * dy[i]


@compiled(large=lambda y, x: _many_numbers(x))
def erf(y, x):
    for i in prange(x.size):
        y[i] = math.erf(x[i])


@compiled
def softmax(y, x):
    real = x.dtype.type
    for i in range(x.shape[0]):
        row, z = y[i], x[i]
        largest = max_of(z)
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


@compiled
def softmax_grad(dx, dy, y):
    for i in range(y.shape[0]):
        dot = 0.0
        for j in range(y.shape[1]):
            dot += dy[i, j] * y[i, j]
        for j in range(y.shape[1]):
            dx[i, j] = y[i, j] * (dy[i, j] - dot)
