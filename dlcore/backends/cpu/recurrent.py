"""What the recurrent layers share: how threads share out the rows, and sums over all steps.

The rows of a batch know nothing of each other, through all steps. So each thread takes a part of
the rows and goes through time with it: one parallel loop does the whole sequence. How many parts
there are depends on the shapes alone, and so do the sums over the parts.
"""

import numpy as np

from dlcore.backends.cpu.fast_math import copy, zeros
from dlcore.backends.cpu.matrices import FEW, add_row_product, multiply
from dlcore.backends.cpu.panels import (
    multiply_panels,
    multiply_part,
    panels_of,
    positions,
    turn,
)
from dlcore.backends.cpu.parts import PARTS
from dlcore.backends.numba.compile import compiled, shared


@compiled
def parts_of(n):
    """In so many parts are n rows: each has enough of them to fill tiles of products (`panels`)."""
    return max(1, min(n // 16, PARTS))


def many_products(x, h, gates):
    """Whether sequences x with states h have so many products that several threads pay."""
    return x.shape[0] >= 32 and h.size * gates * (x.shape[2] + h.shape[2]) > 1_000_000


@compiled
def packed(w, turned, n):
    """W, or its transpose, in panels: all steps multiply with them. None for so few rows."""
    return panels_of(w, turned) if n >= FEW else np.empty((0, 0, 0), w.dtype)


@compiled
def _by_panels(y, x, t, panels, b):
    n, steps, k = x.shape
    of_rows, of_columns = positions(n, steps * k), positions(k, 1)
    multiply_panels(y, 0, x.reshape(-1)[t * k :], of_rows, of_columns, panels, b, False)


@shared
def multiply_step(y, x, t, w, panels, b):
    """Y (n, columns) = x[:, t] w + b: what a step of sequences x (n, t, i) comes to."""
    if y.shape[0] < FEW:
        for row in range(y.shape[0]):
            copy(y[row], b)
            add_row_product(y[row], x[row, t], w)
    else:
        _by_panels(y, x, t, panels, b)


@compiled
def multiply_states(y, h0, h, t, u, panels, b):
    """Y (n, columns) = h_before u + b: what the states before step t come to."""
    if t == 0:
        multiply_step(y, h0.reshape(h0.shape[0], 1, h0.shape[1]), 0, u, panels, b)
    else:
        multiply_step(y, h, t - 1, u, panels, b)


@shared
def multiply_back(dbefore, dz, t, u, panels):
    """The gradient of the states before step t by way of h_before u, from dz (n, t, columns).

    The panels hold u transposed.
    """
    if dbefore.shape[0] < FEW:
        multiply(dbefore, dz[:, t], u.T)
    else:
        _by_panels(dbefore, dz, t, panels, zeros(dbefore.shape[1], dz.dtype))


@compiled
def quarters(gates):
    """The four gates of a row."""
    k = gates.size // 4
    return gates[:k], gates[k : 2 * k], gates[2 * k : 3 * k], gates[3 * k :]


@compiled
def _weights_grad(dw, x, dz):
    """The gradient of w in x w, for all steps at once, from dz (n, t, columns)."""
    n, steps, k = x.shape
    across = np.empty((k, n * steps), x.dtype)
    turn(across, x.reshape(n * steps, k), 0)
    nothing, rows = zeros(dz.shape[2], x.dtype), dz.reshape(n * steps, dz.shape[2])
    multiply_part(dw, across, rows, False, nothing, False, 0, 1)


@shared
def inputs_grad(dx, dw, dz, x, w):
    """The gradients of x and w in x w, for all steps at once, from dz (n, t, columns)."""
    _weights_grad(dw, x, dz)
    if dx.size:
        n, steps, k = x.shape
        nothing, rows = zeros(k, x.dtype), dz.reshape(n * steps, dz.shape[2])
        multiply_part(dx.reshape(n * steps, k), rows, w, True, nothing, False, 0, 1)


@shared
def states_grad(du, dz, h0, h):
    """The gradient of u in h_before u, for all steps at once, from dz (n, t, columns)."""
    before = np.empty_like(h)
    for row in range(h.shape[0]):
        copy(before[row, 0], h0[row])
        copy(before[row, 1:].reshape(-1), h[row, :-1].reshape(-1))
    _weights_grad(du, before, dz)
