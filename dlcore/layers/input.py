"""The shape of what goes into a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dlcore.layers.layer import Layer, Shape, shape_tuple
from dlcore.tensor import Tensor


class InputLayer(Layer):
    """Says the shape of one row of input, and passes the rows on.

    Args:
        shape: such as `(8,)`, without the number of rows.
        name: default: input_layer, input_layer_1, …
    """

    def __init__(self, shape: Sequence[int], name: str | None = None) -> None:
        super().__init__(name=name)
        self.row_shape = shape_tuple(shape, "shape")
        self.built = True

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        return x

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return input_shape


def Input(shape: Any = None, name: str | None = None) -> InputLayer:  # noqa: N802
    """The start of a Sequential model: `Sequential([Input((8,)), Dense(1)])`.

    Args:
        shape: shape of one row of input, such as `(8,)`, without the number of rows.
        name: default: input_layer, input_layer_1, …

    Raises:
        ValueError: if there is no shape, or it does not hold positive whole numbers.
    """
    if shape is None:
        raise ValueError("Input needs the shape of one row of input, such as Input(shape=(8,)).")
    return InputLayer(shape, name)
