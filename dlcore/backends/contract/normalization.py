"""Declarations: normalisation. Other axes are brought into these two by whoever calls.

`mean` and `variance` are those of the batch, and are what the gradient needs besides its input;
the variance is the mean square of the deviations (divided by n, not n - 1).
"""

from dlcore.backends.contract.kernel import declare

declare(
    "batch_norm",
    "x[n,c], gamma[c], beta[c] -> y[n,c], mean[c], variance[c]",
    "y = gamma h + beta, h = (x - mean) / sqrt(variance + epsilon), "
    "mean and variance of each column",
    epsilon=1e-3,
)
declare(
    "batch_norm_grad",
    "dy[n,c], x[n,c], gamma[c], mean[c], variance[c] -> dx[n,c], dgamma[c], dbeta[c]",
    "dbeta = sum dy, dgamma = sum dy h, over the rows; "
    "dx = gamma / sqrt(variance + epsilon) (dy - dbeta / n - h dgamma / n)",
    epsilon=1e-3,
)
declare(
    "layer_norm",
    "x[n,k], gamma[k], beta[k] -> y[n,k], mean[n], variance[n]",
    "y = gamma h + beta, h = (x - mean) / sqrt(variance + epsilon), mean and variance of each row",
    epsilon=1e-3,
)
declare(
    "layer_norm_grad",
    "dy[n,k], x[n,k], gamma[k], mean[n], variance[n] -> dx[n,k], dgamma[k], dbeta[k]",
    "dbeta = sum dy, dgamma = sum dy h, over the rows; with g = gamma dy, "
    "dx = (g - mean g - h mean(g h)) / sqrt(variance + epsilon), means of each row",
    epsilon=1e-3,
)
declare(
    "moving_average",
    "average[*], value[*] -> average[*]",
    "average <- momentum average + (1 - momentum) value",
    momentum=0.99,
)
