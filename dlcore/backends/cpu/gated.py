"""Recurrent layers with gates, compiled by Numba: LSTM and GRU."""

# ruff: noqa: D103  The contract describes each kernel.

import math

import numpy as np

from dlcore.backends._compile import kernel
from dlcore.backends.cpu.recurrent import inputs_grad, states_grad


@kernel
def _sigmoid(x):
    e = math.exp(-abs(x))
    return (1 if x >= 0 else e) / (1 + e)


@kernel
def _lstm_row(h, c, gates):
    # One row of one step. In: c before the step, and z = x w + h u + b in gates. Out: all after it.
    k = h.size
    for j in range(k):
        i, f = _sigmoid(gates[j]), _sigmoid(gates[k + j])
        g, o = math.tanh(gates[2 * k + j]), _sigmoid(gates[3 * k + j])
        c[j] = f * c[j] + i * g
        h[j] = o * math.tanh(c[j])
        gates[j], gates[k + j], gates[2 * k + j], gates[3 * k + j] = i, f, g, o


@kernel
def _lstm_row_grad(dz, dh, dc, c_before, c_new, gates):
    # One row of one step. In: the gradients of h and c after it. Out: those of z, and of c before.
    k = dh.size
    for j in range(k):
        i, f, g, o = gates[j], gates[k + j], gates[2 * k + j], gates[3 * k + j]
        tanh_c = math.tanh(c_new[j])
        dc[j] += dh[j] * o * (1 - tanh_c**2)
        dz[j] = dc[j] * g * i * (1 - i)
        dz[k + j] = dc[j] * c_before[j] * f * (1 - f)
        dz[2 * k + j] = dc[j] * i * (1 - g**2)
        dz[3 * k + j] = dh[j] * tanh_c * o * (1 - o)
        dc[j] *= f


@kernel
def lstm_step(h_new, c_new, gates, x, h, c, w, u, b):
    np.dot(x, w, gates)
    recurrent = np.dot(h, u)
    c_new[:] = c
    for row in range(x.shape[0]):
        for j in range(b.size):
            gates[row, j] += recurrent[row, j] + b[j]
        _lstm_row(h_new[row], c_new[row], gates[row])


@kernel
def lstm_step_grad(dx, dh, dc, dw, du, db, dh_new, dc_new, x, h, c, w, u, c_new, gates):
    dz = np.empty_like(gates)
    dc[:] = dc_new
    db[:] = 0
    for row in range(x.shape[0]):
        _lstm_row_grad(dz[row], dh_new[row], dc[row], c[row], c_new[row], gates[row])
        db += dz[row]
    np.dot(dz, w.T, dx)
    np.dot(dz, u.T, dh)
    np.dot(x.T, dz, dw)
    np.dot(h.T, dz, du)


@kernel
def lstm(h, c, gates, x, w, u, b, h0, c0, mask):
    n, steps, k = h.shape
    # What does not depend on the state, x w for all steps, is one product.
    np.dot(x.reshape(n * steps, x.shape[2]), w, gates.reshape(n * steps, 4 * k))
    state, cell, recurrent = h0.copy(), c0.copy(), np.empty((n, 4 * k), x.dtype)
    for t in range(steps):
        np.dot(state, u, recurrent)
        for row in range(n):
            h[row, t], c[row, t] = state[row], cell[row]
            for j in range(b.size):
                gates[row, t, j] += recurrent[row, j] + b[j]
            _lstm_row(h[row, t], c[row, t], gates[row, t])
            if not mask[row, t]:
                h[row, t], c[row, t] = state[row], cell[row]
            state[row], cell[row] = h[row, t], c[row, t]


@kernel
def lstm_grad(dx, dw, du, db, dh0, dc0, dh, dc, x, w, u, h0, c0, mask, h, c, gates):
    n, steps, k = h.shape
    dz, dz_step = np.empty_like(gates), np.empty((n, 4 * k), x.dtype)
    dbefore = np.empty_like(h0)
    dstate, dcell = dh0, dc0  # the gradients of the states, from the last step back to the first
    dstate[:] = 0
    dcell[:] = 0
    for t in range(steps - 1, -1, -1):
        for row in range(n):
            dstate[row] += dh[row, t]
            dcell[row] += dc[row, t]
            dz_step[row] = 0
            if mask[row, t]:
                before = c[row, t - 1] if t > 0 else c0[row]
                _lstm_row_grad(
                    dz_step[row], dstate[row], dcell[row], before, c[row, t], gates[row, t]
                )
            dz[row, t] = dz_step[row]
        np.dot(dz_step, u.T, dbefore)
        for row in range(n):
            if mask[row, t]:
                dstate[row] = dbefore[row]
    inputs_grad(dx, dw, db, dz, x, w)
    states_grad(du, dz, h0, h)


@kernel
def gru(h, gates, x, w, u, b, h0, mask):
    n, steps, k = h.shape
    inputs = np.dot(x.reshape(n * steps, x.shape[2]), w).reshape(n, steps, 3 * k)
    state, recurrent = h0.copy(), np.empty((n, 3 * k), x.dtype)
    for t in range(steps):
        np.dot(state, u, recurrent)
        for row in range(n):
            a, p, kept = inputs[row, t], recurrent[row], gates[row, t]
            for j in range(3 * k):
                a[j] += b[0, j]
                p[j] += b[1, j]
            for j in range(k):
                z = _sigmoid(a[j] + p[j])
                r = _sigmoid(a[k + j] + p[k + j])
                g = math.tanh(a[2 * k + j] + r * p[2 * k + j])
                kept[j], kept[k + j], kept[2 * k + j], kept[3 * k + j] = z, r, g, p[2 * k + j]
                if mask[row, t]:
                    state[row, j] = z * state[row, j] + (1 - z) * g
            h[row, t] = state[row]


@kernel
def gru_grad(dx, dw, du, db, dh0, dh, x, w, u, h0, mask, h, gates):
    n, steps, k = h.shape
    # The gradients of the two sums, x w + b_0 and h u + b_1, differ in their last part by r.
    dz = np.zeros((n, steps, 3 * k), x.dtype)
    dp, dp_step = np.zeros_like(dz), np.empty((n, 3 * k), x.dtype)
    dbefore = np.empty_like(h0)
    dstate = dh0  # the gradient of the state, from the last step back to the first
    dstate[:] = 0
    for t in range(steps - 1, -1, -1):
        dp_step[:] = 0
        for row in range(n):
            dstate[row] += dh[row, t]
            if not mask[row, t]:
                continue
            before = h[row, t - 1] if t > 0 else h0[row]
            for j in range(k):
                z, r = gates[row, t, j], gates[row, t, k + j]
                g, p = gates[row, t, 2 * k + j], gates[row, t, 3 * k + j]
                dg = dstate[row, j] * (1 - z) * (1 - g**2)
                dp_step[row, j] = dstate[row, j] * (before[j] - g) * z * (1 - z)
                dp_step[row, k + j] = dg * p * r * (1 - r)
                dp_step[row, 2 * k + j] = dg * r
                dz[row, t, 2 * k + j] = dg
                dstate[row, j] *= z
            dz[row, t, : 2 * k] = dp_step[row, : 2 * k]
            dp[row, t] = dp_step[row]
        np.dot(dp_step, u.T, dbefore)
        dstate += dbefore  # 0 in the rows without this step
    inputs_grad(dx, dw, db[0], dz, x, w)
    states_grad(du, dp, h0, h)
    db[1] = 0
    for row in range(n):
        for t in range(steps):
            db[1] += dp[row, t]
