"""The simple recurrent layer, as formulas in NumPy: one step, and loops over the steps."""

# ruff: noqa: D103  The contract describes each kernel; the text here is its formula.

import numpy as np


def simple_rnn_step(x, h, w, u, b):
    return np.tanh(x @ w + h @ u + b)


def simple_rnn_step_grad(dy, x, h, w, u, y):
    dz = dy * (1 - y**2)
    return dz @ w.T, dz @ u.T, x.T @ dz, h.T @ dz, dz.sum(axis=0)


def simple_rnn(x, w, u, b, h0, mask):
    h = np.empty((*mask.shape, len(u)), x.dtype)
    state = h0
    for t in range(mask.shape[1]):
        y = simple_rnn_step(x[:, t], state, w, u, b)
        state = np.where(mask[:, t, None], y, state)
        h[:, t] = state
    return h


def simple_rnn_grad(dh, x, w, u, h0, mask, h):
    # Werbos 1990, "Backpropagation through time": the gradient of a state is what comes from its
    # own output, dh[:, t], and what comes back from the step after it, dstate.
    dx = np.empty_like(x)
    dw, du, db = np.zeros_like(w), np.zeros_like(u), np.zeros_like(u[0])
    dstate = np.zeros_like(h0)
    for t in reversed(range(mask.shape[1])):
        on = mask[:, t, None]
        dstate = dstate + dh[:, t]
        before = h[:, t - 1] if t > 0 else h0
        dy = np.where(on, dstate, 0)
        step = simple_rnn_step_grad(dy, x[:, t], before, w, u, h[:, t])
        dx[:, t] = step[0]
        dstate = np.where(on, step[1], dstate)
        dw, du, db = dw + step[2], du + step[3], db + step[4]
    return dx, dw, du, db, dstate
