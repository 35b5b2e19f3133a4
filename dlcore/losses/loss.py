"""The base of the losses: one loss a row becomes one number for the batch.

Below it stands what losses are made of: targets and outputs brought into one shape, and the way
from the losses of the rows, their weights and their mask to one number.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor, TensorLike, floating
from dlcore.utils.config import Configurable, WrapsFunction
from dlcore.utils.lookup import helpful_arguments, one_of, snake_case
from dlcore.utils.targets import fitted

REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none")


class Loss(Configurable):
    """Base of the losses: `loss(y_true, y_pred, sample_weight=None)` gives one number.

    A subclass writes `call(y_true, y_pred)`, which gets Tensors and returns one loss a row, or
    for sequences one a row and step. Targets `(n,)` reach it as `(n, 1)` where the outputs have
    that shape.

        class Quartic(Loss):
            def call(self, y_true, y_pred):
                return ops.mean((y_true - y_pred) ** 4, axis=-1)

    Steps that the mask of y_pred leaves out do not count: with "sum_over_batch_size" and "mean"
    the sum is divided by the number of those that do.

    Args:
        name: a name for messages; default: from the name of the class.
        reduction: "sum_over_batch_size" (default) or "mean": the sum divided by the number of
            losses; "mean_with_sample_weight": divided by the sum of the weights; "sum"; or
            "none" or None: the losses as they are.
        dtype: "float32" or "float64", in which to compute; default: the dtype of y_pred.

    Raises:
        ValueError: if there is no such reduction.
    """

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: str | None = None,
    ) -> None:
        self.name = name or snake_case(type(self).__name__)
        self.reduction = one_of(reduction or "none", REDUCTIONS, "reduction")
        self.dtype = dtype

    def __call__(
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
    ) -> Tensor:
        """The losses, each times its weight if there are any, reduced.

        Args:
            y_true: targets.
            y_pred: outputs; a Tensor may bring a mask.
            sample_weight: one weight a row `(n,)`, or for sequences also one a step `(n, steps)`.

        Raises:
            ValueError: if the shapes do not fit; it names them and the mend.
        """
        mask = y_pred.mask if isinstance(y_pred, Tensor) else None
        y_pred = ops.convert_to_tensor(y_pred, self.dtype)
        y_true = ops.convert_to_tensor(y_true)
        y_true = fitted(y_true, y_pred.shape, strict=False)
        losses = ops.convert_to_tensor(self.call(y_true, y_pred))
        return reduced(losses, sample_weight, (mask, losses.mask), self.reduction)

    def call(self, y_true: TensorLike, y_pred: TensorLike) -> Tensor:
        """One loss a row."""
        raise NotImplementedError(f"{type(self).__name__} has no call(y_true, y_pred).")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class LossFunctionWrapper(WrapsFunction, Loss):
    """A loss made of a function `fn(y_true, y_pred, **kwargs)` that returns one loss a row.

    Args:
        fn: the function.
        reduction: as in `Loss`.
        name: default: the name of the function.
        dtype: as in `Loss`.
        kwargs: further arguments for the function.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", None), reduction, dtype)
        self.fn = fn
        self.kwargs = kwargs

    def call(self, y_true: TensorLike, y_pred: TensorLike) -> Tensor:  # noqa: D102
        y_true, y_pred = ops.convert_to_tensor(y_true), ops.convert_to_tensor(y_pred)
        if y_true.ndim == y_pred.ndim == 1:
            # A model that gives one number a row without an axis for it: still one loss a row.
            y_true, y_pred = ops.expand_dims(y_true, -1), ops.expand_dims(y_pred, -1)
        return self.fn(y_true, y_pred, **self.kwargs)


class PlainLoss(LossFunctionWrapper):
    """A loss of the library whose function, `function` of the class, takes nothing further.

    Args:
        reduction: as in `Loss`; default "sum_over_batch_size".
        name: default: from the name of the class.
        dtype: as in `Loss`.
    """

    function: ClassVar[Callable[..., Tensor]]

    @helpful_arguments
    def __init__(
        self,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: str | None = None,
    ) -> None:
        super().__init__(type(self).function, reduction, name, dtype)


def alike(y_true: TensorLike, y_pred: TensorLike) -> tuple[Tensor, Tensor]:
    """Both as tensors of floats, the targets in the shape and dtype of the outputs.

    Raises:
        ValueError: if the shapes do not fit; it names both and the mend.
    """
    y_true, y_pred = ops.convert_to_tensor(y_true), floating(y_pred)
    y_true = fitted(y_true, y_pred.shape)
    return y_true if y_true.dtype == y_pred.dtype else ops.cast(y_true, y_pred.dtype), y_pred


def reduced(
    losses: Tensor, sample_weight: TensorLike | None, masks: Iterable[Tensor | None], reduction: str
) -> Tensor:
    """The losses, weighted and masked, as one number.

    A mean is the sum divided by the number of losses, whatever the weights are; with a mask, by
    the number of losses that it lets through. A mean over nothing is 0.

    Args:
        losses: one loss a row `(n,)`, or one a step `(n, steps)`.
        sample_weight: `(n,)` or `(n, steps)`; None for none.
        masks: of ones and zeros, such as `(n, steps)`; each may be None.
        reduction: one of `REDUCTIONS`.

    Raises:
        ValueError: if weights or mask do not fit the losses; it names both shapes.
    """
    weights = None
    if sample_weight is not None:
        given = ops.convert_to_tensor(sample_weight, losses.dtype)
        weights = _aligned(given, losses.shape, "sample_weight")
    mask = _product(
        _aligned(ops.cast(mask, losses.dtype), losses.shape, "the mask of the outputs")
        for mask in masks
        if mask is not None
    )
    if mask is not None:
        if reduction in ("mean", "sum_over_batch_size"):
            # The mean over all losses is then that over those that count: scaled by size / counted.
            counting = ops.maximum(ops.sum(mask), 1.0)
            mask = ops.multiply(mask, ops.divide(float(mask.size), counting))
        weights = mask if weights is None else ops.multiply(weights, mask)
    if weights is not None:
        losses = ops.multiply(losses, weights)
    if reduction == "none" or losses.ndim == 0:
        return losses
    if reduction == "sum":
        return ops.sum(losses)
    if reduction == "mean_with_sample_weight" and weights is not None:
        total = ops.sum(weights)
        return ops.divide(ops.sum(losses), ops.where(ops.equal(total, 0.0), 1.0, total))
    return ops.mean(losses)


def _product(tensors: Iterable[Tensor]) -> Tensor | None:
    product = None
    for tensor in tensors:
        product = tensor if product is None else ops.multiply(product, tensor)
    return product


def _aligned(weights: Tensor, shape: tuple[int, ...], what: str) -> Tensor:
    """Weights with the axes of the losses: one a row counts for all steps of the row."""
    if weights.ndim == len(shape) + 1 and weights.shape[-1] == 1:
        weights = ops.squeeze(weights, -1)
    if weights.ndim < len(shape):
        weights = ops.reshape(weights, weights.shape + (1,) * (len(shape) - weights.ndim))
    fits = weights.ndim == len(shape) and all(
        a in (b, 1) for a, b in zip(weights.shape, shape, strict=True)
    )
    # A single loss for the batch, of a function that takes the mean itself, takes any weights.
    if not fits and math.prod(shape) != 1:
        raise ValueError(
            f"The losses have shape {shape}, but {what} has shape {weights.shape}; give one "
            "weight a row, (n,), or for sequences one a step, (n, steps)."
        )
    return weights
