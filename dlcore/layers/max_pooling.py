"""The maximum of each window."""

from __future__ import annotations

from dlcore.engine.ops.windows import max_pool
from dlcore.layers.base_pooling import BasePooling


class MaxPooling1D(BasePooling):
    """The maximum of every few steps of a sequence, for each channel.

        layer = MaxPooling1D(2)
        y = layer(x)                          # (n, 60, 16) -> (n, 30, 16)

    Input `(n, steps, channels)`; with padding "valid" the output has
    `(steps - pool_size) / strides + 1` steps, rounded down, with "same" `steps / strides`, rounded
    up. The gradient goes to the first step that is as large as the maximum.

    Args:
        pool_size: steps in a window; default 2.
        strides: steps from one window to the next; default None, which is pool_size.
        padding: "valid" (default), windows lie inside; or "same", those at the ends see less.
        data_format: only "channels_last".
        kwargs: those of `Layer`.

    Raises:
        ValueError: if an argument is none of these, or no window fits into the input.
    """

    rank = 1
    pool = staticmethod(max_pool)


class MaxPooling2D(BasePooling):
    """The maximum of each window of an image, for each channel.

        layer = MaxPooling2D((2, 2))
        y = layer(x)                          # (n, 28, 28, 32) -> (n, 14, 14, 32)

    Input `(n, height, width, channels)`; with padding "valid" the output has
    `(height - pool_size) / strides + 1` rows, rounded down, with "same" `height / strides`, rounded
    up; columns likewise. The gradient goes to the first cell that is as large as the maximum.

    Args:
        pool_size: rows and columns of a window, a pair or one number for both; default (2, 2).
        strides: cells from one window to the next; default None, which is pool_size.
        padding: "valid" (default), windows lie inside; or "same", those at the edge see less.
        data_format: only "channels_last".
        kwargs: those of `Layer`.

    Raises:
        ValueError: if an argument is none of these, or no window fits into the input.
    """

    rank = 2
    pool = staticmethod(max_pool)


MaxPool1D = MaxPooling1D
MaxPool2D = MaxPooling2D
