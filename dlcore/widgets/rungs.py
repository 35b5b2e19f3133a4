"""Lesson 12: one product y = a b, done in ways that differ only in how long they take."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcore.engine import ops
from dlcore.engine.program import Program
from dlcore.engine.tensor import Tensor

Array = np.ndarray
Product = Callable[[], Any]

LISTS, ARRAYS, ROWS = "loops over lists", "loops over arrays", "row by row"
BY_CELLS, BY_ROWS = "compiled, by cells", "compiled, by rows"
NUMPY, EAGER, REPLAYED = "NumPy's @", "@ in the engine", "@ replayed"
FIRST = "compiled, 1st call"


@dataclass(frozen=True)
class Rung:
    """One way to do the product.

    Args:
        name: what it is called.
        start: from a [n, k] and b [k, m], both float32, to a function that does the product. What
            is done only once, such as making lists of arrays, is done in it.
        by_rows: whether its time grows with the rows of a, so that a few of them tell it.
        cold: whether only the first call counts.
    """

    name: str
    start: Callable[[Array, Array], Product]
    by_rows: bool = False
    cold: bool = False


def loops_over_lists(a: list[list[float]], b: list[list[float]]) -> list[list[float]]:
    """The product of two lists of rows, number by number."""
    y = [[0.0] * len(b[0]) for _ in a]
    for i in range(len(a)):
        for j in range(len(b[0])):
            for p in range(len(b)):
                y[i][j] += a[i][p] * b[p][j]
    return y


def by_cells(a: Array, b: Array) -> Array:
    """The product with the loops in the order row, column, sum: a cell of y is done at a time."""
    (n, k), m = a.shape, b.shape[1]
    y = np.zeros((n, m), a.dtype)
    for i in range(n):
        for j in range(m):
            for p in range(k):
                y[i, j] += a[i, p] * b[p, j]
    return y


def by_rows(a: Array, b: Array) -> Array:
    """The product with the loops in the order row, sum, column: along the rows of b and y."""
    (n, k), m = a.shape, b.shape[1]
    y = np.zeros((n, m), a.dtype)
    for i in range(n):
        for p in range(k):
            for j in range(m):
                y[i, j] += a[i, p] * b[p, j]
    return y


def row_by_row(a: Array, b: Array) -> Array:
    """The product with a loop over the rows of a; NumPy does the rest of each."""
    y = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for i in range(a.shape[0]):
        y[i] = (a[i][:, None] * b).sum(axis=0)
    return y


def freshly_compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function for Numba to compile: its first call with arrays of a type does it."""
    import numba

    compiled: Callable[..., Any] = numba.njit(function)
    return compiled


_compiled = functools.cache(freshly_compiled)


def _replayed(a: Array, b: Array) -> Product:
    one, other = Tensor(a), Tensor(b)
    program = Program(lambda: ops.matmul(one, other))
    for _ in range(2):  # recorded twice; the third runs from the list
        program.run()
    return program.run


def _eager(a: Array, b: Array) -> Product:
    one, other = Tensor(a), Tensor(b)
    return lambda: ops.matmul(one, other)


def _over_lists(a: Array, b: Array) -> Product:
    return functools.partial(loops_over_lists, a.tolist(), b.tolist())


RUNGS = (
    Rung(ARRAYS, lambda a, b: functools.partial(by_cells, a, b), by_rows=True),
    Rung(LISTS, _over_lists, by_rows=True),
    Rung(ROWS, lambda a, b: functools.partial(row_by_row, a, b), by_rows=True),
    Rung(BY_CELLS, lambda a, b: functools.partial(_compiled(by_cells), a, b)),
    Rung(BY_ROWS, lambda a, b: functools.partial(_compiled(by_rows), a, b)),
    Rung(NUMPY, lambda a, b: functools.partial(np.matmul, a, b)),
    Rung(EAGER, _eager),
    Rung(REPLAYED, _replayed),
    Rung(FIRST, lambda a, b: functools.partial(freshly_compiled(by_rows), a, b), cold=True),
)
"""From the lowest to the highest; the last is the first call of a compiled function."""
