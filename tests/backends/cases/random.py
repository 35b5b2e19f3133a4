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
