"""The dense layer, compiled by Numba.

Small matrices BLAS multiplies as they lie. Of large ones, threads share out the columns of what a
product gives: of the output, of the gradient of the inputs, and the rows of that of the weights.
How many parts there are depends on the shapes alone. With ReLU in the same pass all sums are those
of the plain kernels, so that the bits are theirs.
"""

import numpy as np
from numba import prange

from dlcore.backends.cpu.fast_math import add, clear, copy, through_relu, zeros
from dlcore.backends.cpu.matrices import FEW, add_row_product, multiply
from dlcore.backends.cpu.panels import (
    columns_of_panel,
    multiply_panels,
    multiply_part,
    pack,
    parts_of_panels,
    positions,
    room_for_panels,
    turn,
)
from dlcore.backends.cpu.parts import part_of, sum_rows
from dlcore.backends.numba.compile import compiled, either, shared


def _many_products(x, w):
    return x.size * w.shape[1] > 1_000_000


@compiled
def _few_rows(z, x, w, b):
    """The dense layer on so few rows that BLAS would take longer to begin."""
    for i in range(z.shape[0]):
        copy(z[i], b)
        add_row_product(z[i], x[i], w)


@compiled
def _small(z, x, w, b):
    multiply(z, x, w)
    for i in range(z.shape[0]):
        add(z[i], b)


@compiled
def _rectify(z):
    values = z.reshape(-1)
    for k in range(values.size):
        # A NaN is not below zero: it stays, and is seen.
        values[k] = 0 if values[k] < 0 else values[k]


@compiled
def _few_rows_relu(y, x, w, b):
    _few_rows(y, x, w, b)
    _rectify(y)


@compiled
def _small_relu(y, x, w, b):
    _small(y, x, w, b)
    _rectify(y)


@either(_few_rows, lambda z, x, w, b: z.shape[0] < FEW)
@either(_small, lambda z, x, w, b: not _many_products(x, w))
@compiled(large=lambda z, x, w, b: True)
def dense(z, x, w, b):
    parts = parts_of_panels(w, False, z.shape[0])
    for part in prange(parts):
        multiply_part(z, x, w, False, b, False, part, parts)


@either(_few_rows_relu, lambda y, x, w, b: y.shape[0] < FEW)
@either(_small_relu, lambda y, x, w, b: not _many_products(x, w))
@compiled(large=lambda y, x, w, b: True)
def dense_relu(y, x, w, b):
    parts = parts_of_panels(w, False, y.shape[0])
    for part in prange(parts):
        multiply_part(y, x, w, False, b, True, part, parts)


@shared
def _gradients(dx, dw, db, dz, x, w, panels, part, parts):
    """Some columns of dx, some rows of dw and some numbers of db; the panels hold dz."""
    n, columns = x.shape
    some, own = part_of(part, parts, db.size), part_of(part, parts, columns)
    clear(db[some])
    for i in range(n):
        add(db[some], dz[i][some])
    across = np.empty((own.stop - own.start, n), x.dtype)
    nothing = zeros(max(w.shape), x.dtype)
    turn(across, x, own.start)
    places, offsets = positions(across.shape[0], n), positions(n, 1)
    multiply_panels(dw[own], 0, across.reshape(-1), places, offsets, panels, nothing, False)
    if dx.size:
        multiply_part(dx, dz, w, True, nothing, False, part, parts)


@compiled
def _small_grad(dx, dw, db, dz, x, w):
    multiply(dw, x.T, dz)
    if dx.size:
        multiply(dx, dz, w.T)
    sum_rows(db, dz)


@compiled
def _small_relu_grad(dx, dw, db, dy, y, x, w):
    dz = np.empty(dy.shape, dy.dtype)
    through_relu(dz.reshape(-1), dy.reshape(-1), y.reshape(-1))
    _small_grad(dx, dw, db, dz, x, w)


@either(_small_grad, lambda dx, dw, db, dz, x, w: not _many_products(x, w))
@compiled(large=lambda dx, dw, db, dz, x, w: True)
def dense_grad(dx, dw, db, dz, x, w):
    parts, panels = parts_of_panels(w, True, x.shape[0]), room_for_panels(dz, False)
    for panel in prange(panels.shape[0]):
        pack(panels[panel : panel + 1], panel, dz, False)
    for part in prange(parts):
        _gradients(dx, dw, db, dz, x, w, panels, part, parts)


@compiled
def _through_relu(dz, dy, y, panel):
    """Those columns of dz that lie in a panel; some of them, in two: there both write the same."""
    columns = columns_of_panel(panel, dz)
    for i in range(dz.shape[0]):
        through_relu(dz[i][columns], dy[i][columns], y[i][columns])


@either(_small_relu_grad, lambda dx, dw, db, dy, y, x, w: not _many_products(x, w))
@compiled(large=lambda dx, dw, db, dy, y, x, w: True)
def dense_relu_grad(dx, dw, db, dy, y, x, w):
    parts, panels = parts_of_panels(w, True, x.shape[0]), room_for_panels(dy, False)
    dz = np.empty(dy.shape, dy.dtype)
    for panel in prange(panels.shape[0]):
        _through_relu(dz, dy, y, panel)
        pack(panels[panel : panel + 1], panel, dz, False)
    for part in prange(parts):
        _gradients(dx, dw, db, dz, x, w, panels, part, parts)
