"""Declarations: recurrent layers with gates, LSTM (one step and a whole sequence) and GRU.

The letters: n rows of t steps with i columns each, and k units. Where `mask` is 0 a step is left
out: the states before it are the states after it. The gates lie side by side, k columns each, in
the order of Keras: i, f, g, o for the LSTM (g is what Keras calls c), z, r, g for the GRU.
"""

from dlcore.backends.contract.kernel import declare

declare(
    "lstm_step",
    "x[n,i], h[n,k], c[n,k], w[i,4k], u[k,4k], b[4k] -> h_new[n,k], c_new[n,k], gates[n,4k]",
    "i, f, o = sigmoid and g = tanh of the parts of x w + h u + b; "
    "c_new = f c + i g, h_new = o tanh(c_new)",
)
declare(
    "lstm_step_grad",
    "dh_new[n,k], dc_new[n,k], x[n,i], h[n,k], c[n,k], w[i,4k], u[k,4k], c_new[n,k], gates[n,4k] "
    "-> dx[n,i], dh[n,k], dc[n,k], dw[i,4k], du[k,4k], db[4k]",
    "dcell = dc_new + dh_new o (1 - tanh(c_new)^2); di = dcell g, df = dcell c, dg = dcell i, "
    "do = dh_new tanh(c_new); through sigmoid and tanh to dz; dc = dcell f, the rest as in a dense "
    "layer",
)
declare(
    "lstm",
    "x[n,t,i], w[i,4k], u[k,4k], b[4k], h0[n,k], c0[n,k], mask[n,t]:int "
    "-> h[n,t,k], c[n,t,k], gates[n,t,4k]",
    "h_t, c_t = lstm_step(x_t, h_(t-1), c_(t-1)) where mask_t, else h_(t-1), c_(t-1)",
)
declare(
    "lstm_grad",
    "dh[n,t,k], dc[n,t,k], x[n,t,i], w[i,4k], u[k,4k], h0[n,k], c0[n,k], mask[n,t]:int, "
    "h[n,t,k], c[n,t,k], gates[n,t,4k] "
    "-> dx[n,t,i], dw[i,4k], du[k,4k], db[4k], dh0[n,k], dc0[n,k]",
    "backwards in time: lstm_step_grad of step t, with dh_(t-1) and dc_(t-1) added on the way",
    optional=("dx",),
)
declare(
    "gru",
    "x[n,t,i], w[i,3k], u[k,3k], b[2,3k], h0[n,k], mask[n,t]:int -> h[n,t,k], gates[n,t,4k]",
    "with x' = x_t w + b_0 and h' = h_(t-1) u + b_1 in three parts: z = sigmoid(x'_z + h'_z), "
    "r = sigmoid(x'_r + h'_r), g = tanh(x'_g + r h'_g), h_t = z h_(t-1) + (1 - z) g where mask_t; "
    "gates = z, r, g, h'_g",
)
declare(
    "gru_grad",
    "dh[n,t,k], x[n,t,i], w[i,3k], u[k,3k], h0[n,k], mask[n,t]:int, h[n,t,k], gates[n,t,4k] "
    "-> dx[n,t,i], dw[i,3k], du[k,3k], db[2,3k], dh0[n,k]",
    "backwards in time: dz = dh_t (h_(t-1) - g), dg = dh_t (1 - z), dr = dg h'_g, all before "
    "sigmoid and tanh, and dh_(t-1) = dh_t z + dh' uT",
    optional=("dx",),
)
