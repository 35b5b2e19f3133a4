"""The updates of the optimizers, compiled by Numba. Threads share out the weights.

All numbers have the dtype of the weights: one of float64 among them would halve the width of the
vectors.
"""

import math

from numba import prange

from dlcore.backends.numba.compile import compiled


def _many_weights(w):
    return w.size > 100_000


@compiled(large=lambda w, *_: _many_weights(w))
def sgd_update(w, dw, learning_rate):
    rate = w.dtype.type(learning_rate[()])
    for i in prange(w.size):
        w[i] -= rate * dw[i]


@compiled(large=lambda w, *_: _many_weights(w))
def momentum_update(w, v, dw, learning_rate, momentum, nesterov):
    rate, kept = w.dtype.type(learning_rate[()]), w.dtype.type(momentum)
    for i in prange(w.size):
        v[i] = kept * v[i] - rate * dw[i]
        w[i] += kept * v[i] - rate * dw[i] if nesterov else v[i]


@compiled(large=lambda w, *_: _many_weights(w))
def adam_update(w, m, v, dw, learning_rate, step, beta_1, beta_2, epsilon):
    n = float(step[()])
    rate = w.dtype.type(learning_rate[()] * math.sqrt(1 - beta_2**n) / (1 - beta_1**n))
    b1, c1 = w.dtype.type(beta_1), w.dtype.type(1 - beta_1)
    b2, c2 = w.dtype.type(beta_2), w.dtype.type(1 - beta_2)
    eps = w.dtype.type(epsilon)
    for i in prange(w.size):
        m[i] = b1 * m[i] + c1 * dw[i]
        v[i] = b2 * v[i] + c2 * dw[i] * dw[i]
        w[i] -= rate * m[i] / (math.sqrt(v[i]) + eps)


@compiled(large=lambda w, *_: _many_weights(w))
def rmsprop_update(w, v, dw, learning_rate, rho, epsilon):
    rate = w.dtype.type(learning_rate[()])
    kept, new = w.dtype.type(rho), w.dtype.type(1 - rho)
    eps = w.dtype.type(epsilon)
    for i in prange(w.size):
        v[i] = kept * v[i] + new * dw[i] * dw[i]
        w[i] -= rate * dw[i] / math.sqrt(v[i] + eps)


@compiled(large=lambda w, *_: _many_weights(w))
def adagrad_update(w, a, dw, learning_rate, epsilon):
    rate = w.dtype.type(learning_rate[()])
    eps = w.dtype.type(epsilon)
    for i in prange(w.size):
        a[i] += dw[i] * dw[i]
        w[i] -= rate * dw[i] / math.sqrt(a[i] + eps)
