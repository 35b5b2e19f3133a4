"""Softmax as a layer, over any axes and with a mask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore import activations
from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape

# Added to a score, it leaves nothing of exp.
_NEVER = -1e9


class Softmax(Layer):
    """`y = exp(x) / sum of exp(x)`: positive numbers that add up to one along an axis.

        y = Softmax()(scores, mask=allowed)   # 0 where the mask is 0

    Args:
        axis: along which they add up; default: the last. Several axes add up together.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if the input has no such axis, or the mask does not fit.
    """

    supports_masking = True
    activation = staticmethod(activations.softmax)

    def __init__(self, axis: int | Sequence[int] = -1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = int(axis) if isinstance(axis, int | np.integer) else [int(i) for i in axis]

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        for axis in self._axes:
            if not -len(input_shape) <= axis < len(input_shape):
                raise ValueError(
                    f"The layer {self.name!r} goes along axis {axis}, but its input has the shape "
                    f"{input_shape}; the last axis is -1."
                )

    def call(self, x: Tensor, mask: Any = None) -> Tensor:  # noqa: D102
        if mask is not None:
            mask = ops.convert_to_tensor(mask)
            if not _broadcasts(mask.shape, x.shape):
                if mask.shape != x.shape[: mask.ndim]:
                    raise ValueError(
                        f"The layer {self.name!r} was given a mask of shape {mask.shape}, which "
                        f"does not fit its input of shape {x.shape}: each size of the mask, from "
                        "the last, must be that of the input or 1."
                    )
                # A mask of the steps of a sequence: it says nothing about what adds up here.
                mask = None
        if mask is not None:
            x = ops.where(mask, x, _NEVER)
        if len(self._axes) == 1:
            y = ops.softmax(x, self._axes[0])
        else:
            y = ops.exp(x - ops.logsumexp(x, self._axes, keepdims=True))
        return y if mask is None else ops.where(mask, y, 0.0)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return input_shape

    @property
    def _axes(self) -> list[int]:
        return [self.axis] if isinstance(self.axis, int) else self.axis


def _broadcasts(shape: tuple[int, ...], to: tuple[int, ...]) -> bool:
    """Whether an array of a shape can be repeated to another shape."""
    pairs = zip(reversed(shape), reversed(to), strict=False)
    return len(shape) <= len(to) and all(m in (1, n) for m, n in pairs)
