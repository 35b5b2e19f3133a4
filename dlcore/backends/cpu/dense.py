"""The dense layer, compiled by Numba.

Small matrices BLAS multiplies as they lie. Of large ones, threads share out the columns of what a
product gives: of the output, of the gradient of the inputs, and the rows of that of the weights.
How many parts there are depends on the shapes alone.
"""

import numpy as np
from numba import prange

from dlcore.backends.cpu.fast_math import add, clear, copy, zeros
from dlcore.backends.cpu.matrices import FEW, add_row_product, multiply
from dlcore.backends.cpu.panels import (
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


@either(_few_rows, lambda z, x, w, b: z.shape[0] < FEW)
@either(_small, lambda z, x, w, b: not _many_products(x, w))
@compiled(large=lambda z, x, w, b: True)
def dense(z, x, w, b):
    parts = parts_of_panels(w, False, z.shape[0])
    for part in prange(parts):
        multiply_part(z, x, w, False, b, part, parts)


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
        multiply_part(dx, dz, w, True, nothing, part, parts)


@compiled
def _small_grad(dx, dw, db, dz, x, w):
    multiply(dw, x.T, dz)
    if dx.size:
        multiply(dx, dz, w.T)
    sum_rows(db, dz)


@either(_small_grad, lambda dx, dw, db, dz, x, w: not _many_products(x, w))
@compiled(large=lambda dx, dw, db, dz, x, w: True)
def dense_grad(dx, dw, db, dz, x, w):
    parts, panels = parts_of_panels(w, True, x.shape[0]), room_for_panels(dz, False)
    for panel in prange(panels.shape[0]):
        pack(panels[panel : panel + 1], panel, dz, False)
    for part in prange(parts):
        _gradients(dx, dw, db, dz, x, w, panels, part, parts)
