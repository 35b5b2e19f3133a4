"""The losses, one number for each row, compiled by Numba."""

import math

from dlcore.backends.cpu.fast_math import max_of, sum_of
from dlcore.backends.numba.compile import compiled

EPSILON = 1e-7  # probabilities stay this far from 0 and 1 before a logarithm, as in Keras


@compiled
def _clip(p, low, high):
    # Not min(max(…)): a NaN must stay a NaN, so that a broken training is noticed.
    if p < low:
        return low
    if p > high:
        return high
    return p


@compiled
def mse(loss, y, t):
    for i in range(y.shape[0]):
        total = 0.0
        for j in range(y.shape[1]):
            total += (y[i, j] - t[i, j]) ** 2
        loss[i] = total / y.shape[1]


@compiled
def mse_grad(dy, dloss, y, t):
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            dy[i, j] = dloss[i] * 2 * (y[i, j] - t[i, j]) / y.shape[1]


@compiled
def binary_crossentropy(loss, y, t):
    # The bounds have the dtype of y: in float32, 1 - 1e-7 is 0.9999999 rounded.
    low, high = y.dtype.type(EPSILON), y.dtype.type(1 - EPSILON)
    for i in range(y.shape[0]):
        total = 0.0
        for j in range(y.shape[1]):
            p = _clip(y[i, j], low, high)
            total += t[i, j] * math.log(p) + (1 - t[i, j]) * math.log(1 - p)
        loss[i] = -total / y.shape[1]


@compiled
def binary_crossentropy_grad(dy, dloss, y, t):
    low, high = y.dtype.type(EPSILON), y.dtype.type(1 - EPSILON)
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            p = _clip(y[i, j], low, high)
            dp = (p - t[i, j]) / (p * (1 - p)) / y.shape[1]
            dy[i, j] = dloss[i] * dp if p == y[i, j] else 0


@compiled
def binary_crossentropy_from_logits(loss, z, t):
    for i in range(z.shape[0]):
        total = 0.0
        for j in range(z.shape[1]):
            hinge = 0 if z[i, j] < 0 else z[i, j]
            total += hinge - z[i, j] * t[i, j] + math.log1p(math.exp(-abs(z[i, j])))
        loss[i] = total / z.shape[1]


@compiled
def binary_crossentropy_from_logits_grad(dz, dloss, z, t):
    for i in range(z.shape[0]):
        for j in range(z.shape[1]):
            e = math.exp(-abs(z[i, j]))
            y = (1 if z[i, j] >= 0 else e) / (1 + e)
            dz[i, j] = dloss[i] * (y - t[i, j]) / z.shape[1]


@compiled
def categorical_crossentropy(loss, y, t):
    low, high = y.dtype.type(EPSILON), y.dtype.type(1 - EPSILON)
    for i in range(y.shape[0]):
        total = sum_of(y[i])
        loss[i] = 0
        for j in range(y.shape[1]):
            loss[i] -= t[i, j] * math.log(_clip(y[i, j] / total, low, high))


@compiled
def categorical_crossentropy_grad(dy, dloss, y, t):
    low, high = y.dtype.type(EPSILON), y.dtype.type(1 - EPSILON)
    for i in range(y.shape[0]):
        total = sum_of(y[i])
        dot = 0.0
        for j in range(y.shape[1]):
            p = y[i, j] / total
            inside = _clip(p, low, high) == p
            dy[i, j] = -t[i, j] / p if inside else 0
            dot -= t[i, j] if inside else 0
        for j in range(y.shape[1]):
            dy[i, j] = dloss[i] * (dy[i, j] - dot) / total


@compiled
def categorical_crossentropy_from_logits(loss, y, z, t):
    for i in range(z.shape[0]):
        largest = max_of(z[i])
        total = 0.0
        for j in range(z.shape[1]):
            y[i, j] = math.exp(z[i, j] - largest)
            total += y[i, j]
        loss[i] = 0
        for j in range(z.shape[1]):
            y[i, j] /= total
            loss[i] -= t[i, j] * (z[i, j] - largest - math.log(total))


@compiled
def categorical_crossentropy_from_logits_grad(dz, dloss, y, t):
    for i in range(y.shape[0]):
        total = sum_of(t[i])
        for j in range(y.shape[1]):
            dz[i, j] = dloss[i] * (y[i, j] * total - t[i, j])


@compiled
def _require_classes(labels, classes):
    """A replayed step that calculates its labels passes no other check than this one."""
    for label in labels:
        if label < 0 or label >= classes:
            raise IndexError("A class number of the targets is none of those of the outputs.")


@compiled
def sparse_categorical_crossentropy(loss, y, labels):
    _require_classes(labels, y.shape[1])
    low, high = y.dtype.type(EPSILON), y.dtype.type(1 - EPSILON)
    for i in range(y.shape[0]):
        p = y[i, labels[i]] / sum_of(y[i])
        loss[i] = -math.log(_clip(p, low, high))


@compiled
def sparse_categorical_crossentropy_grad(dy, dloss, y, labels):
    _require_classes(labels, y.shape[1])
    low, high = y.dtype.type(EPSILON), y.dtype.type(1 - EPSILON)
    for i in range(y.shape[0]):
        total = sum_of(y[i])
        p = y[i, labels[i]] / total
        kept = _clip(p, low, high)  # never 0: the quotient below is a number
        slope = dloss[i] / total if kept == p else 0
        dy[i, :] = slope
        dy[i, labels[i]] -= slope / kept


@compiled
def sparse_categorical_crossentropy_from_logits(loss, y, z, labels):
    _require_classes(labels, z.shape[1])
    for i in range(z.shape[0]):
        largest = max_of(z[i])
        total = 0.0
        for j in range(z.shape[1]):
            y[i, j] = math.exp(z[i, j] - largest)
            total += y[i, j]
        for j in range(z.shape[1]):
            y[i, j] /= total
        loss[i] = math.log(total) - (z[i, labels[i]] - largest)


@compiled
def sparse_categorical_crossentropy_from_logits_grad(dz, dloss, y, labels):
    _require_classes(labels, y.shape[1])
    for i in range(y.shape[0]):
        for j in range(y.shape[1]):
            dz[i, j] = dloss[i] * y[i, j]
        dz[i, labels[i]] -= dloss[i]
