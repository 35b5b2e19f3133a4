"""A cost of large outputs."""

from __future__ import annotations

from typing import Any

from dlcore import regularizers
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape


class ActivityRegularization(Layer):
    """`y = x`, and `l1 sum |x| + l2 sum x^2`, divided by the number of rows, is added to the loss.

        layer = ActivityRegularization(l2=0.01)
        y = layer(x)                          # (n, 8) -> (n, 8)

    Args:
        l1: default 0.
        l2: default 0.
        kwargs: those of `Layer`.
    """

    supports_masking = True
    # The two numbers make it up.
    not_in_config = Layer.not_in_config | {"activity_regularizer"}

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **kwargs: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **kwargs)
        self.l1 = l1
        self.l2 = l2

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        return x

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return input_shape
