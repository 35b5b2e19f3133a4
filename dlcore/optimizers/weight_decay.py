"""Weights that decay before a step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlcore import backends
from dlcore.engine.variable import Variable


def let_decay(weights: Sequence[np.ndarray], rate: Variable, weight_decay: float) -> None:
    """`w <- w - rate decay w` for each weight (Loshchilov and Hutter 2019, algorithm 2)."""
    decay = np.asarray(weight_decay, rate.dtype)
    share = backends.compute("binary", rate.data, decay, op="multiply")
    for w in weights:
        # Not w (1 - share): in float32 little would be left of a small share.
        loss = backends.compute("binary", w, share, op="multiply")
        backends.call("binary", (w,), (w, loss), {"op": "subtract"})
