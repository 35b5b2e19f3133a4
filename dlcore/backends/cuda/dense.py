"""The dense layer: products, with the bias added before the result leaves the registers."""

from dlcore.backends.cuda.product import matrix, multiply


def dense(z, x, w, b):
    (n, i), o = x.shape, w.shape[1]
    multiply(z, matrix(x, False, i), matrix(w, True, o), n, o, i, bias=b)


def dense_grad(dx, dw, db, dz, x, w):
    (n, i), o = x.shape, w.shape[1]
    if dx.size:
        multiply(dx, matrix(dz, False, o), matrix(w, False, o), n, i, o)  # dz wT
    multiply(dw, matrix(x, True, i), matrix(dz, True, o), i, o, n, db=db)  # xT dz
