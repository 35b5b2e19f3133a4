"""Convolutions that look at each channel by itself: DepthwiseConv2D and SeparableConv2D."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dlcore import activations, constraints, initializers, regularizers
from dlcore.engine import ops
from dlcore.engine.ops.windows import channels_last, padding_named, pads, places, sizes
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape, positive
from dlcore.layers.shape_inference import by, check_axes
from dlcore.utils.lookup import Identifier

Window = int | Sequence[int]


class _Depthwise(Layer):
    """What the two share: the window, and the sum over its cells."""

    def _set_window(
        self,
        kernel_size: Window,
        strides: Window,
        padding: str,
        depth_multiplier: int,
        data_format: str | None,
        dilation_rate: Window,
    ) -> None:
        owner = f"{type(self).__name__} {self.name!r}"
        self.kernel_size = sizes(kernel_size, 2, f"{owner}: kernel_size")
        self.strides = sizes(strides, 2, f"{owner}: strides")
        self.dilation_rate = sizes(dilation_rate, 2, f"{owner}: dilation_rate")
        self.padding = padding_named(padding, owner, ("valid", "same"))
        self.data_format = channels_last(data_format, owner)
        self.depth_multiplier = positive(depth_multiplier, "depth_multiplier", owner)

    def _places(self, shape: Shape) -> Shape:
        """How many places the window takes in rows and in columns."""
        check_axes(self.name, 2, shape)
        moves = self.kernel_size, self.strides, self.padding, self.dilation_rate
        found = places(tuple(shape[1:-1]), *moves)
        if 0 in found:
            raise ValueError(
                f"The layer {self.name!r} has a kernel of {by(self.kernel_size)} cells, which does "
                f"not fit into the {by(shape[1:-1])} of its input of shape {shape}; take a smaller "
                "kernel_size, or padding='same'."
            )
        return found

    def _channels(self, shape: Shape) -> int:
        self._places(shape)
        if shape[-1] is None:
            raise ValueError(
                f"The layer {self.name!r} needs to know how many channels its input has, but the "
                f"shape is {shape}; only the other axes may be left open."
            )
        return shape[-1]

    def _by_channel(self, x: Tensor, kernel: Any) -> Tensor:
        """`z[., c m + k] = sum over i, j of x[. + i, . + j, c] kernel[i, j, c, k]`, m a channel."""
        h, w = self._places(x.shape)
        assert h is not None and w is not None
        channels = kernel.shape[2]
        if x.shape[-1] != channels:
            raise ValueError(
                f"The layer {self.name!r} takes inputs of {channels} channels, the last axis, but "
                f"was given shape {x.shape}."
            )
        around = [
            pads(self.padding, size, k, stride, d)
            for size, k, stride, d in zip(
                x.shape[1:-1], self.kernel_size, self.strides, self.dilation_rate, strict=True
            )
        ]
        if any(map(any, around)):
            x = ops.pad(x, [(0, 0), *around, (0, 0)])
        total: Any = None
        for i in range(self.kernel_size[0]):
            for j in range(self.kernel_size[1]):
                rows, columns = (
                    slice(first, first + stride * (count - 1) + 1, stride)
                    for first, stride, count in zip(
                        (i * self.dilation_rate[0], j * self.dilation_rate[1]),
                        self.strides,
                        (h, w),
                        strict=True,
                    )
                )
                part = ops.expand_dims(x[:, rows, columns, :], -1) * kernel[i, j]
                total = part if total is None else total + part
        return ops.reshape(total, (x.shape[0], h, w, channels * self.depth_multiplier))


class DepthwiseConv2D(_Depthwise):
    """A convolution of each channel by itself: no channel sees another.

        layer = DepthwiseConv2D(3, padding="same")
        y = layer(x)                          # (n, 28, 28, 16) -> (n, 28, 28, 16)

    The weights are the kernel (kh, kw, channels, depth_multiplier), and the bias.

    Args:
        kernel_size: rows and columns of the window, one number for both or two.
        strides: cells from one place of the window to the next; default 1.
        padding: "valid" (default) or "same", as for `Conv2D`.
        depth_multiplier: how many outputs each channel has; default 1.
        data_format: only "channels_last".
        dilation_rate: distance between the cells of the window; default 1.
        activation: a name or a function; default None.
        use_bias: whether a bias is added; default True.
        depthwise_initializer: of the kernel; default "glorot_uniform".
        bias_initializer: default "zeros".
        depthwise_regularizer: of the kernel; default None.
        bias_regularizer: default None.
        depthwise_constraint: of it after each step, such as "max_norm"; default None.
        bias_constraint: the same of the bias.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if a number is below 1, the window does not fit, or the input is no image.
    """

    def __init__(
        self,
        kernel_size: Window,
        strides: Window = (1, 1),
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: Window = (1, 1),
        activation: Identifier | None = None,
        use_bias: bool = True,
        depthwise_initializer: Identifier = "glorot_uniform",
        bias_initializer: Identifier = "zeros",
        depthwise_regularizer: Identifier | None = None,
        bias_regularizer: Identifier | None = None,
        depthwise_constraint: Identifier | None = None,
        bias_constraint: Identifier | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._set_window(
            kernel_size, strides, padding, depth_multiplier, data_format, dilation_rate
        )
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.kernel: Any = None
        self.bias: Any = None

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        channels = self._channels(input_shape)
        self.kernel = self.add_weight(
            (*self.kernel_size, channels, self.depth_multiplier),
            self.depthwise_initializer,
            name="kernel",
            regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )
        if self.use_bias:
            self.bias = self.add_weight(
                (channels * self.depth_multiplier,),
                self.bias_initializer,
                name="bias",
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        z = self._by_channel(x, self.kernel)
        return self.activation(z if self.bias is None else z + self.bias)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        places = self._places(input_shape)
        channels = input_shape[-1]
        outputs = None if channels is None else channels * self.depth_multiplier
        return (input_shape[0], *places, outputs)


class SeparableConv2D(_Depthwise):
    """A convolution in two steps: each channel by itself, then a mix of the channels in each place.

        layer = SeparableConv2D(32, 3, padding="same")
        y = layer(x)                          # (n, 28, 28, 16) -> (n, 28, 28, 32)

    It has far fewer weights than `Conv2D` (Chollet 2017, "Xception"): the depthwise kernel
    (kh, kw, channels, depth_multiplier), the pointwise one (1, 1, channels depth_multiplier,
    filters), and the bias.

    Args:
        filters: how many channels come out.
        kernel_size: rows and columns of the window, one number for both or two.
        strides: cells from one place of the window to the next; default 1.
        padding: "valid" (default) or "same", as for `Conv2D`.
        data_format: only "channels_last".
        dilation_rate: distance between the cells of the window; default 1.
        depth_multiplier: how many outputs each channel has in the first step; default 1.
        activation: a name or a function; default None.
        use_bias: whether a bias is added; default True.
        depthwise_initializer: default "glorot_uniform".
        pointwise_initializer: default "glorot_uniform".
        bias_initializer: default "zeros".
        depthwise_regularizer: default None.
        pointwise_regularizer: default None.
        bias_regularizer: default None.
        depthwise_constraint: of it after each step, such as "max_norm"; default None.
        pointwise_constraint: the same of the pointwise kernel.
        bias_constraint: the same of the bias.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if a number is below 1, the window does not fit, or the input is no image.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: Window,
        strides: Window = (1, 1),
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: Window = (1, 1),
        depth_multiplier: int = 1,
        activation: Identifier | None = None,
        use_bias: bool = True,
        depthwise_initializer: Identifier = "glorot_uniform",
        pointwise_initializer: Identifier = "glorot_uniform",
        bias_initializer: Identifier = "zeros",
        depthwise_regularizer: Identifier | None = None,
        pointwise_regularizer: Identifier | None = None,
        bias_regularizer: Identifier | None = None,
        depthwise_constraint: Identifier | None = None,
        pointwise_constraint: Identifier | None = None,
        bias_constraint: Identifier | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._set_window(
            kernel_size, strides, padding, depth_multiplier, data_format, dilation_rate
        )
        self.filters = positive(filters, "filters", f"SeparableConv2D {self.name!r}")
        self.activation = activations.get(activation)
        self.use_bias = bool(use_bias)
        self.depthwise_initializer = initializers.get(depthwise_initializer)
        self.pointwise_initializer = initializers.get(pointwise_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.depthwise_regularizer = regularizers.get(depthwise_regularizer)
        self.pointwise_regularizer = regularizers.get(pointwise_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.depthwise_constraint = constraints.get(depthwise_constraint)
        self.pointwise_constraint = constraints.get(pointwise_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.depthwise_kernel: Any = None
        self.pointwise_kernel: Any = None
        self.bias: Any = None

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        channels = self._channels(input_shape)
        self.depthwise_kernel = self.add_weight(
            (*self.kernel_size, channels, self.depth_multiplier),
            self.depthwise_initializer,
            name="depthwise_kernel",
            regularizer=self.depthwise_regularizer,
            constraint=self.depthwise_constraint,
        )
        self.pointwise_kernel = self.add_weight(
            (1, 1, channels * self.depth_multiplier, self.filters),
            self.pointwise_initializer,
            name="pointwise_kernel",
            regularizer=self.pointwise_regularizer,
            constraint=self.pointwise_constraint,
        )
        if self.use_bias:
            self.bias = self.add_weight(
                (self.filters,),
                self.bias_initializer,
                name="bias",
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        h = self._by_channel(x, self.depthwise_kernel)
        w = self.pointwise_kernel
        return self.activation(ops.dense(h, ops.reshape(w, w.shape[2:]), self.bias))

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return (input_shape[0], *self._places(input_shape), self.filters)


SeparableConvolution2D = SeparableConv2D
