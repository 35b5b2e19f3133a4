"""The updates of the optimizers: one launch over all weights, a thread for each number.

What changes from step to step (rate, step count) is an array of one number: a recorded graph then
finds the new one where the old one was.
"""

import math

from numba import cuda
from numpy import float64, uint32

from dlcore.backends.cuda.launch import launch, spread


def _sgd(w, dw, learning_rate):
    real = w.dtype.type
    i, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    rate = real(learning_rate[0])
    while i < w.size:
        w[i] -= rate * dw[i]
        i = uint32(i + step)


def sgd_update(w, dw, learning_rate):
    launch(_sgd, *spread(w.size), w, dw, learning_rate)


def _momentum(w, v, dw, learning_rate, momentum, nesterov):
    real = w.dtype.type
    i, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    rate = real(learning_rate[0])
    while i < w.size:
        down = rate * dw[i]
        moved = momentum * v[i] - down
        v[i] = moved
        w[i] += momentum * moved - down if nesterov else moved
        i = uint32(i + step)


def momentum_update(w, v, dw, learning_rate, momentum, nesterov):
    real = w.dtype.type
    launch(_momentum, *spread(w.size), w, v, dw, learning_rate, real(momentum), int(nesterov))


def _adam(w, m, v, dw, learning_rate, step, beta_1, beta_2, b1, c1, b2, c2, epsilon):
    real = w.dtype.type
    # The rate needs 64 bits, for 1 - beta^n of many steps, and is the same for all: one thread of
    # a block makes it, for the others to read.
    shared = cuda.shared.array(1, w.dtype)
    if cuda.threadIdx.x == 0:
        n = float64(step[0])
        exact = math.sqrt(1.0 - beta_2**n) / (1.0 - beta_1**n)
        shared[0] = real(float64(learning_rate[0]) * exact)
    cuda.syncthreads()
    rate = shared[0]
    i, stride = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while i < w.size:
        slope = dw[i]
        mean = b1 * m[i] + c1 * slope
        square = b2 * v[i] + c2 * slope * slope
        m[i], v[i] = mean, square
        w[i] -= rate * mean / (math.sqrt(square) + epsilon)
        i = uint32(i + stride)


def adam_update(w, m, v, dw, learning_rate, step, beta_1, beta_2, epsilon):
    real = w.dtype.type
    exact = float64(beta_1), float64(beta_2)
    rounded = (real(b) for b in (beta_1, 1 - beta_1, beta_2, 1 - beta_2, epsilon))
    launch(_adam, *spread(w.size), w, m, v, dw, learning_rate, step, *exact, *rounded)


def _rmsprop(w, v, dw, learning_rate, kept, new, epsilon):
    real = w.dtype.type
    i, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    rate = real(learning_rate[0])
    while i < w.size:
        slope = dw[i]
        square = kept * v[i] + new * slope * slope
        v[i] = square
        w[i] -= rate * slope / real(math.sqrt(square + epsilon))
        i = uint32(i + step)


def rmsprop_update(w, v, dw, learning_rate, rho, epsilon):
    real = w.dtype.type
    rounded = (real(number) for number in (rho, 1 - rho, epsilon))
    launch(_rmsprop, *spread(w.size), w, v, dw, learning_rate, *rounded)


def _rmsprop_momentum(w, v, u, dw, learning_rate, kept, new, momentum, epsilon):
    real = w.dtype.type
    i, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    rate = real(learning_rate[0])
    while i < w.size:
        slope = dw[i]
        square = kept * v[i] + new * slope * slope
        down = momentum * u[i] + rate * slope / real(math.sqrt(square + epsilon))
        v[i], u[i] = square, down
        w[i] -= down
        i = uint32(i + step)


def rmsprop_momentum_update(w, v, u, dw, learning_rate, rho, momentum, epsilon):
    real = w.dtype.type
    rounded = (real(number) for number in (rho, 1 - rho, momentum, epsilon))
    launch(_rmsprop_momentum, *spread(w.size), w, v, u, dw, learning_rate, *rounded)


def _rmsprop_centered(w, v, a, dw, learning_rate, kept, new, epsilon):
    real = w.dtype.type
    i, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    rate = real(learning_rate[0])
    while i < w.size:
        slope = dw[i]
        square = kept * v[i] + new * slope * slope
        mean = kept * a[i] + new * slope
        v[i], a[i] = square, mean
        w[i] -= rate * slope / real(math.sqrt(square - mean * mean + epsilon))
        i = uint32(i + step)


def rmsprop_centered_update(w, v, a, dw, learning_rate, rho, epsilon):
    real = w.dtype.type
    rounded = (real(number) for number in (rho, 1 - rho, epsilon))
    launch(_rmsprop_centered, *spread(w.size), w, v, a, dw, learning_rate, *rounded)


def _rmsprop_centered_momentum(w, v, u, a, dw, learning_rate, kept, new, momentum, epsilon):
    real = w.dtype.type
    i, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    rate = real(learning_rate[0])
    while i < w.size:
        slope = dw[i]
        square = kept * v[i] + new * slope * slope
        mean = kept * a[i] + new * slope
        root = real(math.sqrt(square - mean * mean + epsilon))
        down = momentum * u[i] + rate * slope / root
        v[i], u[i], a[i] = square, down, mean
        w[i] -= down
        i = uint32(i + step)


def rmsprop_centered_momentum_update(w, v, u, a, dw, learning_rate, rho, momentum, epsilon):
    real = w.dtype.type
    rounded = (real(number) for number in (rho, 1 - rho, momentum, epsilon))
    launch(_rmsprop_centered_momentum, *spread(w.size), w, v, u, a, dw, learning_rate, *rounded)


def _adagrad(w, a, dw, learning_rate, epsilon):
    real = w.dtype.type
    i, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    rate = real(learning_rate[0])
    while i < w.size:
        slope = dw[i]
        square = a[i] + slope * slope
        a[i] = square
        w[i] -= rate * slope / real(math.sqrt(square + epsilon))
        i = uint32(i + step)


def adagrad_update(w, a, dw, learning_rate, epsilon):
    launch(_adagrad, *spread(w.size), w, a, dw, learning_rate, w.dtype.type(epsilon))


def _amsgrad(w, m, v, v_hat, dw, learning_rate, step, beta_1, beta_2, b1, c1, b2, c2, epsilon):
    real = w.dtype.type
    shared = cuda.shared.array(1, w.dtype)
    if cuda.threadIdx.x == 0:
        n = float64(step[0])
        exact = math.sqrt(1.0 - beta_2**n) / (1.0 - beta_1**n)
        shared[0] = real(float64(learning_rate[0]) * exact)
    cuda.syncthreads()
    rate = shared[0]
    i, stride = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while i < w.size:
        slope, most = dw[i], v_hat[i]
        mean = b1 * m[i] + c1 * slope
        square = b2 * v[i] + c2 * slope * slope
        most = square if square > most or square != square else most  # a NaN is the greatest
        m[i], v[i], v_hat[i] = mean, square, most
        w[i] -= rate * mean / (real(math.sqrt(most)) + epsilon)
        i = uint32(i + stride)


def amsgrad_update(w, m, v, v_hat, dw, learning_rate, step, beta_1, beta_2, epsilon):
    real = w.dtype.type
    exact = float64(beta_1), float64(beta_2)
    rounded = (real(b) for b in (beta_1, 1 - beta_1, beta_2, 1 - beta_2, epsilon))
    launch(_amsgrad, *spread(w.size), w, m, v, v_hat, dw, learning_rate, step, *exact, *rounded)


def _nadam(w, m, v, dw, learning_rate, step, product, beta_1, beta_2, b1, c1, b2, c2, epsilon):
    real = w.dtype.type
    # As in Adam: what all numbers share needs 64 bits.
    shared = cuda.shared.array(3, w.dtype)
    if cuda.threadIdx.x == 0:
        n, before, exact = float64(step[0]), float64(product[0]), float64(learning_rate[0])
        u = beta_1 * (1.0 - 0.5 * 0.96**n)
        next_u = beta_1 * (1.0 - 0.5 * 0.96 ** (n + 1.0))
        shared[0] = real(exact * next_u / (1.0 - before * next_u))
        shared[1] = real(exact * (1.0 - u) / (1.0 - before))
        shared[2] = real(1.0 / math.sqrt(1.0 - beta_2**n))
    cuda.syncthreads()
    ahead, now, scale = shared[0], shared[1], shared[2]
    i, stride = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while i < w.size:
        slope = dw[i]
        mean = b1 * m[i] + c1 * slope
        square = b2 * v[i] + c2 * slope * slope
        m[i], v[i] = mean, square
        w[i] -= (ahead * mean + now * slope) / (scale * real(math.sqrt(square)) + epsilon)
        i = uint32(i + stride)


def nadam_update(w, m, v, dw, learning_rate, step, product, beta_1, beta_2, epsilon):
    real = w.dtype.type
    exact = float64(beta_1), float64(beta_2)
    rounded = (real(b) for b in (beta_1, 1 - beta_1, beta_2, 1 - beta_2, epsilon))
    launch(_nadam, *spread(w.size), w, m, v, dw, learning_rate, step, product, *exact, *rounded)


def _adamax(w, m, u, dw, learning_rate, step, beta_1, b1, c1, b2, epsilon):
    real = w.dtype.type
    shared = cuda.shared.array(1, w.dtype)
    if cuda.threadIdx.x == 0:
        exact = 1.0 - beta_1 ** float64(step[0])
        shared[0] = real(float64(learning_rate[0]) / exact)
    cuda.syncthreads()
    rate = shared[0]
    i, stride = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while i < w.size:
        slope = dw[i]
        mean = b1 * m[i] + c1 * slope
        size, faded = abs(slope), b2 * u[i]
        most = size if size > faded or size != size else faded  # a NaN is the greatest
        m[i], u[i] = mean, most
        w[i] -= rate * mean / (most + epsilon)
        i = uint32(i + stride)


def adamax_update(w, m, u, dw, learning_rate, step, beta_1, beta_2, epsilon):
    real = w.dtype.type
    rounded = (real(b) for b in (beta_1, 1 - beta_1, beta_2, epsilon))
    launch(_adamax, *spread(w.size), w, m, u, dw, learning_rate, step, float64(beta_1), *rounded)


def _adadelta(w, a, d, dw, learning_rate, kept, new, epsilon):
    real = w.dtype.type
    i, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    rate = real(learning_rate[0])
    while i < w.size:
        slope, before = dw[i], d[i]
        square = kept * a[i] + new * slope * slope
        s = real(math.sqrt(before + epsilon)) / real(math.sqrt(square + epsilon)) * slope
        a[i], d[i] = square, kept * before + new * s * s
        w[i] -= rate * s
        i = uint32(i + step)


def adadelta_update(w, a, d, dw, learning_rate, rho, epsilon):
    real = w.dtype.type
    rounded = (real(number) for number in (rho, 1 - rho, epsilon))
    launch(_adadelta, *spread(w.size), w, a, d, dw, learning_rate, *rounded)


def _lion(w, m, dw, learning_rate, b1, c1, b2, c2):
    real = w.dtype.type
    i, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    rate = real(learning_rate[0])
    while i < w.size:
        slope, mean = dw[i], m[i]
        way = b1 * mean + c1 * slope
        # Neither above nor below zero are zero and a NaN: they stay.
        w[i] -= rate if way > real(0) else -rate if way < real(0) else way
        m[i] = b2 * mean + c2 * slope
        i = uint32(i + step)


def lion_update(w, m, dw, learning_rate, beta_1, beta_2):
    real = w.dtype.type
    rounded = (real(b) for b in (beta_1, 1 - beta_1, beta_2, 1 - beta_2))
    launch(_lion, *spread(w.size), w, m, dw, learning_rate, *rounded)
