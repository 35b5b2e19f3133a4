"""The LSTM, as formulas in NumPy: one step, and a whole sequence.

The letters: n rows of t steps with i columns each, and k units. Where `mask` is 0 a step is left
out: the states before it are the states after it. The gates lie side by side, k columns each, in
the order of Keras: i, f, g, o (g is what Keras calls c). As in the simple recurrent layer, a
sequence goes through time with a step that it is given.
"""

import numpy as np

from dlcore.backends.declare import kernel
from dlcore.backends.numpy.activations import sigmoid


@kernel(
    "x[n, i], h[n, k], c[n, k], w[i, 4k], u[k, 4k], b[4k] -> h_new[n, k], c_new[n, k], gates[n, 4k]"
)
def lstm_step(x, h, c, w, u, b):
    """i, f, o = sigmoid and g = tanh of the parts of x w + h u + b;
    c_new = f c + i g, h_new = o tanh(c_new)
    """
    # Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000.
    i, f, g, o = np.split(x @ w + h @ u + b, 4, axis=1)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c_new = f * c + i * g
    h_new = o * np.tanh(c_new)
    return h_new, c_new, np.concatenate([i, f, g, o], axis=1)


@kernel(
    "dh_new[n, k], dc_new[n, k], x[n, i], h[n, k], c[n, k], w[i, 4k], u[k, 4k], c_new[n, k], "
    "gates[n, 4k] "
    "-> dx[n, i], dh[n, k], dc[n, k], dw[i, 4k], du[k, 4k], db[4k]"
)
def lstm_step_grad(dh_new, dc_new, x, h, c, w, u, c_new, gates):
    """dcell = dc_new + dh_new o (1 - tanh(c_new)^2);
    di = dcell g, df = dcell c, dg = dcell i, do = dh_new tanh(c_new);
    through sigmoid and tanh to dz; dc = dcell f, the rest as in a dense layer
    """
    i, f, g, o = np.split(gates, 4, axis=1)
    tanh_c = np.tanh(c_new)
    do = dh_new * tanh_c
    dc_new = dc_new + dh_new * o * (1 - tanh_c**2)
    di, df, dg, dc = dc_new * g, dc_new * c, dc_new * i, dc_new * f
    dz = np.concatenate(
        [di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)], axis=1
    )
    return dz @ w.T, dz @ u.T, dc, x.T @ dz, h.T @ dz, dz.sum(axis=0)


@kernel(
    "x[n, t, i], w[i, 4k], u[k, 4k], b[4k], h0[n, k], c0[n, k], mask[n, t]:int "
    "-> h[n, t, k], c[n, t, k], gates[n, t, 4k]"
)
def lstm(x, w, u, b, h0, c0, mask):
    """h_t, c_t = lstm_step(x_t, h_(t-1), c_(t-1)) where mask_t, else h_(t-1), c_(t-1)"""
    return through_time(lstm_step, x, w, u, b, h0, c0, mask)


def through_time(step, x, w, u, b, h0, c0, mask):
    """The states and gates of all steps, from the first to the last."""
    h = np.empty((*mask.shape, len(u)), x.dtype)
    c, gates = np.empty_like(h), np.empty((*mask.shape, 4 * len(u)), x.dtype)
    state, cell = h0, c0
    for t in range(mask.shape[1]):
        h_new, c_new, gates[:, t] = step(x[:, t], state, cell, w, u, b)
        state = np.where(mask[:, t, None], h_new, state)
        cell = np.where(mask[:, t, None], c_new, cell)
        h[:, t], c[:, t] = state, cell
    return h, c, gates


@kernel(
    "dh[n, t, k], dc[n, t, k], x[n, t, i], w[i, 4k], u[k, 4k], h0[n, k], c0[n, k], "
    "mask[n, t]:int, h[n, t, k], c[n, t, k], gates[n, t, 4k] "
    "-> dx[n, t, i], dw[i, 4k], du[k, 4k], db[4k], dh0[n, k], dc0[n, k]",
    optional=("dx",),
)
def lstm_grad(dh, dc, x, w, u, h0, c0, mask, h, c, gates):
    """backwards in time: lstm_step_grad of step t, with dh_(t-1) and dc_(t-1) added on the way"""
    return back_through_time(lstm_step_grad, dh, dc, x, w, u, h0, c0, mask, h, c, gates)


def back_through_time(step_grad, dh, dc, x, w, u, h0, c0, mask, h, c, gates):
    """The gradients of all steps, from the last to the first (Werbos 1990)."""
    dx = np.empty_like(x)
    dw, du, db = np.zeros_like(w), np.zeros_like(u), np.zeros_like(u[0])
    dstate, dcell = np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(mask.shape[1])):
        on = mask[:, t, None]
        dstate, dcell = dstate + dh[:, t], dcell + dc[:, t]
        before, cell_before = (h[:, t - 1], c[:, t - 1]) if t > 0 else (h0, c0)
        dh_new, dc_new = np.where(on, dstate, 0), np.where(on, dcell, 0)
        given = (x[:, t], before, cell_before, w, u, c[:, t], gates[:, t])
        step = step_grad(dh_new, dc_new, *given)
        dx[:, t] = step[0]
        dstate, dcell = np.where(on, step[1], dstate), np.where(on, step[2], dcell)
        dw, du, db = dw + step[3], du + step[4], db + step[5]
    return dx, dw, du, db, dstate, dcell
