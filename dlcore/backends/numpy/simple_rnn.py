"""The simple recurrent layer, as formulas in NumPy: one step, and a whole sequence.

The letters: n rows of t steps with i columns each, and k units. Where `mask` is 0 a step is left
out: the state before it is the state after it. A sequence goes through time with a step that it is
given, so that it can be made of a learner's step as well.
"""

import numpy as np

from dlcore.backends.declare import kernel


@kernel("x[n, i], h[n, k], w[i, k], u[k, k], b[k] -> y[n, k]")
def simple_rnn_step(x, h, w, u, b):
    """y = tanh(x w + h u + b)"""
    return np.tanh(x @ w + h @ u + b)


@kernel(
    "dy[n, k], x[n, i], h[n, k], w[i, k], u[k, k], y[n, k] "
    "-> dx[n, i], dh[n, k], dw[i, k], du[k, k], db[k]"
)
def simple_rnn_step_grad(dy, x, h, w, u, y):
    """dz = dy (1 - y^2); dx = dz wT, dh = dz uT, dw = xT dz, du = hT dz, db = the sum of dz"""
    dz = dy * (1 - y**2)
    return dz @ w.T, dz @ u.T, x.T @ dz, h.T @ dz, dz.sum(axis=0)


@kernel("x[n, t, i], w[i, k], u[k, k], b[k], h0[n, k], mask[n, t]:int -> h[n, t, k]")
def simple_rnn(x, w, u, b, h0, mask):
    """h_t = tanh(x_t w + h_(t-1) u + b) where mask_t, else h_(t-1)"""
    return through_time(simple_rnn_step, x, w, u, b, h0, mask)


def through_time(step, x, w, u, b, h0, mask):
    """The states of all steps, from the first to the last."""
    h = np.empty((*mask.shape, len(u)), x.dtype)
    state = h0
    for t in range(mask.shape[1]):
        y = step(x[:, t], state, w, u, b)
        state = np.where(mask[:, t, None], y, state)
        h[:, t] = state
    return h


@kernel(
    "dh[n, t, k], x[n, t, i], w[i, k], u[k, k], h0[n, k], mask[n, t]:int, h[n, t, k] "
    "-> dx[n, t, i], dw[i, k], du[k, k], db[k], dh0[n, k]",
    optional=("dx",),
)
def simple_rnn_grad(dh, x, w, u, h0, mask, h):
    """backwards in time: the gradient of step t, with dh_(t-1) added on the way"""
    return back_through_time(simple_rnn_step_grad, dh, x, w, u, h0, mask, h)


def back_through_time(step_grad, dh, x, w, u, h0, mask, h):
    """The gradients of all steps, from the last to the first (Werbos 1990).

    That of a state is what comes from its own output, dh[:, t], and what comes back from the step
    after it, dstate.
    """
    dx = np.empty_like(x)
    dw, du, db = np.zeros_like(w), np.zeros_like(u), np.zeros_like(u[0])
    dstate = np.zeros_like(h0)
    for t in reversed(range(mask.shape[1])):
        on = mask[:, t, None]
        dstate = dstate + dh[:, t]
        before = h[:, t - 1] if t > 0 else h0
        dy = np.where(on, dstate, 0)
        step = step_grad(dy, x[:, t], before, w, u, h[:, t])
        dx[:, t] = step[0]
        dstate = np.where(on, step[1], dstate)
        dw, du, db = dw + step[2], du + step[3], db + step[4]
    return dx, dw, du, db, dstate
