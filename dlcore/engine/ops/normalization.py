"""Normalisation: over the batch, over each row, or with a mean and a variance that are given."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from dlcore.backends import compute
from dlcore.engine.ops.axes import mean as mean_over
from dlcore.engine.ops.axes import reshape, transpose
from dlcore.engine.ops.elementwise import add, divide, multiply, sqrt, square, subtract
from dlcore.engine.tensor import Tensor, TensorLike, convert_to_tensor, floating, result


def batch_norm(
    x: TensorLike, gamma: TensorLike, beta: TensorLike, axis: int = -1, epsilon: float = 1e-3
) -> tuple[Tensor, np.ndarray, np.ndarray]:
    """Each channel with the mean and the variance that it has in this batch.

        y = gamma (x - mean) / sqrt(variance + epsilon) + beta

    The gradient goes through the mean and the variance as well (Ioffe and Szegedy 2015, section 3).

    Args:
        x: inputs; the size of `axis` is c.
        gamma: scales, shape (c,).
        beta: offsets, shape (c,).
        axis: that of the channels; default: the last.
        epsilon: keeps a channel that does not vary from a division by 0.

    Returns:
        A Tensor of the shape of x, and the means and the variances, arrays of shape (c,).
    """
    x, gamma, beta = floating(x), convert_to_tensor(gamma), convert_to_tensor(beta)
    if axis % x.ndim != x.ndim - 1:
        order = _swapped(x.ndim, axis)
        y, mean, variance = batch_norm(transpose(x, order), gamma, beta, -1, epsilon)
        return transpose(y, order), mean, variance
    c = x.shape[-1]
    rows = x.data.reshape(-1, c)
    y, mean, variance = compute("batch_norm", rows, gamma.data, beta.data, epsilon=epsilon)

    def backward(dy: np.ndarray) -> list[np.ndarray]:
        given = (dy.reshape(-1, c), rows, gamma.data, mean, variance)
        dx, dgamma, dbeta = compute("batch_norm_grad", *given, epsilon=epsilon)
        return [dx.reshape(x.shape), dgamma, dbeta]

    return result(y.reshape(x.shape), [x, gamma, beta], backward), mean, variance


def batch_normalization(
    x: TensorLike,
    mean: TensorLike,
    variance: TensorLike,
    axis: int,
    offset: TensorLike | None = None,
    scale: TensorLike | None = None,
    epsilon: float = 1e-3,
) -> Tensor:
    """Each channel with a mean and a variance that are given.

        y = scale (x - mean) / sqrt(variance + epsilon) + offset

    Args:
        x: inputs; the size of `axis` is c.
        mean: shape (c,).
        variance: shape (c,).
        axis: that of the channels.
        offset: shape (c,); default None, no offset.
        scale: shape (c,); default None, no scale.
        epsilon: keeps a channel that does not vary from a division by 0.
    """
    x = floating(x)
    shape = tuple(n if i == axis % x.ndim else 1 for i, n in enumerate(x.shape))
    # All that goes by channels comes first, so that the large array is gone through twice only.
    factor = divide(1.0 if scale is None else scale, sqrt(add(variance, epsilon)))
    shift = multiply(mean, factor)
    shift = multiply(shift, -1.0) if offset is None else subtract(offset, shift)
    return add(multiply(x, reshape(factor, shape)), reshape(shift, shape))


def layer_normalization(
    x: TensorLike,
    gamma: TensorLike | None = None,
    beta: TensorLike | None = None,
    axis: int | Sequence[int] = -1,
    epsilon: float = 1e-3,
) -> Tensor:
    """Each row with its own mean and variance over the given axes.

        y = gamma (x - mean) / sqrt(variance + epsilon) + beta

    (Ba, Kiros and Hinton 2016, section 3.)

    Args:
        x: inputs.
        gamma: scales, of the shape that x has in the given axes; default None: 1.
        beta: offsets, of the same shape; default None: 0.
        axis: the axis, or the axes, that are normalised together.
        epsilon: keeps a row that does not vary from a division by 0.

    Returns:
        A Tensor of the shape of x.
    """
    x = floating(x)
    chosen = sorted({i % x.ndim for i in ([axis] if isinstance(axis, int) else axis)})
    rest = [i for i in range(x.ndim) if i not in chosen]
    if chosen != list(range(len(rest), x.ndim)):
        order = [*rest, *chosen]
        last = tuple(range(len(rest) - x.ndim, 0))
        y = layer_normalization(transpose(x, order), gamma, beta, last, epsilon)
        return transpose(y, [int(i) for i in np.argsort(order)])
    k = math.prod(x.shape[i] for i in chosen)
    gamma = Tensor(np.ones(k, x.dtype)) if gamma is None else reshape(gamma, (k,))
    beta = Tensor(np.zeros(k, x.dtype)) if beta is None else reshape(beta, (k,))
    rows = x.data.reshape(-1, k)
    y, mean, variance = compute("layer_norm", rows, gamma.data, beta.data, epsilon=epsilon)

    def backward(dy: np.ndarray) -> list[np.ndarray]:
        given = (dy.reshape(-1, k), rows, gamma.data, mean, variance)
        dx, dgamma, dbeta = compute("layer_norm_grad", *given, epsilon=epsilon)
        return [dx.reshape(x.shape), dgamma, dbeta]

    return result(y.reshape(x.shape), [x, gamma, beta], backward)


def moments(
    x: TensorLike, axes: int | Sequence[int], keepdims: bool = False
) -> tuple[Tensor, Tensor]:
    """The mean and the variance (divided by n) over the given axes."""
    x = floating(x)
    mean = mean_over(x, axes, keepdims=True)
    variance = mean_over(square(subtract(x, mean)), axes, keepdims)
    return (mean if keepdims else reshape(mean, variance.shape)), variance


def _swapped(rank: int, axis: int) -> list[int]:
    """The axes with one of them and the last in each other's place; its own inverse."""
    order = list(range(rank))
    order[axis], order[-1] = order[-1], order[axis]
    return order
