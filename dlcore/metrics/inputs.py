"""What metrics are given, as arrays that fit each other: targets, outputs, weights, masks."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.tensor import Tensor
from dlcore.utils.targets import as_array, fitted


def alike(y_true: Any, y_pred: Any) -> tuple[np.ndarray, np.ndarray]:
    """Both as arrays, the targets in the shape of the predictions, at least one axis of outputs.

    Raises:
        ValueError: if the shapes do not fit; it names both and the mend.
    """
    y_pred = as_array(y_pred)
    y_true = fitted(as_array(y_true), y_pred.shape)
    return (y_true, y_pred) if y_pred.ndim > 1 else (y_true.reshape(-1, 1), y_pred.reshape(-1, 1))


def zeros_and_ones(y_true: np.ndarray, who: str) -> np.ndarray:
    """Targets as booleans.

    Raises:
        ValueError: if one is below 0 or above 1.
    """
    if y_true.size and (y_true.min() < 0 or y_true.max() > 1):
        signs = y_true.min() == -1 and y_true.max() == 1
        mend = "write y = (y + 1) / 2" if signs else "make class numbers one-hot rows"
        raise ValueError(
            f"{who} takes targets 0 and 1, but these go from {y_true.min():g} to "
            f"{y_true.max():g}; {mend}."
        )
    return y_true.astype(bool)


def refuse_scores(y_pred: np.ndarray, who: str, mend: str = "end the model in a sigmoid") -> None:
    """Raise a ValueError if predictions are not probabilities."""
    # Sums of probabilities in float32 may exceed 1 by rounding.
    if y_pred.size and (y_pred.min() < -1e-6 or y_pred.max() > 1 + 1e-6):
        raise ValueError(
            f"{who} takes probabilities from 0 to 1, but the predictions go from "
            f"{y_pred.min():.4g} to {y_pred.max():.4g}; {mend}."
        )


def weights_of(sample_weight: Any, y_pred: Any) -> np.ndarray | None:
    """The weights times the mask that y_pred may bring, None where there are neither.

    Args:
        sample_weight: `(n,)` or `(n, steps)`, or None.
        y_pred: outputs; the mask of a Tensor has shape `(n, steps)`.
    """
    mask = y_pred.mask if isinstance(y_pred, Tensor) else None
    weights = None if sample_weight is None else as_array(sample_weight).astype(np.float64)
    if mask is None:
        return weights
    counts = as_array(mask).astype(np.float64)
    if weights is None:
        return counts
    if weights.ndim > counts.ndim and weights.shape[-1] == 1:
        weights = weights[..., 0]
    if weights.ndim > counts.ndim:
        return counts.reshape(counts.shape + (1,) * (weights.ndim - counts.ndim)) * weights
    return counts * weights.reshape(weights.shape + (1,) * (counts.ndim - weights.ndim))


def weight_of_each(weights: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    """Weights in the shape of the predictions: one a row counts for all outputs of the row.

    Raises:
        ValueError: if they do not fit; it names both shapes.
    """
    if weights is None:
        return np.ones(shape)
    if weights.ndim == len(shape) + 1 and weights.shape[-1] == 1:
        weights = weights[..., 0]
    if weights.ndim > len(shape) or not all(
        a in (b, 1) for a, b in zip(weights.shape, shape, strict=False)
    ):
        raise ValueError(
            f"The predictions have shape {shape}, but sample_weight has shape {weights.shape}; "
            "give one weight a row, (n,), or for sequences one a step, (n, steps)."
        )
    weights = weights.reshape(weights.shape + (1,) * (len(shape) - weights.ndim))
    return np.broadcast_to(weights, shape)
