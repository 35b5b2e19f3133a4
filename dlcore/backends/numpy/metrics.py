"""The rows of a batch, and what is counted of it, as formulas in NumPy."""

# ruff: noqa: D103  The contract describes each kernel; the text here is its formula.

import numpy as np


def take_rows(x, order, start, rows=1):
    first = int(start)
    return x[order[first : first + rows]]


def binary_accuracy(y, t, threshold=0.5):
    return np.mean((y > threshold) == t, axis=1, dtype=y.dtype)


def categorical_accuracy(y, t):
    return (y.argmax(axis=1) == t.argmax(axis=1)).astype(y.dtype)


def sparse_categorical_accuracy(y, t):
    return (y.argmax(axis=1) == t).astype(y.dtype)


def add_to_mean(state, values, weights):
    return state + np.array([weights @ values, weights.sum()], state.dtype)
