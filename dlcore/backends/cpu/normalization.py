"""Normalisation over the batch and over each row, compiled by Numba.

Sums are gathered in 64 bits, row after row: over the images of a batch they have many terms.
"""

import math

import numpy as np
from numba import prange

from dlcore.backends.cpu.fast_math import clear, fading, zeros
from dlcore.backends.cpu.parts import PARTS, part_of
from dlcore.backends.numba.compile import compiled, shared
from dlcore.backends.numba.registers import least_normal


@compiled
def _parts(rows):
    return max(1, min(PARTS, rows // 256))


def _many(x):
    return x.shape[0] >= 512 and x.size > 100_000


@shared
def _moments(mean, squares, rows):
    """Mean of each column of some rows, and the sum of the squares of what deviates from it."""
    n, columns = rows.shape
    clear(mean)
    clear(squares)
    for i in range(n):
        row = rows[i]
        for j in range(columns):
            mean[j] += row[j]
    for j in range(columns):
        mean[j] /= n
    for i in range(n):
        row = rows[i]
        for j in range(columns):
            deviation = row[j] - mean[j]
            squares[j] += deviation * deviation


@compiled(large=lambda y, mean, variance, x, *_: _many(x))
def batch_norm(y, mean, variance, x, gamma, beta, epsilon):
    n, columns = x.shape
    parts = _parts(n)
    means, squares = np.empty((parts, columns)), np.empty((parts, columns))
    for part in prange(parts):
        _moments(means[part], squares[part], x[part_of(part, parts, n)])
    # Chan, Golub and LeVeque 1979, "Updating formulae ... for computing sample variances", (2.1).
    middle, total = zeros(columns, np.float64), zeros(columns, np.float64)
    for part in range(parts):
        some = part_of(part, parts, n)
        size = some.stop - some.start
        for j in range(columns):
            middle[j] += means[part, j] * size / n
    for part in range(parts):
        some = part_of(part, parts, n)
        size = some.stop - some.start
        for j in range(columns):
            total[j] += squares[part, j] + size * (means[part, j] - middle[j]) ** 2
    # In the dtype of x: a 64-bit number among them would halve the width of the vectors.
    scale = np.empty(columns, x.dtype)
    for j in range(columns):
        mean[j] = middle[j]
        variance[j] = total[j] / n
        scale[j] = gamma[j] / math.sqrt(variance[j] + epsilon)
    for part in prange(parts):
        some = part_of(part, parts, n)
        for i in range(some.start, some.stop):
            target, row = y[i], x[i]
            for j in range(columns):
                target[j] = (row[j] - mean[j]) * scale[j] + beta[j]


@shared
def _slopes(sum_dy, sum_dy_d, dy, x, mean):
    """Sums over some rows of dy, and of dy times the deviations of x."""
    clear(sum_dy)
    clear(sum_dy_d)
    for i in range(dy.shape[0]):
        slope, row = dy[i], x[i]
        for j in range(slope.size):
            sum_dy[j] += slope[j]
            sum_dy_d[j] += slope[j] * (row[j] - mean[j])


@compiled(large=lambda dx, dgamma, dbeta, dy, x, *_: _many(x))
def batch_norm_grad(dx, dgamma, dbeta, dy, x, gamma, mean, variance, epsilon):
    n, columns = x.shape
    parts = _parts(n)
    sums, sums_d = np.empty((parts, columns)), np.empty((parts, columns))
    for part in prange(parts):
        some = part_of(part, parts, n)
        _slopes(sums[part], sums_d[part], dy[some], x[some], mean)
    # dx = scale (dy - offset - slope (x - mean)), all in the dtype of x.
    scale, offset = np.empty(columns, x.dtype), np.empty(columns, x.dtype)
    slope = np.empty(columns, x.dtype)
    for j in range(columns):
        sum_dy, sum_dy_d = 0.0, 0.0
        for part in range(parts):
            sum_dy += sums[part, j]
            sum_dy_d += sums_d[part, j]
        inverse = 1 / math.sqrt(variance[j] + epsilon)
        dbeta[j] = sum_dy
        dgamma[j] = sum_dy_d * inverse
        scale[j] = gamma[j] * inverse
        offset[j] = sum_dy / n
        slope[j] = sum_dy_d * inverse * inverse / n
    for part in prange(parts):
        some = part_of(part, parts, n)
        for i in range(some.start, some.stop):
            target, gradient, row = dx[i], dy[i], x[i]
            for j in range(columns):
                target[j] = scale[j] * (gradient[j] - offset[j] - slope[j] * (row[j] - mean[j]))


@compiled
def layer_norm(y, mean, variance, x, gamma, beta, epsilon):
    rows, k = x.shape
    for i in range(rows):
        total = 0.0
        for j in range(k):
            total += x[i, j]
        mean[i] = total / k
        total = 0.0
        for j in range(k):
            total += (x[i, j] - mean[i]) ** 2
        variance[i] = total / k
        scale = 1 / math.sqrt(variance[i] + epsilon)
        for j in range(k):
            y[i, j] = gamma[j] * (x[i, j] - mean[i]) * scale + beta[j]


@compiled
def layer_norm_grad(dx, dgamma, dbeta, dy, x, gamma, mean, variance, epsilon):
    rows, k = x.shape
    sum_dy, sum_dy_h = zeros(k, np.float64), zeros(k, np.float64)
    for i in range(rows):
        scale = 1 / math.sqrt(variance[i] + epsilon)
        sum_g = 0.0
        sum_gh = 0.0
        for j in range(k):
            h = (x[i, j] - mean[i]) * scale
            sum_dy[j] += dy[i, j]
            sum_dy_h[j] += dy[i, j] * h
            sum_g += gamma[j] * dy[i, j]
            sum_gh += gamma[j] * dy[i, j] * h
        for j in range(k):
            h = (x[i, j] - mean[i]) * scale
            dx[i, j] = scale * (gamma[j] * dy[i, j] - sum_g / k - h * sum_gh / k)
    for j in range(k):
        dbeta[j] = sum_dy[j]
        dgamma[j] = sum_dy_h[j]


@compiled
def moving_average(average, value, momentum):
    least = least_normal(average)  # those of a dead unit fade, see `fading`
    for i in range(value.size):
        average[i] = fading(momentum * average[i] + (1 - momentum) * value[i], least)
