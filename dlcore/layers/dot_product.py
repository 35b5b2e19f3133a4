"""The scalar products of two inputs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape
from dlcore.layers.merging import listed


class Dot(Layer):
    """The sums of the products of two inputs along an axis of each, row by row.

        y = Dot(axes=1)([a, b])     # of shape (n, 1), where a and b are both (n, 8)

    The output has the other axes of the first input, then those of the second. With `normalize`
    each vector is first brought to length 1, so that the products are the cosines of the angles.

    Args:
        axes: the axis that is summed over, which both have; or a pair, one for each input. The
            axis 0 is that of the rows.
        normalize: default False.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if there are not two inputs, or their sizes along the axes differ.
    """

    def __init__(self, axes: int | Sequence[int], normalize: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        pair = isinstance(axes, list | tuple) and len(axes) == 2
        numbers = axes if pair else [axes]
        if not all(isinstance(i, int | np.integer) and i != 0 for i in numbers):  # type: ignore[union-attr]
            raise ValueError(
                f"Dot {self.name!r}: axes is a whole number or a pair, such as 1 or (2, 1); "
                f"0 would be the axis of the rows, but is {axes!r}."
            )
        self.axes = axes
        self.normalize = bool(normalize)

    def build(self, input_shape: Any) -> None:  # noqa: D102
        self.compute_output_shape(input_shape)

    def call(self, xs: Sequence[Tensor]) -> Tensor:  # noqa: D102
        first, second = self._axes([x.shape for x in listed(self, xs)])
        # (n, others of a, k) times (n, k, others of b).
        a, b = _with_last(xs[0], first), _with_last(xs[1], second)
        rest = (*a.shape[1:-1], *b.shape[1:-1])
        left, right = (_as_rows(x) for x in (a, b))
        if self.normalize:
            left, right = _of_length_one(left), _of_length_one(right)
        y = ops.matmul(left, ops.transpose(right, (0, 2, 1)))
        return ops.reshape(y, (y.shape[0], *(rest or (1,))))

    def compute_output_shape(self, input_shape: Any) -> Shape:  # noqa: D102
        shapes = [tuple(shape) for shape in listed(self, input_shape)]
        axes = self._axes(shapes)
        rest = [
            size
            for shape, axis in zip(shapes, axes, strict=True)
            for i, size in enumerate(shape)
            if i not in (0, axis)
        ]
        return (shapes[0][0], *(rest or (1,)))

    def _axes(self, shapes: Sequence[Shape]) -> tuple[int, int]:
        """The axes of the two inputs, counted from the first."""
        if len(shapes) != 2:
            raise ValueError(
                f"The layer {self.name!r} takes 2 inputs, but was given {len(shapes)}."
            )
        numbers = self.axes if isinstance(self.axes, list | tuple) else (self.axes, self.axes)
        for axis, shape in zip(numbers, shapes, strict=True):
            if not -len(shape) < axis < len(shape):
                raise ValueError(
                    f"The layer {self.name!r} sums over axis {axis}, which an input of shape "
                    f"{shape} does not have."
                )
        first, second = (i % len(shape) for i, shape in zip(numbers, shapes, strict=True))
        sizes = shapes[0][first], shapes[1][second]
        if None not in sizes and sizes[0] != sizes[1]:
            raise ValueError(
                f"The layer {self.name!r} sums over the axes {first} and {second}, whose sizes "
                f"must be equal, but the shapes are {shapes[0]} and {shapes[1]}."
            )
        return first, second


def dot(inputs: Sequence[Any], axes: int | Sequence[int] = -1, **kwargs: Any) -> Any:
    """What a new layer `Dot` gives for two inputs; `kwargs` are those of the layer.

    Args:
        inputs: two arrays, tensors or symbols.
        axes: as for `Dot`; default: the last axis of each.
        kwargs: `normalize`, and those of `Layer`.
    """
    return Dot(axes, **kwargs)(inputs)


def _with_last(x: Tensor, axis: int) -> Tensor:
    """The input with one axis moved to the end."""
    others = [i for i in range(x.ndim) if i != axis]
    return ops.transpose(x, [*others, axis])


def _as_rows(x: Tensor) -> Tensor:
    """`(n, …, k)` as `(n, m, k)`."""
    return ops.reshape(x, (x.shape[0], math.prod(x.shape[1:-1]), x.shape[-1]))


def _of_length_one(x: Tensor) -> Tensor:
    """Vectors along the last axis, each divided by its length; a vector of zeros stays one."""
    square = ops.sum(ops.square(x), axis=-1, keepdims=True)
    return x / ops.sqrt(ops.maximum(square, 1e-12))
