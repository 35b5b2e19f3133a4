"""The LSTM: one step, and loops over the steps. The gates lie side by side: i, f, g, o."""

import functools
import math

from numba import cuda
from numpy import uint32

from dlcore.backends.cuda.activations import sigmoid_of
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
    def kernel(h, c, gates, recurrent, b, state, cell, start, width, mask, steps, t, k):
        """In: x w in gates, h u, and the states before. Out: all after the step."""
        real = h.dtype.type
        e, stride = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        k2, k3, k4 = uint32(k * uint32(2)), uint32(k * uint32(3)), uint32(k * uint32(4))
        while e < uint32(recurrent.size // 4):
            row, j = uint32(e // k), uint32(e % k)
            place = uint32(uint32(row * steps) + t)
            at, of_u = uint32(uint32(place * k4) + j), uint32(uint32(row * k4) + j)
            z_i = gates[at] + recurrent[of_u] + b[j]
            z_f = gates[uint32(at + k)] + recurrent[uint32(of_u + k)] + b[uint32(j + k)]
            z_g = gates[uint32(at + k2)] + recurrent[uint32(of_u + k2)] + b[uint32(j + k2)]
            z_o = gates[uint32(at + k3)] + recurrent[uint32(of_u + k3)] + b[uint32(j + k3)]
            i, f = sigmoid_of(z_i, real), sigmoid_of(z_f, real)
            g, o = real(math.tanh(z_g)), sigmoid_of(z_o, real)
            gates[at], gates[uint32(at + k)] = i, f
            gates[uint32(at + k2)], gates[uint32(at + k3)] = g, o
            old = uint32(uint32(start + uint32(row * width)) + j)
            new_c = f * cell[old] + i * g
            new_h = o * real(math.tanh(new_c))
            if masked and mask[place] == 0:
                new_h, new_c = state[old], cell[old]
            here = uint32(uint32(place * k) + j)
            h[here], c[here] = new_h, new_c
            e = uint32(e + stride)

    return named(kernel, "lstm", "step" if masked else "alone")


@functools.cache
def _step_grad(masked):
    def kernel(
        dz, dstate, dcell, dbefore, dh, dc, cell, start, width, c, gates, mask, steps, t, k, last
    ):
        """In: the gradients of h, in three parts, and of c after the step. Out: those before it.

        What a masked row hands back stays in dstate and dcell; what the others do to h follows
        from dz.
        """
        real = c.dtype.type
        one = real(1)
        e, stride = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        k2, k3, k4 = uint32(k * uint32(2)), uint32(k * uint32(3)), uint32(k * uint32(4))
        while e < dstate.size:
            row, j = uint32(e // k), uint32(e % k)
            place = uint32(uint32(row * steps) + t)
            here, at = uint32(uint32(place * k) + j), uint32(uint32(place * k4) + j)
            slope, slope_c = dh[here], dc[here]
            if last == 0:
                slope += dstate[e] + dbefore[e]
                slope_c += dcell[e]
            dz_i, dz_f, dz_g, dz_o = real(0), real(0), real(0), real(0)
            if masked and mask[place] == 0:
                dstate[e], dcell[e] = slope, slope_c
            else:
                i, f = gates[at], gates[uint32(at + k)]
                g, o = gates[uint32(at + k2)], gates[uint32(at + k3)]
                tanh_c = real(math.tanh(c[here]))
                slope_c += slope * o * (one - tanh_c * tanh_c)
                old = cell[uint32(uint32(start + uint32(row * width)) + j)]
                dz_i = slope_c * g * i * (one - i)
                dz_f = slope_c * old * f * (one - f)
                dz_g = slope_c * i * (one - g * g)
                dz_o = slope * tanh_c * o * (one - o)
                dstate[e], dcell[e] = real(0), slope_c * f
            dz[at], dz[uint32(at + k)] = dz_i, dz_f
            dz[uint32(at + k2)], dz[uint32(at + k3)] = dz_g, dz_o
            e = uint32(e + stride)

    return named(kernel, "lstm", "step_grad" if masked else "alone_grad")


@functools.cache
def _all_steps(k):
    K2, K3, K4 = 2 * k, 3 * k, 4 * k
    STATES, SUMS = ROWS * k, ROWS * K4
    total_of = dot(k)

    def kernel(h, c, gates, u, b, h0, c0, mask, n, steps, rows):
        """Some rows through all steps. In: x w in gates. A thread has a column of u."""
        real = h.dtype.type
        state = cuda.shared.array(STATES, h.dtype, alignment=16)
        cell = cuda.shared.array(STATES, h.dtype)
        sums = cuda.shared.array(SUMS, h.dtype)
        own = cuda.local.array(k, h.dtype)
        t, first = uint32(cuda.threadIdx.x), uint32(cuda.blockIdx.x * rows)
        for i in range(k):
            own[i] = u[uint32(uint32(i * K4) + t)]
        e = t
        while e < uint32(rows * uint32(k)):
            row, j = uint32(first + e // uint32(k)), uint32(e % uint32(k))
            at = uint32(uint32((row if row < n else uint32(0)) * uint32(k)) + j)
            state[e], cell[e] = h0[at], c0[at]
            e = uint32(e + uint32(K4))
        cuda.syncthreads()
        for step in range(steps):
            for number in range(rows):
                r = uint32(number)
                total = total_of(state, uint32(r * uint32(k)), own, real)
                sums[uint32(uint32(r * uint32(K4)) + t)] = total
            cuda.syncthreads()
            e = t
            while e < uint32(rows * uint32(k)):
                r, j = uint32(e // uint32(k)), uint32(e % uint32(k))
                row = uint32(first + r)
                if row < n:
                    place = uint32(uint32(row * steps) + uint32(step))
                    at, of_u = uint32(uint32(place * K4) + j), uint32(uint32(r * K4) + j)
                    z_i = gates[at] + sums[of_u] + b[j]
                    z_f = gates[uint32(at + k)] + sums[uint32(of_u + k)] + b[uint32(j + k)]
                    z_g = gates[uint32(at + K2)] + sums[uint32(of_u + K2)] + b[uint32(j + K2)]
                    z_o = gates[uint32(at + K3)] + sums[uint32(of_u + K3)] + b[uint32(j + K3)]
                    i, f = sigmoid_of(z_i, real), sigmoid_of(z_f, real)
                    g, o = real(math.tanh(z_g)), sigmoid_of(z_o, real)
                    gates[at], gates[uint32(at + k)] = i, f
                    gates[uint32(at + K2)], gates[uint32(at + K3)] = g, o
                    new_c = f * cell[e] + i * g
                    new_h = o * real(math.tanh(new_c))
                    if mask[place] == 0:
                        new_h, new_c = state[e], cell[e]
                    here = uint32(uint32(place * k) + j)
                    h[here], c[here] = new_h, new_c
                    state[e], cell[e] = new_h, new_c
                e = uint32(e + uint32(K4))
            cuda.syncthreads()

    return for_threads(kernel, K4, "lstm", "all")


@functools.cache
def _all_steps_grad(k):
    K2, K3, K4 = 2 * k, 3 * k, 4 * k
    STATES, SUMS = ROWS * k, ROWS * K4
    total_of = dot(k)

    def kernel(dz, dh0, dc0, dh, dc, c, gates, u, c0, mask, n, steps, rows):
        """Some rows back through all steps. A thread has the part of a row of u of one gate."""
        real = c.dtype.type
        one = real(1)
        slopes = cuda.shared.array(SUMS, c.dtype, alignment=16)
        parts = cuda.shared.array(SUMS, c.dtype)
        dstate = cuda.shared.array(STATES, c.dtype)
        dcell = cuda.shared.array(STATES, c.dtype)
        own = cuda.local.array(k, c.dtype)
        t, first = uint32(cuda.threadIdx.x), uint32(cuda.blockIdx.x * rows)
        gate, unit = uint32(uint32(t // uint32(k)) * uint32(k)), uint32(t % uint32(k))
        for i in range(k):
            own[i] = u[uint32(uint32(uint32(unit * K4) + gate) + uint32(i))]
        e = t
        while e < uint32(rows * uint32(K4)):
            slopes[e], parts[e] = real(0), real(0)
            if e < uint32(rows * uint32(k)):
                dstate[e], dcell[e] = real(0), real(0)
            e = uint32(e + uint32(K4))
        cuda.syncthreads()
        for number in range(steps):
            step = uint32(steps - 1 - number)
            e = t
            while e < uint32(rows * uint32(k)):
                r, j = uint32(e // uint32(k)), uint32(e % uint32(k))
                row, s = uint32(first + r), uint32(uint32(r * K4) + j)
                if row < n:
                    place = uint32(uint32(row * steps) + step)
                    here, at = uint32(uint32(place * k) + j), uint32(uint32(place * K4) + j)
                    slope = parts[s] + parts[uint32(s + k)]
                    slope += parts[uint32(s + K2)] + parts[uint32(s + K3)]
                    slope += dh[here] + dstate[e]
                    slope_c = dc[here] + dcell[e]
                    dz_i, dz_f, dz_g, dz_o = real(0), real(0), real(0), real(0)
                    if mask[place] == 0:
                        dstate[e], dcell[e] = slope, slope_c
                    else:
                        i, f = gates[at], gates[uint32(at + k)]
                        g, o = gates[uint32(at + K2)], gates[uint32(at + K3)]
                        tanh_c = real(math.tanh(c[here]))
                        slope_c += slope * o * (one - tanh_c * tanh_c)
                        if step == 0:
                            old = c0[uint32(uint32(row * k) + j)]
                        else:
                            old = c[uint32(here - uint32(k))]
                        dz_i = slope_c * g * i * (one - i)
                        dz_f = slope_c * old * f * (one - f)
                        dz_g = slope_c * i * (one - g * g)
                        dz_o = slope * tanh_c * o * (one - o)
                        dstate[e], dcell[e] = real(0), slope_c * f
                    dz[at], dz[uint32(at + k)] = dz_i, dz_f
                    dz[uint32(at + K2)], dz[uint32(at + K3)] = dz_g, dz_o
                    slopes[s], slopes[uint32(s + k)] = dz_i, dz_f
                    slopes[uint32(s + K2)], slopes[uint32(s + K3)] = dz_g, dz_o
                e = uint32(e + uint32(K4))
            cuda.syncthreads()
            for other in range(rows):
                line = uint32(uint32(other) * uint32(K4))
                parts[uint32(line + t)] = total_of(slopes, uint32(line + gate), own, real)
            cuda.syncthreads()
        e = t
        while e < uint32(rows * uint32(k)):
            r, j = uint32(e // uint32(k)), uint32(e % uint32(k))
            row, s = uint32(first + r), uint32(uint32(r * K4) + j)
            if row < n:
                at = uint32(uint32(row * k) + j)
                slope = parts[s] + parts[uint32(s + k)]
                slope += parts[uint32(s + K2)] + parts[uint32(s + K3)]
                dh0[at], dc0[at] = slope + dstate[e], dcell[e]
            e = uint32(e + uint32(K4))

    return for_threads(kernel, K4, "lstm", "all_grad")


def lstm_step(h_new, c_new, gates, x, h, c, w, u, b):
    k = u.shape[0]
    recurrent = scratch("lstm_step", x.dtype, *gates.shape)
    inputs(gates, x, w)
    states(recurrent, h, h, u, 0)
    given = (h_new, c_new, gates, recurrent, b, h, c, 0, k, zero(), 1, 0, k)
    launch(_step(False), *spread(h.size), *given)


def lstm_step_grad(dx, dh, dc, dw, du, db, dh_new, dc_new, x, h, c, w, u, c_new, gates):
    n, k = h.shape
    dz = scratch("lstm_step_grad dz", x.dtype, *gates.shape)
    dstate = scratch("lstm_step_grad dstate", x.dtype, n, k)
    given = (dh_new, dc_new, c, 0, k, c_new, gates, zero(), 1, 0, k, 1)
    launch(_step_grad(False), *spread(h.size), dz, dstate, dc, dstate, *given)
    inputs_grad(dx, dw, db, dz, x, w)
    multiply(dh, matrix(dz, False, 4 * k), matrix(u, False, 4 * k), n, k, 4 * k)
    weights_grad(du, h, dz)


def lstm(h, c, gates, x, w, u, b, h0, c0, mask):
    n, steps, k = h.shape
    inputs(gates, x, w)
    if fits(4, u):
        rows = rows_of_a_block(n)
        whole = (h, c, gates, u, b, h0, c0, mask, n, steps, rows)
        launch(_all_steps(k), blocks(n, rows), 4 * k, *whole)
        return
    recurrent = scratch("lstm", h.dtype, n, 4 * k)
    for t in range(steps):
        states(recurrent, h0, h, u, t)
        state, start, width = before(h0, h, t)
        cell = before(c0, c, t)[0]
        given = (state, cell, start, width, mask, steps, t, k)
        launch(_step(True), *spread(n * k), h, c, gates, recurrent, b, *given)


def lstm_grad(dx, dw, du, db, dh0, dc0, dh, dc, x, w, u, h0, c0, mask, h, c, gates):
    n, steps, k = h.shape
    dz = scratch("lstm_grad dz", h.dtype, n, steps, 4 * k)
    if fits(4, u):
        rows = rows_of_a_block(n)
        whole = (dz, dh0, dc0, dh, dc, c, gates, u, c0, mask, n, steps, rows)
        launch(_all_steps_grad(k), blocks(n, rows), 4 * k, *whole)
    else:
        dstate = scratch("lstm_grad dstate", h.dtype, n, k)
        dbefore = scratch("lstm_grad dbefore", h.dtype, n, k)
        for t in reversed(range(steps)):
            given = (*before(c0, c, t), c, gates, mask, steps, t, k, int(t == steps - 1))
            launch(_step_grad(True), *spread(n * k), dz, dstate, dc0, dbefore, dh, dc, *given)
            back_to_states(dbefore, dz, u, t)
        add(dh0, dstate, dbefore)
    inputs_grad(dx, dw, db, dz, x, w)
    states_grad(du, dz, h0, h)
