"""The dense layer, as formulas in NumPy."""

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
