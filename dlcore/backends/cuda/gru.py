"""The GRU: loops over the steps. The gates lie side by side: z, r, g, and what r multiplies."""

import functools
import math

from numba import cuda
from numpy import uint32

from dlcore.backends.cuda.activations import sigmoid_of
from dlcore.backends.cuda.device import scratch
from dlcore.backends.cuda.launch import blocks, launch, spread
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
)


def _gru_step(h, gates, a, p, b, state, start, width, mask, steps, t, k):
    """In: the state before, a = x w of all steps, p = h u. Out: the state after the step in h."""
    real = h.dtype.type
    e, stride = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    k2, k3, k4 = uint32(k * uint32(2)), uint32(k * uint32(3)), uint32(k * uint32(4))
    while e < uint32(p.size // 3):
        row, j = uint32(e // k), uint32(e % k)
        place = uint32(uint32(row * steps) + t)
        of_x, of_h = uint32(uint32(place * k3) + j), uint32(uint32(row * k3) + j)
        a_z, p_z = a[of_x] + b[j], p[of_h] + b[uint32(j + k3)]
        a_r, p_r = a[uint32(of_x + k)], p[uint32(of_h + k)]
        a_r, p_r = a_r + b[uint32(j + k)], p_r + b[uint32(j + k4)]
        a_g, p_g = a[uint32(of_x + k2)], p[uint32(of_h + k2)]
        a_g, p_g = a_g + b[uint32(j + k2)], p_g + b[uint32(uint32(j + k3) + k2)]
        z, r = sigmoid_of(a_z + p_z, real), sigmoid_of(a_r + p_r, real)
        g = real(math.tanh(a_g + r * p_g))
        at = uint32(uint32(place * k4) + j)
        gates[at], gates[uint32(at + k)] = z, r
        gates[uint32(at + k2)], gates[uint32(at + k3)] = g, p_g
        old = state[uint32(uint32(start + uint32(row * width)) + j)]
        new = z * old + (real(1) - z) * g
        h[uint32(uint32(place * k) + j)] = old if mask[place] == 0 else new
        e = uint32(e + stride)


def _gru_step_grad(
    dz, dp, dstate, dbefore, dh, state, start, width, gates, mask, steps, t, k, last
):
    """In: the gradient of h after the step, in three parts. Out: those of x w + b_0 and h u + b_1.

    They differ in their last part, by r. What goes back by z, or by a masked row, is in dstate.
    """
    real = dh.dtype.type
    one = real(1)
    e, stride = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    k2, k3, k4 = uint32(k * uint32(2)), uint32(k * uint32(3)), uint32(k * uint32(4))
    while e < dstate.size:
        row, j = uint32(e // k), uint32(e % k)
        place = uint32(uint32(row * steps) + t)
        slope = dh[uint32(uint32(place * k) + j)]
        if last == 0:
            slope += dstate[e] + dbefore[e]
        dz_z, dz_r, dz_g, dp_g, kept = real(0), real(0), real(0), real(0), slope
        if mask[place] != 0:
            at = uint32(uint32(place * k4) + j)
            z, r = gates[at], gates[uint32(at + k)]
            g, p_g = gates[uint32(at + k2)], gates[uint32(at + k3)]
            old = state[uint32(uint32(start + uint32(row * width)) + j)]
            dz_z = slope * (old - g) * z * (one - z)
            dz_g = slope * (one - z) * (one - g * g)
            dz_r = dz_g * p_g * r * (one - r)
            dp_g, kept = dz_g * r, slope * z
        dstate[e] = kept
        at = uint32(uint32(place * k3) + j)
        dz[at], dz[uint32(at + k)], dz[uint32(at + k2)] = dz_z, dz_r, dz_g
        dp[at], dp[uint32(at + k)], dp[uint32(at + k2)] = dz_z, dz_r, dp_g
        e = uint32(e + stride)


@functools.cache
def _all_steps(k):
    K2, K3, K4, K5 = 2 * k, 3 * k, 4 * k, 5 * k
    STATES, SUMS = ROWS * k, ROWS * K3
    total_of = dot(k)

    def kernel(h, gates, a, u, b, h0, mask, n, steps, rows):
        """Some rows through all steps, a = x w. A thread has a column of u."""
        real = h.dtype.type
        state = cuda.shared.array(STATES, h.dtype, alignment=16)
        sums = cuda.shared.array(SUMS, h.dtype)
        own = cuda.local.array(k, h.dtype)
        t, first = uint32(cuda.threadIdx.x), uint32(cuda.blockIdx.x * rows)
        for i in range(k):
            own[i] = u[uint32(uint32(i * K3) + t)]
        e = t
        while e < uint32(rows * uint32(k)):
            row, j = uint32(first + e // uint32(k)), uint32(e % uint32(k))
            state[e] = h0[uint32(uint32((row if row < n else uint32(0)) * uint32(k)) + j)]
            e = uint32(e + uint32(K3))
        cuda.syncthreads()
        for step in range(steps):
            for number in range(rows):
                r = uint32(number)
                total = total_of(state, uint32(r * uint32(k)), own, real)
                sums[uint32(uint32(r * uint32(K3)) + t)] = total
            cuda.syncthreads()
            e = t
            while e < uint32(rows * uint32(k)):
                r, j = uint32(e // uint32(k)), uint32(e % uint32(k))
                row = uint32(first + r)
                if row < n:
                    place = uint32(uint32(row * steps) + uint32(step))
                    of_x, of_h = uint32(uint32(place * K3) + j), uint32(uint32(r * K3) + j)
                    a_z, p_z = a[of_x] + b[j], sums[of_h] + b[uint32(j + K3)]
                    a_r, p_r = a[uint32(of_x + k)], sums[uint32(of_h + k)]
                    a_r, p_r = a_r + b[uint32(j + k)], p_r + b[uint32(j + K4)]
                    a_g, p_g = a[uint32(of_x + K2)], sums[uint32(of_h + K2)]
                    a_g, p_g = a_g + b[uint32(j + K2)], p_g + b[uint32(j + K5)]
                    z, reset = sigmoid_of(a_z + p_z, real), sigmoid_of(a_r + p_r, real)
                    g = real(math.tanh(a_g + reset * p_g))
                    at = uint32(uint32(place * K4) + j)
                    gates[at], gates[uint32(at + k)] = z, reset
                    gates[uint32(at + K2)], gates[uint32(at + K3)] = g, p_g
                    new = z * state[e] + (real(1) - z) * g
                    if mask[place] == 0:
                        new = state[e]
                    h[uint32(uint32(place * k) + j)] = new
                    state[e] = new
                e = uint32(e + uint32(K3))
            cuda.syncthreads()

    return for_threads(kernel, K3, "gru", "all")


@functools.cache
def _all_steps_grad(k):
    K2, K3, K4 = 2 * k, 3 * k, 4 * k
    STATES, SUMS = ROWS * k, ROWS * K3
    total_of = dot(k)

    def kernel(dz, dp, dh0, dh, h, gates, u, h0, mask, n, steps, rows):
        """Some rows back through all steps. A thread has the part of a row of u of one gate."""
        real = dh.dtype.type
        one = real(1)
        slopes = cuda.shared.array(SUMS, dh.dtype, alignment=16)
        parts = cuda.shared.array(SUMS, dh.dtype)
        dstate = cuda.shared.array(STATES, dh.dtype)
        own = cuda.local.array(k, dh.dtype)
        t, first = uint32(cuda.threadIdx.x), uint32(cuda.blockIdx.x * rows)
        gate, unit = uint32(uint32(t // uint32(k)) * uint32(k)), uint32(t % uint32(k))
        for i in range(k):
            own[i] = u[uint32(uint32(uint32(unit * K3) + gate) + uint32(i))]
        e = t
        while e < uint32(rows * uint32(K3)):
            slopes[e], parts[e] = real(0), real(0)
            if e < uint32(rows * uint32(k)):
                dstate[e] = real(0)
            e = uint32(e + uint32(K3))
        cuda.syncthreads()
        for number in range(steps):
            step = uint32(steps - 1 - number)
            e = t
            while e < uint32(rows * uint32(k)):
                r, j = uint32(e // uint32(k)), uint32(e % uint32(k))
                row, s = uint32(first + r), uint32(uint32(r * K3) + j)
                if row < n:
                    place = uint32(uint32(row * steps) + step)
                    here = uint32(uint32(place * k) + j)
                    slope = parts[s] + parts[uint32(s + k)] + parts[uint32(s + K2)]
                    slope += dh[here] + dstate[e]
                    dz_z, dz_r, dz_g, dp_g = real(0), real(0), real(0), real(0)
                    kept = slope
                    if mask[place] != 0:
                        at = uint32(uint32(place * K4) + j)
                        z, reset = gates[at], gates[uint32(at + k)]
                        g, p_g = gates[uint32(at + K2)], gates[uint32(at + K3)]
                        if step == 0:
                            old = h0[uint32(uint32(row * k) + j)]
                        else:
                            old = h[uint32(here - uint32(k))]
                        dz_z = slope * (old - g) * z * (one - z)
                        dz_g = slope * (one - z) * (one - g * g)
                        dz_r = dz_g * p_g * reset * (one - reset)
                        dp_g, kept = dz_g * reset, slope * z
                    dstate[e] = kept
                    at = uint32(uint32(place * K3) + j)
                    dz[at], dz[uint32(at + k)], dz[uint32(at + K2)] = dz_z, dz_r, dz_g
                    dp[at], dp[uint32(at + k)], dp[uint32(at + K2)] = dz_z, dz_r, dp_g
                    slopes[s], slopes[uint32(s + k)], slopes[uint32(s + K2)] = dz_z, dz_r, dp_g
                e = uint32(e + uint32(K3))
            cuda.syncthreads()
            for other in range(rows):
                line = uint32(uint32(other) * uint32(K3))
                parts[uint32(line + t)] = total_of(slopes, uint32(line + gate), own, real)
            cuda.syncthreads()
        e = t
        while e < uint32(rows * uint32(k)):
            r, j = uint32(e // uint32(k)), uint32(e % uint32(k))
            row, s = uint32(first + r), uint32(uint32(r * K3) + j)
            if row < n:
                slope = parts[s] + parts[uint32(s + k)] + parts[uint32(s + K2)]
                dh0[uint32(uint32(row * k) + j)] = slope + dstate[e]
            e = uint32(e + uint32(K3))

    return for_threads(kernel, K3, "gru", "all_grad")


def gru(h, gates, x, w, u, b, h0, mask):
    n, steps, k = h.shape
    a = scratch("gru inputs", h.dtype, n, steps, 3 * k)
    inputs(a, x, w)
    if fits(3, u):
        rows = rows_of_a_block(n)
        whole = (h, gates, a, u, b, h0, mask, n, steps, rows)
        launch(_all_steps(k), blocks(n, rows), 3 * k, *whole)
        return
    p = scratch("gru states", h.dtype, n, 3 * k)
    for t in range(steps):
        states(p, h0, h, u, t)
        given = (*before(h0, h, t), mask, steps, t, k)
        launch(_gru_step, *spread(n * k), h, gates, a, p, b, *given)


def gru_grad(dx, dw, du, db, dh0, dh, x, w, u, h0, mask, h, gates):
    n, steps, k = h.shape
    dz = scratch("gru_grad dz", h.dtype, n, steps, 3 * k)
    dp = scratch("gru_grad dp", h.dtype, n, steps, 3 * k)
    if fits(3, u):
        rows = rows_of_a_block(n)
        whole = (dz, dp, dh0, dh, h, gates, u, h0, mask, n, steps, rows)
        launch(_all_steps_grad(k), blocks(n, rows), 3 * k, *whole)
    else:
        dstate = scratch("gru_grad dstate", h.dtype, n, k)
        dbefore = scratch("gru_grad dbefore", h.dtype, n, k)
        for t in reversed(range(steps)):
            given = (*before(h0, h, t), gates, mask, steps, t, k, int(t == steps - 1))
            launch(_gru_step_grad, *spread(n * k), dz, dp, dstate, dbefore, dh, *given)
            back_to_states(dbefore, dp, u, t)
        add(dh0, dstate, dbefore)
    inputs_grad(dx, dw, db.part(0, 3 * k), dz, x, w)
    states_grad(du, dp, h0, h, db.part(3 * k, 3 * k))
