"""What Conv1D and Conv2D share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dlcore import activations, constraints, initializers, regularizers
from dlcore.engine.ops.windows import channels_last, conv, padding_named, places, sizes
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape, positive
from dlcore.layers.shape_inference import by, check_axes
from dlcore.utils.lookup import Identifier

Window = int | Sequence[int]


class BaseConv(Layer):
    """Base of the convolutions; `rank` is the number of axes that the kernel moves along."""

    rank = 2
    paddings: tuple[str, ...] = ("valid", "same")

    def __init__(
        self,
        filters: int,
        kernel_size: Window,
        strides: Window = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Window = 1,
        groups: int = 1,
        activation: Identifier | None = None,
        use_bias: bool = True,
        kernel_initializer: Identifier = "glorot_uniform",
        bias_initializer: Identifier = "zeros",
        kernel_regularizer: Identifier | None = None,
        bias_regularizer: Identifier | None = None,
        kernel_constraint: Identifier | None = None,
        bias_constraint: Identifier | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        owner = f"{type(self).__name__} {self.name!r}"
        self.filters = positive(filters, "filters", owner)
        self.kernel_size = sizes(kernel_size, self.rank, f"{owner}: kernel_size")
        self.strides = sizes(strides, self.rank, f"{owner}: strides")
        self.dilation_rate = sizes(dilation_rate, self.rank, f"{owner}: dilation_rate")
        self.padding = padding_named(padding, owner, self.paddings)
        self.data_format = channels_last(data_format, owner)
        if groups != 1:
            raise ValueError(
                f"{owner}: groups of channels are not there yet, so that groups can only be 1, "
                f"not {groups!r}."
            )
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ValueError(
                f"{owner}: strides {self.strides} and dilation_rate {self.dilation_rate} do not go "
                "together; leave one of them at 1."
            )
        self.groups = 1
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.kernel: Any = None
        self.bias: Any = None

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        self.compute_output_shape(input_shape)
        channels = input_shape[-1]
        if channels is None:
            raise ValueError(
                f"The layer {self.name!r} needs to know how many channels its input has, but the "
                f"shape is {input_shape}; only the other axes may be left open."
            )
        self.kernel = self.add_weight(
            (*self.kernel_size, *self._ends(channels)),
            self.kernel_initializer,
            name="kernel",
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        if self.use_bias:
            self.bias = self.add_weight(
                (self.filters,),
                self.bias_initializer,
                name="bias",
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def _ends(self, channels: int) -> tuple[int, int]:
        """The last two sizes of the kernel: one of channels, one of filters."""
        return channels, self.filters

    def _check_channels(self, x: Tensor, channels: int) -> None:
        if x.shape[-1] != channels:
            raise ValueError(
                f"The layer {self.name!r} takes inputs of {channels} channels, the last axis, but "
                f"was given shape {x.shape}."
            )

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        self.compute_output_shape(x.shape)
        self._check_channels(x, self.kernel.shape[-2])
        z = conv(
            x,
            self.kernel,
            strides=self.strides,
            padding=self.padding,
            dilation_rate=self.dilation_rate,
            bias=self.bias,
            relu=self.activation is activations.relu,
        )
        return z if self.activation is activations.relu else self.activation(z)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        check_axes(self.name, self.rank, input_shape)
        space = input_shape[1:-1]
        moves = self.kernel_size, self.strides, self.padding, self.dilation_rate
        found = places(tuple(space), *moves)
        if 0 in found:
            reach = [
                d * (k - 1) + 1 for k, d in zip(self.kernel_size, self.dilation_rate, strict=True)
            ]
            raise ValueError(
                f"The layer {self.name!r} has a kernel that reaches over {by(reach)} cells, which "
                f"does not fit into the {by(space)} of its input of shape {input_shape}; take a "
                "smaller kernel_size, or padding='same'."
            )
        return (input_shape[0], *found, self.filters)
