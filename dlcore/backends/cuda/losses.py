"""The losses, one number for each row, and their gradients, one number for each output.

As in ``softmax``, `lanes` threads share a row out; no logarithm sees a number out of bounds.
"""

import functools
import math

from numba import cuda
from numpy import uint32

from dlcore.backends.cuda.activations import sigmoid_of
from dlcore.backends.cuda.device import board
from dlcore.backends.cuda.launch import device, launch, named, spread
from dlcore.backends.cuda.primitives import existing
from dlcore.backends.cuda.sums import lanes_of, max_of, rows_grid, sum_of

EPSILON = 1e-7  # probabilities stay this far from 0 and 1 before a logarithm, as in Keras


@device
def _clip(p, real):
    # Not min(max(...)): a NaN must stay a NaN, so that a broken training is noticed.
    low, high = real(EPSILON), real(1 - EPSILON)
    return low if p < low else high if p > high else p


# Losses that are the mean of a term of each output alone.


@device
def _squared(y, t, real):
    return (y - t) * (y - t)


@device
def _squared_slope(y, t, real):
    return real(2) * (y - t)


@device
def _binary(y, t, real):
    p = _clip(y, real)
    one = real(1)
    return -(t * real(math.log(p)) + (one - t) * real(math.log(one - p)))


@device
def _binary_slope(y, t, real):
    p = _clip(y, real)
    slope = (p - t) / (p * (real(1) - p))
    return slope if p == y else real(0)


@device
def _logits(z, t, real):
    hinge = real(0) if z < real(0) else z
    return hinge - z * t + real(math.log1p(math.exp(-abs(z))))


@device
def _logits_slope(z, t, real):
    return sigmoid_of(z, real) - t


@functools.cache
def _mean_of_terms(term):
    def kernel(loss, y, t, n, k, lanes, count):
        real = y.dtype.type
        sums = cuda.shared.array(256, y.dtype)
        own, row = uint32(cuda.threadIdx.x), uint32(uint32(cuda.grid(1)) // lanes)
        lane, first = uint32(own % lanes), uint32(uint32(own // lanes) * lanes)
        start = uint32(row * k)
        stop = uint32(start + k) if row < n else start
        total = real(0)
        at = uint32(start + lane)
        while at < stop:
            total += term(y[at], t[at], real)
            at = uint32(at + lanes)
        sums[own] = total
        cuda.syncthreads()
        if lane == 0 and row < n:
            loss[row] = sum_of(sums, first, lanes) / count

    return named(kernel, "mean", term)


@functools.cache
def _slope_of_terms(slope):
    def kernel(dy, dloss, y, t, k, count):
        real = y.dtype.type
        e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        while e < y.size:
            dy[e] = dloss[uint32(e // k)] * slope(y[e], t[e], real) / count
            e = uint32(e + step)

    return named(kernel, "slope", slope)


def _mean(term, loss, y, t):
    (n, k), lanes = y.shape, lanes_of(y.shape[1])
    count = y.dtype.type(k)
    launch(_mean_of_terms(term), *rows_grid(n, lanes), loss, y, t, n, k, lanes, count)


def _slopes(slope, dy, dloss, y, t):
    k = y.shape[1]
    launch(_slope_of_terms(slope), *spread(y.size), dy, dloss, y, t, k, y.dtype.type(k))


def mse(loss, y, t):
    _mean(_squared, loss, y, t)


def mse_grad(dy, dloss, y, t):
    _slopes(_squared_slope, dy, dloss, y, t)


def binary_crossentropy(loss, y, t):
    _mean(_binary, loss, y, t)


def binary_crossentropy_grad(dy, dloss, y, t):
    _slopes(_binary_slope, dy, dloss, y, t)


def binary_crossentropy_from_logits(loss, z, t):
    _mean(_logits, loss, z, t)


def binary_crossentropy_from_logits_grad(dz, dloss, z, t):
    _slopes(_logits_slope, dz, dloss, z, t)


# Classes. A label stands for a row of targets with a 1 at its place and 0 elsewhere: one kernel for
# both, which asks `_target`.


def _target(sparse):
    @device
    def of_label(t, at, column, label, real):
        return real(1) if column == label else real(0)

    @device
    def of_row(t, at, column, label, real):
        return t[at]

    return of_label if sparse else of_row


def _label(sparse):
    @device
    def of_row(labels, row, n, k, board):
        return existing(labels[row], k, board) if row < n else uint32(0)

    @device
    def none(t, row, n, k, board):
        return uint32(0)

    return of_row if sparse else none


@functools.cache
def _crossentropy(sparse):
    target, label_of = _target(sparse), _label(sparse)

    def kernel(loss, y, t, n, k, lanes, board):
        real = y.dtype.type
        sums = cuda.shared.array(256, y.dtype)
        losses = cuda.shared.array(256, y.dtype)
        own, row = uint32(cuda.threadIdx.x), uint32(uint32(cuda.grid(1)) // lanes)
        lane, first = uint32(own % lanes), uint32(uint32(own // lanes) * lanes)
        start, label = uint32(row * k), label_of(t, row, n, k, board)
        stop = uint32(start + k) if row < n else start
        total = real(0)
        at = uint32(start + lane)
        while at < stop:
            total += y[at]
            at = uint32(at + lanes)
        sums[own] = total
        cuda.syncthreads()
        total = sum_of(sums, first, lanes)
        part, column = real(0), lane
        at = uint32(start + lane)
        while at < stop:
            p = _clip(y[at] / total, real)
            part -= target(t, at, column, label, real) * real(math.log(p))
            at, column = uint32(at + lanes), uint32(column + lanes)
        losses[own] = part
        cuda.syncthreads()
        if lane == 0 and row < n:
            loss[row] = sum_of(losses, first, lanes)

    return named(kernel, "crossentropy", "sparse" if sparse else "of_rows")


@functools.cache
def _crossentropy_grad(sparse):
    target, label_of = _target(sparse), _label(sparse)

    def kernel(dy, dloss, y, t, n, k, lanes, board):
        real = y.dtype.type
        sums = cuda.shared.array(256, y.dtype)
        kept = cuda.shared.array(256, y.dtype)
        own, row = uint32(cuda.threadIdx.x), uint32(uint32(cuda.grid(1)) // lanes)
        lane, first = uint32(own % lanes), uint32(uint32(own // lanes) * lanes)
        start, label = uint32(row * k), label_of(t, row, n, k, board)
        stop = uint32(start + k) if row < n else start
        total = real(0)
        at = uint32(start + lane)
        while at < stop:
            total += y[at]
            at = uint32(at + lanes)
        sums[own] = total
        cuda.syncthreads()
        total = sum_of(sums, first, lanes)
        # Of each p that is within its bounds -t / p comes back, which times p is -t; beyond them
        # the loss is flat.
        inside, column = real(0), lane
        at = uint32(start + lane)
        while at < stop:
            p = y[at] / total
            here = target(t, at, column, label, real)
            inside += here if _clip(p, real) == p else real(0)
            at, column = uint32(at + lanes), uint32(column + lanes)
        kept[own] = inside
        cuda.syncthreads()
        inside, column = sum_of(kept, first, lanes), lane
        at = uint32(start + lane)
        while at < stop:
            p = y[at] / total
            bound = _clip(p, real)  # never 0: the quotient below is a number
            here = target(t, at, column, label, real) if bound == p else real(0)
            dy[at] = dloss[row] * (inside - here / bound) / total
            at, column = uint32(at + lanes), uint32(column + lanes)

    return named(kernel, "crossentropy_grad", "sparse" if sparse else "of_rows")


@functools.cache
def _from_logits(sparse):
    target, label_of = _target(sparse), _label(sparse)

    def kernel(loss, y, z, t, n, k, lanes, board):
        """The softmax and its loss in one pass: z is read from memory once."""
        real = y.dtype.type
        maxima = cuda.shared.array(256, y.dtype)
        sums = cuda.shared.array(256, y.dtype)
        losses = cuda.shared.array(256, y.dtype)
        own, row = uint32(cuda.threadIdx.x), uint32(uint32(cuda.grid(1)) // lanes)
        lane, first = uint32(own % lanes), uint32(uint32(own // lanes) * lanes)
        start, label = uint32(row * k), label_of(t, row, n, k, board)
        stop = uint32(start + k) if row < n else start
        top = real(-math.inf)
        at = uint32(start + lane)
        while at < stop:
            top = z[at] if z[at] > top else top
            at = uint32(at + lanes)
        maxima[own] = top
        cuda.syncthreads()
        top = max_of(maxima, first, lanes)
        total = real(0)
        at = uint32(start + lane)
        while at < stop:
            e = real(math.exp(z[at] - top))
            y[at] = e
            total += e
            at = uint32(at + lanes)
        sums[own] = total
        cuda.syncthreads()
        # A thread without a row has a sum of nothing, of which there is no logarithm.
        total = sum_of(sums, first, lanes) if row < n else real(1)
        log_total = real(math.log(total))
        part, column = real(0), lane
        at = uint32(start + lane)
        while at < stop:
            y[at] = y[at] / total
            part -= target(t, at, column, label, real) * (z[at] - top - log_total)
            at, column = uint32(at + lanes), uint32(column + lanes)
        losses[own] = part
        cuda.syncthreads()
        if lane == 0 and row < n:
            loss[row] = sum_of(losses, first, lanes)

    return named(kernel, "from_logits", "sparse" if sparse else "of_rows")


def _from_logits_grad(dz, dloss, y, t, n, k, lanes):
    real = y.dtype.type
    sums = cuda.shared.array(256, y.dtype)
    own, row = uint32(cuda.threadIdx.x), uint32(uint32(cuda.grid(1)) // lanes)
    lane, first = uint32(own % lanes), uint32(uint32(own // lanes) * lanes)
    start = uint32(row * k)
    stop = uint32(start + k) if row < n else start
    total = real(0)
    at = uint32(start + lane)
    while at < stop:
        total += t[at]
        at = uint32(at + lanes)
    sums[own] = total
    cuda.syncthreads()
    total = sum_of(sums, first, lanes)
    at = uint32(start + lane)
    while at < stop:
        dz[at] = dloss[row] * (y[at] * total - t[at])
        at = uint32(at + lanes)


def _from_labels_grad(dz, dloss, y, labels, k, board):
    real = y.dtype.type
    e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while e < y.size:
        row, column = uint32(e // k), uint32(e % k)
        label = existing(labels[row], k, board)
        dz[e] = dloss[row] * (y[e] - (real(1) if column == label else real(0)))
        e = uint32(e + step)


def _by_rows(kernel, y, *arrays_before_n, more=()):
    (n, k), lanes = y.shape, lanes_of(y.shape[1])
    launch(kernel, *rows_grid(n, lanes), *arrays_before_n, n, k, lanes, *more)


def categorical_crossentropy(loss, y, t):
    _by_rows(_crossentropy(False), y, loss, y, t, more=(board(),))


def categorical_crossentropy_grad(dy, dloss, y, t):
    _by_rows(_crossentropy_grad(False), y, dy, dloss, y, t, more=(board(),))


def categorical_crossentropy_from_logits(loss, y, z, t):
    _by_rows(_from_logits(False), z, loss, y, z, t, more=(board(),))


def categorical_crossentropy_from_logits_grad(dz, dloss, y, t):
    _by_rows(_from_logits_grad, y, dz, dloss, y, t)


def sparse_categorical_crossentropy(loss, y, labels):
    _by_rows(_crossentropy(True), y, loss, y, labels, more=(board(),))


def sparse_categorical_crossentropy_grad(dy, dloss, y, labels):
    _by_rows(_crossentropy_grad(True), y, dy, dloss, y, labels, more=(board(),))


def sparse_categorical_crossentropy_from_logits(loss, y, z, labels):
    _by_rows(_from_logits(True), z, loss, y, z, labels, more=(board(),))


def sparse_categorical_crossentropy_from_logits_grad(dz, dloss, y, labels):
    k = y.shape[1]
    launch(_from_labels_grad, *spread(y.size), dz, dloss, y, labels, k, board())
