"""From the losses of the rows, their weights and their mask to one number."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from dlcore import ops
from dlcore.tensor import Tensor

REDUCTIONS = ("sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none")


def reduced(
    losses: Tensor, sample_weight: Any, masks: Iterable[Tensor | None], reduction: str
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
            # Then the division by the number of all losses is one by those that count.
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
