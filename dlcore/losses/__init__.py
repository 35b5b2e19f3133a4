"""Loss functions: how wrong a prediction is, one number a row, and their mean over a batch."""

from __future__ import annotations

import functools
import importlib
from typing import Any

from dlcore.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    KLDivergence,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    kl_divergence,
    sparse_categorical_crossentropy,
)
from dlcore.losses.hinge import Hinge, hinge
from dlcore.losses.loss import Loss, LossFunctionWrapper
from dlcore.losses.regression import (
    Huber,
    MeanAbsoluteError,
    MeanSquaredError,
    huber,
    mean_absolute_error,
    mean_squared_error,
)
from dlcore.utils.lookup import getter, snake_case
from dlcore.utils.object_registration import publish, publish_later, published_functions

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "CosineSimilarity",
    "Hinge",
    "Huber",
    "KLDivergence",
    "LogCosh",
    "Loss",
    "LossFunctionWrapper",
    "MeanAbsoluteError",
    "MeanAbsolutePercentageError",
    "MeanSquaredError",
    "MeanSquaredLogarithmicError",
    "Poisson",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "cosine_similarity",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "log_cosh",
    "mean_absolute_error",
    "mean_absolute_percentage_error",
    "mean_squared_error",
    "mean_squared_logarithmic_error",
    "poisson",
    "sparse_categorical_crossentropy",
]

# What is seldom asked for, and the file that is loaded then.
_SELDOM = dict.fromkeys(
    (
        "CosineSimilarity",
        "LogCosh",
        "MeanAbsolutePercentageError",
        "MeanSquaredLogarithmicError",
        "Poisson",
        "cosine_similarity",
        "log_cosh",
        "mean_absolute_percentage_error",
        "mean_squared_logarithmic_error",
        "poisson",
    ),
    "rarer_regression",
)


def __getattr__(name: str) -> Any:
    if name not in _SELDOM:
        told = _NOT_HERE.get(snake_case(name), "")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}. {told}".rstrip(". "))
    found = getattr(importlib.import_module(f"{__name__}.{_SELDOM[name]}"), name)
    return globals().setdefault(name, found)


def _seldom(name: str) -> Any:
    """What a name means: a loss object for a class, else the function."""
    found = __getattr__(name)
    return found() if isinstance(found, type) else found


publish("keras.losses", globals(), set(__all__) - _SELDOM.keys())
publish_later("keras.losses", _SELDOM, __getattr__)

_SHORT = {
    "bce": binary_crossentropy,
    "kld": kl_divergence,
    "mae": mean_absolute_error,
    "mse": mean_squared_error,
}
_SELDOM_SHORT = {
    "logcosh": "log_cosh",
    "mape": "mean_absolute_percentage_error",
    "msle": "mean_squared_logarithmic_error",
}
_FOUND_LATER = {
    **{name: functools.partial(_seldom, name) for name in _SELDOM},
    **{short: functools.partial(_seldom, name) for short, name in _SELDOM_SHORT.items()},
    **{short.upper(): functools.partial(_seldom, name) for short, name in _SELDOM_SHORT.items()},
}
# What Keras has and dlcore has not, each with what comes nearest.
_NEAREST = {
    "binary_focal_crossentropy": "binary_crossentropy",
    "categorical_focal_crossentropy": "categorical_crossentropy",
    "categorical_generalized_cross_entropy": "categorical_crossentropy",
    "categorical_hinge": "categorical_crossentropy",
    "circle": "categorical_crossentropy",
    "ctc": "sparse_categorical_crossentropy",
    "dice": "binary_crossentropy",
    "squared_hinge": "hinge",
    "tversky": "binary_crossentropy",
}
_NOT_HERE = {
    **{
        name: f"Keras has it, dlcore does not; take {nearest!r} as a substitute, or write it as a "
        "function of (y_true, y_pred) and pass that."
        for full, nearest in _NEAREST.items()
        for name in (full, full.replace("_", ""))  # as in "squared_hinge" and in "SquaredHinge"
    },
    **dict.fromkeys(
        ("accuracy", "acc"),
        "Accuracy is a metric, metrics=['accuracy']; the loss beside it is 'binary_crossentropy' "
        "for one output, 'sparse_categorical_crossentropy' for class numbers, or "
        "'categorical_crossentropy' for one-hot rows.",
    ),
    **dict.fromkeys(
        ("crossentropy", "ce", "cross_entropy"),
        "Take 'binary_crossentropy' for one output, 'sparse_categorical_crossentropy' for class "
        "numbers, or 'categorical_crossentropy' for one-hot rows; compile(loss='crossentropy') "
        "chooses by the shapes.",
    ),
}


@getter(
    "loss",
    "a name such as 'mse', a loss object or a function of (y_true, y_pred)",
    "keras.losses",
    Loss,
    # In small letters the function, not an object.
    published_functions("keras.losses")
    | _SHORT
    | {k.upper(): f for k, f in _SHORT.items()}
    | _FOUND_LATER,
    not_here=_NOT_HERE,
    none=None,
)
def get(identifier: Any) -> Any:
    """The loss meant by a name: a function for "mse", an object for "MeanSquaredError".

    A loss object or function is returned as it is, a class is called, a dict with "class_name" and
    "config" describes an object, None stays None.

    Raises:
        ValueError: if there is no loss of that name.
        TypeError: if it is none of these.
    """


def __dir__() -> list[str]:
    return sorted(__all__)
