"""Random arguments for the rows of a batch and for what is counted of it."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np

from .common import numbers, sizes


def take_rows(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    m, k = draw(sizes), draw(sizes)
    order = rng.permutation(m)
    start = draw(st.integers(0, m - 1))
    return [numbers(rng, (m, k), dtype), order, np.asarray(start)], {
        "rows": draw(st.integers(1, m - start))
    }


def put_rows(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    m, k = draw(sizes), draw(sizes)
    start = draw(st.integers(0, m - 1))
    rows = draw(st.integers(1, m - start))
    return [numbers(rng, (m, k), dtype), numbers(rng, (rows, k), dtype), np.asarray(start)], {}


def binary_accuracy(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    shape = draw(sizes), draw(sizes)
    threshold = draw(st.sampled_from([0.5, 0.0, 0.3]))
    y = rng.choice([0.0, 0.3, 0.5, 0.7, np.nan], shape).astype(dtype)
    return [y, rng.integers(0, 2, shape).astype(dtype)], {"threshold": threshold}


def categorical_accuracy(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    y = _scores(draw, rng, dtype)
    return [y, np.eye(y.shape[1], dtype=dtype)[rng.integers(0, y.shape[1], len(y))]], {}


def sparse_categorical_accuracy(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    y = _scores(draw, rng, dtype)
    return [y, rng.integers(0, y.shape[1], len(y))], {}


def add_to_mean(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    n = draw(sizes)
    state = np.abs(numbers(rng, (2,), dtype))
    return [state, numbers(rng, (n,), dtype), np.abs(numbers(rng, (n,), dtype))], {}


def note_loss(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    steps = draw(st.integers(0, 5))
    first = draw(st.integers(0, steps))
    loss = draw(st.sampled_from([0.0, -2.5, np.nan, np.inf, -np.inf]))
    return [np.array([steps, first]), np.asarray(loss, dtype)], {}


def _scores(draw: Any, rng: np.random.Generator, dtype: Any) -> np.ndarray:
    """Scores with some that are equal, and with some that are no numbers."""
    shape = draw(sizes), draw(sizes)
    choices = [-1.0, 0.0, 0.5, 1.0, np.nan] if draw(st.booleans()) else [-1.0, 0.5, 1.0]
    return rng.choice(choices, shape).astype(dtype)
