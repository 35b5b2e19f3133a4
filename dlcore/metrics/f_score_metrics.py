"""The F1 score: precision and recall in one number."""

from __future__ import annotations

import numpy as np

from dlcore.engine.tensor import TensorLike
from dlcore.metrics.confusion_metrics import divided, in_columns, weight_of_each, zeros_and_ones
from dlcore.metrics.metric import Metric, weights_of
from dlcore.utils.lookup import helpful_arguments, one_of


class F1Score(Metric):
    """The harmonic mean of precision and recall: `2 p r / (p + r)`.

        metric = F1Score(threshold=0.5)
        metric.update_state([[1], [0], [1]], [[0.9], [0.6], [0.2]])
        metric.result()   # [0.5]

    Args:
        average: None (default): one score for each of the k classes; "micro": from the counts of
            all classes together; "macro": the mean of the scores; "weighted": their mean weighted
            by how often each class occurs.
        threshold: a prediction must lie above it to count as 1. Default None: the largest
            prediction of a row counts as 1; for a single output, where that would call every row
            1, None means 0.5.
        name: default "f1_score".
        dtype: taken for code that sets it; the counts are held in float64.

    Raises:
        ValueError: if there is no such average, or the threshold is outside of (0, 1].
    """

    direction = "up"
    _counts: np.ndarray

    @helpful_arguments
    def __init__(
        self,
        average: str | None = None,
        threshold: float | None = None,
        name: str | None = "f1_score",
        dtype: str | None = None,
    ) -> None:
        super().__init__(dtype, name)
        if average is not None:
            one_of(average, ("micro", "macro", "weighted"), "average of F1Score")
        if threshold is not None and not 0 < threshold <= 1:
            raise ValueError(f"threshold lies in (0, 1], but is {threshold}; try 0.5.")
        self.average = average
        self.threshold = threshold
        self.reset_state()

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        """Take in a batch.

        Args:
            y_true: targets 0 or 1, `(..., k)`, or `(...)` where k is 1; or class numbers `(...)`,
                which count as one-hot rows.
            y_pred: probabilities `(..., k)`.
            sample_weight: `(n,)` or `(n, steps)`; None for none.
        """
        weights = weights_of(sample_weight, y_pred)
        y_true, y_pred = in_columns(y_true, y_pred, "F1Score")
        is_one = zeros_and_ones(y_true, "F1Score")
        if self.threshold is None and y_pred.shape[-1] > 1:
            said_one = (y_pred >= y_pred.max(axis=-1, keepdims=True)) & (np.abs(y_pred) > 1e-9)
        else:
            said_one = y_pred > (0.5 if self.threshold is None else self.threshold)
        counts = np.stack([said_one & is_one, said_one & ~is_one, ~said_one & is_one])
        weighted = counts * weight_of_each(weights, y_pred.shape)
        self._counts = self._counts + weighted.reshape(3, -1, y_pred.shape[-1]).sum(axis=1)

    def result(self) -> float | np.ndarray:
        """The score: an array (k,), or one number with an average."""
        tp, fp, fn = self._counts
        if self.average == "micro":
            tp, fp, fn = tp.sum(), fp.sum(), fn.sum()
        # 2 p r / (p + r) with p = TP / (TP + FP) and r = TP / (TP + FN).
        score = divided(2 * tp, 2 * tp + fp + fn)
        if self.average == "macro":
            score = score.mean()
        elif self.average == "weighted":
            often = tp + fn
            score = (score * divided(often, often.sum())).sum()
        return float(score) if self.average else score

    def reset_state(self) -> None:  # noqa: D102
        self._counts = np.zeros((3, 1))
