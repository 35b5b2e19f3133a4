"""Declarations: the optimizers.

What changes from step to step (rate, step count) is an array of no axes.
"""

from dlcore.backends.contract.kernel import declare

declare("sgd_update", "w[*], dw[*], learning_rate[] -> w[*]", "w <- w - learning_rate dw")
declare(
    "momentum_update",
    "w[*], v[*], dw[*], learning_rate[] -> w[*], v[*]",
    "v <- momentum v - learning_rate dw; w <- w + v (nesterov: + momentum v - learning_rate dw)",
    momentum=0.9,
    nesterov=False,
)
declare(
    "adam_update",
    "w[*], m[*], v[*], dw[*], learning_rate[], step[] -> w[*], m[*], v[*]",
    "m <- b1 m + (1 - b1) dw; v <- b2 v + (1 - b2) dw^2; "
    "w <- w - learning_rate sqrt(1 - b2^step) / (1 - b1^step) m / (sqrt(v) + epsilon)",
    beta_1=0.9,
    beta_2=0.999,
    epsilon=1e-7,
)
declare(
    "rmsprop_update",
    "w[*], v[*], dw[*], learning_rate[] -> w[*], v[*]",
    "v <- rho v + (1 - rho) dw^2; w <- w - learning_rate dw / sqrt(v + epsilon)",
    rho=0.9,
    epsilon=1e-7,
)
declare(
    "adagrad_update",
    "w[*], a[*], dw[*], learning_rate[] -> w[*], a[*]",
    "a <- a + dw^2; w <- w - learning_rate dw / sqrt(a + epsilon)",
    epsilon=1e-7,
)
