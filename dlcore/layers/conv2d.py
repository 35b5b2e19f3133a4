"""Convolution of images."""

from __future__ import annotations

from dlcore.layers.base_conv import BaseConv


class Conv2D(BaseConv):
    """Filters that move over images: `y = activation(conv(x, kernel) + bias)`.

        layer = Conv2D(32, (3, 3), padding="same", activation="relu")
        y = layer(x)                          # (n, 28, 28, 1) -> (n, 28, 28, 32)

    At each place (r, s), filter f gives the sum over i, j and c of
    `x[r + i, s + j, c] kernel[i, j, c, f]` (LeCun et al. 1998, section II).

    Input `(n, height, width, channels)`, output `(n, rows, columns, filters)`. With padding
    "valid" there are `(height - kernel_size) / strides + 1` rows, rounded down, where a dilated
    kernel counts with its gaps; with "same" there are `height / strides`, rounded up. Columns
    likewise.

    Args:
        filters: number of filters.
        kernel_size: rows and columns that a filter sees, a pair or one number for both.
        strides: cells from one place of the filters to the next; default (1, 1).
        padding: "valid" (default), none; or "same", zeros around, the odd row or column below and
            on the right.
        data_format: only "channels_last".
        dilation_rate: distance between the cells that a filter sees; default (1, 1). With more
            than 1, strides must be 1.
        groups: only 1.
        activation: a name or a function; default None.
        use_bias: whether there is a bias; default True.
        kernel_initializer: default "glorot_uniform".
        bias_initializer: default "zeros".
        kernel_regularizer: default None.
        bias_regularizer: default None.
        kernel_constraint: of the kernel after each step: `MaxNorm(2, [0, 1, 2])`; default None.
        bias_constraint: the same of the bias.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if an argument is none of these, or the kernel does not fit into the input.
    """

    rank = 2


Convolution2D = Conv2D
