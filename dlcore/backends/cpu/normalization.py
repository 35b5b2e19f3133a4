"""Normalisation over the batch and over each row, compiled by Numba.

Sums are gathered in 64 bits, row after row: over the pictures of a batch they have many terms.
"""

# ruff: noqa: D103  The contract describes each kernel.

import math

import numpy as np

from dlcore.backends._compile import kernel


@kernel
def batch_norm(y, mean, variance, x, gamma, beta, epsilon):
    n, columns = x.shape
    total = np.zeros(columns)
    for i in range(n):
        for j in range(columns):
            total[j] += x[i, j]
    for j in range(columns):
        mean[j] = total[j] / n
        total[j] = 0
    for i in range(n):
        for j in range(columns):
            deviation = x[i, j] - mean[j]
            total[j] += deviation * deviation
    for j in range(columns):
        variance[j] = total[j] / n
        total[j] = gamma[j] / math.sqrt(variance[j] + epsilon)
    for i in range(n):
        for j in range(columns):
            y[i, j] = (x[i, j] - mean[j]) * total[j] + beta[j]


@kernel
def batch_norm_grad(dx, dgamma, dbeta, dy, x, gamma, mean, variance, epsilon):
    n, columns = x.shape
    scale = np.empty(columns)
    sum_dy = np.zeros(columns)
    sum_dy_h = np.zeros(columns)
    for j in range(columns):
        scale[j] = 1 / math.sqrt(variance[j] + epsilon)
    for i in range(n):
        for j in range(columns):
            sum_dy[j] += dy[i, j]
            sum_dy_h[j] += dy[i, j] * (x[i, j] - mean[j]) * scale[j]
    for j in range(columns):
        dbeta[j] = sum_dy[j]
        dgamma[j] = sum_dy_h[j]
    for i in range(n):
        for j in range(columns):
            h = (x[i, j] - mean[j]) * scale[j]
            dx[i, j] = gamma[j] * scale[j] * (dy[i, j] - sum_dy[j] / n - h * sum_dy_h[j] / n)


@kernel
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


@kernel
def layer_norm_grad(dx, dgamma, dbeta, dy, x, gamma, mean, variance, epsilon):
    rows, k = x.shape
    sum_dy = np.zeros(k)
    sum_dy_h = np.zeros(k)
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


@kernel
def moving_average(average, value, momentum):
    for i in range(value.size):
        average[i] = momentum * average[i] + (1 - momentum) * value[i]
