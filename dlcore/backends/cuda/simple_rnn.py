"""The simple recurrent layer: one step, and loops over the steps."""

import functools
import math

from numba import cuda
from numpy import uint32

from dlcore.backends.cuda.device import scratch, zero
from dlcore.backends.cuda.launch import blocks, launch, named, spread
from dlcore.backends.cuda.product import matrix, multiply
from dlcore.backends.cuda.recurrent import (
    ROWS,
    add,
    back_to_states,
    before,
    dot,
    fits,
    for_threads,
    inputs,
    inputs_grad,
    rows_of_a_block,
    states,
    states_grad,
    weights_grad,
)


@functools.cache
def _step(masked):
    def kernel(h, recurrent, b, state, start, width, mask, steps, t, k):
        """In: x w in h, and h u. Out: the state after the step in h."""
        real = h.dtype.type
        e, stride = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        while e < recurrent.size:
            row, j = uint32(e // k), uint32(e % k)
            place = uint32(uint32(row * steps) + t)
            at = uint32(uint32(place * k) + j)
            value = real(math.tanh(h[at] + recurrent[e] + b[j]))
            if masked and mask[place] == 0:
                value = state[uint32(uint32(start + uint32(row * width)) + j)]
            h[at] = value
            e = uint32(e + stride)

    return named(kernel, "simple_rnn", "step" if masked else "alone")


@functools.cache
def _step_grad(masked):
    def kernel(dz, dstate, dbefore, dh, h, mask, steps, t, k, last):
        """In: the gradient of h after the step, in three parts. Out: that of the sum before tanh.

        What a masked row hands back stays in dstate; what the others do follows from dz.
        """
        real = h.dtype.type
        e, stride = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        while e < dstate.size:
            row, j = uint32(e // k), uint32(e % k)
            place = uint32(uint32(row * steps) + t)
            at = uint32(uint32(place * k) + j)
            slope = dh[at]
            if last == 0:
                slope += dstate[e] + dbefore[e]
            if masked and mask[place] == 0:
                dz[at], dstate[e] = real(0), slope
            else:
                dz[at], dstate[e] = slope * (real(1) - h[at] * h[at]), real(0)
            e = uint32(e + stride)

    return named(kernel, "simple_rnn", "step_grad" if masked else "alone_grad")


@functools.cache
def _all_steps(k):
    STATES = ROWS * k
    total_of = dot(k)

    def kernel(h, u, b, h0, mask, n, steps, rows):
        """Some rows through all steps. In: x w in h. A thread has a column of u."""
        real = h.dtype.type
        state = cuda.shared.array(STATES, h.dtype, alignment=16)
        sums = cuda.shared.array(STATES, h.dtype)
        own = cuda.local.array(k, h.dtype)
        t, first = uint32(cuda.threadIdx.x), uint32(cuda.blockIdx.x * rows)
        for i in range(k):
            own[i] = u[uint32(uint32(i * k) + t)]
        for r in range(rows):
            row, e = uint32(first + uint32(r)), uint32(uint32(uint32(r) * uint32(k)) + t)
            state[e] = h0[uint32(uint32((row if row < n else uint32(0)) * uint32(k)) + t)]
        cuda.syncthreads()
        for step in range(steps):
            for r in range(rows):
                line = uint32(uint32(r) * uint32(k))
                sums[uint32(line + t)] = total_of(state, line, own, real)
            cuda.syncthreads()
            for r in range(rows):
                row, e = uint32(first + uint32(r)), uint32(uint32(uint32(r) * uint32(k)) + t)
                if row < n:
                    place = uint32(uint32(row * steps) + uint32(step))
                    at = uint32(uint32(place * k) + t)
                    new = real(math.tanh(h[at] + sums[e] + b[t]))
                    if mask[place] == 0:
                        new = state[e]
                    h[at], state[e] = new, new
            cuda.syncthreads()

    return for_threads(kernel, k, "simple_rnn", "all")


@functools.cache
def _all_steps_grad(k):
    STATES = ROWS * k
    total_of = dot(k)

    def kernel(dz, dh0, dh, h, u, mask, n, steps, rows):
        """Some rows back through all steps. A thread has a row of u."""
        real = h.dtype.type
        slopes = cuda.shared.array(STATES, h.dtype, alignment=16)
        dstate = cuda.shared.array(STATES, h.dtype)
        own = cuda.local.array(k, h.dtype)
        t, first = uint32(cuda.threadIdx.x), uint32(cuda.blockIdx.x * rows)
        for i in range(k):
            own[i] = u[uint32(uint32(t * k) + uint32(i))]
        for r in range(rows):
            e = uint32(uint32(uint32(r) * uint32(k)) + t)
            slopes[e], dstate[e] = real(0), real(0)
        cuda.syncthreads()
        for number in range(steps):
            step = uint32(steps - 1 - number)
            for r in range(rows):
                row, e = uint32(first + uint32(r)), uint32(uint32(uint32(r) * uint32(k)) + t)
                if row < n:
                    place = uint32(uint32(row * steps) + step)
                    at = uint32(uint32(place * k) + t)
                    slope = dh[at] + dstate[e]
                    below = slope * (real(1) - h[at] * h[at])
                    if mask[place] == 0:
                        below = real(0)
                    dz[at], slopes[e] = below, below
                    dstate[e] = slope if mask[place] == 0 else real(0)
            cuda.syncthreads()
            for r in range(rows):
                line = uint32(uint32(r) * uint32(k))
                dstate[uint32(line + t)] += total_of(slopes, line, own, real)
            cuda.syncthreads()
        for r in range(rows):
            row, e = uint32(first + uint32(r)), uint32(uint32(uint32(r) * uint32(k)) + t)
            if row < n:
                dh0[uint32(uint32(row * k) + t)] = dstate[e]

    return for_threads(kernel, k, "simple_rnn", "all_grad")


def simple_rnn_step(y, x, h, w, u, b):
    k = u.shape[0]
    recurrent = scratch("simple_rnn_step", y.dtype, *y.shape)
    inputs(y, x, w)
    states(recurrent, h, h, u, 0)
    launch(_step(False), *spread(y.size), y, recurrent, b, h, 0, k, zero(), 1, 0, k)


def simple_rnn_step_grad(dx, dh, dw, du, db, dy, x, h, w, u, y):
    k = u.shape[0]
    dz = scratch("simple_rnn_step_grad dz", y.dtype, *y.shape)
    dstate = scratch("simple_rnn_step_grad dstate", y.dtype, *y.shape)
    given = (dz, dstate, dstate, dy, y, zero(), 1, 0, k, 1)
    launch(_step_grad(False), *spread(y.size), *given)
    inputs_grad(dx, dw, db, dz, x, w)
    multiply(dh, matrix(dz, False, k), matrix(u, False, k), y.shape[0], k, k)
    weights_grad(du, h, dz)


def simple_rnn(h, x, w, u, b, h0, mask):
    n, steps, k = h.shape
    # x w lies in h until the loop comes to its step.
    inputs(h, x, w)
    if fits(1, u):
        rows = rows_of_a_block(n)
        launch(_all_steps(k), blocks(n, rows), k, h, u, b, h0, mask, n, steps, rows)
        return
    recurrent = scratch("simple_rnn", h.dtype, *h0.shape)
    for t in range(steps):
        states(recurrent, h0, h, u, t)
        given = (h, recurrent, b, *before(h0, h, t), mask, steps, t, k)
        launch(_step(True), *spread(h0.size), *given)


def simple_rnn_grad(dx, dw, du, db, dh0, dh, x, w, u, h0, mask, h):
    n, steps, k = h.shape
    dz = scratch("simple_rnn_grad dz", h.dtype, *h.shape)
    if fits(1, u):
        rows = rows_of_a_block(n)
        launch(_all_steps_grad(k), blocks(n, rows), k, dz, dh0, dh, h, u, mask, n, steps, rows)
    else:
        dstate = scratch("simple_rnn_grad dstate", h.dtype, *h0.shape)
        dbefore = scratch("simple_rnn_grad dbefore", h.dtype, *h0.shape)
        for t in reversed(range(steps)):
            given = (dz, dstate, dbefore, dh, h, mask, steps, t, k, int(t == steps - 1))
            launch(_step_grad(True), *spread(h0.size), *given)
            back_to_states(dbefore, dz, u, t)
        add(dh0, dstate, dbefore)
    inputs_grad(dx, dw, db, dz, x, w)
    states_grad(du, dz, h0, h)
