"""Weight decay: weights lose a share of themselves before each step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlcore.backends import call, compute


def decay_in_place(weights: Sequence[np.ndarray], rate: np.ndarray, decay: float) -> None:
    """`w <- w - rate decay w` for each of the arrays (Loshchilov and Hutter 2019, algorithm 2).

    Args:
        weights: arrays of any shapes.
        rate: the learning rate, an array of no axes.
        decay: the share for a rate of 1.
    """
    share = compute("binary", rate, np.asarray(decay, rate.dtype), op="multiply")
    for w in weights:
        # Not w (1 - share): in float32 little would be left of a small share.
        loss = compute("binary", w, share, op="multiply")
        call("binary", (w,), (w, loss), {"op": "subtract"})
