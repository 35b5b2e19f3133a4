"""The dense layer, compiled by Numba.

Threads share out the columns of what a product gives: of the output, of the gradient of the inputs,
and the rows of that of the weights. How many parts there are depends on the shapes alone.
"""

from numba import prange

from dlcore.backends.cpu.fast_math import add, clear, copy
from dlcore.backends.cpu.matrices import FEW, add_row_product, multiply
from dlcore.backends.numba.compile import compiled, either, shared


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


@compiled
def _few_rows(z, x, w, b):
    """The dense layer on so few rows that BLAS would take longer to begin."""
    for i in range(z.shape[0]):
        copy(z[i], b)
        add_row_product(z[i], x[i], w)


@shared
def _outputs(z, x, w, b, part, parts):
    """Some columns of z."""
    columns = _of(part, parts, b.size)
    multiply(z[:, columns], x, w[:, columns])
    for i in range(z.shape[0]):
        add(z[i][columns], b[columns])


@either(_few_rows, lambda z, x, w, b: x.shape[0] < FEW)
@compiled(large=lambda z, x, w, b: _many_products(x, w))
def dense(z, x, w, b):
    parts = _parts(b.size, 64)
    for part in prange(parts):
        _outputs(z, x, w, b, part, parts)


@shared
def _gradients(dx, dw, dz, x, w, part, parts):
    """Some columns of dx, and the same rows of dw."""
    some = _of(part, parts, w.shape[0])
    multiply(dw[some], x[:, some].T, dz)
    if dx.size:
        multiply(dx[:, some], dz, w[some].T)


@shared
def _sum_of_rows(total, rows):
    clear(total)
    for i in range(rows.shape[0]):
        add(total, rows[i])


@compiled(large=lambda dx, dw, db, dz, x, w: _many_products(x, w))
def dense_grad(dx, dw, db, dz, x, w):
    parts = _parts(w.shape[0], 128)
    for part in prange(parts):
        _gradients(dx, dw, dz, x, w, part, parts)
    _sum_of_rows(db, dz)
