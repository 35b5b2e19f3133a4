"""Pooling of sequences and pictures: one number for each window."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dlcore.backends import compute
from dlcore.engine.tensor import Tensor, recording
from dlcore.ops.axes import reshape
from dlcore.ops.core import floating, result
from dlcore.ops.windows import channels_last, padding_named, pads, sizes

Window = int | Sequence[int]


def max_pool(
    inputs: Any,
    pool_size: Window,
    strides: Window | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """The greatest number of each window; its gradient goes to the first one that is as great.

    Args:
        inputs: sequences (n, steps, c) or pictures (n, h, w, c).
        pool_size: size of the window, one number for all axes or one for each.
        strides: cells from one window to the next; default: pool_size, windows side by side.
        padding: "valid" (default): windows lie inside; "same": there are size / strides windows,
            rounded up, and those at the edge see less.
        data_format: only "channels_last".

    Returns:
        A Tensor of as many axes, with fewer steps, or rows and columns.

    Raises:
        ValueError: if the shapes do not fit, or the window fits in nowhere.
    """
    return _pooled("max_pool", _max, inputs, pool_size, strides, padding, data_format)


def average_pool(
    inputs: Any,
    pool_size: Window,
    strides: Window | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """The mean of each window, over the cells that lie inside: padding is not counted.

    Args: as those of `max_pool`.
    """
    return _pooled("average_pool", _average, inputs, pool_size, strides, padding, data_format)


def _max(x: Tensor, **attributes: Any) -> Tensor:
    # Where the greatest numbers lie is only asked for by the gradient.
    without = () if recording() and x.requires_grad else ("argmax",)
    y, argmax = compute("max_pool2d", x.data, without=without, **attributes)
    return result(y, [x], lambda dy: [compute("max_pool2d_grad", dy, argmax, x.data)])


def _average(x: Tensor, **attributes: Any) -> Tensor:
    y = compute("avg_pool2d", x.data, **attributes)
    return result(y, [x], lambda dy: [compute("avg_pool2d_grad", dy, x.data, **attributes)])


def _pooled(
    what: str,
    pool: Callable[..., Tensor],
    inputs: Any,
    pool_size: Window,
    strides: Window | None,
    padding: str,
    data_format: str | None,
) -> Tensor:
    x = floating(inputs)
    channels_last(data_format, what)
    rank = x.ndim - 2
    if rank not in (1, 2):
        raise ValueError(
            f"{what} takes sequences (n, steps, c) or pictures (n, h, w, c), not shape {x.shape}."
        )
    window = sizes(pool_size, rank, f"{what}: pool_size")
    stride = window if strides is None else sizes(strides, rank, f"{what}: strides")
    padding = padding_named(padding, what, ("valid", "same"))
    if rank == 1:
        # A sequence is a picture of one row.
        window, stride = (1, *window), (1, *stride)
        picture = reshape(x, (x.shape[0], 1, *x.shape[1:]))
    else:
        picture = x
    rows, columns = (pads(padding, picture.shape[i + 1], window[i], stride[i]) for i in (0, 1))
    y = pool(picture, pool_size=window, strides=stride, padding=rows + columns)
    return y if rank == 2 else reshape(y, (y.shape[0], *y.shape[2:]))
