"""What the recurrent layers share: how threads share out the rows, and sums over all steps.

The rows of a batch know nothing of each other, through all steps. So each thread takes a part of
the rows and goes through time with it: one parallel loop does the whole sequence. How many parts
there are depends on the shapes alone, and so do the sums over the parts.
"""

import numpy as np

from dlcore.backends.cpu.fast_math import add, copy
from dlcore.backends.cpu.matrices import FEW, add_row_product, multiply, multiply_and_add
from dlcore.backends.numba.compile import compiled, shared

PARTS = 8


@compiled
def parts_of(n, k):
    """In so many parts are n rows; one has enough of them for products with k columns of states.

    BLAS copies the weights before each product; the wider they are, the more rows are to use them.
    """
    return max(1, min(n // (16 if k < 128 else 32), PARTS))


@compiled
def rows_of(part, parts, n):
    """The rows of a part."""
    return slice(part * n // parts, (part + 1) * n // parts)


def many_products(x, h, gates):
    """Whether sequences x with states h have so many products that several threads pay."""
    return x.shape[0] >= 32 and h.size * gates * (x.shape[2] + h.shape[2]) > 1_000_000


@compiled
def add_product(y, t, state, u):
    """Y[:, t] += state u: what the states say to step t of sequences y (n, t, columns)."""
    if y.shape[0] < FEW:
        for row in range(y.shape[0]):
            add_row_product(y[row, t], state[row], u)
    else:
        multiply_and_add(y[:, t], state, u)


@compiled
def quarters(gates):
    """The four gates of a row."""
    k = gates.size // 4
    return gates[:k], gates[k : 2 * k], gates[2 * k : 3 * k], gates[3 * k :]


@compiled
def add_rows(total, rows):
    """The sum of all rows, in their order."""
    copy(total, rows[0])
    for row in range(1, rows.shape[0]):
        add(total, rows[row])


@shared
def add_parts(total, parts):
    """The sum over the first axis, in its order, whichever thread was the first to be ready."""
    add_rows(total.reshape(-1), parts.reshape(parts.shape[0], -1))


@compiled
def steps_first(x):
    """A copy of sequences (n, t, i) as (t, n, i): the rows of one step side by side."""
    n, steps, columns = x.shape
    y = np.empty((steps, n, columns), x.dtype)
    for t in range(steps):
        for row in range(n):
            copy(y[t, row], x[row, t])
    return y


@shared
def inputs_grad(dx, dw, db, dz, x, w):
    """The gradients of x w + b for all steps at once, from dz (t, n, columns)."""
    rows, inputs = dz.reshape(-1, dz.shape[2]), steps_first(x).reshape(-1, x.shape[2])
    multiply(dw, inputs.T, rows)
    add_rows(db, rows)
    if dx.size:
        multiply(inputs, rows, w.T)  # from here on their gradient
        for t in range(x.shape[1]):
            for row in range(x.shape[0]):
                copy(dx[row, t], inputs[t * x.shape[0] + row])


@shared
def states_grad(du, dz, h0, h):
    """The gradient of u in h_before u, for all steps at once, from dz (t, n, columns)."""
    n, steps, k = h.shape
    before = np.empty((steps, n, k), h.dtype)
    for row in range(n):
        copy(before[0, row], h0[row])
        for t in range(1, steps):
            copy(before[t, row], h[row, t - 1])
    multiply(du, before.reshape(-1, k).T, dz.reshape(-1, dz.shape[2]))
