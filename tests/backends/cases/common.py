"""What the cases of all families draw with."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np

sizes = st.integers(1, 6)
shapes = st.lists(sizes, min_size=0, max_size=3).map(tuple)


def numbers(rng: np.random.Generator, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Numbers of both signs, with some exact zeros, and some far from zero."""
    values = rng.normal(0, 1, shape) * rng.choice([0.0, 1.0, 1.0, 8.0], shape)
    return np.asarray(values, dtype)
