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
        told = _NOT_HERE.get(snake_case(name)) or _NOT_HERE.get(name.lower(), "")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}. {told}".rstrip(". "))
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
_OWN = "write it as a function of (y_true, y_pred) and pass that"
_BY_THRESHOLDS = "take AUC(), or Precision(thresholds=[…]) and Recall(thresholds=[…])"
# What Keras has and dlcore has not, each with what comes nearest.
_NEAREST = {
    "binary_focal_crossentropy": _OWN,
    "binary_iou": "take MeanIoU(num_classes=2) of class numbers",
    "categorical_focal_crossentropy": _OWN,
    "categorical_hinge": _OWN,
    "concordance_correlation": "take R2Score(), or " + _OWN,
    "one_hot_iou": "take MeanIoU(num_classes=…) of class numbers",
    "one_hot_mean_iou": "take MeanIoU(num_classes=…) of class numbers",
    "pearson_correlation": "take R2Score(), or " + _OWN,
    "precision_at_recall": _BY_THRESHOLDS,
    "recall_at_precision": _BY_THRESHOLDS,
    "sensitivity_at_specificity": _BY_THRESHOLDS,
    "specificity_at_sensitivity": _BY_THRESHOLDS,
    "squared_hinge": _OWN,
}
_NOT_HERE = {
    **{
        name: f"Keras has it, dlcore does not; {mend}."
        for full, mend in _NEAREST.items()
        for name in (full, full.replace("_", ""))  # as in "squared_hinge" and in "SquaredHinge"
    },
    "specificity": "dlcore does not have it; take Recall() of 1 - y, or " + _OWN + ".",
    **dict.fromkeys(
        ("iou", "mean_iou", "meaniou"),
        "Write MeanIoU(num_classes=…), which has to know how many classes there are.",
    ),
    **dict.fromkeys(
        (
            "log_cosh",
            "mean_absolute_percentage_error",
            "mean_squared_logarithmic_error",
            "poisson",
        ),
        "dlcore has the function in dlcore.losses, and the metric under the name of its class.",
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
