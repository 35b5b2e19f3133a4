"""Random arguments for the updates of optimizers that keep sums of squares."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np

from .common import numbers, shapes

RATES = st.sampled_from([0.001, 0.1, 1.0])
EPSILONS = st.sampled_from([1e-7, 1e-3, 0.5])


def rmsprop_update(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    attributes = {"rho": draw(st.floats(0, 0.99)), "epsilon": draw(EPSILONS)}
    return _given(draw, rng, dtype), attributes


def adagrad_update(draw: Any, rng: np.random.Generator, dtype: Any) -> Any:
    return _given(draw, rng, dtype), {"epsilon": draw(EPSILONS)}


def _given(draw: Any, rng: np.random.Generator, dtype: Any) -> list[np.ndarray]:
    """A weight, the squares that are kept, a gradient and a rate."""
    shape = draw(shapes)
    w, v, dw = (numbers(rng, shape, dtype) for _ in range(3))
    return [w, np.abs(v), dw, np.asarray(draw(RATES), dtype)]
