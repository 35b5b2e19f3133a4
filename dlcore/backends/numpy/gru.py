"""The GRU, as formulas in NumPy: a whole sequence.

The letters: n rows of t steps with i columns each, and k units. Where `mask` is 0 a step is left
out: the state before it is the state after it. The gates lie side by side, k columns each: z, r, g,
and with them h'_g, what the reset gate r multiplies.
"""

import numpy as np

from dlcore.backends.declare import kernel
from dlcore.backends.numpy.activations import sigmoid


@kernel(
    "x[n, t, i], w[i, 3k], u[k, 3k], b[2, 3k], h0[n, k], mask[n, t]:int "
    "-> h[n, t, k], gates[n, t, 4k]"
)
def gru(x, w, u, b, h0, mask):
    """with x' = x_t w + b_0 and h' = h_(t-1) u + b_1 in three parts:
    z = sigmoid(x'_z + h'_z), r = sigmoid(x'_r + h'_r), g = tanh(x'_g + r h'_g),
    h_t = z h_(t-1) + (1 - z) g where mask_t; gates = z, r, g, h'_g
    """
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


@kernel(
    "dh[n, t, k], x[n, t, i], w[i, 3k], u[k, 3k], h0[n, k], mask[n, t]:int, h[n, t, k], "
    "gates[n, t, 4k] "
    "-> dx[n, t, i], dw[i, 3k], du[k, 3k], db[2, 3k], dh0[n, k]",
    optional=("dx",),
)
def gru_grad(dh, x, w, u, h0, mask, h, gates):
    """backwards in time: dz = dh_t (h_(t-1) - g), dg = dh_t (1 - z), dr = dg h'_g,
    all before sigmoid and tanh, and dh_(t-1) = dh_t z + dh' uT
    """
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
