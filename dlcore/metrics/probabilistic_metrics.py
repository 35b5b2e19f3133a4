"""Losses as metrics: to read one beside another that is trained with."""

from __future__ import annotations

from dlcore.losses import (
    binary_crossentropy,
    categorical_crossentropy,
    hinge,
    kl_divergence,
    sparse_categorical_crossentropy,
)
from dlcore.metrics.metric import MeanMetricWrapper, PlainMeanMetric
from dlcore.utils.lookup import helpful_arguments


class BinaryCrossentropy(MeanMetricWrapper):
    """The mean of `dlcore.losses.binary_crossentropy`.

        metric = BinaryCrossentropy()
        metric.update_state([[1], [0]], [[0.8], [0.4]])
        metric.result()   # 0.367

    Args:
        name: default "binary_crossentropy".
        dtype: as in `Mean`.
        from_logits: whether the outputs are raw scores, without a last sigmoid.
        label_smoothing: as in the loss; default 0.
    """

    @helpful_arguments
    def __init__(
        self,
        name: str | None = "binary_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(
            binary_crossentropy, name, dtype,
            from_logits=from_logits, label_smoothing=label_smoothing,
        )  # fmt: skip
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing


class CategoricalCrossentropy(MeanMetricWrapper):
    """The mean of `dlcore.losses.categorical_crossentropy`: for one-hot targets.

        metric = CategoricalCrossentropy()
        metric.update_state([[0, 1]], [[0.2, 0.8]])
        metric.result()   # 0.2231

    Args:
        name: default "categorical_crossentropy".
        dtype: as in `Mean`.
        from_logits: whether the outputs are raw scores, without a last softmax.
        label_smoothing: as in the loss; default 0.
        axis: the axis of the classes; default: the last.
    """

    @helpful_arguments
    def __init__(
        self,
        name: str | None = "categorical_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
    ) -> None:
        super().__init__(
            categorical_crossentropy, name, dtype,
            from_logits=from_logits, label_smoothing=label_smoothing, axis=axis,
        )  # fmt: skip
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing
        self.axis = axis


class SparseCategoricalCrossentropy(MeanMetricWrapper):
    """The mean of `dlcore.losses.sparse_categorical_crossentropy`: for class numbers.

        metric = SparseCategoricalCrossentropy()
        metric.update_state([1], [[0.2, 0.8]])
        metric.result()   # 0.2231

    Args:
        name: default "sparse_categorical_crossentropy".
        dtype: as in `Mean`.
        from_logits: whether the outputs are raw scores, without a last softmax.
        ignore_class: a number that stands for "unknown", whose rows do not count; default: none.
        axis: the axis of the classes; default: the last.
    """

    @helpful_arguments
    def __init__(
        self,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: str | None = None,
        from_logits: bool = False,
        ignore_class: int | None = None,
        axis: int = -1,
    ) -> None:
        super().__init__(
            sparse_categorical_crossentropy, name, dtype,
            from_logits=from_logits, ignore_class=ignore_class, axis=axis,
        )  # fmt: skip
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.axis = axis


class KLDivergence(PlainMeanMetric):
    """The mean of `dlcore.losses.kl_divergence`: how far probabilities are from others.

        metric = KLDivergence()
        metric.update_state([[0.5, 0.5]], [[0.2, 0.8]])
        metric.result()   # 0.2231

    Args:
        name: default "kl_divergence".
        dtype: as in `Mean`.
    """

    function = kl_divergence


class Hinge(PlainMeanMetric):
    """The mean of `dlcore.losses.hinge`.

        metric = Hinge()
        metric.update_state([[1], [-1]], [[0.5], [-2.0]])
        metric.result()   # 0.25

    Args:
        name: default "hinge".
        dtype: as in `Mean`.
    """

    function = hinge
