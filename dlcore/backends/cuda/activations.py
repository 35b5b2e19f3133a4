"""The activations: one number a thread, or a row of numbers for softmax."""

import math

from numba import cuda
from numpy import uint32

from dlcore.backends.cuda.elements import each
from dlcore.backends.cuda.launch import device, launch
from dlcore.backends.cuda.sums import lanes_of, max_of, rows_grid, sum_of


@device
def _exp_below(x, real):
    """exp(-|x|), which cannot overflow."""
    return real(math.exp(-abs(x)))


@device
def sigmoid_of(x, real):
    """1 / (1 + exp(-x)); for x < 0 it is exp(x) / (1 + exp(x))."""
    e = _exp_below(x, real)
    return (real(1) if x >= real(0) else e) / (real(1) + e)


@device
def _sigmoid(x, _, real):
    return sigmoid_of(x, real)


@device
def _sigmoid_grad(dy, y, _, real):
    return dy * y * (real(1) - y)


@device
def _tanh(x, _, real):
    return real(math.tanh(x))


@device
def _tanh_grad(dy, y, _, real):
    return dy * (real(1) - y * y)


@device
def _relu(x, _, real):
    # A NaN is not below zero: it stays, and is seen.
    return real(0) if x < real(0) else x


@device
def _relu_grad(dy, y, _, real):
    return dy if y > real(0) else real(0)


@device
def _leaky_relu(x, slope, real):
    return x if x > real(0) else slope * x


@device
def _leaky_relu_grad(dy, x, slope, real):
    return dy if x > real(0) else slope * dy


@device
def _erf(x, _, real):
    return real(math.erf(x))


def sigmoid(y, x):
    each(_sigmoid, y, x)


def sigmoid_grad(dx, dy, y):
    each(_sigmoid_grad, dx, dy, y)


def tanh(y, x):
    each(_tanh, y, x)


def tanh_grad(dx, dy, y):
    each(_tanh_grad, dx, dy, y)


def relu(y, x):
    each(_relu, y, x)


def relu_grad(dx, dy, y):
    each(_relu_grad, dx, dy, y)


def leaky_relu(y, x, negative_slope):
    each(_leaky_relu, y, x, attribute=negative_slope)


def leaky_relu_grad(dx, dy, x, negative_slope):
    each(_leaky_relu_grad, dx, dy, x, attribute=negative_slope)


def erf(y, x):
    each(_erf, y, x)


# A row of numbers. `lanes` threads share it out; what each has found is put into shared memory, and
# all of them read there what the others have.


def _softmax(y, x, n, k, lanes):
    real = y.dtype.type
    maxima = cuda.shared.array(256, y.dtype)
    sums = cuda.shared.array(256, y.dtype)
    t, row = uint32(cuda.threadIdx.x), uint32(uint32(cuda.grid(1)) // lanes)
    lane, first = uint32(t % lanes), uint32(uint32(t // lanes) * lanes)
    # A thread without a row has no numbers, but comes to every barrier.
    start = uint32(row * k)
    stop = uint32(start + k) if row < n else start
    top = real(-math.inf)
    at = uint32(start + lane)
    while at < stop:
        top = x[at] if x[at] > top else top
        at = uint32(at + lanes)
    maxima[t] = top
    cuda.syncthreads()
    # Subtracting the largest number keeps exp from overflowing.
    top = max_of(maxima, first, lanes)
    total = real(0)
    at = uint32(start + lane)
    while at < stop:
        e = real(math.exp(x[at] - top))
        y[at] = e
        total += e
        at = uint32(at + lanes)
    sums[t] = total
    cuda.syncthreads()
    total = sum_of(sums, first, lanes)
    at = uint32(start + lane)
    while at < stop:
        y[at] = y[at] / total
        at = uint32(at + lanes)


def softmax(y, x):
    (n, k), lanes = x.shape, lanes_of(x.shape[1])
    launch(_softmax, *rows_grid(n, lanes), y, x, n, k, lanes)


def _softmax_grad(dx, dy, y, n, k, lanes):
    real = y.dtype.type
    sums = cuda.shared.array(256, y.dtype)
    t, row = uint32(cuda.threadIdx.x), uint32(uint32(cuda.grid(1)) // lanes)
    lane, first = uint32(t % lanes), uint32(uint32(t // lanes) * lanes)
    start = uint32(row * k)
    stop = uint32(start + k) if row < n else start
    dot = real(0)
    at = uint32(start + lane)
    while at < stop:
        dot += dy[at] * y[at]
        at = uint32(at + lanes)
    sums[t] = dot
    cuda.syncthreads()
    dot = sum_of(sums, first, lanes)
    at = uint32(start + lane)
    while at < stop:
        dx[at] = y[at] * (dy[at] - dot)
        at = uint32(at + lanes)


def softmax_grad(dx, dy, y):
    (n, k), lanes = y.shape, lanes_of(y.shape[1])
    launch(_softmax_grad, *rows_grid(n, lanes), dx, dy, y, n, k, lanes)
