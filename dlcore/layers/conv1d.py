"""Convolution of sequences."""

from __future__ import annotations

from dlcore.layers.base_conv import BaseConv


class Conv1D(BaseConv):
    """Filters that move along a sequence: `y = activation(conv(x, kernel) + bias)`.

        layer = Conv1D(16, 3, padding="causal", activation="relu")
        y = layer(x)                          # (n, 60, 4) -> (n, 60, 16)

    At each step s, filter f gives the sum over i and c of `x[s + i, c] kernel[i, c, f]`.

    Input `(n, steps, channels)`, output `(n, steps, filters)`. With padding "valid" there are
    `(steps - kernel_size) / strides + 1` steps, rounded down, where a dilated kernel counts with
    its gaps; with "same" and "causal" there are `steps / strides`, rounded up.

    Args:
        filters: number of filters.
        kernel_size: how many steps a filter sees.
        strides: steps from one place of the filters to the next; default 1.
        padding: "valid" (default), none; "same", zeros on both sides, the odd one behind; or
            "causal", zeros in front only, so that no output depends on later inputs.
        data_format: only "channels_last".
        dilation_rate: distance between the steps that a filter sees; default 1. With more than 1,
            strides must be 1.
        groups: only 1.
        activation: a name or a function; default None.
        use_bias: whether there is a bias; default True.
        kernel_initializer: default "glorot_uniform".
        bias_initializer: default "zeros".
        kernel_regularizer: default None.
        bias_regularizer: default None.
        kernel_constraint: of the kernel after each step: `MaxNorm(2, [0, 1])`; default None.
        bias_constraint: the same of the bias.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if an argument is none of these, or the kernel does not fit into the input.
    """

    rank = 1
    paddings = ("valid", "same", "causal")


Convolution1D = Conv1D
