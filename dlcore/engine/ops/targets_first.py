"""Losses as operations, `(target, output)` as in `keras.ops`; whoever swaps the two is told so."""

from __future__ import annotations

import numpy as np

from dlcore.engine.ops import nn
from dlcore.engine.ops.axes import last, reshape, squeeze
from dlcore.engine.tensor import Tensor, TensorLike, convert_to_tensor


def mean_squared_error(target: TensorLike, output: TensorLike) -> Tensor:
    """The mean over the last axis of (output - target)^2, with its gradient to the output.

    Args:
        target: what the output should be, shape (..., k).
        output: what a model gives, of the same shape.

    Raises:
        ValueError: if the shapes differ, or the two are swapped.
    """
    t, y = _in_order("mean_squared_error", target, output)
    return nn.mean_squared_error(t, y)


def binary_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False
) -> Tensor:
    """-t log y - (1 - t) log(1 - y) for each target t and output y.

    Args:
        target: numbers from 0 to 1, of any shape.
        output: probabilities of the same shape, as a sigmoid gives them.
        from_logits: whether the output holds what goes into the sigmoid instead.

    Returns:
        A Tensor of that shape.

    Raises:
        ValueError: if the shapes differ, or the two are swapped.
    """
    t, y = _in_order("binary_crossentropy", target, output)
    losses = nn.binary_crossentropy(reshape(t, (-1, 1)), reshape(y, (-1, 1)), from_logits)
    return reshape(losses, y.shape)


def categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """Minus the sum over the classes of t log p, with p = y / sum(y).

    Args:
        target: one-hot rows or probabilities t, shape (..., k).
        output: probabilities y of the same shape, as a softmax gives them.
        from_logits: whether the output holds what goes into the softmax instead.
        axis: of the k classes; default: the last.

    Returns:
        A Tensor of one loss a row, shape (...).

    Raises:
        ValueError: if the shapes differ, or the two are swapped.
    """
    t, y = _in_order("categorical_crossentropy", target, output)
    return nn.categorical_crossentropy(last(t, axis), last(y, axis), from_logits)


def sparse_categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool = False, axis: int = -1
) -> Tensor:
    """-log p[label], with p = y / sum(y).

    Args:
        target: class numbers, shape (...) or (..., 1).
        output: probabilities y, shape (..., k), as a softmax gives them.
        from_logits: whether the output holds what goes into the softmax instead.
        axis: of the k classes in the output; default: the last.

    Returns:
        A Tensor of one loss a row, shape (...).

    Raises:
        ValueError: if the shapes do not fit, or the two are swapped.
    """
    name = "sparse_categorical_crossentropy"
    labels, given = convert_to_tensor(target), convert_to_tensor(output)
    y = last(given, axis) if given.ndim else given
    if labels.shape == (*y.shape[:-1], 1) != y.shape:
        labels = squeeze(labels, -1)
    if not y.ndim or labels.shape != y.shape[:-1]:
        swapped = labels.ndim > 0 and given.shape in (labels.shape[:-1], (*labels.shape[:-1], 1))
        told = "the two are swapped" if swapped else "the shapes do not fit"
        raise ValueError(
            f"ops.{name}(target, output) takes class numbers of shape (...) and outputs of shape "
            f"(..., k), but was given {labels.shape} and {given.shape}: {told}."
        )
    return nn.sparse_categorical_crossentropy(labels, y, from_logits)


def _in_order(name: str, target: TensorLike, output: TensorLike) -> tuple[Tensor, Tensor]:
    """Both as tensors of one shape, unless the first is clearly what a model gives."""
    t, y = convert_to_tensor(target), convert_to_tensor(output)
    if t.shape != y.shape:
        raise ValueError(
            f"ops.{name}(target, output) takes two of one shape, but was given {t.shape} and "
            f"{y.shape}."
        )
    why = ""
    if t.requires_grad and not y.requires_grad:
        why = "the gradient goes to the output, but only the target was calculated from weights"
    elif y.dtype.kind in "biu" and t.dtype.kind == "f":
        why = f"the output holds whole numbers ({y.dtype}), the target numbers with a fraction"
    elif (
        name != "mean_squared_error"
        and not y.requires_grad
        and y.logits is None
        and _zeros_and_ones(y.data)
        and ((t.data > 0) & (t.data < 1)).any()
    ):
        why = "the output holds only zeros and ones, the target probabilities"
    if why:
        raise ValueError(f"ops.{name}(target, output) was given the two swapped: {why}.")
    return t, y


def _zeros_and_ones(x: np.ndarray) -> bool:
    return bool(((x == 0) | (x == 1)).all() and (x == 0).any() and (x == 1).any())
