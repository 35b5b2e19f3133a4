"""The kernels for the CPU, compiled by Numba.

Each writes into arrays that it is given, outputs first, and allocates nothing. What a kernel
computes is declared in ``contract.py``; its formula in NumPy stands in ``numpy.py``. Elementwise
kernels see every array as one long row. The matrix products go to BLAS through ``np.dot``.
"""

# ruff: noqa: D103  The contract describes each kernel.

import math

import numpy as np

from dlcore.backends._compile import kernel

EPSILON = 1e-7  # probabilities stay this far from 0 and 1 before a logarithm, as in Keras


@kernel
def _clip(p, low, high):
    # Not min(max(…)): a NaN must stay a NaN, so that a broken training is noticed.
    if p < low:
        return low
    if p > high:
        return high
    return p


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


@kernel
def mse(loss, y, t):
    for i in range(y.shape[0]):
        total = 0.0
        for j in range(y.shape[1]):
            total += (y[i, j] - t[i, j]) ** 2
        loss[i] = total / y.shape[1]


@kernel
def mse_grad(dy, dloss, y, t):
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            dy[i, j] = dloss[i] * 2 * (y[i, j] - t[i, j]) / y.shape[1]


@kernel
def binary_crossentropy(loss, y, t):
    # The bounds have the number type of y: in float32, 1 - 1e-7 is 0.9999999 rounded.
    low, high = y.dtype.type(EPSILON), y.dtype.type(1 - EPSILON)
    for i in range(y.shape[0]):
        total = 0.0
        for j in range(y.shape[1]):
            p = _clip(y[i, j], low, high)
            total += t[i, j] * math.log(p) + (1 - t[i, j]) * math.log(1 - p)
        loss[i] = -total / y.shape[1]


@kernel
def binary_crossentropy_grad(dy, dloss, y, t):
    low, high = y.dtype.type(EPSILON), y.dtype.type(1 - EPSILON)
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            p = _clip(y[i, j], low, high)
            dp = (p - t[i, j]) / (p * (1 - p)) / y.shape[1]
            dy[i, j] = dloss[i] * dp if p == y[i, j] else 0


@kernel
def binary_crossentropy_from_logits(loss, z, t):
    for i in range(z.shape[0]):
        total = 0.0
        for j in range(z.shape[1]):
            hinge = 0 if z[i, j] < 0 else z[i, j]
            total += hinge - z[i, j] * t[i, j] + math.log1p(math.exp(-abs(z[i, j])))
        loss[i] = total / z.shape[1]


@kernel
def binary_crossentropy_from_logits_grad(dz, dloss, z, t):
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            e = math.exp(-abs(z[i, j]))
            y = (1 if z[i, j] >= 0 else e) / (1 + e)
            dz[i, j] = dloss[i] * (y - t[i, j]) / z.shape[1]


@kernel
def categorical_crossentropy(loss, y, t):
    low, high = y.dtype.type(EPSILON), y.dtype.type(1 - EPSILON)
    for i in range(y.shape[0]):
        total = y[i].sum()
        loss[i] = 0
        for j in range(y.shape[1]):
            loss[i] -= t[i, j] * math.log(_clip(y[i, j] / total, low, high))


@kernel
def categorical_crossentropy_grad(dy, dloss, y, t):
    low, high = y.dtype.type(EPSILON), y.dtype.type(1 - EPSILON)
    for i in range(y.shape[0]):
        total = y[i].sum()
        dot = 0.0
        for j in range(y.shape[1]):
            p = y[i, j] / total
            inside = _clip(p, low, high) == p
            dy[i, j] = -t[i, j] / p if inside else 0
            dot -= t[i, j] if inside else 0
        for j in range(y.shape[1]):
            dy[i, j] = dloss[i] * (dy[i, j] - dot) / total


@kernel
def categorical_crossentropy_from_logits(loss, y, z, t):
    for i in range(z.shape[0]):
        largest = z[i].max()
        total = 0.0
        for j in range(z.shape[1]):
            y[i, j] = math.exp(z[i, j] - largest)
            total += y[i, j]
        loss[i] = 0
        for j in range(z.shape[1]):
            y[i, j] /= total
            loss[i] -= t[i, j] * (z[i, j] - largest - math.log(total))


@kernel
def categorical_crossentropy_from_logits_grad(dz, dloss, y, t):
    for i in range(y.shape[0]):
        total = t[i].sum()
        for j in range(y.shape[1]):
            dz[i, j] = dloss[i] * (y[i, j] * total - t[i, j])


@kernel
def sparse_categorical_crossentropy(loss, y, labels):
    low, high = y.dtype.type(EPSILON), y.dtype.type(1 - EPSILON)
    for i in range(y.shape[0]):
        p = y[i, labels[i]] / y[i].sum()
        loss[i] = -math.log(_clip(p, low, high))


@kernel
def sparse_categorical_crossentropy_grad(dy, dloss, y, labels):
    low, high = y.dtype.type(EPSILON), y.dtype.type(1 - EPSILON)
    for i in range(y.shape[0]):
        total = y[i].sum()
        p = y[i, labels[i]] / total
        slope = dloss[i] / total if _clip(p, low, high) == p else 0
        dy[i, :] = slope
        dy[i, labels[i]] -= slope / p


@kernel
def sparse_categorical_crossentropy_from_logits(loss, y, z, labels):
    for i in range(z.shape[0]):
        largest = z[i].max()
        total = 0.0
        for j in range(z.shape[1]):
            y[i, j] = math.exp(z[i, j] - largest)
            total += y[i, j]
        for j in range(z.shape[1]):
            y[i, j] /= total
        loss[i] = math.log(total) - (z[i, labels[i]] - largest)


@kernel
def sparse_categorical_crossentropy_from_logits_grad(dz, dloss, y, labels):
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            dz[i, j] = dloss[i] * y[i, j]
        dz[i, labels[i]] -= dloss[i]


@kernel
def sgd_update(w, dw, learning_rate):
    rate = learning_rate[()]
    for i in range(w.size):
        w[i] -= rate * dw[i]


@kernel
def momentum_update(w, v, dw, learning_rate, momentum, nesterov):
    rate = learning_rate[()]
    for i in range(w.size):
        v[i] = momentum * v[i] - rate * dw[i]
        w[i] += momentum * v[i] - rate * dw[i] if nesterov else v[i]


@kernel
def adam_update(w, m, v, dw, learning_rate, step, beta_1, beta_2, epsilon):
    n = float(step[()])
    rate = w.dtype.type(learning_rate[()] * math.sqrt(1 - beta_2**n) / (1 - beta_1**n))
    # All in the number type of w: mixing in float64 would halve the width of the vectors.
    b1, c1 = w.dtype.type(beta_1), w.dtype.type(1 - beta_1)
    b2, c2 = w.dtype.type(beta_2), w.dtype.type(1 - beta_2)
    eps = w.dtype.type(epsilon)
    for i in range(w.size):
        m[i] = b1 * m[i] + c1 * dw[i]
        v[i] = b2 * v[i] + c2 * dw[i] * dw[i]
        w[i] -= rate * m[i] / (math.sqrt(v[i]) + eps)


@kernel
def _random_uniform(u, seed, stream, step):
    # Philox4x32-10, as in numpy.py, one block of four numbers after the other.
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    seed0, stream0, step0 = np.uint64(seed[()]), np.uint64(stream[()]), np.uint64(step[()])
    for block in range((u.size + 3) // 4):
        key0, key1 = seed0 & low, seed0 >> half
        a, b, c, d = np.uint64(block), stream0 & low, step0 & low, step0 >> half
        for _ in range(10):
            product0 = a * np.uint64(0xD2511F53)
            product1 = c * np.uint64(0xCD9E8D57)
            a, b = (product1 >> half) ^ b ^ key0, product1 & low
            c, d = (product0 >> half) ^ d ^ key1, product0 & low
            key0 = (key0 + np.uint64(0x9E3779B9)) & low
            key1 = (key1 + np.uint64(0xBB67AE85)) & low
        for k, bits in enumerate((a, b, c, d)):
            if 4 * block + k < u.size:
                u[4 * block + k] = np.float32(bits >> np.uint64(8)) * np.float32(2**-24)


def random_uniform(u, seed, stream, step, shape):
    _random_uniform(u.reshape(-1), seed, stream, step)


# The generic primitives are NumPy's own compiled loops, writing into the given array.


def unary(y, x, op):
    getattr(np, op)(x, out=y)


def binary(y, a, b, op):
    getattr(np, op)(a, b, out=y)


def where(y, condition, a, b):
    np.copyto(y, b)
    np.copyto(y, a, where=condition.astype(bool, copy=False))


_REDUCTIONS = {"sum": np.add, "mean": np.add, "max": np.maximum, "min": np.minimum}


def reduce(y, x, op, axis, keepdims):
    # The method of the ufunc spares the layers of Python in np.sum and np.mean.
    _REDUCTIONS[op].reduce(x, axis=axis, keepdims=keepdims, out=y)
    if op == "mean":
        np.divide(y, x.size / max(y.size, 1), out=y)


def matmul(y, a, b):
    np.matmul(a, b, out=y)


def transpose(y, x, axes):
    np.copyto(y, x.transpose(axes))


def gather(y, x, indices):
    np.take(x, indices, axis=0, out=y)


def scatter_add(dx, dy, indices, size):
    dx[...] = 0
    np.add.at(dx, indices, dy)


def cast(y, x):
    np.copyto(y, x, casting="unsafe")
