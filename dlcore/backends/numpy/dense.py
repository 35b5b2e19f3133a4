"""The dense layer, as formulas in NumPy."""

import numpy as np

from dlcore.backends.declare import kernel


@kernel("x[n, i], w[i, o], b[o] -> z[n, o]")
def dense(x, w, b):
    """z = x w + b"""
    return x @ w + b


@kernel("dz[n, o], x[n, i], w[i, o] -> dx[n, i], dw[i, o], db[o]", optional=("dx",))
def dense_grad(dz, x, w):
    """dx = dz wT, dw = xT dz, db = the sum of dz over the rows"""
    dx = dz @ w.T
    dw = x.T @ dz
    db = dz.sum(axis=0)
    return dx, dw, db


@kernel("x[n, i], w[i, o], b[o] -> y[n, o]")
def dense_relu(x, w, b):
    """y = max(z, 0) of the z of dense; the two in one pass over memory"""
    return np.maximum(dense(x, w, b), 0)


@kernel("dy[n, o], y[n, o], x[n, i], w[i, o] -> dx[n, i], dw[i, o], db[o]", optional=("dx",))
def dense_relu_grad(dy, y, x, w):
    """dense_grad of dz = dy where y > 0, else 0"""
    return dense_grad(np.where(y > 0, dy, 0), x, w)
