"""The dense layer and the activations, compiled by Numba."""

# ruff: noqa: D103  The contract describes each kernel.

import math

import numpy as np

from dlcore.backends._compile import kernel


@kernel
def dense(z, x, w, b):
    np.dot(x, w, z)
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            z[i, j] += b[j]


@kernel
def dense_grad(dx, dw, db, dz, x, w):
    np.dot(dz, w.T, dx)
    np.dot(x.T, dz, dw)
    db[:] = 0
    for i in range(dz.shape[0]):
        for j in range(dz.shape[1]):
            db[j] += dz[i, j]


@kernel
def sigmoid(y, x):
    for i in range(x.size):
        e = math.exp(-abs(x[i]))
        y[i] = (1 if x[i] >= 0 else e) / (1 + e)


@kernel
def sigmoid_grad(dx, dy, y):
    for i in range(y.size):
        dx[i] = dy[i] * y[i] * (1 - y[i])


@kernel
def tanh(y, x):
    for i in range(x.size):
        y[i] = math.tanh(x[i])


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
    for i in range(x.shape[0]):
        largest = x[i].max()
        total = 0.0
        for j in range(x.shape[1]):
            y[i, j] = math.exp(x[i, j] - largest)
            total += y[i, j]
        for j in range(x.shape[1]):
            y[i, j] /= total


@kernel
def softmax_grad(dx, dy, y):
    for i in range(y.shape[0]):
        dot = 0.0
        for j in range(y.shape[1]):
            dot += dy[i, j] * y[i, j]
        for j in range(y.shape[1]):
            dx[i, j] = y[i, j] * (dy[i, j] - dot)
