"""The simple recurrent layer: one step, and loops over the steps."""

import functools
import math

from numba import cuda
from numpy import uint32

from dlcore.backends.cuda.device import scratch, zero
from dlcore.backends.cuda.launch import launch, named, spread
from dlcore.backends.cuda.product import matrix, multiply
from dlcore.backends.cuda.recurrent import (
    add,
    back_to_states,
    before,
    inputs,
    inputs_grad,
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
    _, steps, k = h.shape
    recurrent = scratch("simple_rnn", h.dtype, *h0.shape)
    # x w lies in h until the loop comes to its step.
    inputs(h, x, w)
    for t in range(steps):
        states(recurrent, h0, h, u, t)
        given = (h, recurrent, b, *before(h0, h, t), mask, steps, t, k)
        launch(_step(True), *spread(h0.size), *given)


def simple_rnn_grad(dx, dw, du, db, dh0, dh, x, w, u, h0, mask, h):
    _, steps, k = h.shape
    dz = scratch("simple_rnn_grad dz", h.dtype, *h.shape)
    dstate = scratch("simple_rnn_grad dstate", h.dtype, *h0.shape)
    dbefore = scratch("simple_rnn_grad dbefore", h.dtype, *h0.shape)
    for t in reversed(range(steps)):
        given = (dz, dstate, dbefore, dh, h, mask, steps, t, k, int(t == steps - 1))
        launch(_step_grad(True), *spread(h0.size), *given)
        back_to_states(dbefore, dz, u, t)
    add(dh0, dstate, dbefore)
    inputs_grad(dx, dw, db, dz, x, w)
    states_grad(du, dz, h0, h)
