"""The dense layer and the activations, as formulas in NumPy."""

# ruff: noqa: D103  The contract describes each kernel; the text here is its formula.

import math

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


def erf(x):
    # The error function; NumPy has none, the standard library one for single numbers.
    return np.vectorize(math.erf, otypes=[x.dtype])(x)


def softmax(x):
    # Subtracting the largest value changes nothing in the quotient and keeps exp from overflowing.
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_grad(dy, y):
    return y * (dy - (dy * y).sum(axis=1, keepdims=True))
