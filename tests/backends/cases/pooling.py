"""Random arguments for the kernels of pooling."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np

from dlcore.backends import KERNELS
from dlcore.backends import numpy as key

from .common import numbers

few = st.integers(1, 3)


def max_pool2d(draw: Any, rng: Any, dtype: Any) -> Any:
    x, attributes = _windows(draw)
    # All numbers differ by a tenth and more: where two are equal, the maximum has no slope.
    values = rng.permutation(int(np.prod(x))).reshape(x) - np.prod(x) // 2
    return [np.asarray(values / 10, dtype)], attributes


def max_pool2d_grad(draw: Any, rng: Any, dtype: Any) -> Any:
    shape, attributes = _windows(draw)
    x = numbers(rng, shape, dtype)
    y, argmax = key.max_pool2d(x, **attributes)
    return [numbers(rng, y.shape, dtype), argmax, x], {}


def avg_pool2d(draw: Any, rng: Any, dtype: Any) -> Any:
    shape, attributes = _windows(draw)
    return [numbers(rng, shape, dtype)], attributes


def avg_pool2d_grad(draw: Any, rng: Any, dtype: Any) -> Any:
    (x,), attributes = avg_pool2d(draw, rng, dtype)
    (shape,) = KERNELS["avg_pool2d"].output_shapes([x.shape], attributes)
    return [numbers(rng, shape, dtype), x], attributes


def _windows(draw: Any) -> Any:
    """The shape of an image, and windows that all see a part of it."""
    pool_size, strides = ((draw(few), draw(few)) for _ in range(2))
    # Padding of less than a window, on both sides of an image that is not shorter.
    padding = tuple(draw(st.integers(0, pool_size[i // 2] - 1)) for i in range(4))
    image = [size + draw(st.integers(0, 4)) for size in pool_size]
    shape = (draw(few), *image, draw(few))
    return shape, {"pool_size": pool_size, "strides": strides, "padding": padding}
