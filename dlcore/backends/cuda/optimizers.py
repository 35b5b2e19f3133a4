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
