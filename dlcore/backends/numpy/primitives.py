"""The generic primitives, from which everything else is composed, as formulas in NumPy."""

# ruff: noqa: D103  The contract describes each kernel; the text here is its formula.

import numpy as np


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


def extract(x, starts, sizes):
    return x[tuple(slice(i, i + n) for i, n in zip(starts, sizes, strict=True))]


def insert(y, x, starts):
    y = y.copy()
    y[tuple(slice(i, i + n) for i, n in zip(starts, x.shape, strict=True))] = x
    return y


def where_extreme(x, op, axis):
    return getattr(x, f"arg{op}")(axis).astype(x.dtype)


def cast(x):
    return x
