"""The updates of the optimizers, compiled by Numba. Threads share out the weights.

All numbers have the dtype of the weights: one of float64 among them would halve the width of the
vectors.

The moments of a weight whose gradient is 0 from some step on, such as one of a dead unit, fade.
Once they are below the least normal number, 1e-38 in float32, a processor takes a hundred times as
long for each, and rounding never lets them come to 0. Here they are 0 from there on (`fading`). And
the learning rate is divided first: its product with a moment would be so small much sooner.
"""

import math

from numba import prange

from dlcore.backends.cpu.fast_math import fading
from dlcore.backends.numba.compile import compiled
from dlcore.backends.numba.registers import least_normal


def _many_weights(w, *_):
    return w.size > 100_000


@compiled(large=_many_weights)
def sgd_update(w, dw, learning_rate):
    rate = w.dtype.type(learning_rate[()])
    for i in prange(w.size):
        w[i] -= rate * dw[i]


@compiled(large=_many_weights)
def momentum_update(w, v, dw, learning_rate, momentum, nesterov):
    rate, kept = w.dtype.type(learning_rate[()]), w.dtype.type(momentum)
    least = least_normal(w)
    for i in prange(w.size):
        v[i] = fading(kept * v[i] - rate * dw[i], least)
        w[i] += kept * v[i] - rate * dw[i] if nesterov else v[i]


@compiled(large=_many_weights)
def adam_update(w, m, v, dw, learning_rate, step, beta_1, beta_2, epsilon):
    n = float(step[()])
    rate = w.dtype.type(learning_rate[()] * math.sqrt(1 - beta_2**n) / (1 - beta_1**n))
    b1, c1 = w.dtype.type(beta_1), w.dtype.type(1 - beta_1)
    b2, c2 = w.dtype.type(beta_2), w.dtype.type(1 - beta_2)
    eps = w.dtype.type(epsilon)
    least = least_normal(w)
    for i in prange(w.size):
        m[i] = fading(b1 * m[i] + c1 * dw[i], least)
        v[i] = fading(b2 * v[i] + c2 * dw[i] * dw[i], least)
        w[i] -= rate / (math.sqrt(v[i]) + eps) * m[i]


@compiled(large=_many_weights)
def rmsprop_update(w, v, dw, learning_rate, rho, epsilon):
    rate = w.dtype.type(learning_rate[()])
    kept, new = w.dtype.type(rho), w.dtype.type(1 - rho)
    eps = w.dtype.type(epsilon)
    least = least_normal(w)
    for i in prange(w.size):
        v[i] = fading(kept * v[i] + new * dw[i] * dw[i], least)
        w[i] -= rate * dw[i] / math.sqrt(v[i] + eps)


@compiled(large=_many_weights)
def rmsprop_momentum_update(w, v, u, dw, learning_rate, rho, momentum, epsilon):
    rate = w.dtype.type(learning_rate[()])
    kept, new = w.dtype.type(rho), w.dtype.type(1 - rho)
    again, eps = w.dtype.type(momentum), w.dtype.type(epsilon)
    least = least_normal(w)
    for i in prange(w.size):
        v[i] = fading(kept * v[i] + new * dw[i] * dw[i], least)
        u[i] = fading(again * u[i] + rate * dw[i] / math.sqrt(v[i] + eps), least)
        w[i] -= u[i]


@compiled(large=_many_weights)
def rmsprop_centered_update(w, v, a, dw, learning_rate, rho, epsilon):
    rate = w.dtype.type(learning_rate[()])
    kept, new = w.dtype.type(rho), w.dtype.type(1 - rho)
    eps = w.dtype.type(epsilon)
    least = least_normal(w)
    for i in prange(w.size):
        v[i] = fading(kept * v[i] + new * dw[i] * dw[i], least)
        a[i] = fading(kept * a[i] + new * dw[i], least)
        w[i] -= rate * dw[i] / math.sqrt(v[i] - a[i] * a[i] + eps)


@compiled(large=_many_weights)
def rmsprop_centered_momentum_update(w, v, u, a, dw, learning_rate, rho, momentum, epsilon):
    rate = w.dtype.type(learning_rate[()])
    kept, new = w.dtype.type(rho), w.dtype.type(1 - rho)
    again, eps = w.dtype.type(momentum), w.dtype.type(epsilon)
    least = least_normal(w)
    for i in prange(w.size):
        v[i] = fading(kept * v[i] + new * dw[i] * dw[i], least)
        a[i] = fading(kept * a[i] + new * dw[i], least)
        u[i] = fading(again * u[i] + rate * dw[i] / math.sqrt(v[i] - a[i] * a[i] + eps), least)
        w[i] -= u[i]


@compiled(large=_many_weights)
def adagrad_update(w, a, dw, learning_rate, epsilon):
    rate = w.dtype.type(learning_rate[()])
    eps = w.dtype.type(epsilon)
    for i in prange(w.size):
        a[i] += dw[i] * dw[i]
        w[i] -= rate * dw[i] / math.sqrt(a[i] + eps)


@compiled(large=_many_weights)
def amsgrad_update(w, m, v, v_hat, dw, learning_rate, step, beta_1, beta_2, epsilon):
    n = float(step[()])
    rate = w.dtype.type(learning_rate[()] * math.sqrt(1 - beta_2**n) / (1 - beta_1**n))
    b1, c1 = w.dtype.type(beta_1), w.dtype.type(1 - beta_1)
    b2, c2 = w.dtype.type(beta_2), w.dtype.type(1 - beta_2)
    eps = w.dtype.type(epsilon)
    least = least_normal(w)
    for i in prange(w.size):
        m[i] = fading(b1 * m[i] + c1 * dw[i], least)
        v[i] = fading(b2 * v[i] + c2 * dw[i] * dw[i], least)
        square, most = v[i], v_hat[i]
        most = square if square > most or square != square else most  # a NaN is the greatest
        v_hat[i] = most
        w[i] -= rate / (math.sqrt(most) + eps) * m[i]


@compiled(large=_many_weights)
def nadam_update(w, m, v, dw, learning_rate, step, product, beta_1, beta_2, epsilon):
    n, before = float(step[()]), float(product[()])
    u, next_u = beta_1 * (1 - 0.96**n / 2), beta_1 * (1 - 0.96 ** (n + 1) / 2)
    rate = w.dtype.type(learning_rate[()])
    ahead = w.dtype.type(next_u / (1 - before * next_u))
    now = w.dtype.type((1 - u) / (1 - before))
    scale = w.dtype.type(1 / math.sqrt(1 - beta_2**n))
    b1, c1 = w.dtype.type(beta_1), w.dtype.type(1 - beta_1)
    b2, c2 = w.dtype.type(beta_2), w.dtype.type(1 - beta_2)
    eps = w.dtype.type(epsilon)
    least = least_normal(w)
    for i in prange(w.size):
        m[i] = fading(b1 * m[i] + c1 * dw[i], least)
        v[i] = fading(b2 * v[i] + c2 * dw[i] * dw[i], least)
        w[i] -= rate / (scale * math.sqrt(v[i]) + eps) * (ahead * m[i] + now * dw[i])


@compiled(large=_many_weights)
def adamax_update(w, m, u, dw, learning_rate, step, beta_1, beta_2, epsilon):
    rate = w.dtype.type(learning_rate[()] / (1 - beta_1 ** float(step[()])))
    b1, c1, b2 = w.dtype.type(beta_1), w.dtype.type(1 - beta_1), w.dtype.type(beta_2)
    eps = w.dtype.type(epsilon)
    least = least_normal(w)
    for i in prange(w.size):
        m[i] = fading(b1 * m[i] + c1 * dw[i], least)
        size, faded = abs(dw[i]), b2 * u[i]
        u[i] = size if size > faded or size != size else fading(faded, least)
        w[i] -= rate / (u[i] + eps) * m[i]


@compiled(large=_many_weights)
def adadelta_update(w, a, d, dw, learning_rate, rho, epsilon):
    rate = w.dtype.type(learning_rate[()])
    kept, new = w.dtype.type(rho), w.dtype.type(1 - rho)
    eps = w.dtype.type(epsilon)
    least = least_normal(w)
    for i in prange(w.size):
        a[i] = fading(kept * a[i] + new * dw[i] * dw[i], least)
        s = math.sqrt(d[i] + eps) / math.sqrt(a[i] + eps) * dw[i]
        d[i] = fading(kept * d[i] + new * s * s, least)
        w[i] -= rate * s


@compiled(large=_many_weights)
def lion_update(w, m, dw, learning_rate, beta_1, beta_2):
    rate = w.dtype.type(learning_rate[()])
    b1, c1 = w.dtype.type(beta_1), w.dtype.type(1 - beta_1)
    b2, c2 = w.dtype.type(beta_2), w.dtype.type(1 - beta_2)
    least = least_normal(w)
    for i in prange(w.size):
        way = b1 * m[i] + c1 * dw[i]
        # Neither above nor below zero are zero and a NaN: they stay.
        w[i] -= rate if way > 0 else -rate if way < 0 else way
        m[i] = fading(b2 * m[i] + c2 * dw[i], least)
