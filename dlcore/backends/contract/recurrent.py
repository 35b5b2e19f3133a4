"""Declarations: the simple recurrent layer, one step and a whole sequence.

The letters: n rows of t steps with i columns each, and k units. Where `mask` is 0 a step is left
out: the state before it is the state after it.
"""

from dlcore.backends.contract.kernel import declare

declare(
    "simple_rnn_step",
    "x[n,i], h[n,k], w[i,k], u[k,k], b[k] -> y[n,k]",
    "y = tanh(x w + h u + b)",
)
declare(
    "simple_rnn_step_grad",
    "dy[n,k], x[n,i], h[n,k], w[i,k], u[k,k], y[n,k] -> dx[n,i], dh[n,k], dw[i,k], du[k,k], db[k]",
    "dz = dy (1 - y^2); dx = dz wT, dh = dz uT, dw = xT dz, du = hT dz, db = the sum of dz",
)
declare(
    "simple_rnn",
    "x[n,t,i], w[i,k], u[k,k], b[k], h0[n,k], mask[n,t]:int -> h[n,t,k]",
    "h_t = tanh(x_t w + h_(t-1) u + b) where mask_t, else h_(t-1)",
)
declare(
    "simple_rnn_grad",
    "dh[n,t,k], x[n,t,i], w[i,k], u[k,k], h0[n,k], mask[n,t]:int, h[n,t,k] "
    "-> dx[n,t,i], dw[i,k], du[k,k], db[k], dh0[n,k]",
    "backwards in time: the gradient of step t, with dh_(t-1) added on the way (Werbos 1990)",
    optional=("dx",),
)
