"""Declarations: the dense layer and the activations."""

from dlcore.backends.contract.kernel import declare

declare("dense", "x[n,i], w[i,o], b[o] -> z[n,o]", "z = x w + b")
declare(
    "dense_grad",
    "dz[n,o], x[n,i], w[i,o] -> dx[n,i], dw[i,o], db[o]",
    "dx = dz wT, dw = xT dz, db = the sum of dz over the rows",
    optional=("dx",),
)

# Activations. Their gradients use the output y where it says enough.
declare("sigmoid", "x[*] -> y[*]", "y = 1 / (1 + exp(-x))")
declare("sigmoid_grad", "dy[*], y[*] -> dx[*]", "dx = dy y (1 - y)")
declare("tanh", "x[*] -> y[*]", "y = (exp(x) - exp(-x)) / (exp(x) + exp(-x))")
declare("tanh_grad", "dy[*], y[*] -> dx[*]", "dx = dy (1 - y^2)")
declare("relu", "x[*] -> y[*]", "y = max(x, 0)")
declare("relu_grad", "dy[*], y[*] -> dx[*]", "dx = dy where y > 0, else 0")
declare("leaky_relu", "x[*] -> y[*]", "y = x where x > 0, else slope x", negative_slope=0.2)
declare(
    "leaky_relu_grad",
    "dy[*], x[*] -> dx[*]",
    "dx = dy where x > 0, else slope dy",
    negative_slope=0.2,
)
declare("erf", "x[*] -> y[*]", "y = 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x")
declare("softmax", "x[n,k] -> y[n,k]", "y_j = exp(x_j) / sum_i exp(x_i), along each row")
declare("softmax_grad", "dy[n,k], y[n,k] -> dx[n,k]", "dx_j = y_j (dy_j - sum_i dy_i y_i)")
