"""The answer key: every kernel as its textbook formula in NumPy.

Each function takes arrays and returns new ones; float32 stays float32 and float64 stays float64.
The other backends are compared with these, and the gradients here with finite differences. What
each kernel computes is declared in ``contract.py``; n is the number of rows of a batch.
"""

# ruff: noqa: D103  The contract describes each kernel; the text here is its formula.

import numpy as np


def dense(x, w, b):
    return x @ w + b


def dense_grad(dz, x, w):
    dx = dz @ w.T
    dw = x.T @ dz
    db = dz.sum(axis=0)
    return dx, dw, db


def sigmoid(x):
    # exp(-|x|) never overflows; for x < 0, 1 / (1 + exp(-x)) = exp(x) / (1 + exp(x)).
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


def sigmoid_grad(dy, y):
    return dy * y * (1 - y)


def tanh(x):
    return np.tanh(x)


def tanh_grad(dy, y):
    return dy * (1 - y**2)


def relu(x):
    return np.maximum(x, 0)


def relu_grad(dy, y):
    return np.where(y > 0, dy, 0)


def leaky_relu(x, negative_slope=0.2):
    return np.where(x > 0, x, negative_slope * x)


def leaky_relu_grad(dy, x, negative_slope=0.2):
    return np.where(x > 0, dy, negative_slope * dy)


def softmax(x):
    # Subtracting the largest value changes nothing in the quotient and keeps exp from overflowing.
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_grad(dy, y):
    return y * (dy - (dy * y).sum(axis=1, keepdims=True))


def mse(y, t):
    return np.mean((y - t) ** 2, axis=1)


def mse_grad(dloss, y, t):
    return dloss[:, None] * 2 * (y - t) / y.shape[1]


def binary_crossentropy(y, t):
    y = np.clip(y, 1e-7, 1 - 1e-7)
    return -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y), axis=1)


def binary_crossentropy_grad(dloss, y, t):
    p = np.clip(y, 1e-7, 1 - 1e-7)
    dp = (p - t) / (p * (1 - p)) / y.shape[1]
    return dloss[:, None] * np.where(p == y, dp, 0)


def binary_crossentropy_from_logits(z, t):
    return np.mean(np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z))), axis=1)


def binary_crossentropy_from_logits_grad(dloss, z, t):
    e = np.exp(-np.abs(z))
    y = np.where(z >= 0, 1, e) / (1 + e)
    return dloss[:, None] * (y - t) / z.shape[1]


def categorical_crossentropy(y, t):
    p = np.clip(y / y.sum(axis=1, keepdims=True), 1e-7, 1 - 1e-7)
    return -(t * np.log(p)).sum(axis=1)


def categorical_crossentropy_grad(dloss, y, t):
    total = y.sum(axis=1, keepdims=True)
    p = np.clip(y / total, 1e-7, 1 - 1e-7)
    dp = np.where(p == y / total, -t / p, 0)
    return dloss[:, None] * (dp - (dp * p).sum(axis=1, keepdims=True)) / total


def categorical_crossentropy_from_logits(z, t):
    z = z - z.max(axis=1, keepdims=True)
    log_y = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -(t * log_y).sum(axis=1), np.exp(log_y)


def categorical_crossentropy_from_logits_grad(dloss, y, t):
    return dloss[:, None] * (y * t.sum(axis=1, keepdims=True) - t)


def sparse_categorical_crossentropy(y, labels):
    p = np.clip(y / y.sum(axis=1, keepdims=True), 1e-7, 1 - 1e-7)
    return -np.log(p[np.arange(len(labels)), labels])


def sparse_categorical_crossentropy_grad(dloss, y, labels):
    t = np.zeros_like(y)
    t[np.arange(len(labels)), labels] = 1
    total = y.sum(axis=1, keepdims=True)
    p = np.clip(y / total, 1e-7, 1 - 1e-7)
    dp = np.where(p == y / total, -t / p, 0)
    return dloss[:, None] * (dp - (dp * p).sum(axis=1, keepdims=True)) / total


def sparse_categorical_crossentropy_from_logits(z, labels):
    z = z - z.max(axis=1, keepdims=True)
    log_y = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_y[np.arange(len(labels)), labels], np.exp(log_y)


def sparse_categorical_crossentropy_from_logits_grad(dloss, y, labels):
    dz = y.copy()
    dz[np.arange(len(labels)), labels] -= 1
    return dloss[:, None] * dz


def sgd_update(w, dw, learning_rate):
    return w - learning_rate * dw


def momentum_update(w, v, dw, learning_rate, momentum=0.9, nesterov=False):
    v = momentum * v - learning_rate * dw
    if nesterov:
        return w + momentum * v - learning_rate * dw, v
    return w + v, v


def adam_update(w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    # Kingma and Ba 2015, the form at the end of section 2: epsilon is added to sqrt(v) itself.
    m = beta_1 * m + (1 - beta_1) * dw
    v = beta_2 * v + (1 - beta_2) * dw**2
    rate = float(learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step))
    w = w - rate * m / (np.sqrt(v) + epsilon)
    return w, m, v


def random_uniform(seed, stream, step, shape):
    # Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", section 4):
    # ten rounds of multiplying and mixing turn a counter of four 32-bit words into four random
    # ones. Each block of four numbers has its own counter, so the order of work does not matter.
    size = int(np.prod(shape))
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    key0, key1 = np.uint64(seed) & low, np.uint64(seed) >> half
    a = np.arange((size + 3) // 4, dtype=np.uint64)
    b = np.full_like(a, np.uint64(stream) & low)
    c = np.full_like(a, np.uint64(step) & low)
    d = np.full_like(a, np.uint64(step) >> half)
    for _ in range(10):
        product0 = a * np.uint64(0xD2511F53)
        product1 = c * np.uint64(0xCD9E8D57)
        a, b = (product1 >> half) ^ b ^ key0, product1 & low
        c, d = (product0 >> half) ^ d ^ key1, product0 & low
        key0 = (key0 + np.uint64(0x9E3779B9)) & low
        key1 = (key1 + np.uint64(0xBB67AE85)) & low
    bits = np.stack([a, b, c, d], axis=1).reshape(-1)[:size]
    # The upper 24 bits: a float32 holds them exactly.
    return ((bits >> np.uint64(8)).astype(np.float32) * np.float32(2**-24)).reshape(shape)


def unary(x, op):
    return getattr(np, op)(x)


def binary(a, b, op):
    return np.asarray(getattr(np, op)(a, b), dtype=np.result_type(a, b))


def where(condition, a, b):
    return np.where(condition, a, b)


def reduce(x, op, axis, keepdims):
    return getattr(np, op)(x, axis=axis, keepdims=keepdims)


def matmul(a, b):
    return a @ b


def transpose(x, axes):
    return x.transpose(axes)


def gather(x, indices):
    return x[indices]


def scatter_add(dy, indices, size):
    dx = np.zeros((size, *dy.shape[indices.ndim :]), dy.dtype)
    np.add.at(dx, indices, dy)
    return dx


def cast(x):
    return x
