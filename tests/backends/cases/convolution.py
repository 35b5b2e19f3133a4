"""Random arguments for the kernels of convolution."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st

from dlcore.backends import KERNELS
from dlcore.backends import numpy as key

from .common import numbers

few = st.integers(1, 3)


def conv2d(draw: Any, rng: Any, dtype: Any) -> Any:
    n, c, f = draw(few), draw(few), draw(few)
    kernel, strides, dilation = ((draw(few), draw(few)) for _ in range(3))
    padding = tuple(draw(st.integers(0, 2)) for _ in range(4))
    # The kernel must fit in at one place; up to four cells are left over.
    least = [dilation[i] * (kernel[i] - 1) + 1 - sum(padding[2 * i : 2 * i + 2]) for i in (0, 1)]
    image = [max(1, size) + draw(st.integers(0, 4)) for size in least]
    inputs = [
        numbers(rng, (n, *image, c), dtype),
        numbers(rng, (*kernel, c, f), dtype),
        numbers(rng, (f,), dtype),
    ]
    return inputs, {"strides": strides, "padding": padding, "dilation": dilation}


conv2d_relu = conv2d


def conv2d_relu_grad(draw: Any, rng: Any, dtype: Any) -> Any:
    (x, w, b), attributes = conv2d(draw, rng, dtype)
    y = key.conv2d_relu(x, w, b, **attributes)
    return [numbers(rng, y.shape, dtype), y, x, w], attributes


def conv2d_grad(draw: Any, rng: Any, dtype: Any) -> Any:
    (x, w, b), attributes = conv2d(draw, rng, dtype)
    (shape,) = KERNELS["conv2d"].output_shapes([x.shape, w.shape, b.shape], attributes)
    return [numbers(rng, shape, dtype), x, w], attributes
