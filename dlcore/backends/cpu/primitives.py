"""The generic primitives: NumPy's own compiled loops, writing into the given array."""

import numpy as np

from dlcore.backends.cpu.fast_math import clear, sum_of
from dlcore.backends.declare import existing
from dlcore.backends.numba.compile import compiled


def unary(y, x, op):
    getattr(np, op)(x, out=y)


def binary(y, a, b, op):
    getattr(np, op)(a, b, out=y)


def where(y, condition, a, b):
    np.copyto(y, b)
    np.copyto(y, a, where=condition.astype(bool, copy=False))


_REDUCTIONS = {"sum": np.add, "mean": np.add, "max": np.maximum, "min": np.minimum}


@compiled
def _mean_of_row(y, x, parts):
    y[0] = sum_of(x) / parts


def reduce(y, x, op, axis, keepdims):
    if x.ndim == y.size == 1 and x.dtype.kind == "f" and op in ("sum", "mean"):  # as of the losses
        _mean_of_row(y.reshape(1), x, x.size if op == "mean" else 1)
        return
    # The method of the ufunc spares the layers of Python in np.sum and np.mean.
    _REDUCTIONS[op].reduce(x, axis=axis, keepdims=keepdims, out=y)
    if op == "mean":
        np.divide(y, x.size / max(y.size, 1), out=y)


def matmul(y, a, b):
    np.matmul(a, b, out=y)


def transpose(y, x, axes):
    np.copyto(y, x.transpose(axes))


def gather(y, x, indices):
    # Another mode would make np.take write into a buffer first; all indices are good by now.
    np.take(x, existing(indices, len(x)), axis=0, out=y, mode="clip")


@compiled
def _add_rows(dx, dy, indices):
    clear(dx.reshape(-1))
    for i in range(indices.size):
        row, more = dx[indices[i]], dy[i]
        for j in range(row.size):
            row[j] += more[j]


def scatter_add(dx, dy, indices, size):
    rows = existing(indices, size).reshape(-1)
    _add_rows(dx.reshape(size, -1), dy.reshape(rows.size, -1), rows)


def extract(y, x, starts, sizes):
    np.copyto(y, x[tuple(slice(i, i + n) for i, n in zip(starts, sizes, strict=True))])


def insert(y, x, starts):
    y[tuple(slice(i, i + n) for i, n in zip(starts, x.shape, strict=True))] = x


def where_extreme(y, x, op, axis):
    y[...] = getattr(x, f"arg{op}")(axis)


def cast(y, x):
    np.copyto(y, x, casting="unsafe")
