"""The updates of the optimizers, as formulas in NumPy.

What changes from step to step (rate, step count) is an array of no axes.
"""

import numpy as np

from dlcore.backends.declare import kernel


@kernel("w[*], dw[*], learning_rate[] -> w[*]")
def sgd_update(w, dw, learning_rate):
    """w <- w - learning_rate dw"""
    return w - learning_rate * dw


@kernel("w[*], v[*], dw[*], learning_rate[] -> w[*], v[*]")
def momentum_update(w, v, dw, learning_rate, momentum=0.9, nesterov=False):
    """v <- momentum v - learning_rate dw; w <- w + v (nesterov: + momentum v - learning_rate dw)"""
    v = momentum * v - learning_rate * dw
    if nesterov:
        return w + momentum * v - learning_rate * dw, v
    return w + v, v


@kernel("w[*], m[*], v[*], dw[*], learning_rate[], step[] -> w[*], m[*], v[*]")
def adam_update(w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    """m <- b1 m + (1 - b1) dw; v <- b2 v + (1 - b2) dw^2;
    w <- w - learning_rate sqrt(1 - b2^step) / (1 - b1^step) m / (sqrt(v) + epsilon)
    """
    # Kingma and Ba 2015, the form at the end of section 2: epsilon is added to sqrt(v) itself.
    m = beta_1 * m + (1 - beta_1) * dw
    v = beta_2 * v + (1 - beta_2) * dw**2
    rate = float(learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step))
    w = w - rate * m / (np.sqrt(v) + epsilon)
    return w, m, v


@kernel("w[*], v[*], dw[*], learning_rate[] -> w[*], v[*]")
def rmsprop_update(w, v, dw, learning_rate, rho=0.9, epsilon=1e-7):
    """v <- rho v + (1 - rho) dw^2; w <- w - learning_rate dw / sqrt(v + epsilon)"""
    # Hinton 2012, lecture 6e. As in Keras, epsilon stands under the root.
    v = rho * v + (1 - rho) * dw**2
    return w - learning_rate * dw / np.sqrt(v + epsilon), v


@kernel("w[*], a[*], dw[*], learning_rate[] -> w[*], a[*]")
def adagrad_update(w, a, dw, learning_rate, epsilon=1e-7):
    """a <- a + dw^2; w <- w - learning_rate dw / sqrt(a + epsilon)"""
    # Duchi et al. 2011, figure 1, with the diagonal of the matrix alone.
    a = a + dw**2
    return w - learning_rate * dw / np.sqrt(a + epsilon), a
