"""An activation function as a layer of its own."""

from __future__ import annotations

from typing import Any

from dlcore import activations
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape
from dlcore.utils.lookup import Identifier


class Activation(Layer):
    """`y = activation(x)`, elementwise for all but softmax.

        Activation("relu")(np.array([-2.0, 3.0]))   # [0.0, 3.0]

    Args:
        activation: a name such as "relu", or a function of a tensor.
        kwargs: those of `Layer`.
    """

    supports_masking = True

    def __init__(self, activation: Identifier, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.activation = activations.get(activation)

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        return self.activation(x)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return input_shape
