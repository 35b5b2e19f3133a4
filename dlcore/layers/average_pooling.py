"""The mean of each window."""

from __future__ import annotations

from dlcore.engine.ops.windows import average_pool
from dlcore.layers.base_pooling import BasePooling


class AveragePooling1D(BasePooling):
    """The mean of every few steps of a sequence, for each channel.

        layer = AveragePooling1D(2)
        y = layer(x)                          # (n, 60, 16) -> (n, 30, 16)

    Shapes are those of `MaxPooling1D`. A window at an end is the mean of the steps that it sees:
    padding is not counted.

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
    pool = staticmethod(average_pool)


class AveragePooling2D(BasePooling):
    """The mean of each window of an image, for each channel.

        layer = AveragePooling2D((2, 2))
        y = layer(x)                          # (n, 28, 28, 32) -> (n, 14, 14, 32)

    Shapes are those of `MaxPooling2D`. A window at the edge is the mean of the cells that it sees:
    padding is not counted.

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
    pool = staticmethod(average_pool)


AvgPool1D = AveragePooling1D
AvgPool2D = AveragePooling2D
