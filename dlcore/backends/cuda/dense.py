"""The dense layer: products, with the bias added before the result leaves the registers."""

from dlcore.backends.cuda.activations import relu_grad
from dlcore.backends.cuda.device import scratch
from dlcore.backends.cuda.product import matrix, multiply


def _dense(z, x, w, b, relu):
    (n, i), o = x.shape, w.shape[1]
    multiply(z, matrix(x, False, i), matrix(w, True, o), n, o, i, bias=b, relu=relu)


def dense(z, x, w, b):
    _dense(z, x, w, b, False)


def dense_relu(y, x, w, b):
    _dense(y, x, w, b, True)


def dense_grad(dx, dw, db, dz, x, w):
    (n, i), o = x.shape, w.shape[1]
    if dx.size:
        multiply(dx, matrix(dz, False, o), matrix(w, False, o), n, i, o)  # dz wT
    multiply(dw, matrix(x, True, i), matrix(dz, True, o), i, o, n, db=db)  # xT dz


def dense_relu_grad(dx, dw, db, dy, y, x, w):
    dz = scratch("dense_relu dz", dy.dtype, *dy.shape)
    relu_grad(dz, dy, y)
    dense_grad(dx, dw, db, dz, x, w)
