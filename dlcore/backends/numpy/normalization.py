"""Normalisation over the batch and over each row, as formulas in NumPy.

Other axes are brought into these two by whoever calls. `mean` and `variance` are those of the
batch, and are what the gradient needs besides its input; the variance is the mean square of the
deviations (divided by n, not n - 1).
"""

import numpy as np

from dlcore.backends.declare import kernel


@kernel("x[n, c], gamma[c], beta[c] -> y[n, c], mean[c], variance[c]")
def batch_norm(x, gamma, beta, epsilon=1e-3):
    """y = gamma h + beta, h = (x - mean) / sqrt(variance + epsilon),
    mean and variance of each column
    """
    # Ioffe and Szegedy 2015, algorithm 1.
    mean = x.mean(axis=0)
    variance = x.var(axis=0)
    h = (x - mean) / np.sqrt(variance + epsilon)
    return gamma * h + beta, mean, variance


@kernel("dy[n, c], x[n, c], gamma[c], mean[c], variance[c] -> dx[n, c], dgamma[c], dbeta[c]")
def batch_norm_grad(dy, x, gamma, mean, variance, epsilon=1e-3):
    """dbeta = sum dy, dgamma = sum dy h, over the rows;
    dx = gamma / sqrt(variance + epsilon) (dy - dbeta / n - h dgamma / n)
    """
    # The mean and the variance depend on every row: that is where the last two terms come from.
    n = len(x)
    h = (x - mean) / np.sqrt(variance + epsilon)
    dgamma = (dy * h).sum(axis=0)
    dbeta = dy.sum(axis=0)
    dx = gamma / np.sqrt(variance + epsilon) * (dy - dbeta / n - h * dgamma / n)
    return dx, dgamma, dbeta


@kernel("x[n, k], gamma[k], beta[k] -> y[n, k], mean[n], variance[n]")
def layer_norm(x, gamma, beta, epsilon=1e-3):
    """y = gamma h + beta, h = (x - mean) / sqrt(variance + epsilon),
    mean and variance of each row
    """
    # Ba, Kiros and Hinton 2016, section 3.
    mean = x.mean(axis=1)
    variance = x.var(axis=1)
    h = (x - mean[:, None]) / np.sqrt(variance[:, None] + epsilon)
    return gamma * h + beta, mean, variance


@kernel("dy[n, k], x[n, k], gamma[k], mean[n], variance[n] -> dx[n, k], dgamma[k], dbeta[k]")
def layer_norm_grad(dy, x, gamma, mean, variance, epsilon=1e-3):
    """dbeta = sum dy, dgamma = sum dy h, over the rows;
    with g = gamma dy, dx = (g - mean g - h mean(g h)) / sqrt(variance + epsilon), means of each row
    """
    scale = 1 / np.sqrt(variance[:, None] + epsilon)
    h = (x - mean[:, None]) * scale
    dgamma = (dy * h).sum(axis=0)
    dbeta = dy.sum(axis=0)
    g = gamma * dy
    g_mean = g.mean(axis=1, keepdims=True)
    gh_mean = (g * h).mean(axis=1, keepdims=True)
    dx = scale * (g - g_mean - h * gh_mean)
    return dx, dgamma, dbeta


@kernel("average[*], value[*] -> average[*]")
def moving_average(average, value, momentum=0.99):
    """average <- momentum average + (1 - momentum) value"""
    return momentum * average + (1 - momentum) * value
