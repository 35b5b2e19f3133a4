"""Normalisation over the batch and over each row.

Over the batch, 32 columns that are neighbours are read by the 32 threads of a warp, and the rows
are taken in parts (see ``sums``): a first launch sums up the parts, a second one adds them in 64
bits, a third one makes each number. Means and squares of parts are put together as by Chan, Golub
and LeVeque 1979, "Updating formulae ... for computing sample variances", (2.1).
"""

import functools
import math

from numba import cuda
from numpy import float64, uint32

from dlcore.backends.cuda.device import scratch
from dlcore.backends.cuda.elements import each
from dlcore.backends.cuda.launch import blocks, device, launch, named, spread
from dlcore.backends.cuda.sums import WARP, groups_of, lanes_of, parts_of, rows_grid, sum_of


def _moments(means, squares, x, rows, columns, share):
    """Of each part and column: the mean, and the sum of the squares of what deviates from it."""
    real = x.dtype.type
    sums = cuda.shared.array(256, x.dtype)
    deviations = cuda.shared.array(256, x.dtype)
    t, groups = uint32(cuda.threadIdx.x), uint32(cuda.blockDim.x // 32)
    group, lane = uint32(t // uint32(32)), uint32(t % uint32(32))
    j = uint32(uint32(uint32(cuda.blockIdx.x) * uint32(32)) + lane)
    column = j if j < columns else uint32(0)
    part = uint32(cuda.blockIdx.y)
    start = uint32(part * share)
    stop = min(uint32(start + share), rows)
    total = real(0)
    r = uint32(start + group)
    while r < stop:
        total += x[uint32(uint32(r * columns) + column)]
        r = uint32(r + groups)
    sums[t] = total
    cuda.syncthreads()
    mean = sum_of_groups(sums, lane, groups) / real(uint32(stop - start))
    total = real(0)
    r = uint32(start + group)
    while r < stop:
        deviation = x[uint32(uint32(r * columns) + column)] - mean
        total += deviation * deviation
        r = uint32(r + groups)
    deviations[t] = total
    cuda.syncthreads()
    if group == 0 and j < columns:
        at = uint32(uint32(part * columns) + j)
        means[at] = mean
        squares[at] = sum_of_groups(deviations, lane, groups)


@device
def sum_of_groups(shared, lane, groups):
    """The sum of what the warps of a block have left for a column, in their order."""
    total = shared[lane]
    for i in range(1, groups):
        total += shared[uint32(lane + uint32(uint32(i) * uint32(32)))]
    return total


def _join(mean, variance, means, squares, rows, columns, share, parts):
    """The mean and the variance of each column from those of its parts, in 64 bits."""
    real = mean.dtype.type
    sums = cuda.shared.array(256, float64)
    deviations = cuda.shared.array(256, float64)
    t, groups = uint32(cuda.threadIdx.x), uint32(cuda.blockDim.x // 32)
    group, lane = uint32(t // uint32(32)), uint32(t % uint32(32))
    j = uint32(uint32(uint32(cuda.blockIdx.x) * uint32(32)) + lane)
    column = j if j < columns else uint32(0)
    total = float64(0)
    part = group
    while part < parts:
        size = min(share, uint32(rows - uint32(part * share)))
        total += float64(size) * float64(means[uint32(uint32(part * columns) + column)])
        part = uint32(part + groups)
    sums[t] = total
    cuda.syncthreads()
    middle = sum_of_groups(sums, lane, groups) / float64(rows)
    total = float64(0)
    part = group
    while part < parts:
        size = min(share, uint32(rows - uint32(part * share)))
        at = uint32(uint32(part * columns) + column)
        apart = float64(means[at]) - middle
        total += float64(squares[at]) + float64(size) * apart * apart
        part = uint32(part + groups)
    deviations[t] = total
    cuda.syncthreads()
    if group == 0 and j < columns:
        mean[j] = real(middle)
        variance[j] = real(sum_of_groups(deviations, lane, groups) / float64(rows))


def _normalized(y, x, gamma, beta, mean, variance, columns, epsilon):
    real = y.dtype.type
    e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while e < y.size:
        j = uint32(e % columns)
        scale = gamma[j] / real(math.sqrt(variance[j] + epsilon))
        y[e] = (x[e] - mean[j]) * scale + beta[j]
        e = uint32(e + step)


def batch_norm(y, mean, variance, x, gamma, beta, epsilon):
    (rows, columns), across = x.shape, blocks(x.shape[1], WARP)
    share, parts = parts_of(rows, columns)
    means = scratch("batch_norm means", x.dtype, parts, columns)
    squares = scratch("batch_norm squares", x.dtype, parts, columns)
    threads = WARP * groups_of(share)
    launch(_moments, (across, parts), threads, means, squares, x, rows, columns, share)
    threads, sizes = WARP * groups_of(parts), (rows, columns, share, parts)
    launch(_join, across, threads, mean, variance, means, squares, *sizes)
    given = (x, gamma, beta, mean, variance, columns, y.dtype.type(epsilon))
    launch(_normalized, *spread(y.size), y, *given)


@functools.cache
def _slopes(by_row):
    def kernel(sums, sums_h, dy, x, mean, variance, rows, columns, share, epsilon):
        """Of each part and column: the sums of dy, and of dy times what x deviates from its mean.

        By rows that is divided by the deviation of the row; that of a column is the same for all.
        """
        real = x.dtype.type
        shared = cuda.shared.array(256, x.dtype)
        shared_h = cuda.shared.array(256, x.dtype)
        t, groups = uint32(cuda.threadIdx.x), uint32(cuda.blockDim.x // 32)
        group, lane = uint32(t // uint32(32)), uint32(t % uint32(32))
        j = uint32(uint32(uint32(cuda.blockIdx.x) * uint32(32)) + lane)
        column = j if j < columns else uint32(0)
        part = uint32(cuda.blockIdx.y)
        start = uint32(part * share)
        stop = min(uint32(start + share), rows)
        total, total_h = real(0), real(0)
        r = uint32(start + group)
        while r < stop:
            at = uint32(uint32(r * columns) + column)
            h = x[at] - mean[r if by_row else column]
            if by_row:
                h = h / real(math.sqrt(variance[r] + epsilon))
            total += dy[at]
            total_h += dy[at] * h
            r = uint32(r + groups)
        shared[t], shared_h[t] = total, total_h
        cuda.syncthreads()
        if group == 0 and j < columns:
            at = uint32(uint32(part * columns) + j)
            sums[at] = sum_of_groups(shared, lane, groups)
            sums_h[at] = sum_of_groups(shared_h, lane, groups)

    return named(kernel, "slopes", "by_row" if by_row else "by_column")


@functools.cache
def _join_slopes(by_row):
    def kernel(dgamma, dbeta, sums, sums_h, variance, columns, parts, epsilon):
        """The parts put together, in 64 bits."""
        real = dgamma.dtype.type
        shared = cuda.shared.array(256, float64)
        shared_h = cuda.shared.array(256, float64)
        t, groups = uint32(cuda.threadIdx.x), uint32(cuda.blockDim.x // 32)
        group, lane = uint32(t // uint32(32)), uint32(t % uint32(32))
        j = uint32(uint32(uint32(cuda.blockIdx.x) * uint32(32)) + lane)
        column = j if j < columns else uint32(0)
        total, total_h = float64(0), float64(0)
        part = group
        while part < parts:
            at = uint32(uint32(part * columns) + column)
            total += float64(sums[at])
            total_h += float64(sums_h[at])
            part = uint32(part + groups)
        shared[t], shared_h[t] = total, total_h
        cuda.syncthreads()
        if group == 0 and j < columns:
            dbeta[j] = real(sum_of_groups(shared, lane, groups))
            total_h = sum_of_groups(shared_h, lane, groups)
            if not by_row:
                total_h = total_h / math.sqrt(float64(variance[j]) + float64(epsilon))
            dgamma[j] = real(total_h)

    return named(kernel, "join_slopes", "by_row" if by_row else "by_column")


def _sums_of_slopes(by_row, dgamma, dbeta, dy, x, mean, variance, epsilon):
    (rows, columns), across = x.shape, blocks(x.shape[1], WARP)
    share, parts = parts_of(rows, columns)
    sums = scratch("slopes", x.dtype, parts, columns)
    sums_h = scratch("slopes times h", x.dtype, parts, columns)
    given = (dy, x, mean, variance, rows, columns, share, epsilon)
    grid, threads = (across, parts), WARP * groups_of(share)
    launch(_slopes(by_row), grid, threads, sums, sums_h, *given)
    threads, sizes = WARP * groups_of(parts), (columns, parts, epsilon)
    launch(_join_slopes(by_row), across, threads, dgamma, dbeta, sums, sums_h, variance, *sizes)


def _batch_norm_dx(dx, dy, x, gamma, mean, variance, dgamma, dbeta, columns, rows, epsilon):
    real = x.dtype.type
    e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while e < dx.size:
        j = uint32(e % columns)
        inverse = real(1) / real(math.sqrt(variance[j] + epsilon))
        h = (x[e] - mean[j]) * inverse
        dx[e] = gamma[j] * inverse * (dy[e] - dbeta[j] / rows - h * dgamma[j] / rows)
        e = uint32(e + step)


def batch_norm_grad(dx, dgamma, dbeta, dy, x, gamma, mean, variance, epsilon):
    (rows, columns), real = x.shape, x.dtype.type
    _sums_of_slopes(False, dgamma, dbeta, dy, x, mean, variance, real(epsilon))
    given = (dy, x, gamma, mean, variance, dgamma, dbeta, columns, real(rows), real(epsilon))
    launch(_batch_norm_dx, *spread(dx.size), dx, *given)


# Each row by itself: its threads meet in shared memory, as in softmax.


def _layer_norm(y, mean, variance, x, gamma, beta, n, k, lanes, count, epsilon):
    real = x.dtype.type
    sums = cuda.shared.array(256, x.dtype)
    deviations = cuda.shared.array(256, x.dtype)
    own, row = uint32(cuda.threadIdx.x), uint32(uint32(cuda.grid(1)) // lanes)
    lane, first = uint32(own % lanes), uint32(uint32(own // lanes) * lanes)
    start, size = uint32(row * k), k if row < n else uint32(0)
    total = real(0)
    j = lane
    while j < size:
        total += x[uint32(start + j)]
        j = uint32(j + lanes)
    sums[own] = total
    cuda.syncthreads()
    middle = sum_of(sums, first, lanes) / count
    total = real(0)
    j = lane
    while j < size:
        deviation = x[uint32(start + j)] - middle
        total += deviation * deviation
        j = uint32(j + lanes)
    deviations[own] = total
    cuda.syncthreads()
    square = sum_of(deviations, first, lanes) / count
    scale = real(1) / real(math.sqrt(square + epsilon))
    if lane == 0 and row < n:
        mean[row], variance[row] = middle, square
    j = lane
    while j < size:
        at = uint32(start + j)
        y[at] = gamma[j] * ((x[at] - middle) * scale) + beta[j]
        j = uint32(j + lanes)


def layer_norm(y, mean, variance, x, gamma, beta, epsilon):
    (n, k), lanes, real = x.shape, lanes_of(x.shape[1]), x.dtype.type
    given = (x, gamma, beta, n, k, lanes, real(k), real(epsilon))
    launch(_layer_norm, *rows_grid(n, lanes), y, mean, variance, *given)


def _layer_norm_dx(dx, dy, x, gamma, mean, variance, n, k, lanes, count, epsilon):
    real = x.dtype.type
    sums = cuda.shared.array(256, x.dtype)
    sums_h = cuda.shared.array(256, x.dtype)
    own, row = uint32(cuda.threadIdx.x), uint32(uint32(cuda.grid(1)) // lanes)
    lane, first = uint32(own % lanes), uint32(uint32(own // lanes) * lanes)
    row = row if row < n else uint32(0)
    start, size = uint32(row * k), k if uint32(cuda.grid(1)) < uint32(n * lanes) else uint32(0)
    middle, scale = mean[row], real(1) / real(math.sqrt(variance[row] + epsilon))
    total, total_h = real(0), real(0)
    j = lane
    while j < size:
        at = uint32(start + j)
        g = gamma[j] * dy[at]
        total += g
        total_h += g * ((x[at] - middle) * scale)
        j = uint32(j + lanes)
    sums[own], sums_h[own] = total, total_h
    cuda.syncthreads()
    total = sum_of(sums, first, lanes) / count
    total_h = sum_of(sums_h, first, lanes) / count
    j = lane
    while j < size:
        at = uint32(start + j)
        h = (x[at] - middle) * scale
        dx[at] = scale * (gamma[j] * dy[at] - total - h * total_h)
        j = uint32(j + lanes)


def layer_norm_grad(dx, dgamma, dbeta, dy, x, gamma, mean, variance, epsilon):
    (n, k), lanes, real = x.shape, lanes_of(x.shape[1]), x.dtype.type
    _sums_of_slopes(True, dgamma, dbeta, dy, x, mean, variance, real(epsilon))
    given = (dy, x, gamma, mean, variance, n, k, lanes, real(k), real(epsilon))
    launch(_layer_norm_dx, *rows_grid(n, lanes), dx, *given)


@device
def _moving(average, value, momentum, real):
    return momentum * average + (real(1) - momentum) * value


def moving_average(average, value, momentum):
    each(_moving, average, average, value, attribute=momentum)
