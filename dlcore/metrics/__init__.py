"""Metrics: what one reads of a model, beside its loss."""

from __future__ import annotations

from typing import Any

from dlcore.losses import (
    binary_crossentropy,
    categorical_crossentropy,
    hinge,
    huber,
    kl_divergence,
    mean_absolute_error,
    mean_squared_error,
    sparse_categorical_crossentropy,
)
from dlcore.metrics.accuracy_metrics import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from dlcore.metrics.auc import AUC
from dlcore.metrics.confusion_metrics import Precision, Recall
from dlcore.metrics.f_score_metrics import F1Score
from dlcore.metrics.metric import Mean, MeanMetricWrapper, Metric, Sum
from dlcore.metrics.probabilistic_metrics import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    Hinge,
    KLDivergence,
    SparseCategoricalCrossentropy,
)
from dlcore.metrics.regression_metrics import (
    MeanAbsoluteError,
    MeanSquaredError,
    RootMeanSquaredError,
)
from dlcore.utils.lookup import getter
from dlcore.utils.object_registration import publish

__all__ = [
    "AUC",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "F1Score",
    "Hinge",
    "KLDivergence",
    "Mean",
    "MeanAbsoluteError",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "Metric",
    "Precision",
    "Recall",
    "RootMeanSquaredError",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "Sum",
    "TopKCategoricalAccuracy",
    "binary_accuracy",
    "binary_crossentropy",
    "categorical_accuracy",
    "categorical_crossentropy",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "mean_absolute_error",
    "mean_squared_error",
    "sparse_categorical_accuracy",
    "sparse_categorical_crossentropy",
    "sparse_top_k_categorical_accuracy",
    "top_k_categorical_accuracy",
]

publish("keras.metrics", globals(), __all__)

_SHORT: dict[str, type[Metric]] = {
    "acc": Accuracy,
    "bce": BinaryCrossentropy,
    "f1": F1Score,
    "kld": KLDivergence,
    "mae": MeanAbsoluteError,
    "mse": MeanSquaredError,
    "rmse": RootMeanSquaredError,
}
_OF_KERAS_ALONE = (
    "categorical_hinge", "cosine_similarity", "fbetascore", "f_beta_score", "iou", "logcosh",
    "mape", "mean_absolute_percentage_error", "mean_squared_logarithmic_error", "meaniou",
    "mean_iou", "msle", "poisson", "r2", "r2_score", "r2score", "specificity", "squared_hinge",
)  # fmt: skip
_NOT_HERE = {
    **dict.fromkeys(
        _OF_KERAS_ALONE,
        "dlcore does not have it; write it as a function of (y_true, y_pred) and pass that.",
    ),
    **dict.fromkeys(
        ("crossentropy", "ce", "cross_entropy"),
        "Take 'binary_crossentropy' for one output, 'sparse_categorical_crossentropy' for class "
        "numbers, or 'categorical_crossentropy' for one-hot rows.",
    ),
}


@getter(
    "metric",
    "a name such as 'accuracy', a metric object or a function of (y_true, y_pred)",
    "keras.metrics",
    Metric,
    {"huber": huber, **_SHORT, **{name.upper(): kind for name, kind in _SHORT.items()}},
    not_here=_NOT_HERE,
    function=MeanMetricWrapper,
)
def get(identifier: Any) -> Any:
    """The metric meant by a name, a class, a metric object or a function of (y_true, y_pred).

    A dict with "class_name" and "config" describes an object.

    Raises:
        ValueError: if there is no metric of that name.
        TypeError: if it is none of these.
    """


def __dir__() -> list[str]:
    return sorted(__all__)
