"""Batches that the metrics of an output have not seen yet: they take many in at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.metrics import Metric
from dlcore.tensor import Tensor

# So many numbers of outputs are held back at most.
SIZE = 1 << 14


class Pending:
    """The metrics of an output, with batches that are still held back from them.

    A metric of dlcore gathers over rows, so that it may be given the rows of many batches at once;
    in a training with small batches that saves most of its time. A metric of the user's own gets
    each batch as it comes, and so do all where the outputs bring a mask.

    Args:
        chosen: metrics that leave the weights of the rows aside.
        weighted: metrics that take them into account.
    """

    def __init__(self, chosen: Sequence[Metric], weighted: Sequence[Metric]) -> None:
        self.chosen, self.weighted = chosen, weighted
        self._waits = all(gathers_over_rows(metric) for metric in (*chosen, *weighted))
        self._batches: list[tuple[Any, Any, Any]] = []
        self._size = 0

    def add(self, y: np.ndarray | None, y_pred: Tensor, weights: np.ndarray | None) -> None:
        """Take in a batch, now or later; the arrays may be overwritten afterwards."""
        if y is None or not (self.chosen or self.weighted):
            return
        if not self._waits or y_pred.mask is not None:
            self.flush()
            # Plain arrays, for metrics of one's own in NumPy; a mask needs the tensor it is of.
            self._update(y, y_pred.data if y_pred.mask is None else y_pred, weights)
            return
        values = y_pred.data
        if self._batches and values.shape[1:] != self._batches[0][1].shape[1:]:
            self.flush()
        kept = weights.copy() if weights is not None and self.weighted else None
        self._batches.append((y.copy(), values.copy(), kept))
        self._size += values.size
        if self._size >= SIZE:
            self.flush()

    def flush(self) -> None:
        """Let the metrics take in all that was held back."""
        batches, self._batches, self._size = self._batches, [], 0
        if batches:
            y, y_pred, weights = zip(*batches, strict=True)
            joined = None if weights[0] is None else np.concatenate(weights)
            self._update(np.concatenate(y), np.concatenate(y_pred), joined)

    def forget(self) -> None:
        """Leave out what was held back."""
        self._batches, self._size = [], 0

    def _update(self, y: np.ndarray, y_pred: Any, weights: np.ndarray | None) -> None:
        for metric in self.chosen:
            metric.update_state(y, y_pred)
        for metric in self.weighted:
            metric.update_state(y, y_pred, sample_weight=weights)


def gathers_over_rows(metric: Metric) -> bool:
    """Whether the rows of several batches at once give the metric the same as one by one."""
    parts = type(metric), getattr(metric, "fn", metric)
    return all(str(getattr(part, "__module__", "")).startswith("dlcore.") for part in parts)
