"""The crossentropy of class numbers."""

from __future__ import annotations

from typing import Any

from dlcore import ops
from dlcore.losses.loss import LossFunctionWrapper
from dlcore.losses.shapes import last
from dlcore.ops.core import floating
from dlcore.tensor import Tensor
from dlcore.utils.lookup import helpful_arguments
from dlcore.utils.targets import class_numbers, rows_of_labels


def sparse_categorical_crossentropy(
    y_true: Any,
    y_pred: Any,
    from_logits: bool = False,
    ignore_class: int | None = None,
    axis: int = -1,
) -> Tensor:
    """`-log p[label]`, with `p = y / sum(y)`: the categorical crossentropy for class numbers.

    Args:
        y_true: class numbers `(...)` or `(..., 1)`, from 0 to k - 1.
        y_pred: probabilities y `(..., k)`, as a softmax gives them.
        from_logits: whether y_pred holds what goes into the softmax instead; more exact.
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
    class_numbers(labels.data, y_pred.shape[-1], ignore_class)
    if ignore_class is None:
        return ops.sparse_categorical_crossentropy(y_pred, labels, from_logits)
    ignored = ops.cast(ops.equal(labels, ignore_class), y_pred.dtype)
    labels = ops.where(ignored, 0, labels)
    losses = ops.sparse_categorical_crossentropy(y_pred, labels, from_logits)
    losses = ops.where(ignored, 0.0, losses)
    losses.mask = ops.subtract(1.0, ignored)
    return losses


class SparseCategoricalCrossentropy(LossFunctionWrapper):
    """Crossentropy of class numbers; see `sparse_categorical_crossentropy`.

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
