"""Precision and recall: true positives, false positives and false negatives, counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.engine.tensor import TensorLike
from dlcore.metrics.accuracy_metrics import at_least_one
from dlcore.metrics.metric import Metric, alike, weights_of
from dlcore.utils.lookup import helpful_arguments
from dlcore.utils.targets import as_array, class_numbers, lacks_classes

_BELOW_ALL = -1e10


class _Counts(Metric):
    """Counts, for each threshold, of true and false positives and of false negatives."""

    direction = "up"

    @helpful_arguments
    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        top_k: int | None = None,
        class_id: int | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(dtype, name)
        self.thresholds = thresholds
        self.top_k = None if top_k is None else at_least_one(top_k, "top_k")
        self.class_id = class_id
        default = 0.5 if top_k is None else _BELOW_ALL
        self._levels = np.atleast_1d(default if thresholds is None else thresholds).astype(float)
        if thresholds is not None and ((self._levels < 0) | (self._levels > 1)).any():
            raise ValueError(f"thresholds lie in [0, 1], but are {thresholds}; try 0.5.")
        self.reset_state()

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        """Take in a batch.

        Args:
            y_true: targets 0 or 1, `(..., k)`, or `(...)` where k is 1; or class numbers `(...)`,
                which count as one-hot rows.
            y_pred: probabilities `(..., k)`; with top_k and no thresholds any scores.
            sample_weight: `(n,)`, `(n, steps)` or one for each output; None for none.

        Raises:
            ValueError: if the shapes do not fit, or targets or predictions are of another kind.
        """
        weights = weights_of(sample_weight, y_pred)
        y_true, y_pred = in_columns(y_true, y_pred, type(self).__name__)
        if self.top_k is None or self.thresholds is not None:
            refuse_scores(y_pred, type(self).__name__)
        is_one = zeros_and_ones(y_true, type(self).__name__)
        weights = weight_of_each(weights, y_pred.shape)
        # In the dtype of the predictions: 0.3 is not above 0.3.
        levels = self._levels.astype(y_pred.dtype if y_pred.dtype.kind == "f" else float)
        said_one = y_pred > levels.reshape(-1, *(1,) * y_pred.ndim)
        if self.top_k is not None:
            said_one &= _among_the_largest(y_pred, self.top_k)
        if self.class_id is not None:
            if not 0 <= self.class_id < y_pred.shape[-1]:
                raise ValueError(
                    f"class_id goes from 0 to {y_pred.shape[-1] - 1} for outputs of shape "
                    f"{y_pred.shape}, but is {self.class_id}."
                )
            said_one, is_one = said_one[..., self.class_id], is_one[..., self.class_id]
            weights = weights[..., self.class_id]
        axes = tuple(range(1, said_one.ndim))
        self.true_positives += ((said_one & is_one) * weights).sum(axis=axes)
        self.false_positives += ((said_one & ~is_one) * weights).sum(axis=axes)
        self.false_negatives += ((~said_one & is_one) * weights).sum(axis=axes)

    def reset_state(self) -> None:  # noqa: D102
        self.true_positives = np.zeros(len(self._levels))
        self.false_positives = np.zeros(len(self._levels))
        self.false_negatives = np.zeros(len(self._levels))

    def _fraction(self, rest: np.ndarray) -> float | np.ndarray:
        fraction = divided(self.true_positives, self.true_positives + rest)
        return float(fraction[0]) if len(fraction) == 1 else fraction


class Precision(_Counts):
    """Of those predicted as 1, the fraction that are 1: `TP / (TP + FP)`.

        metric = Precision()
        metric.update_state([[1], [0], [1]], [[0.9], [0.6], [0.2]])
        metric.result()   # 0.5

    Args:
        thresholds: a prediction must lie above it to count as 1; default 0.5. With a list the
            result is an array, one precision each.
        top_k: if given, only the k largest predictions of a row can count as 1, and without
            thresholds all of them do.
        class_id: if given, only this output is looked at.
        name: default "precision".
        dtype: taken for code that sets it; the counts are held in float64.

    Raises:
        ValueError: if a threshold is outside of [0, 1], or top_k is below 1.
    """

    def result(self) -> float | np.ndarray:
        """The precision, 0 when none was predicted as 1."""
        return self._fraction(self.false_positives)


class Recall(_Counts):
    """Of those that are 1, the fraction predicted as 1: `TP / (TP + FN)`.

        metric = Recall()
        metric.update_state([[1], [0], [1]], [[0.9], [0.6], [0.7]])
        metric.result()   # 1.0

    Args:
        thresholds: a prediction must lie above it to count as 1; default 0.5. With a list the
            result is an array, one recall each.
        top_k: if given, only the k largest predictions of a row can count as 1, and without
            thresholds all of them do.
        class_id: if given, only this output is looked at.
        name: default "recall".
        dtype: taken for code that sets it; the counts are held in float64.

    Raises:
        ValueError: if a threshold is outside of [0, 1], or top_k is below 1.
    """

    def result(self) -> float | np.ndarray:
        """The recall, 0 when none is 1."""
        return self._fraction(self.false_negatives)


def in_columns(y_true: TensorLike, y_pred: TensorLike, who: str) -> tuple[np.ndarray, np.ndarray]:
    """Targets and predictions in one shape, class numbers for several outputs as one-hot rows.

    Raises:
        ValueError: if the shapes do not fit, or there is no such class.
    """
    y_true, y_pred = as_array(y_true), as_array(y_pred)
    if lacks_classes(y_true.shape, y_pred.shape):
        labels = class_numbers(y_true.reshape(y_pred.shape[:-1]), y_pred.shape[-1])
        y_true = labels[..., None] == np.arange(y_pred.shape[-1])
    return alike(y_true, y_pred, who)


def zeros_and_ones(y_true: np.ndarray, who: str) -> np.ndarray:
    """Targets as booleans.

    Raises:
        ValueError: if one is below 0 or above 1.
    """
    if y_true.size and (y_true.min() < 0 or y_true.max() > 1):
        signs = y_true.min() == -1 and y_true.max() == 1
        mend = "write y = (y + 1) / 2" if signs else "make class numbers one-hot rows"
        raise ValueError(
            f"{who} takes targets 0 and 1, but these go from {y_true.min():g} to "
            f"{y_true.max():g}; {mend}."
        )
    return y_true.astype(bool)


def refuse_scores(y_pred: np.ndarray, who: str, mend: str = "end the model in a sigmoid") -> None:
    """Raise a ValueError if predictions are not probabilities."""
    # Sums of probabilities in float32 may exceed 1 by rounding.
    if y_pred.size and (y_pred.min() < -1e-6 or y_pred.max() > 1 + 1e-6):
        raise ValueError(
            f"{who} takes probabilities from 0 to 1, but the predictions go from "
            f"{y_pred.min():.4g} to {y_pred.max():.4g}; {mend}."
        )


def weight_of_each(weights: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    """Weights in the shape of the predictions: one a row counts for all outputs of the row.

    Raises:
        ValueError: if they do not fit; it names both shapes.
    """
    if weights is None:
        return np.ones(shape)
    if weights.ndim == len(shape) + 1 and weights.shape[-1] == 1:
        weights = weights[..., 0]
    if weights.ndim > len(shape) or not all(
        a in (b, 1) for a, b in zip(weights.shape, shape, strict=False)
    ):
        raise ValueError(
            f"The predictions have shape {shape}, but sample_weight has shape {weights.shape}; "
            "give one weight a row, (n,), or for sequences one a step, (n, steps)."
        )
    weights = weights.reshape(weights.shape + (1,) * (len(shape) - weights.ndim))
    return np.broadcast_to(weights, shape)


def divided(a: Any, b: Any) -> np.ndarray:
    """Quotients, 0 where b is 0."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    return np.divide(a, b, out=np.zeros(np.broadcast(a, b).shape), where=b != 0)


def _among_the_largest(y_pred: np.ndarray, k: int) -> np.ndarray:
    """Which predictions are among the k largest of their row; of equal ones the first count."""
    order = np.argsort(-y_pred, axis=-1, kind="stable")[..., :k]
    chosen = np.zeros(y_pred.shape, bool)
    np.put_along_axis(chosen, order, True, axis=-1)
    return chosen
