"""Metrics that are asked for less often: counts, explained variance, overlap of regions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlcore import losses
from dlcore.engine import ops
from dlcore.engine.tensor import Tensor, TensorLike
from dlcore.metrics.confusion_metrics import _Counts, divided, in_columns, weight_of_each
from dlcore.metrics.f_score_metrics import F1Score
from dlcore.metrics.metric import MeanMetricWrapper, Metric, PlainMeanMetric, alike, weights_of
from dlcore.utils.confusion import confusion_matrix
from dlcore.utils.lookup import helpful_arguments, one_of, positive
from dlcore.utils.targets import Shape, as_array, refuse_class_numbers


class _OneCount(_Counts):
    """Base of the counts by themselves."""

    @helpful_arguments
    def __init__(
        self,
        thresholds: float | Sequence[float] | None = None,
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(thresholds, name=name, dtype=dtype)

    def _told(self, counts: np.ndarray) -> float | np.ndarray:
        return float(counts[0]) if len(counts) == 1 else counts.copy()


class TruePositives(_OneCount):
    """How many are 1 and predicted as 1.

        metric = TruePositives()
        metric.update_state([0, 1, 1, 1], [1.0, 0.0, 1.0, 1.0])
        metric.result()   # 2.0

    Args:
        thresholds: a prediction must lie above it to count as 1; default 0.5. With a list the
            result is an array, one count each.
        name: default "true_positives".
        dtype: taken for code that sets it; the counts are held in float64.
    """

    def result(self) -> float | np.ndarray:
        """The count, each with its weight."""
        return self._told(self.true_positives)


class FalsePositives(_OneCount):
    """How many are 0 and predicted as 1.

        metric = FalsePositives()
        metric.update_state([0, 1, 0, 0], [0.0, 0.0, 1.0, 1.0])
        metric.result()   # 2.0

    Args:
        thresholds: as for `TruePositives`.
        name: default "false_positives".
        dtype: taken for code that sets it; the counts are held in float64.
    """

    direction = "down"

    def result(self) -> float | np.ndarray:
        """The count, each with its weight."""
        return self._told(self.false_positives)


class FalseNegatives(_OneCount):
    """How many are 1 and predicted as 0.

        metric = FalseNegatives()
        metric.update_state([0, 1, 1, 1], [0.0, 1.0, 0.0, 0.0])
        metric.result()   # 2.0

    Args:
        thresholds: as for `TruePositives`.
        name: default "false_negatives".
        dtype: taken for code that sets it; the counts are held in float64.
    """

    direction = "down"

    def result(self) -> float | np.ndarray:
        """The count, each with its weight."""
        return self._told(self.false_negatives)


class TrueNegatives(_OneCount):
    """How many are 0 and predicted as 0.

        metric = TrueNegatives()
        metric.update_state([0, 1, 0, 0], [1.0, 1.0, 0.0, 0.0])
        metric.result()   # 2.0

    Args:
        thresholds: as for `TruePositives`.
        name: default "true_negatives".
        dtype: taken for code that sets it; the counts are held in float64.
    """

    _all: float

    def update_state(  # noqa: D102
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        super().update_state(y_true, y_pred, sample_weight)
        _, outputs = in_columns(y_true, y_pred, type(self).__name__)
        self._all += weight_of_each(weights_of(sample_weight, y_pred), outputs.shape).sum()

    def result(self) -> float | np.ndarray:
        """The count, each with its weight."""
        others = self.true_positives + self.false_positives + self.false_negatives
        return self._told(self._all - others)

    def reset_state(self) -> None:  # noqa: D102
        super().reset_state()
        self._all = 0.0


class FBetaScore(F1Score):
    """Precision and recall in one number: `(1 + b^2) p r / (b^2 p + r)`.

        metric = FBetaScore(beta=2.0, threshold=0.5)
        metric.update_state([[1], [0], [1]], [[0.9], [0.6], [0.2]])
        metric.result()   # [0.5]

    Args:
        average: as for `F1Score`; default None.
        beta: b; above 1 recall counts more, below 1 precision. Default 1.
        threshold: as for `F1Score`; default None.
        name: default "fbeta_score".
        dtype: taken for code that sets it; the counts are held in float64.

    Raises:
        ValueError: if beta is not above 0, or as for `F1Score`.
    """

    @helpful_arguments
    def __init__(
        self,
        average: str | None = None,
        beta: float = 1.0,
        threshold: float | None = None,
        name: str | None = "fbeta_score",
        dtype: str | None = None,
    ) -> None:
        super().__init__(average, threshold, name, dtype)
        self.beta = positive("beta of FBetaScore", beta)

    def result(self) -> float | np.ndarray:
        """The score: an array (k,), or one number with an average."""
        tp, fp, fn = self._counts
        if self.average == "micro":
            tp, fp, fn = tp.sum(), fp.sum(), fn.sum()
        square = self.beta**2
        score = divided((1 + square) * tp, (1 + square) * tp + square * fn + fp)
        if self.average == "macro":
            score = score.mean()
        elif self.average == "weighted":
            often = tp + fn
            score = (score * divided(often, often.sum())).sum()
        return float(score) if self.average else score


class R2Score(Metric):
    """The share of the variance that the predictions explain: `1 - sum(e^2) / sum((t - mean)^2)`.

        metric = R2Score()
        metric.update_state([[1.0], [4.0], [3.0]], [[2.0], [4.0], [4.0]])
        metric.result()   # 0.5714

    1 is perfect, 0 is no better than the mean of the targets, and below 0 is worse.

    Args:
        class_aggregation: for several outputs "uniform_average" (default), the mean of their
            scores; "variance_weighted_average", weighted by the variance of the targets; or None,
            an array of the scores.
        num_regressors: the number of inputs, for the adjusted score; default 0, which leaves it.
        name: default "r2_score".
        dtype: taken for code that sets it; the sums are held in float64.

    Raises:
        ValueError: if there is no such aggregation, or num_regressors is negative.
    """

    direction = "up"
    _sums: np.ndarray
    _rows: int
    _middle: np.ndarray | None

    @helpful_arguments
    def __init__(
        self,
        class_aggregation: str | None = "uniform_average",
        num_regressors: int = 0,
        name: str | None = "r2_score",
        dtype: str | None = None,
    ) -> None:
        super().__init__(dtype, name)
        if class_aggregation is not None:
            known = ("uniform_average", "variance_weighted_average")
            one_of(class_aggregation, known, "class_aggregation of R2Score")
        if num_regressors < 0:
            raise ValueError(f"num_regressors must not be negative, but is {num_regressors}.")
        self.class_aggregation = class_aggregation
        self.num_regressors = num_regressors
        self.reset_state()

    def check_shapes(self, target: Shape, output: Shape) -> None:
        """Raise a ValueError for class numbers beside several outputs."""
        refuse_class_numbers(self.name, target, output)

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        """Take in a batch.

        Args:
            y_true: targets `(n, k)`, or `(n,)` where k is 1.
            y_pred: predictions `(n, k)`.
            sample_weight: `(n,)`; None for none.
        """
        weights = weights_of(sample_weight, y_pred)
        t, y = (each.astype(np.float64) for each in alike(y_true, y_pred, "R2Score"))
        w = weight_of_each(weights, y.shape)
        # About the first target, so that large ones lose no digits.
        if self._middle is None and len(t):
            self._middle = t.reshape(-1, t.shape[-1])[0].copy()
        away = t - (0.0 if self._middle is None else self._middle)
        parts = np.stack([w, w * away, w * away**2, w * (t - y) ** 2])
        self._sums = self._sums + parts.reshape(4, -1, t.shape[-1]).sum(axis=1)
        self._rows += t.size

    def result(self) -> float | np.ndarray:
        """The score, 0 for an output whose targets do not vary."""
        count, total, squares, errors = self._sums
        spread = squares - divided(total**2, count)
        score = np.where(spread > 0, 1 - divided(errors, spread), 0.0)
        if self.class_aggregation == "uniform_average":
            score = score.mean()
        elif self.class_aggregation == "variance_weighted_average":
            score = divided((spread * score).sum(), spread.sum())
        rest = self._rows - self.num_regressors - 1
        if self.num_regressors and rest > 0:
            score = 1 - (1 - score) * (self._rows - 1) / rest
        return float(score) if self.class_aggregation else np.asarray(score)

    def reset_state(self) -> None:  # noqa: D102
        self._sums, self._rows = np.zeros((4, 1)), 0
        self._middle = None


class MeanIoU(Metric):
    """The mean over the classes of intersection over union: `TP / (TP + FP + FN)`.

        metric = MeanIoU(num_classes=2)
        metric.update_state([0, 0, 1, 1], [0, 1, 0, 1])
        metric.result()   # 0.3333

    Of a class that occurs neither in targets nor in predictions nothing is said.

    Args:
        num_classes: how many classes there are.
        name: default "mean_io_u".
        dtype: taken for code that sets it; the counts are held in float64.
        ignore_class: a class number of targets that do not count; default None.
        sparse_y_true: whether targets are class numbers (default), not one-hot.
        sparse_y_pred: whether predictions are class numbers (default), not scores.
        axis: that of the classes, where they are not class numbers; default: the last.
    """

    direction = "up"
    total_cm: np.ndarray

    @helpful_arguments
    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: str | None = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        # Keras counts in whole numbers, and its files say so.
        super().__init__(None if dtype in ("int", "int32", "int64") else dtype, name)
        self.num_classes = int(positive("num_classes of MeanIoU", num_classes, 2))
        self.ignore_class = ignore_class
        self.sparse_y_true, self.sparse_y_pred = bool(sparse_y_true), bool(sparse_y_pred)
        self.axis = axis
        self.reset_state()

    def update_state(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> None:
        """Take in a batch.

        Args:
            y_true: class numbers of any shape, or one-hot.
            y_pred: class numbers of that shape, or scores.
            sample_weight: one weight for each class number, or each row; None for none.

        Raises:
            ValueError: if the shapes do not fit, or there is no such class.
        """
        t, y = as_array(y_true), as_array(y_pred)
        t = t if self.sparse_y_true else t.argmax(self.axis)
        y = y if self.sparse_y_pred else y.argmax(self.axis)
        weights = weights_of(sample_weight, y_pred)
        w = weight_of_each(weights, t.shape).reshape(-1)
        t, y = t.reshape(-1), y.reshape(-1)
        if self.ignore_class is not None:
            counts = t != self.ignore_class
            t, y, w = t[counts], y[counts], w[counts]
        self.total_cm = self.total_cm + confusion_matrix(t, y, self.num_classes, w, "float64")

    def result(self) -> float:
        """The mean, 0 when there was nothing."""
        both = np.diag(self.total_cm)
        either = self.total_cm.sum(axis=0) + self.total_cm.sum(axis=1) - both
        return float(divided(divided(both, either).sum(), (either > 0).sum()))

    def reset_state(self) -> None:  # noqa: D102
        self.total_cm = np.zeros((self.num_classes, self.num_classes))


class MeanAbsolutePercentageError(PlainMeanMetric):
    """The mean of errors in percent; see `losses.mean_absolute_percentage_error`.

        metric = MeanAbsolutePercentageError()
        metric.update_state([[2.0], [4.0]], [[1.0], [4.0]])
        metric.result()   # 25.0

        model.compile("adam", "mse", metrics=[MeanAbsolutePercentageError()])

    Args:
        name: default "mean_absolute_percentage_error".
        dtype: as in `Mean`.
    """

    direction, function = "down", losses.mean_absolute_percentage_error


class MeanSquaredLogarithmicError(PlainMeanMetric):
    """Squared errors of logarithms; see `losses.mean_squared_logarithmic_error`.

        model.compile("adam", "mse", metrics=[MeanSquaredLogarithmicError()])

    Args:
        name: default "mean_squared_logarithmic_error".
        dtype: as in `Mean`.
    """

    direction, function = "down", losses.mean_squared_logarithmic_error


class Poisson(PlainMeanMetric):
    """The loss of counts; see `losses.poisson`.

        model.compile("adam", "mse", metrics=[Poisson()])

    Args:
        name: default "poisson".
        dtype: as in `Mean`.
    """

    direction, function = "down", losses.poisson


class LogCoshError(PlainMeanMetric):
    """Squares of small errors, absolute values of large ones; see `losses.log_cosh`.

        model.compile("adam", "mse", metrics=[LogCoshError()])

    Args:
        name: default "logcosh".
        dtype: as in `Mean`.
    """

    direction, function = "down", losses.log_cosh

    @helpful_arguments
    def __init__(self, name: str | None = "logcosh", dtype: str | None = None) -> None:
        super().__init__(name, dtype)


def cosine_similarity(y_true: TensorLike, y_pred: TensorLike, axis: int = -1) -> Tensor:
    """The cosine of the angle between target and prediction: 1 for one direction."""
    return ops.negative(losses.cosine_similarity(y_true, y_pred, axis))


class CosineSimilarity(MeanMetricWrapper):
    """The mean cosine of the angle between target and prediction.

        metric = CosineSimilarity()
        metric.update_state([[0.0, 1.0]], [[0.0, 2.0]])
        metric.result()   # 1.0

    Args:
        name: default "cosine_similarity".
        dtype: as in `Mean`.
        axis: that of the vectors; default: the last.
    """

    direction = "up"

    @helpful_arguments
    def __init__(
        self, name: str | None = "cosine_similarity", dtype: str | None = None, axis: int = -1
    ) -> None:
        super().__init__(cosine_similarity, name, dtype, axis=axis)
        self.axis = axis
