"""Arguments for the kernel of random numbers."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import numpy as np

from .common import shapes


def random_uniform(draw: Any, rng: Any, dtype: Any) -> Any:
    whole = st.integers(0, 2**63 - 1)
    key = [np.asarray(draw(s)) for s in (whole, st.integers(0, 2**32 - 1), whole)]
    return key, {"shape": draw(shapes)}


def dropout(draw: Any, rng: Any, dtype: Any) -> Any:
    shape = draw(shapes)
    x = np.asarray(rng.normal(size=shape), dtype)
    rate = draw(st.sampled_from([0.0, 0.1, 0.3, 0.5, 0.7, 1.0]) | st.floats(0, 1, width=32))
    u = np.asarray(rng.random(shape, np.float32), dtype)
    # The rate itself is kept: only what lies below it is left out.
    u[rng.random(shape) < 0.2] = np.float32(min(rate, 1 - 2.0**-24))
    return [x, u], {"rate": rate}
