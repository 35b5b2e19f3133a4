"""Precision, recall and F1: hits, false alarms and misses, counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.metrics.metric import Metric, alike
from dlcore.utils.lookup import find, helpful_arguments
from dlcore.utils.targets import as_array


class _Counts(Metric):
    """Counts, for each threshold, of hits, false alarms and misses over all outputs."""

    def __init__(self, thresholds: float | Sequence[float] | None, name: str | None) -> None:
        super().__init__(name)
        self.thresholds = 0.5 if thresholds is None else thresholds
        self._levels = np.atleast_1d(np.asarray(self.thresholds, dtype=np.float64))
        if ((self._levels < 0) | (self._levels > 1)).any():
            raise ValueError(f"thresholds lie in [0, 1], but are {thresholds}; try 0.5.")
        self.reset_state()

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # noqa: D102
        y_true, y_pred = alike(y_true, y_pred)
        if y_pred.size and (y_pred.min() < 0 or y_pred.max() > 1):
            raise ValueError(
                f"{type(self).__name__} takes probabilities from 0 to 1, but the predictions go "
                f"from {y_pred.min():.4g} to {y_pred.max():.4g}; end the model in a sigmoid."
            )
        is_one = y_true.astype(bool)
        said_one = y_pred > self._levels.reshape(-1, *(1,) * y_pred.ndim)
        weights = _weights(sample_weight, y_pred)
        axes = tuple(range(1, said_one.ndim))
        self.true_positives += ((said_one & is_one) * weights).sum(axis=axes)
        self.false_positives += ((said_one & ~is_one) * weights).sum(axis=axes)
        self.false_negatives += ((~said_one & is_one) * weights).sum(axis=axes)

    def reset_state(self) -> None:  # noqa: D102
        self.true_positives = np.zeros(len(self._levels))
        self.false_positives = np.zeros(len(self._levels))
        self.false_negatives = np.zeros(len(self._levels))

    def _share(self, part: np.ndarray, rest: np.ndarray) -> float | np.ndarray:
        share = _divided(part, part + rest)
        return float(share[0]) if np.ndim(self.thresholds) == 0 else share


class Precision(_Counts):
    """Of those called 1, the share that are 1: `hits / (hits + false alarms)`.

    Args:
        thresholds: a prediction must lie above it to count as 1; default 0.5. With a list the
            result is an array, one precision each.
        name: default "precision".
    """

    @helpful_arguments
    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        name: str | None = "precision",
    ) -> None:
        super().__init__(thresholds, name)

    def result(self) -> float | np.ndarray:
        """The precision, 0 when none was called 1."""
        return self._share(self.true_positives, self.false_positives)


class Recall(_Counts):
    """Of those that are 1, the share called 1: `hits / (hits + misses)`.

    Args:
        thresholds: a prediction must lie above it to count as 1; default 0.5. With a list the
            result is an array, one recall each.
        name: default "recall".
    """

    @helpful_arguments
    def __init__(
        self, thresholds: float | Sequence[float] | None = None, name: str | None = "recall"
    ) -> None:
        super().__init__(thresholds, name)

    def result(self) -> float | np.ndarray:
        """The recall, 0 when none is 1."""
        return self._share(self.true_positives, self.false_negatives)


class F1Score(Metric):
    """The harmonic mean of precision and recall: `2 p r / (p + r)`.

    Args:
        average: None (default): one score for each of the k classes; "micro": from the counts of
            all classes together; "macro": the mean of the scores; "weighted": their mean weighted
            by how often each class occurs.
        threshold: a prediction must lie above it to count as 1. Default None: the largest
            prediction of a row counts as 1; for a single output, where that would call every row
            1, None means 0.5.
        name: default "f1_score".
    """

    @helpful_arguments
    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
    ) -> None:
        super().__init__(name)
        if average is not None:
            find(average, {a: a for a in ("micro", "macro", "weighted")}, "average of F1Score")
        if threshold is not None and not 0 < threshold <= 1:
            raise ValueError(f"threshold lies in (0, 1], but is {threshold}; try 0.5.")
        self.average = average
        self.threshold = threshold
        self._counts = np.zeros((3, 1))

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # noqa: D102
        y_pred = as_array(y_pred)
        y_true, y_pred = alike(y_true, y_pred)
        k = y_pred.shape[-1]
        y_true, y_pred = y_true.reshape(-1, k), y_pred.reshape(-1, k)
        is_one = y_true.astype(bool)
        if self.threshold is None and k > 1:
            said_one = (y_pred >= y_pred.max(axis=1, keepdims=True)) & (np.abs(y_pred) > 1e-9)
        else:
            said_one = y_pred > (0.5 if self.threshold is None else self.threshold)
        weights = _weights(sample_weight, y_pred)
        counts = np.stack([said_one & is_one, said_one & ~is_one, ~said_one & is_one])
        self._counts = self._counts + (counts * weights).sum(axis=1)

    def result(self) -> float | np.ndarray:
        """The score: an array (k,), or one number with an average."""
        hits, alarms, misses = self._counts
        if self.average == "micro":
            hits, alarms, misses = hits.sum(), alarms.sum(), misses.sum()
        # 2 p r / (p + r) with p = hits / (hits + alarms) and r = hits / (hits + misses).
        score = _divided(2 * hits, 2 * hits + alarms + misses)
        if self.average == "macro":
            score = score.mean()
        elif self.average == "weighted":
            often = hits + misses
            score = (score * _divided(often, often.sum())).sum()
        return float(score) if self.average else score

    def reset_state(self) -> None:  # noqa: D102
        self._counts = np.zeros((3, 1))


def _weights(sample_weight: Any, y_pred: np.ndarray) -> np.ndarray | float:
    if sample_weight is None:
        return 1.0
    weights = np.asarray(as_array(sample_weight), dtype=np.float64)
    return weights.reshape(weights.shape + (1,) * (y_pred.ndim - weights.ndim))


def _divided(a: Any, b: Any) -> np.ndarray:
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    return np.divide(a, b, out=np.zeros(np.broadcast(a, b).shape), where=b != 0)
