"""The LSTM, compiled by Numba: one step, and loops over the steps.

As in the simple recurrent layer, a kernel for whole sequences is written for some rows, and another
shares the rows of the batch out among threads.
"""

import numpy as np
from numba import prange

from dlcore.backends.cpu.fast_math import add, clear, copy, to_sigmoid, to_tanh, zeros
from dlcore.backends.cpu.matrices import multiply, multiply_and_add
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
def _lstm_row(h, c, gates, c_before, a, p):
    # One row of one step. In: a and p, whose sum is x w + h u + b, and c before the step. Out: all
    # after it.
    for j in range(gates.size):
        gates[j] = a[j] + p[j]
    i, f, g, o = quarters(gates)
    to_sigmoid(i)
    to_sigmoid(f)
    to_tanh(g)
    to_sigmoid(o)
    for j in range(c.size):
        c[j] = f[j] * c_before[j] + i[j] * g[j]
    copy(h, c)
    to_tanh(h)
    for j in range(h.size):
        h[j] *= o[j]


@compiled
def _lstm_row_grad(dz, dh, dc, c_before, c_new, gates, tanh_c):
    # One row of one step. In: the gradients of h and c after it. Out: those of z, and of c before.
    i, f, g, o = quarters(gates)
    dz_i, dz_f, dz_g, dz_o = quarters(dz)
    copy(tanh_c, c_new)
    to_tanh(tanh_c)
    for j in range(dc.size):
        dc[j] += dh[j] * o[j] * (1 - tanh_c[j] * tanh_c[j])
    # Loops with few arrays each: only those become vector instructions.
    for j in range(dc.size):
        dz_i[j] = dc[j] * g[j] * i[j] * (1 - i[j])
    for j in range(dc.size):
        dz_f[j] = dc[j] * c_before[j] * f[j] * (1 - f[j])
    for j in range(dc.size):
        dz_g[j] = dc[j] * i[j] * (1 - g[j] * g[j])
    for j in range(dc.size):
        dz_o[j] = dh[j] * tanh_c[j] * o[j] * (1 - o[j])
    for j in range(dc.size):
        dc[j] *= f[j]


@compiled
def lstm_step(h_new, c_new, gates, x, h, c, w, u, b):
    multiply(gates, x, w)
    multiply_and_add(gates, h, u)
    for row in range(x.shape[0]):
        _lstm_row(h_new[row], c_new[row], gates[row], c[row], gates[row], b)


@compiled
def lstm_step_grad(dx, dh, dc, dw, du, db, dh_new, dc_new, x, h, c, w, u, c_new, gates):
    dz, tanh_c = np.empty_like(gates), np.empty_like(c[0])
    copy(dc.reshape(-1), dc_new.reshape(-1))
    clear(db)
    for row in range(x.shape[0]):
        _lstm_row_grad(dz[row], dh_new[row], dc[row], c[row], c_new[row], gates[row], tanh_c)
        add(db, dz[row])
    multiply(dx, dz, w.T)
    multiply(dh, dz, u.T)
    multiply(dw, x.T, dz)
    multiply(du, h.T, dz)


@shared
def _lstm_rows(h, c, gates, x, w, u, panels, b, h0, c0, mask):
    n, steps, k = h.shape
    a, p = np.empty((n, 4 * k), x.dtype), np.empty((n, 4 * k), x.dtype)
    nothing = zeros(4 * k, x.dtype)
    state, cell = h0, c0
    for t in range(steps):
        multiply_step(a, x, t, w, panels[0], b)
        multiply_states(p, h0, h, t, u, panels[1], nothing)
        for row in range(n):
            _lstm_row(h[row, t], c[row, t], gates[row, t], cell[row], a[row], p[row])
            if not mask[row, t]:
                copy(h[row, t], state[row])
                copy(c[row, t], cell[row])
        state, cell = h[:, t], c[:, t]


@compiled(large=lambda h, c, gates, x, *_: many_products(x, h, 4))
def lstm(h, c, gates, x, w, u, b, h0, c0, mask):
    n = x.shape[0]
    parts, panels = parts_of(n), (packed(w, False, n), packed(u, False, n))
    for part in prange(parts):
        rows = part_of(part, parts, n)
        _lstm_rows(
            h[rows], c[rows], gates[rows], x[rows], w, u, panels, b, h0[rows], c0[rows], mask[rows]
        )


@shared
def _lstm_rows_grad(dx, dw, du, db, dh0, dc0, dh, dc, x, w, u, panels, h0, c0, mask, h, c, gates):
    n, steps, k = h.shape
    dz, tanh_c = np.empty((n, steps, 4 * k), x.dtype), np.empty(k, x.dtype)
    dbefore = np.empty_like(h0)
    dstate, dcell = dh0, dc0  # the gradients of the states, from the last step back to the first
    clear(dstate.reshape(-1))
    clear(dcell.reshape(-1))
    clear(db)
    for t in range(steps - 1, -1, -1):
        for row in range(n):
            add(dstate[row], dh[row, t])
            add(dcell[row], dc[row, t])
            if mask[row, t]:
                before = c[row, t - 1] if t > 0 else c0[row]
                _lstm_row_grad(
                    dz[row, t], dstate[row], dcell[row], before, c[row, t], gates[row, t], tanh_c
                )
                add(db, dz[row, t])
            else:
                clear(dz[row, t])
        multiply_back(dbefore, dz, t, u, panels)
        for row in range(n):
            if mask[row, t]:
                copy(dstate[row], dbefore[row])
    inputs_grad(dx, dw, dz, x, w)
    states_grad(du, dz, h0, h)


@compiled(large=lambda dx, dw, du, db, dh0, dc0, dh, dc, x, *_: many_products(x, dh, 4))
def lstm_grad(dx, dw, du, db, dh0, dc0, dh, dc, x, w, u, h0, c0, mask, h, c, gates):
    n = x.shape[0]
    parts, panels = parts_of(n), packed(u, True, n)
    dws, dus = np.empty((parts, *w.shape), x.dtype), np.empty((parts, *u.shape), x.dtype)
    dbs = np.empty((parts, db.size), x.dtype)
    for part in prange(parts):
        rows = part_of(part, parts, n)
        _lstm_rows_grad(
            dx[rows], dws[part], dus[part], dbs[part], dh0[rows], dc0[rows],
            dh[rows], dc[rows], x[rows], w, u, panels, h0[rows], c0[rows], mask[rows],
            h[rows], c[rows], gates[rows],
        )  # fmt: skip
    sum_parts(dw, dws)
    sum_parts(du, dus)
    sum_parts(db, dbs)
