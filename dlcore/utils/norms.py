"""Vectors of length 1."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.backends import memory
from dlcore.engine import ops
from dlcore.engine.tensor import Tensor, TensorLike
from dlcore.utils.targets import refuse_text


def normalize(x: TensorLike, axis: int | None = -1, order: float = 2) -> Any:
    """The numbers of x divided by their norm along an axis: `x / (sum |x|^p)^(1/p)`.

    Where the norm is 0, x stays as it is.

    Args:
        x: an array, a list or a Tensor.
        axis: along which the norm is taken; default: the last; None: over all of x.
        order: p; default 2, the length of a vector. `np.inf` takes the largest `|x|`.

    Returns:
        A Tensor for a Tensor, else an array, of the shape of x.

    Raises:
        TypeError: if x holds text.
        ValueError: if the order is not above 0, or there is no such axis.
    """
    if not order > 0:
        raise ValueError(
            f"The order of a norm is above 0, not {order}; the length of a vector is 2."
        )
    values = x if isinstance(x, Tensor) else Tensor(_fractions(np.asarray(x)))
    size = ops.abs(values)
    if np.isinf(order):
        norm = ops.max(size, axis=axis, keepdims=True)
    else:
        # By the largest first: the squares of large numbers would be infinite.
        largest = ops.stop_gradient(_or_one(ops.max(size, axis=axis, keepdims=True)))
        powers = ops.power(ops.divide(size, largest), float(order))
        total = ops.sum(powers, axis=axis, keepdims=True)
        norm = ops.multiply(ops.power(_or_one(total), 1.0 / order), largest)
    normal = ops.divide(values, _or_one(norm))
    return normal if isinstance(x, Tensor) else memory.to_host(normal.data)


def _fractions(x: np.ndarray) -> np.ndarray:
    refuse_text(x, "x", "give each text a number first")
    return x if x.dtype.kind == "f" else x.astype(np.float64)


def _or_one(x: Tensor) -> Tensor:
    return ops.where(ops.equal(x, 0.0), 1.0, x)
