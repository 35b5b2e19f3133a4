"""How the metrics of an output take a batch in: by kernels in the step, or after some batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.metrics import Metric
from dlcore.program import after_step
from dlcore.tensor import Tensor

# So many numbers of outputs are held back at most.
SIZE = 1 << 14

# Metrics that leave the weights of the rows aside, and others that do not.
Rest = tuple[Sequence[Metric], Sequence[Metric]]


class Pending:
    """The metrics of an output, with batches that are still held back from some of them.

    What kernels alone can reckon is a part of the step, and replayed with it. The others are given
    their batches after the step.

    A metric of dlcore gathers over rows, so that it may be given the rows of many batches at once;
    in a training with small batches that saves most of its time. A metric of the user's own gets
    each batch as it comes, and so do all where the outputs bring a mask.

    Args:
        chosen: metrics that leave the weights of the rows aside.
        weighted: metrics that take them into account.
    """

    def __init__(self, chosen: Sequence[Metric], weighted: Sequence[Metric]) -> None:
        self.chosen, self.weighted = chosen, weighted
        self._rest: Rest = (), ()
        self._batches: list[tuple[Any, Any, Any]] = []
        self._size = 0

    def add(self, y: np.ndarray | None, y_pred: Tensor, weights: np.ndarray | None) -> None:
        """Let the metrics take in a batch.

        Those that kernels alone can reckon do it as a part of the step, the others after it: it
        depends on the shapes who they are.
        """
        if y is None:
            return
        others: tuple[list[Metric], list[Metric]] = [], []
        alike = y_pred.mask is None and (weights is None or weights.shape == (len(y),))
        both = (self.chosen, None, others[0]), (self.weighted, weights, others[1])
        for metrics, given, left in both:
            for metric in metrics:
                if alike and getattr(metric, "in_kernels", False) and gathers_over_rows(metric):
                    metric.add_rows(y, y_pred.data, given)  # type: ignore[attr-defined]
                else:
                    left.append(metric)
        if any(others):
            after_step(self._add_to, others, y, y_pred, weights)

    def _add_to(
        self, rest: Rest, y: np.ndarray, y_pred: Tensor, weights: np.ndarray | None
    ) -> None:
        """Let metrics take in a batch, now or later; it may be overwritten afterwards."""
        if rest != self._rest:
            self.flush()
        self._rest = rest
        waits = all(gathers_over_rows(metric) for metrics in rest for metric in metrics)
        if not waits or y_pred.mask is not None:
            self.flush()
            # Plain arrays, for metrics of one's own in NumPy; a mask needs the tensor it is of.
            self._update(y, y_pred.data if y_pred.mask is None else y_pred, weights)
            return
        values = y_pred.data
        if self._batches and values.shape[1:] != self._batches[0][1].shape[1:]:
            self.flush()
        kept = weights.copy() if weights is not None and rest[1] else None
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
        chosen, weighted = self._rest
        for metric in chosen:
            metric.update_state(y, y_pred)
        for metric in weighted:
            metric.update_state(y, y_pred, sample_weight=weights)


def gathers_over_rows(metric: Metric) -> bool:
    """Whether the rows of several batches at once give the metric the same as one by one."""
    parts = type(metric), getattr(metric, "fn", metric)
    return all(str(getattr(part, "__module__", "")).startswith("dlcore.") for part in parts)
