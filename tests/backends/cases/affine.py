"""Random arguments for the kernels of images: small ones, rotated, translated and flipped."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np

from .common import numbers, sizes


def affine_sample(draw: Any, rng: Any, dtype: Any) -> Any:
    n, height, width, channels = (draw(sizes) for _ in range(4))
    x = numbers(rng, (n, height, width, channels), dtype)
    matrices = np.asarray(rng.normal(size=(n, 6)) * [1, 1, 4, 1, 1, 4], dtype)
    # Some that keep to the pixels: what is seen is then exactly one of them, or half of each.
    whole = rng.integers(0, 2, n).astype(bool)
    matrices[whole] = np.round(2 * matrices[whole]) / 2
    attributes = {
        "interpolation": draw(st.sampled_from(["bilinear", "nearest"])),
        "fill_mode": draw(st.sampled_from(["reflect", "constant", "wrap", "nearest"])),
        "fill_value": draw(st.sampled_from([0.0, 0.5])),
    }
    return [x, matrices], attributes


affine_sample_grad = affine_sample
