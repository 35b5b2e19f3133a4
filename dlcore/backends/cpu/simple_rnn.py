"""The simple recurrent layer, compiled by Numba: one step, and loops over the steps.

A kernel for whole sequences is written for some rows, `_simple_rnn_rows`; `simple_rnn` shares the
rows of the batch out among threads.
"""

import numpy as np
from numba import prange

from dlcore.backends.cpu.fast_math import add, clear, copy, to_tanh, zeros
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
    states_grad,
)
from dlcore.backends.numba.compile import compiled, shared


@compiled
def _simple_rnn_row(y, a, p):
    # One row of one step. In: a and p, whose sum is x w + h u + b. Out: the state after it in y.
    for j in range(y.size):
        y[j] = a[j] + p[j]
    to_tanh(y)


@compiled
def _simple_rnn_row_grad(dz, dy, y):
    for j in range(y.size):
        dz[j] = dy[j] * (1 - y[j] * y[j])


@compiled
def simple_rnn_step(y, x, h, w, u, b):
    multiply(y, x, w)
    multiply_and_add(y, h, u)
    for row in range(y.shape[0]):
        _simple_rnn_row(y[row], y[row], b)


@compiled
def simple_rnn_step_grad(dx, dh, dw, du, db, dy, x, h, w, u, y):
    dz = np.empty_like(dy)
    clear(db)
    for row in range(y.shape[0]):
        _simple_rnn_row_grad(dz[row], dy[row], y[row])
        add(db, dz[row])
    multiply(dx, dz, w.T)
    multiply(dh, dz, u.T)
    multiply(dw, x.T, dz)
    multiply(du, h.T, dz)


@shared
def _simple_rnn_rows(h, x, w, u, panels, b, h0, mask):
    n, steps, k = h.shape
    a, p = np.empty((n, k), x.dtype), np.empty((n, k), x.dtype)
    nothing, state = zeros(k, x.dtype), h0
    for t in range(steps):
        multiply_step(a, x, t, w, panels[0], b)
        multiply_states(p, h0, h, t, u, panels[1], nothing)
        for row in range(n):
            _simple_rnn_row(h[row, t], a[row], p[row])
            if not mask[row, t]:
                copy(h[row, t], state[row])
        state = h[:, t]


@compiled(large=lambda h, x, *_: many_products(x, h, 1))
def simple_rnn(h, x, w, u, b, h0, mask):
    n = x.shape[0]
    parts, panels = parts_of(n), (packed(w, False, n), packed(u, False, n))
    for part in prange(parts):
        rows = part_of(part, parts, n)
        _simple_rnn_rows(h[rows], x[rows], w, u, panels, b, h0[rows], mask[rows])


@shared
def _simple_rnn_rows_grad(dx, dw, du, db, dh0, dh, x, w, u, panels, h0, mask, h):
    n, steps, k = h.shape
    dz, dbefore = np.empty((n, steps, k), x.dtype), np.empty_like(h0)
    dstate = dh0  # the gradient of the state, from the last step back to the first
    clear(dstate.reshape(-1))
    clear(db)
    for t in range(steps - 1, -1, -1):
        for row in range(n):
            add(dstate[row], dh[row, t])
            if mask[row, t]:
                _simple_rnn_row_grad(dz[row, t], dstate[row], h[row, t])
                add(db, dz[row, t])
            else:
                clear(dz[row, t])
        multiply_back(dbefore, dz, t, u, panels)
        for row in range(n):
            if mask[row, t]:
                copy(dstate[row], dbefore[row])
    inputs_grad(dx, dw, dz, x, w)
    states_grad(du, dz, h0, h)


@compiled(large=lambda dx, dw, du, db, dh0, dh, x, *_: many_products(x, dh, 1))
def simple_rnn_grad(dx, dw, du, db, dh0, dh, x, w, u, h0, mask, h):
    n = x.shape[0]
    parts, panels = parts_of(n), packed(u, True, n)
    dws, dus = np.empty((parts, *w.shape), x.dtype), np.empty((parts, *u.shape), x.dtype)
    dbs = np.empty((parts, db.size), x.dtype)
    for part in prange(parts):
        rows = part_of(part, parts, n)
        _simple_rnn_rows_grad(
            dx[rows], dws[part], dus[part], dbs[part], dh0[rows],
            dh[rows], x[rows], w, u, panels, h0[rows], mask[rows], h[rows],
        )  # fmt: skip
    sum_parts(dw, dws)
    sum_parts(du, dus)
    sum_parts(db, dbs)
