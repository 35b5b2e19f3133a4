"""Metrics: what one reads of a model, beside its loss."""

from __future__ import annotations

import functools
import importlib
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
from dlcore.utils.lookup import getter, snake_case
from dlcore.utils.object_registration import publish, publish_later

__all__ = [
    "AUC",
    "Accuracy",
    "BinaryAccuracy",
    "BinaryCrossentropy",
    "CategoricalAccuracy",
    "CategoricalCrossentropy",
    "CosineSimilarity",
    "F1Score",
    "FBetaScore",
    "FalseNegatives",
    "FalsePositives",
    "Hinge",
    "KLDivergence",
    "LogCoshError",
    "Mean",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanIoU",
    "MeanMetricWrapper",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Metric",
    "Poisson",
    "Precision",
    "R2Score",
    "Recall",
    "RootMeanSquaredError",
    "SparseCategoricalAccuracy",
    "SparseCategoricalCrossentropy",
    "SparseTopKCategoricalAccuracy",
    "Sum",
    "TopKCategoricalAccuracy",
    "TrueNegatives",
    "TruePositives",
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

# What is seldom asked for, and the file that is loaded then.
_SELDOM = dict.fromkeys(
    (
        "CosineSimilarity",
        "FBetaScore",
        "FalseNegatives",
        "FalsePositives",
        "LogCoshError",
        "MeanAbsolutePercentageError",
        "MeanIoU",
        "MeanSquaredLogarithmicError",
        "Poisson",
        "R2Score",
        "TrueNegatives",
        "TruePositives",
    ),
    "rarer_metrics",
)


def __getattr__(name: str) -> Any:
    if name not in _SELDOM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(importlib.import_module(f"{__name__}.{_SELDOM[name]}"), name)
    return globals().setdefault(name, found)


def _seldom(name: str) -> Metric:
    made: Metric = __getattr__(name)()
    return made


publish("keras.metrics", globals(), set(__all__) - _SELDOM.keys())
publish_later("keras.metrics", _SELDOM, __getattr__)

_SHORT: dict[str, type[Metric]] = {
    "acc": Accuracy,
    "bce": BinaryCrossentropy,
    "f1": F1Score,
    "kld": KLDivergence,
    "mae": MeanAbsoluteError,
    "mse": MeanSquaredError,
    "rmse": RootMeanSquaredError,
}
_SELDOM_SHORT = {
    "fbeta_score": "FBetaScore",
    "logcosh": "LogCoshError",
    "mape": "MeanAbsolutePercentageError",
    "msle": "MeanSquaredLogarithmicError",
    "r2": "R2Score",
    "r2_score": "R2Score",
}
_FOUND_LATER = {
    **{name: functools.partial(_seldom, name) for name in _SELDOM if name != "MeanIoU"},
    **{snake_case(name): functools.partial(_seldom, name) for name in _SELDOM if name != "MeanIoU"},
    **{short: functools.partial(_seldom, name) for short, name in _SELDOM_SHORT.items()},
}
_NOT_HERE = {
    **dict.fromkeys(
        ("categorical_hinge", "specificity", "squared_hinge"),
        "dlcore does not have it; write it as a function of (y_true, y_pred) and pass that.",
    ),
    **dict.fromkeys(
        ("iou", "mean_iou", "meaniou"),
        "Write MeanIoU(num_classes=…), which has to know how many classes there are.",
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
    {
        "huber": huber,
        **_SHORT,
        **{name.upper(): kind for name, kind in _SHORT.items()},
        **_FOUND_LATER,
    },
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
