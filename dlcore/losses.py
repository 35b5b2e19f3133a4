"""Loss functions: how wrong a prediction is, one number a row, and their mean over a batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dlcore import ops
from dlcore.tensor import Tensor
from dlcore.utils.config import Configurable
from dlcore.utils.lookup import find, helpful_arguments
from dlcore.utils.naming import snake_case
from dlcore.utils.serialization import deserialize_keras_object
from dlcore.utils.targets import class_numbers, fitted_shape

REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none")


def mean_squared_error(y_true: Any, y_pred: Any) -> Tensor:
    """The mean over the last axis of `(y_true - y_pred)^2`.

    Args:
        y_true: targets `(..., k)`, or `(...)` where k is 1.
        y_pred: predictions `(..., k)`.

    Returns:
        One loss a row, `(...)`.
    """
    y_true, y_pred = _alike(y_true, y_pred)
    return ops.mean_squared_error(y_pred, y_true)


def binary_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0
) -> Tensor:
    """The mean over the last axis of `-t log y - (1 - t) log(1 - y)`.

    y is kept in [1e-7, 1 - 1e-7], as in Keras.

    Args:
        y_true: targets t `(..., k)` in [0, 1], or `(...)` where k is 1.
        y_pred: probabilities y `(..., k)`, as a sigmoid gives them.
        from_logits: whether y_pred holds what goes into the sigmoid instead; more exact.
        label_smoothing: s in [0, 1): the targets become `t (1 - s) + s / 2`.

    Returns:
        One loss a row, `(...)`.
    """
    y_true, y_pred = _alike(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return ops.binary_crossentropy(y_pred, y_true, from_logits)


def categorical_crossentropy(
    y_true: Any, y_pred: Any, from_logits: bool = False, label_smoothing: float = 0.0
) -> Tensor:
    """Minus the sum over the last axis of `t log p`, with `p = y / sum(y)`.

    p is kept in [1e-7, 1 - 1e-7], as in Keras.

    Args:
        y_true: targets t `(..., k)`, one-hot or probabilities.
        y_pred: probabilities y `(..., k)`, as a softmax gives them.
        from_logits: whether y_pred holds what goes into the softmax instead; more exact.
        label_smoothing: s in [0, 1): the targets become `t (1 - s) + s / k`.

    Returns:
        One loss a row, `(...)`.
    """
    y_true, y_pred = _alike(y_true, y_pred)
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / y_pred.shape[-1]
    return ops.categorical_crossentropy(y_pred, y_true, from_logits)


def sparse_categorical_crossentropy(y_true: Any, y_pred: Any, from_logits: bool = False) -> Tensor:
    """`-log p[label]`, with `p = y / sum(y)`: the categorical crossentropy for class numbers.

    Args:
        y_true: class numbers `(...)` or `(..., 1)`, from 0 to k - 1.
        y_pred: probabilities y `(..., k)`, as a softmax gives them.
        from_logits: whether y_pred holds what goes into the softmax instead; more exact.

    Returns:
        One loss a row, `(...)`.

    Raises:
        ValueError: if a class number is not whole or out of range, or the shapes do not fit.
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    rows = y_pred.shape[:-1]
    if y_true.shape not in (rows, (*rows, 1)):
        raise ValueError(
            f"sparse_categorical_crossentropy takes class numbers of shape {rows} for outputs of "
            f"shape {y_pred.shape}, but these have shape {y_true.shape}; for one-hot targets use "
            "'categorical_crossentropy'."
        )
    # Looked at even in training: a kernel would read beyond the row.
    labels = class_numbers(y_true.data.reshape(rows), y_pred.shape[-1])
    return ops.sparse_categorical_crossentropy(y_pred, labels, from_logits)


class Loss(Configurable):
    """Base of the losses: `loss(y_true, y_pred, sample_weight=None)` gives one number.

    A subclass writes `call(y_true, y_pred)`, which returns one loss a row.

    Args:
        name: a name for messages; default: from the name of the class.
        reduction: "sum_over_batch_size" (default) or "mean": the sum divided by the number of
            rows; "mean_with_sample_weight": divided by the sum of the weights; "sum"; or "none".
    """

    def __init__(self, name: str | None = None, reduction: str | None = "sum_over_batch_size"):
        self.name = name or snake_case(type(self).__name__)
        self.reduction = find(reduction or "none", {r: r for r in REDUCTIONS}, "reduction")

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """The losses of the rows, each times its weight if there are any, reduced."""
        losses = ops.convert_to_tensor(self.call(y_true, y_pred))
        weights = None
        if sample_weight is not None:
            weights = ops.convert_to_tensor(sample_weight, losses.dtype)
            if weights.ndim > losses.ndim and weights.shape[-1] == 1:
                weights = ops.squeeze(weights, -1)
            losses = ops.multiply(losses, weights)
        if self.reduction == "none":
            return losses
        if self.reduction == "sum":
            return ops.sum(losses)
        if self.reduction == "mean_with_sample_weight" and weights is not None:
            return ops.divide(ops.sum(losses), ops.sum(weights))
        return ops.mean(losses)

    def call(self, y_true: Any, y_pred: Any) -> Tensor:
        """One loss a row."""
        raise NotImplementedError(f"{type(self).__name__} has no call(y_true, y_pred).")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class LossFunctionWrapper(Loss):
    """A loss made of a function `fn(y_true, y_pred, **kwargs)` that returns one loss a row.

    Args:
        fn: the function; y_true reaches it in the shape of y_pred where `(n,)` meets `(n, 1)`.
        reduction: as in `Loss`.
        name: default: the name of the function.
        kwargs: further arguments for the function.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", None), reduction)
        self.fn = fn
        self.kwargs = kwargs

    def call(self, y_true: Any, y_pred: Any) -> Tensor:  # noqa: D102
        y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        if y_true.ndim != y_pred.ndim and 1 in (y_true.shape[-1:] + y_pred.shape[-1:]):
            if self.fn is not sparse_categorical_crossentropy:
                y_true = ops.reshape(y_true, fitted_shape(y_true.shape, y_pred.shape))
        if y_true.ndim == y_pred.ndim == 1:
            # A model that gives one number a row without an axis for it: still one loss a row.
            y_true, y_pred = ops.expand_dims(y_true, -1), ops.expand_dims(y_pred, -1)
        return self.fn(y_true, y_pred, **self.kwargs)


class MeanSquaredError(LossFunctionWrapper):
    """The mean of `(y_true - y_pred)^2`; see `mean_squared_error`."""

    @helpful_arguments
    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "mean_squared_error",
    ) -> None:
        super().__init__(mean_squared_error, reduction, name)


class BinaryCrossentropy(LossFunctionWrapper):
    """Crossentropy of yes-or-no targets; see `binary_crossentropy`."""

    @helpful_arguments
    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "binary_crossentropy",
    ) -> None:
        super().__init__(
            binary_crossentropy, reduction, name,
            from_logits=from_logits, label_smoothing=_share(label_smoothing),
        )  # fmt: skip


class CategoricalCrossentropy(LossFunctionWrapper):
    """Crossentropy of one-hot targets; see `categorical_crossentropy`."""

    @helpful_arguments
    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "categorical_crossentropy",
    ) -> None:
        super().__init__(
            categorical_crossentropy, reduction, name,
            from_logits=from_logits, label_smoothing=_share(label_smoothing),
        )  # fmt: skip


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Crossentropy of class numbers; see `sparse_categorical_crossentropy`."""

    @helpful_arguments
    def __init__(
        self,
        from_logits: bool = False,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = "sparse_categorical_crossentropy",
    ) -> None:
        super().__init__(sparse_categorical_crossentropy, reduction, name, from_logits=from_logits)


def _alike(y_true: Any, y_pred: Any) -> tuple[Tensor, Tensor]:
    y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
    if y_true.shape != y_pred.shape:
        y_true = ops.reshape(y_true, fitted_shape(y_true.shape, y_pred.shape))
    return y_true if y_true.dtype == y_pred.dtype else ops.cast(y_true, y_pred.dtype), y_pred


def _share(label_smoothing: float) -> float:
    if not 0 <= label_smoothing < 1:
        raise ValueError(f"label_smoothing lies in [0, 1), but is {label_smoothing}; try 0.1.")
    return float(label_smoothing)


_FUNCTIONS: dict[str, Callable[..., Tensor]] = {
    "mean_squared_error": mean_squared_error,
    "mse": mean_squared_error,
    "MSE": mean_squared_error,
    "binary_crossentropy": binary_crossentropy,
    "bce": binary_crossentropy,
    "BCE": binary_crossentropy,
    "categorical_crossentropy": categorical_crossentropy,
    "sparse_categorical_crossentropy": sparse_categorical_crossentropy,
}
_CLASSES: dict[str, type[Loss]] = {
    kind.__name__: kind
    for kind in (
        MeanSquaredError,
        BinaryCrossentropy,
        CategoricalCrossentropy,
        SparseCategoricalCrossentropy,
    )
}


def get(identifier: Any) -> Any:
    """The loss meant by a name: a function for "mse", an object for "MeanSquaredError".

    A loss object or function is returned as it is, a class is called, None stays None.

    Raises:
        ValueError: if there is no loss of that name.
        TypeError: if it is none of these.
    """
    if identifier is None:
        return None
    if isinstance(identifier, dict):
        identifier = deserialize_keras_object(identifier)
    if isinstance(identifier, str):
        found = find(identifier, {**_FUNCTIONS, **_CLASSES}, "loss")
        return found() if isinstance(found, type) else found
    if isinstance(identifier, type) and issubclass(identifier, Loss):
        return identifier()
    if callable(identifier):
        return identifier
    raise TypeError(
        f"A loss is a name such as 'mse', a loss object or a function of (y_true, y_pred), not "
        f"{type(identifier).__name__}."
    )
