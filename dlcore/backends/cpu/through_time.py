"""What the recurrent layers share: how threads share out the rows, and sums over all steps.

The rows of a batch know nothing of each other, through all steps. So each thread takes a part of
the rows and goes through time with it: one parallel loop does the whole sequence. How many parts
there are depends on the shapes alone, and so do the sums over the parts.

What goes row by row and column by column is a loop over slices, with plain indices: the compiler
makes vector instructions of it (see ``convolution``), and is ready sooner than with an assignment
of whole arrays.
"""

# ruff: noqa: D103  The comments say what each does.

import numpy as np

from dlcore.backends._compile import kernel, shared

PARTS = 8


@kernel
def parts_of(n):
    """In so many parts are n rows; one has 16 or more, which is enough for the matrix products."""
    return max(1, min(n // 16, PARTS))


@kernel
def rows_of(part, parts, n):
    """The rows of a part."""
    return slice(part * n // parts, (part + 1) * n // parts)


def many_products(x, h, gates):
    """Whether sequences x with states h have so many products that several threads pay."""
    return x.shape[0] >= 32 and h.size * gates * (x.shape[2] + h.shape[2]) > 1_000_000


@kernel
def copy(y, x):
    for j in range(y.size):
        y[j] = x[j]


@kernel
def clear(y):
    for j in range(y.size):
        y[j] = 0


@kernel
def add(total, x):
    for j in range(total.size):
        total[j] += x[j]


@kernel
def add_rows(total, rows):
    """The sum of all rows, in their order."""
    copy(total, rows[0])
    for row in range(1, rows.shape[0]):
        add(total, rows[row])


@shared
def add_parts(total, parts):
    """The sum over the first axis, in its order, whichever thread was the first to be ready."""
    add_rows(total.reshape(-1), parts.reshape(parts.shape[0], -1))


@kernel
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
    np.dot(inputs.T, rows, dw)
    add_rows(db, rows)
    if dx.size:
        np.dot(rows, w.T, inputs)  # from here on their gradient
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
    np.dot(before.reshape(-1, k).T, dz.reshape(-1, dz.shape[2]), du)
