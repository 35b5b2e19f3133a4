"""Loss functions: how wrong a prediction is, one number a row, and their mean over a batch."""

from __future__ import annotations

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
from dlcore.utils.lookup import getter
from dlcore.utils.object_registration import publish, published_functions

__all__ = [
    "BinaryCrossentropy",
    "CategoricalCrossentropy",
    "Hinge",
    "Huber",
    "KLDivergence",
    "Loss",
    "LossFunctionWrapper",
    "MeanAbsoluteError",
    "MeanSquaredError",
    "SparseCategoricalCrossentropy",
    "binary_crossentropy",
    "categorical_crossentropy",
    "get",
    "hinge",
    "huber",
    "kl_divergence",
    "mean_absolute_error",
    "mean_squared_error",
    "sparse_categorical_crossentropy",
]

publish("keras.losses", globals(), __all__)

_SHORT = {
    "bce": binary_crossentropy,
    "kld": kl_divergence,
    "mae": mean_absolute_error,
    "mse": mean_squared_error,
}
_OF_KERAS_ALONE = (
    "binary_focal_crossentropy", "categorical_focal_crossentropy", "categorical_hinge",
    "cosine_similarity", "dice", "log_cosh", "logcosh", "mape", "mean_absolute_percentage_error",
    "mean_squared_logarithmic_error", "msle", "poisson", "squared_hinge", "tversky",
)  # fmt: skip
_NOT_HERE = {
    **dict.fromkeys(
        _OF_KERAS_ALONE,
        "Keras has it, dlcore does not; write it as a function of (y_true, y_pred) and pass that.",
    ),
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
    published_functions("keras.losses") | _SHORT | {k.upper(): f for k, f in _SHORT.items()},
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
