"""The simple recurrent layer, compiled by Numba: one step, and loops over the steps."""

# ruff: noqa: D103  The contract describes each kernel.

import math

import numpy as np

from dlcore.backends._compile import kernel


@kernel
def simple_rnn_step(y, x, h, w, u, b):
    np.dot(x, w, y)
    recurrent = np.dot(h, u)
    for row in range(y.shape[0]):
        for j in range(y.shape[1]):
            y[row, j] = math.tanh(y[row, j] + recurrent[row, j] + b[j])


@kernel
def simple_rnn_step_grad(dx, dh, dw, du, db, dy, x, h, w, u, y):
    dz = np.empty_like(dy)
    db[:] = 0
    for row in range(y.shape[0]):
        for j in range(y.shape[1]):
            dz[row, j] = dy[row, j] * (1 - y[row, j] ** 2)
            db[j] += dz[row, j]
    np.dot(dz, w.T, dx)
    np.dot(dz, u.T, dh)
    np.dot(x.T, dz, dw)
    np.dot(h.T, dz, du)


@kernel
def simple_rnn(h, x, w, u, b, h0, mask):
    n, steps, k = h.shape
    # What does not depend on the state, x w for all steps, is one product; it lies in h until the
    # loop comes to its step.
    np.dot(x.reshape(n * steps, x.shape[2]), w, h.reshape(n * steps, k))
    state, recurrent = h0.copy(), np.empty_like(h0)
    for t in range(steps):
        np.dot(state, u, recurrent)
        for row in range(n):
            if mask[row, t]:
                for j in range(k):
                    state[row, j] = math.tanh(h[row, t, j] + recurrent[row, j] + b[j])
            h[row, t] = state[row]


@kernel
def simple_rnn_grad(dx, dw, du, db, dh0, dh, x, w, u, h0, mask, h):
    n, steps, k = h.shape
    dz, dz_step, dbefore = np.empty_like(h), np.empty_like(h0), np.empty_like(h0)
    dstate = dh0  # the gradient of the state, from the last step back to the first
    dstate[:] = 0
    for t in range(steps - 1, -1, -1):
        for row in range(n):
            for j in range(k):
                dstate[row, j] += dh[row, t, j]
                dz_step[row, j] = dstate[row, j] * (1 - h[row, t, j] ** 2) if mask[row, t] else 0
            dz[row, t] = dz_step[row]
        np.dot(dz_step, u.T, dbefore)
        for row in range(n):
            if mask[row, t]:
                dstate[row] = dbefore[row]
    inputs_grad(dx, dw, db, dz, x, w)
    states_grad(du, dz, h0, h)


@kernel
def inputs_grad(dx, dw, db, dz, x, w):
    # The gradients of x w + b for all steps at once.
    n, steps = x.shape[:2]
    rows = dz.reshape(n * steps, dz.shape[2])
    np.dot(rows, w.T, dx.reshape(n * steps, x.shape[2]))
    np.dot(x.reshape(n * steps, x.shape[2]).T, rows, dw)
    db[:] = 0
    for row in range(n * steps):
        for j in range(rows.shape[1]):
            db[j] += rows[row, j]


@kernel
def states_grad(du, dz, h0, h):
    # The gradient of u in h_before u, for all steps at once.
    n, steps, k = h.shape
    before = np.empty_like(h)
    for row in range(n):
        before[row, 0] = h0[row]
        before[row, 1:] = h[row, :-1]
    np.dot(before.reshape(n * steps, k).T, dz.reshape(n * steps, dz.shape[2]), du)
