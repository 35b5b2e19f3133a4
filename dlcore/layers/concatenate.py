"""Several inputs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape
from dlcore.layers.merging import listed


class Concatenate(Layer):
    """The inputs one after the other along an axis: (n, 3) and (n, 5) give (n, 8).

        y = Concatenate()([a, b])

    Args:
        axis: default: the last.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if the inputs have no such axis, or differ in another one.
    """

    supports_masking = True

    def __init__(self, axis: int = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = int(axis)

    def build(self, input_shape: Any) -> None:  # noqa: D102
        self.compute_output_shape(input_shape)

    def call(self, xs: Sequence[Tensor]) -> Tensor:  # noqa: D102
        self.compute_output_shape([x.shape for x in listed(self, xs)])
        return ops.concatenate(xs, self.axis)

    def compute_output_shape(self, input_shape: Any) -> Shape:  # noqa: D102
        shapes = [tuple(shape) for shape in listed(self, input_shape)]
        rank = len(shapes[0])
        axis = self.axis % rank if -rank <= self.axis < rank else None
        if axis is None or any(len(shape) != rank for shape in shapes):
            self._refuse(shapes)
        sizes: list[Any] = []
        for i, together in enumerate(zip(*shapes, strict=True)):
            known = {size for size in together if size is not None}
            if i == axis:
                sizes.append(None if None in together else sum(together))
            elif len(known) > 1:
                self._refuse(shapes)
            else:
                sizes.append(known.pop() if known else None)
        return tuple(sizes)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:  # noqa: D102
        if mask is None or all(m is None for m in mask):
            return None
        # An input without a mask counts in all its steps.
        masks = [
            np.ones(x.shape[:2], np.float32) if m is None else m
            for m, x in zip(mask, inputs, strict=True)
        ]
        if self.axis % inputs[0].ndim == 1:
            return ops.concatenate(masks, 1)
        y = masks[0]
        for m in masks[1:]:
            y = ops.logical_or(y, m)
        return y

    def _refuse(self, shapes: list[Shape]) -> None:
        raise ValueError(
            f"The layer {self.name!r} joins its inputs along axis {self.axis}, where their sizes "
            f"may differ; all others must be alike, but the shapes are "
            f"{' and '.join(map(str, shapes))}."
        )


def concatenate(inputs: Sequence[Any], axis: int = -1, **kwargs: Any) -> Any:
    """What a new layer `Concatenate` gives for a list of inputs; `kwargs` are those of `Layer`."""
    return Concatenate(axis, **kwargs)(inputs)
