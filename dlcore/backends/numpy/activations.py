"""The activations, as formulas in NumPy. Their gradients use the output y where it says enough."""

import math

import numpy as np

from dlcore.backends.declare import kernel


@kernel("x[*] -> y[*]")
def sigmoid(x):
    """y = 1 / (1 + exp(-x))"""
    # exp(-|x|) never overflows; for x < 0, 1 / (1 + exp(-x)) = exp(x) / (1 + exp(x)).
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1, e) / (1 + e)


@kernel("dy[*], y[*] -> dx[*]")
def sigmoid_grad(dy, y):
    """dx = dy y (1 - y)"""
    return dy * y * (1 - y)


@kernel("x[*] -> y[*]")
def tanh(x):
    """y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))"""
    return np.tanh(x)


@kernel("dy[*], y[*] -> dx[*]")
def tanh_grad(dy, y):
    """dx = dy (1 - y^2)"""
    return dy * (1 - y**2)


@kernel("x[*] -> y[*]")
def relu(x):
    """y = max(x, 0)"""
    return np.maximum(x, 0)


@kernel("dy[*], y[*] -> dx[*]")
def relu_grad(dy, y):
    """dx = dy where y > 0, else 0"""
    return np.where(y > 0, dy, 0)


@kernel("x[*] -> y[*]")
def leaky_relu(x, negative_slope=0.2):
    """y = x where x > 0, else slope x"""
    return np.where(x > 0, x, negative_slope * x)


@kernel("dy[*], x[*] -> dx[*]")
def leaky_relu_grad(dy, x, negative_slope=0.2):
    """dx = dy where x > 0, else slope dy"""
    return np.where(x > 0, dy, negative_slope * dy)


@kernel("x[*] -> y[*]")
def erf(x):
    """y = 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x"""
    # The error function; NumPy has none, the standard library one for single numbers. No lesson
    # teaches it, so its gradient is composed, in engine/ops/activations.
    return np.vectorize(math.erf, otypes=[x.dtype])(x)


@kernel("x[n, k] -> y[n, k]")
def softmax(x):
    """y_j = exp(x_j) / sum_i exp(x_i), along each row"""
    # Subtracting the largest value changes nothing in the quotient and keeps exp from overflowing.
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


@kernel("dy[n, k], y[n, k] -> dx[n, k]")
def softmax_grad(dy, y):
    """dx_j = y_j (dy_j - sum_i dy_i y_i)"""
    return y * (dy - (dy * y).sum(axis=1, keepdims=True))
