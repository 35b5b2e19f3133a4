"""A layer of neurons, each connected to every input."""

from __future__ import annotations

from typing import Any

from dlcore import activations, constraints, initializers, regularizers
from dlcore.engine.ops.nn import dense
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape, positive
from dlcore.utils.lookup import Identifier


class Dense(Layer):
    """`y = activation(x w + b)`: each of the units weighs all inputs.

        layer = Dense(10, activation="relu")
        y = layer(x)                          # (n, 8) -> (n, 10)

    Input `(n, ..., i)`, output `(n, ..., units)`; the kernel w is `(i, units)`, the bias b
    `(units,)`.

    Args:
        units: number of neurons.
        activation: a name or a function; default None, which leaves x w + b as it is.
        use_bias: whether there is a b; default True.
        kernel_initializer: default "glorot_uniform".
        bias_initializer: default "zeros".
        kernel_regularizer: a cost of w that is added to the loss, such as "l2"; default None.
        bias_regularizer: the same for b.
        activity_regularizer: the same for the output, divided by the number of rows.
        kernel_constraint: what w must be after each step, such as "max_norm"; default None.
        bias_constraint: the same for b.
        kwargs: those of `Layer`.
    """

    supports_masking = True

    def __init__(
        self,
        units: int,
        activation: Identifier | None = None,
        use_bias: bool = True,
        kernel_initializer: Identifier = "glorot_uniform",
        bias_initializer: Identifier = "zeros",
        kernel_regularizer: Identifier | None = None,
        bias_regularizer: Identifier | None = None,
        activity_regularizer: Identifier | None = None,
        kernel_constraint: Identifier | None = None,
        bias_constraint: Identifier | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        self.units = positive(units, "units", f"Dense {self.name!r}")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.kernel: Any = None
        self.bias: Any = None

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        if len(input_shape) < 2:
            raise ValueError(
                f"The layer {self.name!r} takes inputs with an axis of rows and one of columns, "
                f"(n, columns), but was given shape {input_shape}; reshape one column to (n, 1)."
            )
        width = input_shape[-1]
        if width is None:
            raise ValueError(
                f"The layer {self.name!r} needs to know how many columns its input has, but the "
                f"shape is {input_shape}; only the rows may be left open."
            )
        self.kernel = self.add_weight(
            (width, self.units),
            self.kernel_initializer,
            name="kernel",
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        if self.use_bias:
            self.bias = self.add_weight(
                (self.units,),
                self.bias_initializer,
                name="bias",
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        if x.ndim < 2 or x.shape[-1] != self.kernel.shape[0]:
            width = self.kernel.shape[0]
            raise ValueError(
                f"The layer {self.name!r} takes inputs of {width} columns, shape (n, {width}), but "
                f"was given shape {x.shape}."
            )
        relu = self.activation is activations.relu
        z = dense(x, self.kernel, self.bias, relu)
        return z if relu else self.activation(z)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return (*input_shape[:-1], self.units)
