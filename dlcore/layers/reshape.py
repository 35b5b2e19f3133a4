"""The same numbers in another shape or order: Reshape, Permute and RepeatVector."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape, positive


class Reshape(Layer):
    """Each row in another shape: `Reshape((28, 28, 1))` makes images of rows of 784 numbers.

        layer = Reshape((28, 28, 1))
        y = layer(x)                          # (n, 784) -> (n, 28, 28, 1)

    Input `(n, ...)`, output `(n, *target_shape)`. The numbers keep their order.

    Args:
        target_shape: sizes without the number of rows; one may be -1 and is worked out.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if there is another size below 1, or the row has more or fewer numbers.
    """

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = tuple(int(size) for size in np.atleast_1d(target_shape))
        if self.target_shape.count(-1) > 1 or any(n < 1 and n != -1 for n in self.target_shape):
            raise ValueError(
                f"Reshape {self.name!r}: target_shape holds positive whole numbers, one of which "
                f"may be -1, but is {self.target_shape}."
            )

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        return ops.reshape(x, (x.shape[0], *self._row(x.shape[1:])))

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return (input_shape[0], *self._row(input_shape[1:]))

    def _row(self, given: Shape) -> Any:
        """The target for rows of a given shape; an unknown size leaves -1 unknown too."""
        known = math.prod(size for size in self.target_shape if size != -1)
        if None in given:
            return tuple(None if size == -1 else size for size in self.target_shape)
        count = math.prod(size for size in given if size is not None)
        rest, remainder = divmod(count, known)
        if remainder or (rest != 1 and -1 not in self.target_shape):
            raise ValueError(
                f"The layer {self.name!r} makes rows of shape {self.target_shape}, but was given "
                f"rows of shape {given}, that is, {count} numbers; both must hold as many."
            )
        return tuple(rest if size == -1 else size for size in self.target_shape)


class Permute(Layer):
    """The axes of each row in another order: `Permute((2, 1))` swaps the two after the rows.

        layer = Permute((2, 1))
        y = layer(x)                          # (n, 10, 64) -> (n, 64, 10)

    Args:
        dims: for each axis of the output that of the input; 1 is the first after the rows.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if dims does not hold each of 1, 2, … once, or the input has another number of
            axes.
    """

    def __init__(self, dims: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dims = tuple(int(axis) for axis in dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise ValueError(
                f"Permute {self.name!r}: dims holds each of the numbers 1 to {len(self.dims)} "
                f"once, but is {self.dims}; the axis of the rows stays where it is."
            )

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        self._check(x.shape)
        return ops.transpose(x, (0, *self.dims))

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        self._check(input_shape)
        return (input_shape[0], *(input_shape[axis] for axis in self.dims))

    def _check(self, shape: Shape) -> None:
        if len(shape) != len(self.dims) + 1:
            raise ValueError(
                f"The layer {self.name!r} orders {len(self.dims)} axes besides the rows, but was "
                f"given shape {shape}."
            )


class RepeatVector(Layer):
    """Each row n times: `(rows, columns)` becomes `(rows, n, columns)`, a sequence of equal steps.

        layer = RepeatVector(5)
        y = layer(x)                          # (n, 8) -> (n, 5, 8)

    Args:
        n: how often.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if n is no positive whole number, or the input has not two axes.
    """

    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n = positive(n, "n", f"RepeatVector {self.name!r}")

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        self._check(x.shape)
        return ops.repeat(ops.expand_dims(x, 1), self.n, axis=1)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        self._check(input_shape)
        return (input_shape[0], self.n, input_shape[1])

    def _check(self, shape: Shape) -> None:
        if len(shape) != 2:
            raise ValueError(
                f"The layer {self.name!r} repeats rows, inputs of shape (n, columns), but was "
                f"given shape {shape}."
            )
