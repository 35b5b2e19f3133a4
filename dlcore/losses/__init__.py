"""Loss functions: how wrong a prediction is, one number a row, and their mean over a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dlcore.losses.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    KLDivergence,
    binary_crossentropy,
    categorical_crossentropy,
    kl_divergence,
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
from dlcore.losses.sparse import SparseCategoricalCrossentropy, sparse_categorical_crossentropy
from dlcore.tensor import Tensor
from dlcore.utils.lookup import find
from dlcore.utils.registry import publish
from dlcore.utils.serialization import deserialize_keras_object

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

_FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    function.__name__: function
    for function in (
        binary_crossentropy, categorical_crossentropy, hinge, huber, kl_divergence,
        mean_absolute_error, mean_squared_error, sparse_categorical_crossentropy,
    )
}  # fmt: skip
_SHORT = {
    "bce": binary_crossentropy,
    "kld": kl_divergence,
    "mae": mean_absolute_error,
    "mse": mean_squared_error,
}
_CLASSES: dict[str, type[Loss]] = {
    kind.__name__: kind
    for kind in (
        BinaryCrossentropy, CategoricalCrossentropy, Hinge, Huber, KLDivergence,
        MeanAbsoluteError, MeanSquaredError, SparseCategoricalCrossentropy,
    )
}  # fmt: skip
_BY_NAME: dict[str, Any] = {
    **_FUNCTIONS,
    **_SHORT,
    **{name.upper(): function for name, function in _SHORT.items()},
    **_CLASSES,
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


def get(identifier: Any) -> Any:
    """The loss meant by a name: a function for "mse", an object for "MeanSquaredError".

    A loss object or function is returned as it is, a class is called, a dict with "class_name" and
    "config" describes an object, None stays None.

    Raises:
        ValueError: if there is no loss of that name.
        TypeError: if it is none of these.
    """
    if identifier is None:
        return None
    if isinstance(identifier, dict):
        identifier = deserialize_keras_object({"module": "keras.losses", **identifier})
    if isinstance(identifier, str):
        found = find(identifier, _BY_NAME, "loss", _NOT_HERE)
        return found() if isinstance(found, type) else found
    if isinstance(identifier, type) and issubclass(identifier, Loss):
        return identifier()
    if callable(identifier):
        return identifier
    raise TypeError(
        f"A loss is a name such as 'mse', a loss object or a function of (y_true, y_pred), not "
        f"{type(identifier).__name__}."
    )


publish("keras.losses", globals(), __all__)
