"""Activations that are composed of others, each so that no number overflows or is lost."""

from __future__ import annotations

import math

import numpy as np

from dlcore.backends import compute
from dlcore.engine.ops.axes import Axis, max, sum
from dlcore.engine.ops.elementwise import binary, exp, log, subtract
from dlcore.engine.tensor import Tensor, TensorLike, floating, result, stop_gradient


def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """The values of x where they are positive, else alpha (exp(x) - 1) (Clevert et al. 2016)."""
    x = floating(x)
    one, zero = np.ones((), x.dtype), np.zeros((), x.dtype)
    # exp(x) - 1 in one piece keeps the digits of an x close to 0; where x > 0 it could overflow.
    curve = compute("unary", binary(x.data, zero, "minimum"), op="expm1")
    curve = binary(curve, np.asarray(alpha, x.dtype), "multiply")
    positive = binary(x.data, zero, "greater")
    y = compute("where", positive, x.data, curve)

    def backward(dy: np.ndarray) -> list[np.ndarray]:
        # Below 0 the slope is alpha exp(x) = y + alpha.
        slope = binary(curve, np.asarray(alpha, x.dtype), "add")
        return [binary(dy, compute("where", positive, one, slope), "multiply")]

    return result(y, [x], backward)


def softplus(x: TensorLike) -> Tensor:
    """The soft maximum of x and 0, log(1 + exp(x)): a smooth relu; its slope is sigmoid(x)."""
    x = floating(x)
    # log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)), in which exp does not overflow.
    small = compute("unary", compute("unary", x.data, op="abs"), op="negative")
    small = compute("unary", compute("unary", small, op="exp"), op="log1p")
    y = binary(compute("relu", x.data), small, "add")
    return result(y, [x], lambda dy: [binary(dy, compute("sigmoid", x.data), "multiply")])


def erf(x: TensorLike) -> Tensor:
    """The error function; its slope is 2 / sqrt(pi) exp(-x^2)."""
    x = floating(x)
    y = compute("erf", x.data)

    def backward(dy: np.ndarray) -> list[np.ndarray]:
        bell = compute("unary", compute("unary", x.data, op="square"), op="negative")
        scale = np.asarray(2 / math.sqrt(math.pi), x.dtype)
        return [binary(dy, binary(compute("unary", bell, op="exp"), scale, "multiply"), "multiply")]

    return result(y, [x], backward)


def logsumexp(x: TensorLike, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The logarithm of the sum of exp(x) over the given axes, all of them by default."""
    x = floating(x)
    # Taking the maximum out of the sum changes nothing, and keeps exp from overflowing.
    maximum = stop_gradient(max(x, axis, keepdims=True))
    total = log(sum(exp(subtract(x, maximum)), axis, keepdims=keepdims))
    return total + (maximum if keepdims else maximum.data.reshape(total.shape))


def log_softmax(x: TensorLike, axis: int = -1) -> Tensor:
    """The logarithm of softmax(x): x - log(sum of exp(x)) along an axis."""
    x = floating(x)
    centred = subtract(x, stop_gradient(max(x, axis, keepdims=True)))
    return subtract(centred, log(sum(exp(centred), axis, keepdims=True)))
