"""Recurrent layers with gates, as formulas in NumPy: LSTM and GRU."""

# ruff: noqa: D103  The contract describes each kernel; the text here is its formula.

import numpy as np

from dlcore.backends.numpy.neurons import sigmoid


def lstm_step(x, h, c, w, u, b):
    # Hochreiter and Schmidhuber 1997, with the forget gate of Gers et al. 2000.
    i, f, g, o = np.split(x @ w + h @ u + b, 4, axis=1)
    i, f, g, o = sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o)
    c_new = f * c + i * g
    h_new = o * np.tanh(c_new)
    return h_new, c_new, np.concatenate([i, f, g, o], axis=1)


def lstm_step_grad(dh_new, dc_new, x, h, c, w, u, c_new, gates):
    i, f, g, o = np.split(gates, 4, axis=1)
    tanh_c = np.tanh(c_new)
    do = dh_new * tanh_c
    dc_new = dc_new + dh_new * o * (1 - tanh_c**2)
    di, df, dg, dc = dc_new * g, dc_new * c, dc_new * i, dc_new * f
    dz = np.concatenate(
        [di * i * (1 - i), df * f * (1 - f), dg * (1 - g**2), do * o * (1 - o)], axis=1
    )
    return dz @ w.T, dz @ u.T, dc, x.T @ dz, h.T @ dz, dz.sum(axis=0)


def lstm(x, w, u, b, h0, c0, mask):
    h = np.empty((*mask.shape, len(u)), x.dtype)
    c, gates = np.empty_like(h), np.empty((*mask.shape, 4 * len(u)), x.dtype)
    state, cell = h0, c0
    for t in range(mask.shape[1]):
        h_new, c_new, gates[:, t] = lstm_step(x[:, t], state, cell, w, u, b)
        state = np.where(mask[:, t, None], h_new, state)
        cell = np.where(mask[:, t, None], c_new, cell)
        h[:, t], c[:, t] = state, cell
    return h, c, gates


def lstm_grad(dh, dc, x, w, u, h0, c0, mask, h, c, gates):
    dx = np.empty_like(x)
    dw, du, db = np.zeros_like(w), np.zeros_like(u), np.zeros_like(u[0])
    dstate, dcell = np.zeros_like(h0), np.zeros_like(c0)
    for t in reversed(range(mask.shape[1])):
        on = mask[:, t, None]
        dstate, dcell = dstate + dh[:, t], dcell + dc[:, t]
        before, cell_before = (h[:, t - 1], c[:, t - 1]) if t > 0 else (h0, c0)
        dh_new, dc_new = np.where(on, dstate, 0), np.where(on, dcell, 0)
        step = lstm_step_grad(
            dh_new, dc_new, x[:, t], before, cell_before, w, u, c[:, t], gates[:, t]
        )
        dx[:, t] = step[0]
        dstate, dcell = np.where(on, step[1], dstate), np.where(on, step[2], dcell)
        dw, du, db = dw + step[3], du + step[4], db + step[5]
    return dx, dw, du, db, dstate, dcell


def gru(x, w, u, b, h0, mask):
    # Cho et al. 2014; the reset gate r comes after the product with u, as in Keras and cuDNN.
    h = np.empty((*mask.shape, len(u)), x.dtype)
    gates = np.empty((*mask.shape, 4 * len(u)), x.dtype)
    state = h0
    for t in range(mask.shape[1]):
        x_z, x_r, x_g = np.split(x[:, t] @ w + b[0], 3, axis=1)
        h_z, h_r, h_g = np.split(state @ u + b[1], 3, axis=1)
        z, r = sigmoid(x_z + h_z), sigmoid(x_r + h_r)
        g = np.tanh(x_g + r * h_g)
        state = np.where(mask[:, t, None], z * state + (1 - z) * g, state)
        h[:, t] = state
        gates[:, t] = np.concatenate([z, r, g, h_g], axis=1)
    return h, gates


def gru_grad(dh, x, w, u, h0, mask, h, gates):
    dx = np.empty_like(x)
    dw, du, db = np.zeros_like(w), np.zeros_like(u), np.zeros((2, u.shape[1]), u.dtype)
    dstate = np.zeros_like(h0)
    for t in reversed(range(mask.shape[1])):
        on = mask[:, t, None]
        dstate = dstate + dh[:, t]
        before = h[:, t - 1] if t > 0 else h0
        z, r, g, h_g = np.split(gates[:, t], 4, axis=1)
        dy = np.where(on, dstate, 0)
        dz = dy * (before - g) * z * (1 - z)
        dg = dy * (1 - z) * (1 - g**2)
        dr = dg * h_g * r * (1 - r)
        dx_z = np.concatenate([dz, dr, dg], axis=1)
        dh_z = np.concatenate([dz, dr, dg * r], axis=1)
        dx[:, t] = dx_z @ w.T
        dstate = np.where(on, dy * z + dh_z @ u.T, dstate)
        dw, du = dw + x[:, t].T @ dx_z, du + before.T @ dh_z
        db = db + np.stack([dx_z.sum(axis=0), dh_z.sum(axis=0)])
    return dx, dw, du, db, dstate
