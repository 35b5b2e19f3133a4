"""Random arguments for the kernels of normalisation."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np

from .common import numbers, sizes


def batch_norm_grad(draw: Any, rng: Any, dtype: Any) -> Any:
    return _grad(draw, rng, dtype, statistics_of=1)


def layer_norm_grad(draw: Any, rng: Any, dtype: Any) -> Any:
    return _grad(draw, rng, dtype, statistics_of=0)


def _grad(draw: Any, rng: Any, dtype: Any, statistics_of: int) -> Any:
    shape = draw(sizes), draw(sizes)
    dy, x = numbers(rng, shape, dtype), numbers(rng, shape, dtype)
    mean = numbers(rng, shape[statistics_of], dtype)
    variance = np.abs(numbers(rng, shape[statistics_of], dtype))
    epsilon = draw(st.sampled_from([1e-3, 0.1]))
    return [dy, x, numbers(rng, shape[1], dtype), mean, variance], {"epsilon": epsilon}
