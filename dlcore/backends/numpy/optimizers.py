"""The updates of the optimizers, as formulas in NumPy."""

# ruff: noqa: D103  The contract describes each kernel; the text here is its formula.

import numpy as np


def sgd_update(w, dw, learning_rate):
    return w - learning_rate * dw


def momentum_update(w, v, dw, learning_rate, momentum=0.9, nesterov=False):
    v = momentum * v - learning_rate * dw
    if nesterov:
        return w + momentum * v - learning_rate * dw, v
    return w + v, v


def adam_update(w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
    # Kingma and Ba 2015, the form at the end of section 2: epsilon is added to sqrt(v) itself.
    m = beta_1 * m + (1 - beta_1) * dw
    v = beta_2 * v + (1 - beta_2) * dw**2
    rate = float(learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step))
    w = w - rate * m / (np.sqrt(v) + epsilon)
    return w, m, v


def rmsprop_update(w, v, dw, learning_rate, rho=0.9, epsilon=1e-7):
    # Hinton 2012, lecture 6e. As in Keras, epsilon stands under the root.
    v = rho * v + (1 - rho) * dw**2
    return w - learning_rate * dw / np.sqrt(v + epsilon), v


def adagrad_update(w, a, dw, learning_rate, epsilon=1e-7):
    # Duchi et al. 2011, figure 1, with the diagonal of the matrix alone.
    a = a + dw**2
    return w - learning_rate * dw / np.sqrt(a + epsilon), a
