"""Gradients by central differences, for operations and layers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlcore.engine import ops
from dlcore.tensor import Tensor, gradients


def distinct(rng: np.random.Generator, shape: Sequence[int]) -> np.ndarray:
    """Numbers of both signs that differ by at least 0.1: where two are equal, max has no slope."""
    size = int(np.prod(shape))
    return (rng.permutation(size) - size // 2 + 0.3).reshape(shape) / 10


def check_gradients(function: Callable[..., Tensor], arrays: Sequence[np.ndarray]) -> None:
    """Compare the gradients of a function of float64 arrays, to each of them, with differences."""
    inputs = [Tensor(array.copy(), requires_grad=True) for array in arrays]
    y = function(*inputs)
    upstream = np.random.default_rng(7).normal(size=y.shape)
    found = gradients(ops.sum(y * upstream), inputs)
    for place, dx in enumerate(found):
        expected = _differences(
            lambda x, place=place: _total(function, upstream, arrays, place, x), arrays[place]
        )
        scale = max(1.0, float(np.abs(expected).max(initial=0)))
        np.testing.assert_allclose(dx, expected, rtol=0, atol=2e-6 * scale)


def _total(function: Any, upstream: Any, arrays: Any, place: int, x: np.ndarray) -> float:
    changed = [*arrays[:place], x, *arrays[place + 1 :]]
    return float((function(*map(Tensor, changed)).data * upstream).sum())


def _differences(function: Callable[[np.ndarray], float], x: np.ndarray) -> np.ndarray:
    slope = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += 1e-6
        down[i] -= 1e-6
        slope[i] = (function(up) - function(down)) / 2e-6
    return slope
