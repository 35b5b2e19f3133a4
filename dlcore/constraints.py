"""Constraints: what weights must be, to which each step of an optimizer brings them back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor, TensorLike
from dlcore.utils.config import Configurable
from dlcore.utils.lookup import getter, helpful_arguments, not_negative, number
from dlcore.utils.object_registration import publish

# Keeps a weight of zeros from a division by 0.
EPSILON = 1e-7


class Constraint(Configurable):
    """Base of the constraints: `constraint(w) -> w`, the weight as it is allowed to be.

    A layer takes one for each of its weights, and the optimizer applies it after every step that
    it takes. One of your own writes `__call__` with operations of `dlcore.ops`:

        class Centred(Constraint):
            def __call__(self, w):
                return w - ops.mean(w)
    """

    def __call__(self, w: TensorLike) -> Any:
        """The weight as it is allowed to be; in the base, as it is."""
        return w


class NonNeg(Constraint):
    """No number below 0: `w = max(w, 0)`.

    Dense(3, kernel_constraint=NonNeg())
    """

    def __call__(self, w: TensorLike) -> Tensor:  # noqa: D102
        return ops.maximum(w, 0)


class _Norm(Constraint):
    """Base of those that bring norms, `sqrt(sum(w^2))` along an axis, to what is desired.

    Args:
        axis: along which a norm is taken, or a list of axes; default 0: in a `Dense` layer those of
            the weights that lead to one unit. For the kernel of a `Conv2D` take [0, 1, 2].
    """

    def __init__(self, axis: int | Sequence[int] = 0) -> None:
        listed: list[Any] = list(axis) if isinstance(axis, list | tuple) else [axis]
        if not all(isinstance(i, int | np.integer) for i in listed):
            raise TypeError(
                f"The axis of a {type(self).__name__} is a whole number or a list of them, such as "
                f"0 or [0, 1, 2], not {axis!r}."
            )
        axes = [int(i) for i in listed]
        self.axis = axes if isinstance(axis, list | tuple) else axes[0]

    def __call__(self, w: TensorLike) -> Tensor:  # noqa: D102
        w = ops.convert_to_tensor(w)
        axes = [self.axis] if isinstance(self.axis, int) else self.axis
        if not all(-w.ndim <= axis < w.ndim for axis in axes):
            raise ValueError(
                f"{type(self).__name__} takes norms along axis {self.axis}, but the weight has "
                f"shape {w.shape}."
            )
        norms = ops.sqrt(ops.sum(ops.square(w), axis=self.axis, keepdims=True))
        return w * (self.desired(norms) / (EPSILON + norms))

    def desired(self, norms: Tensor) -> Any:
        """The norms as they are to be; what a subclass writes."""
        raise NotImplementedError(f"{type(self).__name__} has no desired(norms).")


class MaxNorm(_Norm):
    """Norms of at most `max_value` (Srivastava et al. 2014, section 5.1).

        Dense(3, kernel_constraint=MaxNorm(2))

    What is longer is scaled down: `w min(norm, max_value) / norm`.

    Args:
        max_value: from 0 up; default 2.
        axis: along which a norm is taken, or a list of axes; default 0: in a `Dense` layer those of
            the weights that lead to one unit. For the kernel of a `Conv2D` take [0, 1, 2].

    Raises:
        ValueError: if max_value is negative; when called, if the weight has no such axis.
        TypeError: if one is no number.
    """

    @helpful_arguments
    def __init__(self, max_value: float = 2, axis: int | Sequence[int] = 0) -> None:
        super().__init__(axis)
        self.max_value = not_negative("max_value", max_value, advice=2)

    def desired(self, norms: Tensor) -> Any:  # noqa: D102
        return ops.clip(norms, 0, self.max_value)


class UnitNorm(_Norm):
    """Norms of 1: `w / norm`.

        Dense(3, kernel_constraint=UnitNorm())

    Args:
        axis: along which a norm is taken, or a list of axes; default 0: in a `Dense` layer those of
            the weights that lead to one unit. For the kernel of a `Conv2D` take [0, 1, 2].

    Raises:
        ValueError: when called, if the weight has no such axis.
        TypeError: if it is no whole number.
    """

    @helpful_arguments
    def __init__(self, axis: int | Sequence[int] = 0) -> None:
        super().__init__(axis)

    def desired(self, norms: Tensor) -> Any:  # noqa: D102
        return 1.0


class MinMaxNorm(_Norm):
    """Norms between `min_value` and `max_value`.

        Dense(3, kernel_constraint=MinMaxNorm(0.5, 2))

    Each step brings a norm by the share `rate` of the way to the nearest norm that is allowed:
    `w (rate clip(norm, min_value, max_value) + (1 - rate) norm) / norm`.

    Args:
        min_value: from 0 (default) up.
        max_value: not below min_value; default 1.
        rate: from 0 to 1; default 1, the whole way.
        axis: along which a norm is taken, or a list of axes; default 0: in a `Dense` layer those of
            the weights that lead to one unit. For the kernel of a `Conv2D` take [0, 1, 2].

    Raises:
        ValueError: if a number is out of its range; when called, if the weight has no such axis.
        TypeError: if one is no number.
    """

    @helpful_arguments
    def __init__(
        self,
        min_value: float = 0.0,
        max_value: float = 1.0,
        rate: float = 1.0,
        axis: int | Sequence[int] = 0,
    ) -> None:
        super().__init__(axis)
        self.min_value = not_negative("min_value", min_value)
        self.max_value = not_negative("max_value", max_value, advice=1)
        self.rate = number("rate", rate)
        if self.max_value < self.min_value:
            raise ValueError(
                f"MinMaxNorm: max_value is {self.max_value:g}, below min_value, which is "
                f"{self.min_value:g}; exchange the two."
            )
        if not 0 <= self.rate <= 1:
            raise ValueError(f"MinMaxNorm: rate lies in [0, 1], but is {self.rate:g}; try 1.")

    def desired(self, norms: Tensor) -> Any:  # noqa: D102
        nearest = ops.clip(norms, self.min_value, self.max_value)
        return self.rate * nearest + (1 - self.rate) * norms


max_norm, min_max_norm, non_neg, unit_norm = MaxNorm, MinMaxNorm, NonNeg, UnitNorm

__all__ = [
    "Constraint",
    "MaxNorm",
    "MinMaxNorm",
    "NonNeg",
    "UnitNorm",
    "get",
    "max_norm",
    "min_max_norm",
    "non_neg",
    "unit_norm",
]


publish("keras.constraints", globals(), __all__)


@getter(
    "constraint",
    "a name such as 'max_norm' or an object such as MaxNorm(2)",
    "keras.constraints",
    Constraint,
    none=None,
)
def get(identifier: Any) -> Any:
    """The constraint meant by a name, a class, a description, or any function of a weight.

    A constraint is returned as it is, and None stays None.

    Raises:
        ValueError: if there is no constraint of that name.
        TypeError: if it is none of these.
    """


def __dir__() -> list[str]:
    return sorted(__all__)
