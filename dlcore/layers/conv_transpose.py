"""Transposed convolutions: from few places to many, the way back through a convolution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dlcore.engine.ops.transposed import conv_transpose, cut, output_paddings, spread_size
from dlcore.engine.tensor import Tensor
from dlcore.layers.base_conv import BaseConv, Window
from dlcore.layers.layer import Shape
from dlcore.layers.shape_inference import check_axes


class BaseConvTranspose(BaseConv):
    """Base of the transposed convolutions."""

    not_in_config = BaseConv.not_in_config | {"groups"}

    def __init__(
        self,
        filters: int,
        kernel_size: Window,
        strides: Window = 1,
        padding: str = "valid",
        output_padding: int | Sequence[int] | None = None,
        data_format: str | None = None,
        dilation_rate: Window = 1,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            filters, kernel_size, strides, padding, data_format, dilation_rate, **kwargs
        )
        owner = f"{type(self).__name__} {self.name!r}"
        given = output_paddings(output_padding, self.strides, owner)
        self.output_padding = None if output_padding is None else given

    def _ends(self, channels: int) -> tuple[int, int]:
        return self.filters, channels

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        self.compute_output_shape(x.shape)
        self._check_channels(x, self.kernel.shape[-1])
        z = conv_transpose(
            x,
            self.kernel,
            strides=self.strides,
            padding=self.padding,
            output_padding=self.output_padding,
            dilation_rate=self.dilation_rate,
        )
        return self.activation(z if self.bias is None else z + self.bias)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        check_axes(self.name, self.rank, input_shape)
        more = self.output_padding or (None,) * self.rank
        spread = []
        for size, k, s, m, d in zip(
            input_shape[1:-1], self.kernel_size, self.strides, more, self.dilation_rate, strict=True
        ):
            spread.append(spread_size(size, k, s, cut(k, s, self.padding, m, d), d))
        if any(size is not None and size < 1 for size in spread):
            raise ValueError(
                f"Of an input of shape {input_shape} the layer {self.name!r} leaves nothing, with "
                f"strides {self.strides}, padding {self.padding!r} and output_padding "
                f"{self.output_padding}; take padding='valid'."
            )
        return (input_shape[0], *spread, self.filters)


class Conv1DTranspose(BaseConvTranspose):
    """Filters that spread each step of a sequence over several: `Conv1D` the other way round.

        layer = Conv1DTranspose(16, 3, strides=2, padding="same")
        y = layer(x)                          # (n, 30, 4) -> (n, 60, 16)

    The weights are the kernel (kernel_size, filters, channels), and the bias.

    Args:
        filters: number of filters.
        kernel_size: over how many steps a filter spreads one.
        strides: steps of the output from one step of the input to the next; default 1.
        padding: "valid" (default) or "same", as for `Conv2DTranspose`.
        output_padding: as for `Conv2DTranspose`; default None.
        data_format: only "channels_last".
        dilation_rate: distance between the steps that a filter spreads to; default 1.
        kwargs: activation, use_bias, initializers, regularizers and constraints of `Conv1D`, and
            those of `Layer`.

    Raises:
        ValueError: if an argument is none of these, or nothing is left of the output.
    """

    rank = 1


class Conv2DTranspose(BaseConvTranspose):
    """Filters that spread each place of an image over several: `Conv2D` the other way round.

        layer = Conv2DTranspose(16, 3, strides=2, padding="same")
        y = layer(x)                          # (n, 14, 14, 32) -> (n, 28, 28, 16)

    At each place (r, s) of the input, and for each of its channels c, the kernel is added to the
    output: `x[r, s, c] kernel[i, j, f, c]` to filter f at (r strides + i, s strides + j). It is
    what `Conv2D` does to a gradient (Dumoulin and Visin 2016, section 4), and how decoders and
    generators make pictures larger.

    Input `(n, height, width, channels)`, output `(n, rows, columns, filters)`. With padding "same"
    there are `height * strides` rows; with "valid"
    `(height - 1) * strides + max(kernel_size, strides)`, where a dilated kernel counts with its
    gaps. With an output_padding p there are `(height - 1) * strides + kernel_size + p` rows in
    "valid", and in "same" `(height - 1) * strides + p`, one more where the kernel is odd. Columns
    likewise.

    The weights are the kernel (rows, columns, filters, channels), and the bias.

    Args:
        filters: number of filters.
        kernel_size: rows and columns that a filter spreads to, a pair or one number for both.
        strides: cells of the output from one place of the input to the next; default (1, 1).
        padding: "valid" (default), all that is spread; or "same", without the cells at the edges.
        output_padding: a pair or one number, below the strides; default None, the usual sizes.
        data_format: only "channels_last".
        dilation_rate: distance between the cells that a filter spreads to; default (1, 1). With
            more than 1, strides must be 1.
        kwargs: activation, use_bias, initializers, regularizers and constraints of `Conv2D`, and
            those of `Layer`.

    Raises:
        ValueError: if an argument is none of these, or nothing is left of the output.
    """

    rank = 2


Convolution1DTranspose = Conv1DTranspose
Convolution2DTranspose = Conv2DTranspose
