"""The area under the ROC or the precision-recall curve, over all thresholds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlcore.engine.tensor import TensorLike
from dlcore.metrics.confusion_metrics import (
    divided,
    in_columns,
    refuse_scores,
    weight_of_each,
    zeros_and_ones,
)
from dlcore.metrics.metric import Metric, weights_of
from dlcore.utils.lookup import find, helpful_arguments

_CURVES = {"roc": "ROC", "ROC": "ROC", "pr": "PR", "PR": "PR"}
_METHODS = {
    spelling: name
    for name in ("interpolation", "minoring", "majoring")
    for spelling in (name, name.capitalize())
}
_METHOD = "summation_method of AUC"
_MEND = "end the model in a sigmoid, or take AUC(from_logits=True)"


class AUC(Metric):
    """The area under the ROC curve, or under that of precision and recall.

        metric = AUC()
        metric.update_state([[0], [0], [1], [1]], [[0.1], [0.6], [0.4], [0.9]])
        metric.result()   # 0.75

    The ROC area is the probability that a row that is 1 is given a larger prediction than a row
    that is 0: 0.5 for guesses, 1 for a perfect order. It is taken from points of the curve at
    some thresholds. Between points of the PR curve, "interpolation" follows the true and
    false positives, not the curve (Davis and Goadrich 2006, "The Relationship Between
    Precision-Recall and ROC Curves").

    Args:
        num_thresholds: how many points of the curve there are; default 200.
        curve: "ROC" (default) or "PR".
        summation_method: "interpolation" (default); "minoring" or "majoring": the lower or the
            upper of two neighbouring points stands for the curve between them.
        name: default "auc".
        dtype: taken for code that sets it; the counts are held in float64.
        thresholds: those between 0 and 1, if they are not to be even; num_thresholds then does
            not matter.
        multi_label: whether each of the k outputs has a curve of its own, and the result is the
            mean of their areas; default False: one curve for all outputs together.
        num_labels: k, for code that sets it; it is seen from the first batch.
        label_weights: `(k,)`, weights of the outputs; default: all alike.
        from_logits: whether the outputs are raw scores, without a last sigmoid.

    Raises:
        ValueError: if there is no such curve or method, or a threshold is outside of [0, 1].
    """

    direction = "up"
    _positive: np.ndarray
    _negative: np.ndarray

    @helpful_arguments
    def __init__(
        self,
        num_thresholds: int = 200,
        curve: str = "ROC",
        summation_method: str = "interpolation",
        name: str | None = "auc",
        dtype: str | None = None,
        thresholds: Sequence[float] | None = None,
        multi_label: bool = False,
        num_labels: int | None = None,
        label_weights: Sequence[float] | None = None,
        from_logits: bool = False,
    ) -> None:
        super().__init__(dtype, name)
        if thresholds is None and num_thresholds < 2:
            raise ValueError(f"num_thresholds is at least 2, but is {num_thresholds}; try 200.")
        inner = np.arange(1, num_thresholds - 1) / (num_thresholds - 1)
        if thresholds is not None:
            inner = np.sort(np.asarray(thresholds, dtype=np.float64))
            if ((inner < 0) | (inner > 1)).any():
                raise ValueError(f"thresholds lie in [0, 1], but are {thresholds}.")
        self.num_thresholds = num_thresholds if thresholds is None else len(inner) + 2
        self.curve = find(str(curve), _CURVES, "curve of AUC")
        self.summation_method = find(str(summation_method), _METHODS, _METHOD)
        self.thresholds = thresholds
        self.multi_label = multi_label
        self.num_labels = num_labels
        self.label_weights = label_weights
        self.from_logits = from_logits
        # The ends lie a little outside, so that 0 counts as above the first and 1 below the last.
        self._levels = np.array([-1e-7, *inner, 1 + 1e-7])
        self.reset_state()

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        """Take in a batch.

        Args:
            y_true: targets 0 or 1, `(..., k)`, or `(...)` where k is 1; or class numbers `(...)`,
                which count as one-hot rows.
            y_pred: probabilities `(..., k)`, or scores with from_logits.
            sample_weight: `(n,)`, `(n, steps)` or one for each output; None for none.

        Raises:
            ValueError: if the shapes do not fit, or targets or predictions are of another kind.
        """
        weights = weights_of(sample_weight, y_pred)
        y_true, y_pred = in_columns(y_true, y_pred, "AUC")
        is_one = zeros_and_ones(y_true, "AUC")
        if y_pred.dtype.kind != "f":
            y_pred = y_pred.astype(np.float64)
        if self.from_logits:
            y_pred = 0.5 * (1 + np.tanh(0.5 * y_pred))
        refuse_scores(y_pred, "AUC", _MEND)
        weights = weight_of_each(weights, y_pred.shape)
        k = y_pred.shape[-1]
        if self.label_weights is not None:
            given = np.asarray(self.label_weights, dtype=np.float64)
            if given.shape != (k,):
                raise ValueError(
                    f"label_weights of AUC has shape {given.shape}, but the outputs have shape "
                    f"{y_pred.shape}; give {k} weights."
                )
            weights = weights if self.multi_label else weights * given
        columns = k if self.multi_label else 1
        # How many thresholds lie below each prediction; above those it does not count as 1.
        below = np.searchsorted(self._levels.astype(y_pred.dtype), y_pred.clip(0, 1), side="left")
        self._positive = self._positive + self._counted(below, weights * is_one, columns)
        self._negative = self._negative + self._counted(below, weights * ~is_one, columns)

    def result(self) -> float:
        """The area, 0 when one of the kinds never occurred."""
        tp, fp = self._above(self._positive), self._above(self._negative)
        fn, tn = tp[0] - tp, fp[0] - fp
        if self.curve == "PR" and self.summation_method == "interpolation":
            pieces = _interpolated(tp, fp, fn)
        else:
            recall = divided(tp, tp + fn)
            if self.curve == "ROC":
                x, y = divided(fp, fp + tn), recall
            else:
                x, y = recall, divided(tp, tp + fp)
            left, right = y[:-1], y[1:]
            heights = {
                "interpolation": (left + right) / 2,
                "minoring": np.minimum(left, right),
                "majoring": np.maximum(left, right),
            }
            pieces = (x[:-1] - x[1:]) * heights[self.summation_method]
        areas = pieces.sum(axis=0)
        if self.multi_label and self.label_weights is not None:
            weights = np.asarray(self.label_weights, dtype=np.float64)
            return float(divided((areas * weights).sum(), weights.sum()))
        return float(areas.mean())

    def reset_state(self) -> None:  # noqa: D102
        # How much weight has i thresholds below it; a column for each curve.
        self._positive = np.zeros((len(self._levels) + 1, 1))
        self._negative = np.zeros((len(self._levels) + 1, 1))

    def _counted(self, below: np.ndarray, weights: np.ndarray, columns: int) -> np.ndarray:
        size = len(self._levels) + 1
        place = below.reshape(-1, columns) * columns + np.arange(columns)
        counts = np.bincount(place.reshape(-1), weights.reshape(-1), minlength=size * columns)
        return counts.reshape(size, columns)

    def _above(self, counts: np.ndarray) -> np.ndarray:
        """The weight of what lies above each threshold."""
        return counts[::-1].cumsum(axis=0)[::-1][1:]


def _interpolated(tp: np.ndarray, fp: np.ndarray, fn: np.ndarray) -> np.ndarray:
    """Areas under the PR curve between neighbouring thresholds, TP being a line of all positives.

    With h of c positives true, and h = a + s c between two points, precision is s + a / c and the
    area, an integral over recall, is s (dh + a log(c1 / c2)) / ones.
    """
    predicted = tp + fp
    more_tp, more_predicted = tp[:-1] - tp[1:], predicted[:-1] - predicted[1:]
    slope = divided(more_tp, np.maximum(more_predicted, 0))
    offset = tp[1:] - slope * predicted[1:]
    both = (predicted[:-1] > 0) & (predicted[1:] > 0)
    ratio = np.where(both, divided(predicted[:-1], predicted[1:]), 1.0)
    return divided(slope * (more_tp + offset * np.log(ratio)), tp[1:] + fn[1:])
