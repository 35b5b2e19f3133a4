"""Clipping: gradients that are too large are made smaller before a step."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlcore.backends import compute


def clip_by_value(gradient: np.ndarray, bound: float) -> np.ndarray:
    """The gradient with each number kept between -bound and bound."""
    low, high = (np.asarray(value, gradient.dtype) for value in (-bound, bound))
    return compute("binary", compute("binary", gradient, low, op="maximum"), high, op="minimum")


def clip_by_norm(gradient: np.ndarray, bound: float) -> np.ndarray:
    """The gradient, shrunk to the norm `bound` where its own is greater.

    `g * bound / max(norm, bound)`, with the Euclidean norm over all its numbers.
    """
    limit = np.asarray(bound, gradient.dtype)
    norm = compute("unary", _sum_of_squares(gradient), op="sqrt")
    scaled = compute("binary", gradient, limit, op="multiply")
    return compute("binary", scaled, compute("binary", norm, limit, op="maximum"), op="divide")


def clip_by_global_norm(gradients: Sequence[np.ndarray], bound: float) -> list[np.ndarray]:
    """The gradients, shrunk together where the norm of all their numbers is greater than `bound`.

    Their directions and their sizes relative to each other stay (Pascanu et al. 2013, "On the
    difficulty of training recurrent neural networks", algorithm 1).
    """
    total = _sum_of_squares(gradients[0])
    for gradient in gradients[1:]:
        total = compute("binary", total, _sum_of_squares(gradient), op="add")
    norm = compute("unary", total, op="sqrt")
    limit = np.asarray(bound, norm.dtype)
    scale = compute("binary", limit, compute("binary", norm, limit, op="maximum"), op="divide")
    # Of an infinite norm the scale would be 0, and the model would stand still without a word;
    # with inf - inf added it is NaN, which is reported.
    nothing = compute("binary", norm, norm, op="subtract")
    scale = compute("binary", scale, nothing, op="add")
    return [compute("binary", gradient, scale, op="multiply") for gradient in gradients]


def _sum_of_squares(x: np.ndarray) -> np.ndarray:
    squares = compute("unary", x, op="square")
    return compute("reduce", squares, op="sum", axis=tuple(range(x.ndim)), keepdims=False)
