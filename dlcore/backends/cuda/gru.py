"""The GRU: loops over the steps. The gates lie side by side: z, r, g, and what r multiplies."""

import math

from numba import cuda
from numpy import uint32

from dlcore.backends.cuda.activations import sigmoid_of
from dlcore.backends.cuda.device import scratch
from dlcore.backends.cuda.launch import launch, spread
from dlcore.backends.cuda.recurrent import (
    add,
    back_to_states,
    before,
    inputs,
    inputs_grad,
    states,
    states_grad,
)
from dlcore.backends.cuda.sums import along_columns


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


def gru(h, gates, x, w, u, b, h0, mask):
    n, steps, k = h.shape
    a = scratch("gru inputs", h.dtype, n, steps, 3 * k)
    p = scratch("gru states", h.dtype, n, 3 * k)
    inputs(a, x, w)
    for t in range(steps):
        states(p, h0, h, u, t)
        given = (*before(h0, h, t), mask, steps, t, k)
        launch(_gru_step, *spread(n * k), h, gates, a, p, b, *given)


def gru_grad(dx, dw, du, db, dh0, dh, x, w, u, h0, mask, h, gates):
    n, steps, k = h.shape
    dz = scratch("gru_grad dz", h.dtype, n, steps, 3 * k)
    dp = scratch("gru_grad dp", h.dtype, n, steps, 3 * k)
    dstate = scratch("gru_grad dstate", h.dtype, n, k)
    dbefore = scratch("gru_grad dbefore", h.dtype, n, k)
    for t in reversed(range(steps)):
        given = (*before(h0, h, t), gates, mask, steps, t, k, int(t == steps - 1))
        launch(_gru_step_grad, *spread(n * k), dz, dp, dstate, dbefore, dh, *given)
        back_to_states(dbefore, dp, u, t)
    add(dh0, dstate, dbefore)
    inputs_grad(dx, dw, db.part(0, 3 * k), dz, x, w)
    along_columns("sum", db.part(3 * k, 3 * k), dp, n * steps, 3 * k)
    states_grad(du, dp, h0, h)
