"""The dense layer, compiled by Numba.

Threads share out the columns of what a product gives: of the output, of the gradient of the inputs,
and the rows of that of the weights. How many parts there are depends on the shapes alone.
"""

from numba import prange

from dlcore.backends.cpu.fast_math import add, clear, copy
from dlcore.backends.cpu.matrices import FEW, add_row_product, multiply
from dlcore.backends.numba.compile import compiled, shared


@compiled
def _parts(columns, least):
    """In 1, 2, 4 or 8 parts are some columns: each has the least number or more."""
    parts = 1
    while parts < 8 and columns >= 2 * parts * least:
        parts *= 2
    return parts


@compiled
def _of(part, parts, columns):
    """The columns of a part."""
    return slice(part * columns // parts, (part + 1) * columns // parts)


def _many_products(x, w):
    return x.size * w.shape[1] > 1_000_000


@shared
def _outputs(z, x, w, b):
    multiply(z, x, w)
    for i in range(z.shape[0]):
        add(z[i], b)


@compiled(large=lambda z, x, w, b: _many_products(x, w))
def dense(z, x, w, b):
    if x.shape[0] < FEW:
        for i in range(x.shape[0]):
            copy(z[i], b)
            add_row_product(z[i], x[i], w)
        return
    parts = _parts(b.size, 64)
    for part in prange(parts):
        columns = _of(part, parts, b.size)
        _outputs(z[:, columns], x, w[:, columns], b[columns])


@shared
def _gradients(dx, dw, dz, x, w):
    multiply(dw, x.T, dz)
    if dx.size:
        multiply(dx, dz, w.T)


@compiled(large=lambda dx, dw, db, dz, x, w: _many_products(x, w))
def dense_grad(dx, dw, db, dz, x, w):
    inputs = w.shape[0]
    parts = _parts(inputs, 128)
    for part in prange(parts):
        some = _of(part, parts, inputs)
        _gradients(dx[:, some], dw[some], dz, x[:, some], w[some])
    clear(db)
    for i in range(dz.shape[0]):
        add(db, dz[i])
