"""A layer applied to every step of a sequence."""

from __future__ import annotations

import math
from typing import Any

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape


class TimeDistributed(Layer):
    """The same layer at every step: `(n, steps, …)`, each step by itself.

        layer = TimeDistributed(Conv2D(4, 3))
        y = layer(x)                          # (n, 10, 28, 28, 1) -> (n, 10, 26, 26, 4)

    All steps of all rows are one batch for the layer inside, so that a BatchNormalization takes its
    mean over rows and steps. A mask of the steps is passed on.

    Args:
        layer: such as `Dense(4)`; it is called on inputs without the axis of the steps.
        kwargs: those of `Layer`.

    Raises:
        TypeError: if it is no layer.
        ValueError: if the input has no axis of steps.
    """

    supports_masking = True

    def __init__(self, layer: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(layer, Layer):
            raise TypeError(
                f"TimeDistributed {self.name!r} takes a layer such as Dense(4), not {layer!r}."
            )
        self.layer = layer

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        self.layer.build_once(self._of_a_step(input_shape))

    def call(self, x: Tensor, training: bool = False) -> Tensor:  # noqa: D102
        self._of_a_step(x.shape)
        rows, steps = x.shape[:2]
        y = self.layer(ops.reshape(x, (rows * steps, *x.shape[2:])), training=training)
        return ops.reshape(y, (rows, steps, *y.shape[1:]))

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        inside = self.layer.compute_output_shape(self._of_a_step(input_shape))
        return (*input_shape[:2], *inside[1:])

    def _of_a_step(self, shape: Shape) -> Shape:
        """The shape of what the layer inside is called on."""
        if len(shape) < 3:
            raise ValueError(
                f"The layer {self.name!r} takes sequences of shape (n, steps, …), but was given "
                f"shape {shape}; without an axis of steps call the layer inside itself."
            )
        sizes = shape[:2]
        return (None if None in sizes else math.prod(sizes), *shape[2:])  # type: ignore[arg-type]
