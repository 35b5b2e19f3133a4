"""Metrics: what one reads of a model, beside its loss."""

from __future__ import annotations

from typing import Any

from dlcore import losses
from dlcore.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
)
from dlcore.metrics.confusion import F1Score, Precision, Recall
from dlcore.metrics.metric import Mean, MeanMetricWrapper, Metric
from dlcore.metrics.regression import MeanAbsoluteError, MeanSquaredError
from dlcore.utils.lookup import find
from dlcore.utils.naming import snake_case
from dlcore.utils.serialization import deserialize_keras_object

__all__ = [
    "Accuracy",
    "BinaryAccuracy",
    "CategoricalAccuracy",
    "F1Score",
    "Mean",
    "MeanAbsoluteError",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "Metric",
    "Precision",
    "Recall",
    "SparseCategoricalAccuracy",
    "binary_accuracy",
    "categorical_accuracy",
    "get",
    "sparse_categorical_accuracy",
]

_CLASSES: tuple[type[Metric], ...] = (
    Accuracy, BinaryAccuracy, CategoricalAccuracy, F1Score, Mean, MeanAbsoluteError,
    MeanSquaredError, Precision, Recall, SparseCategoricalAccuracy,
)  # fmt: skip
_BY_NAME: dict[str, type[Metric]] = {
    **{name: kind for kind in _CLASSES for name in (kind.__name__, snake_case(kind.__name__))},
    "acc": Accuracy,
    "F1Score": F1Score,
    "f1_score": F1Score,
    "f1": F1Score,
    "mse": MeanSquaredError,
    "MSE": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "MAE": MeanAbsoluteError,
}
_LOSSES = (
    "binary_crossentropy",
    "bce",
    "categorical_crossentropy",
    "sparse_categorical_crossentropy",
)


def get(identifier: Any) -> Any:
    """The metric meant by a name, a class, a metric object or a function of (y_true, y_pred).

    The metric of a name carries that name, so that "mse" gives the history a key "mse".

    Raises:
        ValueError: if there is no metric of that name.
        TypeError: if it is none of these.
    """
    if isinstance(identifier, dict):
        identifier = deserialize_keras_object(identifier)
    if isinstance(identifier, str):
        if identifier in _LOSSES:
            return MeanMetricWrapper(losses.get(identifier), name=identifier)
        kind = find(identifier, _BY_NAME, "metric")
        metric = kind()
        metric.name = identifier if identifier.islower() else metric.name
        return metric
    if isinstance(identifier, Metric):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, Metric):
        return identifier()
    if callable(identifier):
        return MeanMetricWrapper(identifier)
    raise TypeError(
        f"A metric is a name such as 'accuracy', a metric object or a function of (y_true, "
        f"y_pred), not {type(identifier).__name__}."
    )
