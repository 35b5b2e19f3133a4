"""Normalisation over the batch and over each row, as formulas in NumPy."""

# ruff: noqa: D103  The contract describes each kernel; the text here is its formula.

import numpy as np


def batch_norm(x, gamma, beta, epsilon=1e-3):
    # Ioffe and Szegedy 2015, algorithm 1.
    mean = x.mean(axis=0)
    variance = x.var(axis=0)
    h = (x - mean) / np.sqrt(variance + epsilon)
    return gamma * h + beta, mean, variance


def batch_norm_grad(dy, x, gamma, mean, variance, epsilon=1e-3):
    # The mean and the variance depend on every row: that is where the last two terms come from.
    n = len(x)
    h = (x - mean) / np.sqrt(variance + epsilon)
    dgamma = (dy * h).sum(axis=0)
    dbeta = dy.sum(axis=0)
    dx = gamma / np.sqrt(variance + epsilon) * (dy - dbeta / n - h * dgamma / n)
    return dx, dgamma, dbeta


def layer_norm(x, gamma, beta, epsilon=1e-3):
    # Ba, Kiros and Hinton 2016, section 3.
    mean = x.mean(axis=1)
    variance = x.var(axis=1)
    h = (x - mean[:, None]) / np.sqrt(variance[:, None] + epsilon)
    return gamma * h + beta, mean, variance


def layer_norm_grad(dy, x, gamma, mean, variance, epsilon=1e-3):
    scale = 1 / np.sqrt(variance[:, None] + epsilon)
    h = (x - mean[:, None]) * scale
    dgamma = (dy * h).sum(axis=0)
    dbeta = dy.sum(axis=0)
    g = gamma * dy
    g_mean = g.mean(axis=1, keepdims=True)
    gh_mean = (g * h).mean(axis=1, keepdims=True)
    dx = scale * (g - g_mean - h * gh_mean)
    return dx, dgamma, dbeta


def moving_average(average, value, momentum=0.99):
    return momentum * average + (1 - momentum) * value
