"""The losses, one number for each row, as formulas in NumPy."""

# ruff: noqa: D103  The contract describes each kernel; the text here is its formula.

import numpy as np


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
