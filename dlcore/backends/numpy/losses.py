"""The losses, as formulas in NumPy: one number for each row.

The mean over the batch is taken outside.
"""

import numpy as np

from dlcore.backends.declare import Shape, kernel


def _classes(*shapes: Shape) -> int:
    """The outputs of a row: the labels are their numbers."""
    return shapes[-2][1]


@kernel("y[n, k], t[n, k] -> loss[n]")
def mse(y, t):
    """loss = mean_j (y_j - t_j)^2"""
    return np.mean((y - t) ** 2, axis=1)


@kernel("dloss[n], y[n, k], t[n, k] -> dy[n, k]")
def mse_grad(dloss, y, t):
    """dy_j = dloss 2 (y_j - t_j) / k"""
    return dloss[:, None] * 2 * (y - t) / y.shape[1]


@kernel("y[n, k], t[n, k] -> loss[n]")
def binary_crossentropy(y, t):
    """loss = -mean_j (t_j log y_j + (1 - t_j) log(1 - y_j)), y kept in [1e-7, 1 - 1e-7]"""
    y = np.clip(y, 1e-7, 1 - 1e-7)
    return -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y), axis=1)


@kernel("dloss[n], y[n, k], t[n, k] -> dy[n, k]")
def binary_crossentropy_grad(dloss, y, t):
    """dy_j = dloss (y_j - t_j) / (y_j (1 - y_j)) / k, and 0 where y was cut off"""
    p = np.clip(y, 1e-7, 1 - 1e-7)
    dp = (p - t) / (p * (1 - p)) / y.shape[1]
    return dloss[:, None] * np.where(p == y, dp, 0)


@kernel("z[n, k], t[n, k] -> loss[n]")
def binary_crossentropy_from_logits(z, t):
    """loss = mean_j (max(z_j, 0) - z_j t_j + log(1 + exp(-|z_j|)))"""
    return np.mean(np.maximum(z, 0) - z * t + np.log1p(np.exp(-np.abs(z))), axis=1)


@kernel("dloss[n], z[n, k], t[n, k] -> dz[n, k]")
def binary_crossentropy_from_logits_grad(dloss, z, t):
    """dz_j = dloss (sigmoid(z_j) - t_j) / k"""
    e = np.exp(-np.abs(z))
    y = np.where(z >= 0, 1, e) / (1 + e)
    return dloss[:, None] * (y - t) / z.shape[1]


@kernel("y[n, k], t[n, k] -> loss[n]")
def categorical_crossentropy(y, t):
    """loss = -sum_j t_j log p_j, p = y / sum y kept in [1e-7, 1 - 1e-7]"""
    p = np.clip(y / y.sum(axis=1, keepdims=True), 1e-7, 1 - 1e-7)
    return -(t * np.log(p)).sum(axis=1)


@kernel("dloss[n], y[n, k], t[n, k] -> dy[n, k]")
def categorical_crossentropy_grad(dloss, y, t):
    """dy_j = dloss (sum_i t_i - t_j / p_j) / sum y"""
    total = y.sum(axis=1, keepdims=True)
    p = np.clip(y / total, 1e-7, 1 - 1e-7)
    dp = np.where(p == y / total, -t / p, 0)
    return dloss[:, None] * (dp - (dp * p).sum(axis=1, keepdims=True)) / total


@kernel("z[n, k], t[n, k] -> loss[n], y[n, k]")
def categorical_crossentropy_from_logits(z, t):
    """y = softmax(z), loss = -sum_j t_j log y_j"""
    z = z - z.max(axis=1, keepdims=True)
    log_y = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -(t * log_y).sum(axis=1), np.exp(log_y)


@kernel("dloss[n], y[n, k], t[n, k] -> dz[n, k]")
def categorical_crossentropy_from_logits_grad(dloss, y, t):
    """dz_j = dloss (y_j sum_i t_i - t_j)"""
    return dloss[:, None] * (y * t.sum(axis=1, keepdims=True) - t)


@kernel("y[n, k], labels[n]:int -> loss[n]", choices=_classes)
def sparse_categorical_crossentropy(y, labels):
    """loss = -log p_label, p = y / sum y kept in [1e-7, 1 - 1e-7]"""
    p = np.clip(y / y.sum(axis=1, keepdims=True), 1e-7, 1 - 1e-7)
    return -np.log(p[np.arange(len(labels)), labels])


@kernel("dloss[n], y[n, k], labels[n]:int -> dy[n, k]", choices=_classes)
def sparse_categorical_crossentropy_grad(dloss, y, labels):
    """dy_j = dloss (1 - [j = label] / p_j) / sum y"""
    t = np.zeros_like(y)
    t[np.arange(len(labels)), labels] = 1
    total = y.sum(axis=1, keepdims=True)
    p = np.clip(y / total, 1e-7, 1 - 1e-7)
    dp = np.where(p == y / total, -t / p, 0)
    return dloss[:, None] * (dp - (dp * p).sum(axis=1, keepdims=True)) / total


@kernel("z[n, k], labels[n]:int -> loss[n], y[n, k]", choices=_classes)
def sparse_categorical_crossentropy_from_logits(z, labels):
    """y = softmax(z), loss = -log y_label"""
    z = z - z.max(axis=1, keepdims=True)
    log_y = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -log_y[np.arange(len(labels)), labels], np.exp(log_y)


@kernel("dloss[n], y[n, k], labels[n]:int -> dz[n, k]", choices=_classes)
def sparse_categorical_crossentropy_from_logits_grad(dloss, y, labels):
    """dz_j = dloss (y_j - [j = label])"""
    dz = y.copy()
    dz[np.arange(len(labels)), labels] -= 1
    return dloss[:, None] * dz
