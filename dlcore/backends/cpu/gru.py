"""The GRU, compiled by Numba: loops over the steps.

As in the simple recurrent layer, a kernel for whole sequences is written for some rows, and another
shares the rows of the batch out among threads.
"""

import numpy as np
from numba import prange

from dlcore.backends.cpu.fast_math import add, clear, copy, to_sigmoid, to_tanh
from dlcore.backends.cpu.parts import part_of, sum_parts
from dlcore.backends.cpu.recurrent import (
    inputs_grad,
    many_products,
    multiply_back,
    multiply_states,
    multiply_step,
    packed,
    parts_of,
    quarters,
    states_grad,
)
from dlcore.backends.numba.compile import compiled, shared


@compiled
def _gru_row(h, gates, state, a, p):
    # One row of one step. In: the state before, a = x w + b_0, p = h u + b_1. Out: all after it.
    k = h.size
    z, r, g, p_g = quarters(gates)
    z_and_r, a_g = gates[: 2 * k], a[2 * k :]
    for j in range(2 * k):
        z_and_r[j] = a[j] + p[j]
    to_sigmoid(z_and_r)
    copy(p_g, p[2 * k :])
    for j in range(k):
        g[j] = a_g[j] + r[j] * p_g[j]
    to_tanh(g)
    for j in range(k):
        h[j] = z[j] * state[j] + (1 - z[j]) * g[j]


@compiled
def _gru_row_grad(dz, dp, dh, h_before, gates):
    # One row of one step. In: the gradient of h after it. Out: those of the sums x w + b_0 and
    # h u + b_1, dz and dp, which differ in their last part by r; and what of dh goes on by z.
    k = dh.size
    z, r, g, p_g = quarters(gates)
    dz_z, dz_r, dz_g, dp_g = dz[:k], dz[k : 2 * k], dz[2 * k :], dp[2 * k :]
    for j in range(k):
        dz_z[j] = dh[j] * (h_before[j] - g[j]) * z[j] * (1 - z[j])
    for j in range(k):
        dz_g[j] = dh[j] * (1 - z[j]) * (1 - g[j] * g[j])
    for j in range(k):
        dz_r[j] = dz_g[j] * p_g[j] * r[j] * (1 - r[j])
    copy(dp[: 2 * k], dz)
    for j in range(k):
        dp_g[j] = dz_g[j] * r[j]
    for j in range(k):
        dh[j] *= z[j]


@shared
def _gru_rows(h, gates, x, w, u, panels, b, h0, mask):
    n, steps, k = h.shape
    a, p = np.empty((n, 3 * k), x.dtype), np.empty((n, 3 * k), x.dtype)
    state = h0
    for t in range(steps):
        multiply_step(a, x, t, w, panels[0], b[0])
        multiply_states(p, h0, h, t, u, panels[1], b[1])
        for row in range(n):
            _gru_row(h[row, t], gates[row, t], state[row], a[row], p[row])
            if not mask[row, t]:
                copy(h[row, t], state[row])
        state = h[:, t]


@compiled(large=lambda h, gates, x, *_: many_products(x, h, 3))
def gru(h, gates, x, w, u, b, h0, mask):
    n = x.shape[0]
    parts, panels = parts_of(n), (packed(w, False, n), packed(u, False, n))
    for part in prange(parts):
        rows = part_of(part, parts, n)
        _gru_rows(h[rows], gates[rows], x[rows], w, u, panels, b, h0[rows], mask[rows])


@shared
def _gru_rows_grad(dx, dw, du, db, dh0, dh, x, w, u, panels, h0, mask, h, gates):
    n, steps, k = h.shape
    dz, dbefore = np.empty((n, steps, 3 * k), x.dtype), np.empty_like(h0)
    dp = np.empty_like(dz)
    dstate = dh0  # the gradient of the state, from the last step back to the first
    clear(dstate.reshape(-1))
    clear(db.reshape(-1))
    for t in range(steps - 1, -1, -1):
        for row in range(n):
            add(dstate[row], dh[row, t])
            if mask[row, t]:
                before = h[row, t - 1] if t > 0 else h0[row]
                _gru_row_grad(dz[row, t], dp[row, t], dstate[row], before, gates[row, t])
                add(db[0], dz[row, t])
                add(db[1], dp[row, t])
            else:
                clear(dz[row, t])
                clear(dp[row, t])
        multiply_back(dbefore, dp, t, u, panels)
        for row in range(n):  # by 0 in a row without this step
            add(dstate[row], dbefore[row])
    inputs_grad(dx, dw, dz, x, w)
    states_grad(du, dp, h0, h)


@compiled(large=lambda dx, dw, du, db, dh0, dh, x, *_: many_products(x, dh, 3))
def gru_grad(dx, dw, du, db, dh0, dh, x, w, u, h0, mask, h, gates):
    n = x.shape[0]
    parts, panels = parts_of(n), packed(u, True, n)
    dws, dus = np.empty((parts, *w.shape), x.dtype), np.empty((parts, *u.shape), x.dtype)
    dbs = np.empty((parts, *db.shape), x.dtype)
    for part in prange(parts):
        rows = part_of(part, parts, n)
        _gru_rows_grad(
            dx[rows], dws[part], dus[part], dbs[part], dh0[rows],
            dh[rows], x[rows], w, u, panels, h0[rows], mask[rows], h[rows], gates[rows],
        )  # fmt: skip
    sum_parts(dw, dws)
    sum_parts(du, dus)
    sum_parts(db, dbs)
