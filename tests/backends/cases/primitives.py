"""Random arguments for the generic primitives."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np

from .common import numbers, shapes, sizes

UNARY = (
    "exp",
    "expm1",
    "log",
    "log1p",
    "sqrt",
    "square",
    "abs",
    "sign",
    "negative",
    "sin",
    "cos",
    "floor",
    "ceil",
    "rint",
)
BINARY = (
    "add",
    "subtract",
    "multiply",
    "divide",
    "maximum",
    "minimum",
    "power",
    "greater",
    "greater_equal",
    "less_equal",
    "equal",
)


def unary(draw: Any, rng: Any, dtype: Any) -> Any:
    op = draw(st.sampled_from(UNARY))
    x = numbers(rng, draw(shapes), dtype)
    return [np.abs(x) + np.asarray(0.1, dtype) if op in ("log", "log1p", "sqrt") else x], {"op": op}


def _pairs(draw: Any) -> list[tuple[int, ...]]:
    """Shapes that broadcast together: a shape, and it with axes left out or of size one."""
    shape = draw(shapes)
    both = []
    for _ in range(2):
        kept = draw(st.integers(0, len(shape)))
        both.append(tuple(draw(st.sampled_from([1, n])) for n in shape[len(shape) - kept :]))
    return both


def binary(draw: Any, rng: Any, dtype: Any) -> Any:
    op = draw(st.sampled_from(BINARY))
    a, b = (numbers(rng, shape, dtype) for shape in _pairs(draw))
    if op == "divide":
        b = np.where(b == 0, 1, b).astype(dtype)
    if op == "power":
        a = np.abs(a) + np.asarray(0.1, dtype)
    return [a, b], {"op": op}


def where(draw: Any, rng: Any, dtype: Any) -> Any:
    first, second = _pairs(draw)
    condition = np.asarray(rng.integers(0, 2, first), dtype)
    return [condition, numbers(rng, second, dtype), numbers(rng, first, dtype)], {}


def reduce(draw: Any, rng: Any, dtype: Any) -> Any:
    x = numbers(rng, draw(st.lists(sizes, min_size=1, max_size=3).map(tuple)), dtype)
    axis = draw(st.sets(st.integers(0, x.ndim - 1), min_size=1))
    op = draw(st.sampled_from(["sum", "mean", "max", "min"]))
    return [x], {"op": op, "axis": tuple(sorted(axis)), "keepdims": draw(st.booleans())}


def matmul(draw: Any, rng: Any, dtype: Any) -> Any:
    n, i, o = draw(sizes), draw(sizes), draw(sizes)
    first, second = _pairs(draw)
    return [numbers(rng, (*first, n, i), dtype), numbers(rng, (*second, i, o), dtype)], {}


def transpose(draw: Any, rng: Any, dtype: Any) -> Any:
    x = numbers(rng, draw(st.lists(sizes, min_size=1, max_size=4).map(tuple)), dtype)
    return [x], {"axes": tuple(draw(st.permutations(range(x.ndim))))}


def gather(draw: Any, rng: Any, dtype: Any) -> Any:
    x = numbers(rng, (draw(sizes), *draw(shapes)), dtype)
    return [x, rng.integers(0, len(x), draw(shapes))], {}


def scatter_add(draw: Any, rng: Any, dtype: Any) -> Any:
    indices, row, size = draw(shapes), draw(shapes), draw(sizes)
    dy = numbers(rng, (*indices, *row), dtype)
    return [dy, rng.integers(0, size, indices)], {"size": size}


def _box(draw: Any) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """A shape, a box in it by where it starts, and the sizes of the box."""
    shape = draw(st.lists(sizes, min_size=1, max_size=3).map(tuple))
    starts = tuple(draw(st.integers(0, n)) for n in shape)
    return (
        shape,
        starts,
        tuple(draw(st.integers(0, n - i)) for n, i in zip(shape, starts, strict=True)),
    )


def extract(draw: Any, rng: Any, dtype: Any) -> Any:
    shape, starts, box = _box(draw)
    return [numbers(rng, shape, dtype)], {"starts": starts, "sizes": box}


def insert(draw: Any, rng: Any, dtype: Any) -> Any:
    shape, starts, box = _box(draw)
    return [numbers(rng, shape, dtype), numbers(rng, box, dtype)], {"starts": starts}


def where_extreme(draw: Any, rng: Any, dtype: Any) -> Any:
    x = numbers(rng, draw(st.lists(sizes, min_size=1, max_size=3).map(tuple)), dtype)
    op = draw(st.sampled_from(["max", "min"]))
    return [x], {"op": op, "axis": draw(st.integers(0, x.ndim - 1))}
