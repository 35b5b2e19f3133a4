"""Regularizers: penalties on weights, which the training adds to the loss."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor, TensorLike
from dlcore.utils.config import Configurable
from dlcore.utils.lookup import getter, helpful_arguments, not_negative, one_of
from dlcore.utils.object_registration import publish


class Regularizer(Configurable):
    """Base of the regularizers: `regularizer(x) -> penalty`, a tensor of one number.

    One of your own writes `__call__` with operations of `dlcore.ops`:

        class Centre(Regularizer):
            def __call__(self, x):
                return 0.1 * ops.square(ops.mean(x))
    """

    def __call__(self, x: TensorLike) -> Tensor:
        """The penalty for a weight."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__(x).")


class L1(Regularizer):
    """The sum of magnitudes, `l1 * sum(|x|)`: many weights become zero.

        Dense(3, kernel_regularizer=L1(0.01))

    Args:
        l1: from 0 up; default 0.01.

    Raises:
        ValueError: if l1 is negative.
    """

    @helpful_arguments
    def __init__(self, l1: float | None = 0.01) -> None:
        self.l1 = not_negative("l1", 0.01 if l1 is None else l1, advice=0.01)

    def __call__(self, x: TensorLike) -> Tensor:  # noqa: D102
        return self.l1 * ops.sum(ops.abs(x))


class L2(Regularizer):
    """The sum of squares, `l2 * sum(x^2)`: weights stay small.

        Dense(3, kernel_regularizer=L2(0.01))

    Args:
        l2: from 0 up; default 0.01.

    Raises:
        ValueError: if l2 is negative.
    """

    @helpful_arguments
    def __init__(self, l2: float | None = 0.01) -> None:
        self.l2 = not_negative("l2", 0.01 if l2 is None else l2, advice=0.01)

    def __call__(self, x: TensorLike) -> Tensor:  # noqa: D102
        return self.l2 * ops.sum(ops.square(x))


class L1L2(Regularizer):
    """Both, `l1 * sum(|x|) + l2 * sum(x^2)`.

        Dense(3, kernel_regularizer=L1L2(l1=0.001, l2=0.01))

    Args:
        l1: from 0 (default) up.
        l2: from 0 (default) up. The name "l1_l2" stands for 0.01 and 0.01.

    Raises:
        ValueError: if one is negative.
    """

    @helpful_arguments
    def __init__(self, l1: float | None = 0.0, l2: float | None = 0.0) -> None:
        self.l1 = not_negative("l1", l1 or 0.0, advice=0.01)
        self.l2 = not_negative("l2", l2 or 0.0, advice=0.01)

    def __call__(self, x: TensorLike) -> Tensor:  # noqa: D102
        penalty = Tensor(np.zeros((), ops.convert_to_tensor(x).dtype))
        if self.l1:
            penalty = penalty + self.l1 * ops.sum(ops.abs(x))
        if self.l2:
            penalty = penalty + self.l2 * ops.sum(ops.square(x))
        return penalty


class OrthogonalRegularizer(Regularizer):
    """How far the rows (or columns) of a matrix are from standing at right angles.

    `factor` times the mean, over all pairs of rows, of the magnitude of the product of the two,
    each of them scaled to length 1.

    Args:
        factor: from 0 up; default 0.01.
        mode: "rows" (default) or "columns".

    Raises:
        ValueError: if factor is negative or there is no such mode; when called, if the weight is
            no matrix or has one row only.
    """

    @helpful_arguments
    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        self.factor = not_negative("factor", factor, advice=0.01)
        self.mode = one_of(mode, ("rows", "columns"), "mode of OrthogonalRegularizer")

    def __call__(self, x: TensorLike) -> Tensor:  # noqa: D102
        x = ops.convert_to_tensor(x)
        if x.ndim != 2:
            raise ValueError(
                f"OrthogonalRegularizer is for weights of two axes, such as the kernel of Dense, "
                f"but this one has shape {x.shape}."
            )
        if self.mode == "columns":
            x = ops.transpose(x)
        rows = x.shape[0]
        if rows < 2:
            raise ValueError(
                f"OrthogonalRegularizer compares the {self.mode} of a weight, but there is one."
            )
        lengths = ops.sqrt(ops.maximum(ops.sum(ops.square(x), axis=1, keepdims=True), 1e-24))
        unit = x / lengths
        others = 1 - np.eye(rows, dtype=x.dtype)
        products = ops.abs(ops.matmul(unit, ops.transpose(unit))) * others
        # Each pair is there twice.
        return self.factor / (rows * (rows - 1)) * ops.sum(products)


l1, l2, l1_l2 = L1, L2, L1L2
orthogonal_regularizer = OrthogonalRegularizer

__all__ = [
    "L1",
    "L1L2",
    "L2",
    "OrthogonalRegularizer",
    "Regularizer",
    "get",
    "l1",
    "l1_l2",
    "l2",
    "orthogonal_regularizer",
]


publish("keras.regularizers", globals(), __all__)

# Keras documents these numbers for the name; its class alone would punish nothing.
_BOTH = partial(L1L2, 0.01, 0.01)


@getter(
    "regularizer",
    "a name such as 'l2' or an object such as L2(0.01)",
    "keras.regularizers",
    Regularizer,
    dict.fromkeys(("l1_l2", "l1l2", "L1L2"), _BOTH),
    none=None,
)
def get(identifier: Any) -> Any:
    """The regularizer meant by a name, a class, a description, or any function of a weight.

    A regularizer is returned as it is, and None stays None.

    Raises:
        ValueError: if there is no regularizer of that name.
        TypeError: if it is none of these.
    """


def __dir__() -> list[str]:
    return sorted(__all__)
