"""How well probabilities describe what happened: the crossentropies and their relative."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import ClassVar

from dlcore import backends
from dlcore.backends import memory
from dlcore.engine import ops
from dlcore.engine.ops import nn
from dlcore.engine.ops.axes import last
from dlcore.engine.tensor import Tensor, TensorLike, floating
from dlcore.losses.loss import Loss, LossFunctionWrapper, PlainLoss, alike
from dlcore.utils.lookup import helpful_arguments
from dlcore.utils.targets import class_numbers, rows_of_labels

EPSILON = 1e-7


def binary_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    from_logits: bool | None = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """The mean over an axis of `-t log y - (1 - t) log(1 - y)`.

    y is kept in [1e-7, 1 - 1e-7], as in Keras.

    Args:
        y_true: targets t `(..., k)` in [0, 1], or `(...)` where k is 1.
        y_pred: probabilities y `(..., k)`, as a sigmoid gives them.
        from_logits: whether y_pred holds what goes into the sigmoid instead; more exact. None: it
            holds probabilities, but what went into the sigmoid that made them is taken, if known.
        label_smoothing: s in [0, 1): the targets become `t (1 - s) + s / 2`.
        axis: the axis to take the mean over; default: the last.

    Returns:
        One loss a row, `(...)`.
    """
    y_true, y_pred = (last(x, axis) for x in alike(y_true, y_pred))
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + 0.5 * label_smoothing
    return nn.binary_crossentropy(y_true, y_pred, from_logits)


def categorical_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    from_logits: bool | None = False,
    label_smoothing: float = 0.0,
    axis: int = -1,
) -> Tensor:
    """Minus the sum over the classes of `t log p`, with `p = y / sum(y)`.

    p is kept in [1e-7, 1 - 1e-7], as in Keras.

    Args:
        y_true: targets t `(..., k)`, one-hot or probabilities.
        y_pred: probabilities y `(..., k)`, as a softmax gives them.
        from_logits: whether y_pred holds what goes into the softmax instead; more exact. None: it
            holds probabilities, but what went into the softmax that made them is taken, if known.
        label_smoothing: s in [0, 1): the targets become `t (1 - s) + s / k`.
        axis: the axis of the k classes; default: the last.

    Returns:
        One loss a row, `(...)`.
    """
    y_true, y_pred = (last(x, axis) for x in alike(y_true, y_pred))
    if label_smoothing:
        y_true = y_true * (1.0 - label_smoothing) + label_smoothing / y_pred.shape[-1]
    return nn.categorical_crossentropy(y_true, y_pred, from_logits)


def sparse_categorical_crossentropy(
    y_true: TensorLike,
    y_pred: TensorLike,
    from_logits: bool | None = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Tensor:
    """`-log p[label]`, with `p = y / sum(y)`: the categorical crossentropy for class numbers.

    Args:
        y_true: class numbers `(...)` or `(..., 1)`, from 0 to k - 1.
        y_pred: probabilities y `(..., k)`, as a softmax gives them.
        from_logits: whether y_pred holds what goes into the softmax instead; more exact. None: it
            holds probabilities, but what went into the softmax that made them is taken, if known.
        ignore_class: a number that stands for "unknown", such as -1; the loss there is 0, and a
            mean is taken over the others. Default: none.
        axis: the axis of the k classes in y_pred; default: the last.

    Returns:
        One loss a row, `(...)`.

    Raises:
        ValueError: if a class number is not whole or out of range, or the shapes do not fit.
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), last(floating(y_pred), axis)
    rows = rows_of_labels(y_true.shape, y_pred.shape, "sparse_categorical_crossentropy")
    labels = ops.reshape(y_true, rows)
    # Looked at even in training: a kernel would read beyond the row.
    if backends.may_look():
        class_numbers(memory.to_host(labels.data), y_pred.shape[-1], ignore_class)
    if ignore_class is None:
        return nn.sparse_categorical_crossentropy(labels, y_pred, from_logits)
    ignored = ops.cast(ops.equal(labels, ignore_class), y_pred.dtype)
    labels = ops.where(ignored, 0, labels)
    losses = nn.sparse_categorical_crossentropy(labels, y_pred, from_logits)
    losses = ops.where(ignored, 0.0, losses)
    losses.mask = ops.subtract(1.0, ignored)
    return losses


def kl_divergence(y_true: TensorLike, y_pred: TensorLike) -> Tensor:
    """The sum over the last axis of `t log(t / y)`: how far probabilities y are from t.

    Both are kept in [1e-7, 1], as in Keras. It is the crossentropy less the entropy of t
    (Kullback and Leibler 1951), and 0 where the two are equal.

    Args:
        y_true: probabilities t `(..., k)`.
        y_pred: probabilities y `(..., k)`, as a softmax gives them.

    Returns:
        One loss a row, `(...)`.
    """
    y_true, y_pred = (ops.clip(x, EPSILON, 1.0) for x in alike(y_true, y_pred))
    return ops.sum(ops.multiply(y_true, ops.log(ops.divide(y_true, y_pred))), axis=-1)


class _SmoothedCrossentropy(LossFunctionWrapper):
    """What the two crossentropies whose targets can be smoothed share.

    Args:
        from_logits: whether the outputs are raw scores, without the last activation.
        label_smoothing: how far the targets move towards even ones, in [0, 1); default 0.
        axis: the axis of the columns or classes; default: the last.
        reduction: as in `Loss`; default "sum_over_batch_size".
        name: default: from the name of the class.
        dtype: as in `Loss`.

    Raises:
        ValueError: if label_smoothing is outside of [0, 1).
    """

    function: ClassVar[Callable[..., Tensor]]

    @helpful_arguments
    def __init__(
        self,
        from_logits: bool = False,
        label_smoothing: float = 0.0,
        axis: int = -1,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        if not 0 <= label_smoothing < 1:
            raise ValueError(f"label_smoothing lies in [0, 1), but is {label_smoothing}; try 0.1.")
        self.from_logits = from_logits
        self.label_smoothing = float(label_smoothing)
        self.axis = axis
        super().__init__(
            type(self).function, reduction, name, dtype,
            from_logits=from_logits, label_smoothing=self.label_smoothing, axis=axis,
        )  # fmt: skip


class BinaryCrossentropy(_SmoothedCrossentropy):
    """Crossentropy of yes-or-no targets; see `binary_crossentropy`.

        BinaryCrossentropy()([[1.0], [0.0]], [[0.8], [0.4]])   # 0.367

    Args:
        from_logits: whether the outputs are raw scores, without a last sigmoid.
        label_smoothing: s in [0, 1): the targets become `t (1 - s) + s / 2`; default 0.
        axis: the axis to take the mean over; default: the last.
        reduction: as in `Loss`; default "sum_over_batch_size".
        name: default "binary_crossentropy".
        dtype: as in `Loss`.
    """

    function = binary_crossentropy


class CategoricalCrossentropy(_SmoothedCrossentropy):
    """Crossentropy of one-hot targets; see `categorical_crossentropy`.

        CategoricalCrossentropy()([[0.0, 1.0]], [[0.2, 0.8]])   # 0.2231

    Args:
        from_logits: whether the outputs are raw scores, without a last softmax.
        label_smoothing: s in [0, 1): the targets become `t (1 - s) + s / k`; default 0.
        axis: the axis of the k classes; default: the last.
        reduction: as in `Loss`; default "sum_over_batch_size".
        name: default "categorical_crossentropy".
        dtype: as in `Loss`.
    """

    function = categorical_crossentropy


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Crossentropy of class numbers; see `sparse_categorical_crossentropy`.

        SparseCategoricalCrossentropy()([1], [[0.2, 0.8]])   # 0.2231

    Args:
        from_logits: whether the outputs are raw scores, without a last softmax.
        ignore_class: a number that stands for "unknown", such as -1, whose rows do not count;
            default: none.
        reduction: as in `Loss`; default "sum_over_batch_size".
        axis: the axis of the k classes; default: the last.
        name: default "sparse_categorical_crossentropy".
        dtype: as in `Loss`.
    """

    @helpful_arguments
    def __init__(
        self,
        from_logits: bool = False,
        ignore_class: int | None = None,
        reduction: str | None = "sum_over_batch_size",
        axis: int = -1,
        name: str | None = "sparse_categorical_crossentropy",
        dtype: str | None = None,
    ) -> None:
        self.from_logits = from_logits
        self.ignore_class = ignore_class
        self.axis = axis
        super().__init__(
            sparse_categorical_crossentropy, reduction, name, dtype,
            from_logits=from_logits, ignore_class=ignore_class, axis=axis,
        )  # fmt: skip


class KLDivergence(PlainLoss):
    """The mean of `sum t log(t / y)`; see `kl_divergence`.

        KLDivergence()([[0.5, 0.5]], [[0.2, 0.8]])   # 0.2231

    Args:
        reduction: as in `Loss`; default "sum_over_batch_size".
        name: default "kl_divergence".
        dtype: as in `Loss`.
    """

    function = kl_divergence


_OF_ACTIVATIONS = (
    binary_crossentropy, categorical_crossentropy, sparse_categorical_crossentropy,
)  # fmt: skip


def with_logits(loss: Loss) -> Loss:
    """The loss as a compiled model takes it: from logits, where the outputs are made of them.

    A crossentropy then is exact also where the sigmoid or softmax rounds a probability to 0 or 1,
    and its gradient to the logits is `p - t`. Any other loss, as one of a class with a `call` of
    its own, is returned as it is.

    Args:
        loss: a loss that takes probabilities.
    """
    if not isinstance(loss, LossFunctionWrapper) or loss.kwargs.get("from_logits"):
        return loss
    kind = type(loss)
    plain = kind.call is LossFunctionWrapper.call and kind.__call__ is Loss.__call__
    if not plain or not any(loss.fn is function for function in _OF_ACTIVATIONS):
        return loss
    twin = copy.copy(loss)
    twin.kwargs = {**loss.kwargs, "from_logits": None}
    return twin
