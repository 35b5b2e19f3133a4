"""Windows that move over the axes of a sequence or an image: convolution and pooling."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlcore.backends import compute
from dlcore.backends.declare import count_windows
from dlcore.engine.ops.axes import reshape
from dlcore.engine.ops.nn import rectified, takes_in_relu
from dlcore.engine.tensor import (
    Tensor,
    TensorLike,
    convert_to_tensor,
    floating,
    pair,
    recording,
    result,
)

Sizes = tuple[int, ...]
Window = int | Sequence[int]


def conv(
    inputs: TensorLike,
    kernel: TensorLike,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
    bias: TensorLike | None = None,
    relu: bool = False,
) -> Tensor:
    """At each place, the sum of what the kernel sees, weighed by the kernel.

    The kernel is not turned around, as in all of deep learning: strictly, it is a correlation.

    Args:
        inputs: sequences (n, steps, c) or images (n, h, w, c).
        kernel: weights (k, c, f) for sequences, (kh, kw, c, f) for images.
        strides: cells from one place of the kernel to the next; default 1.
        padding: "valid" (default): the kernel stays inside; "same": zeros around, so that with
            strides of 1 the output is as large as the input; "causal", for sequences: all zeros
            in front, so that no step sees a later one.
        data_format: only "channels_last".
        dilation_rate: distance between the cells that the kernel sees; default 1.
        bias: numbers (f,) that are added; none by default, and not among the arguments of Keras.
        relu: whether max(z, 0) is taken of the sums z, in the same pass over memory; default
            False; not among the arguments of Keras either.

    Returns:
        A Tensor of shape (n, steps, f) or (n, h, w, f), with sizes that strides and padding give.

    Raises:
        ValueError: if the shapes do not fit, or the kernel fits in nowhere.
    """
    x, w = pair(floating(inputs), floating(kernel))
    channels_last(data_format, "conv")
    rank = x.ndim - 2
    if rank not in (1, 2) or w.ndim != x.ndim:
        raise ValueError(
            f"conv takes sequences (n, steps, c) with a kernel (k, c, f), or images (n, h, w, c) "
            f"with a kernel (kh, kw, c, f), not shapes {x.shape} and {w.shape}."
        )
    b = Tensor(np.zeros(w.shape[-1], w.dtype)) if bias is None else convert_to_tensor(bias)
    stride = sizes(strides, rank, "conv: strides")
    dilation = sizes(dilation_rate, rank, "conv: dilation_rate")
    known = ("valid", "same", "causal") if rank == 1 else ("valid", "same")
    padding = padding_named(padding, "conv", known)
    if rank == 2:
        return _conv2d(x, w, b, stride, padding, dilation, relu)
    # A sequence is an image of one row.
    row = reshape(x, (x.shape[0], 1, *x.shape[1:]))
    z = _conv2d(row, reshape(w, (1, *w.shape)), b, (1, *stride), padding, (1, *dilation), relu)
    return reshape(z, (z.shape[0], *z.shape[2:]))


def _conv2d(
    x: Tensor,
    w: Tensor,
    b: Tensor,
    strides: tuple[int, ...],
    padding: str,
    dilation: tuple[int, ...],
    relu: bool,
) -> Tensor:
    rows = pads(padding, x.shape[1], w.shape[0], strides[0], dilation[0])
    columns = pads(padding, x.shape[2], w.shape[1], strides[1], dilation[1])
    attributes: dict[str, Any] = {
        "strides": strides,
        "padding": rows + columns,
        "dilation": dilation,
    }
    fused = relu and takes_in_relu("conv2d")
    name = "conv2d_relu" if fused else "conv2d"
    y = compute(name, x.data, w.data, b.data, **attributes)

    def backward(dy: np.ndarray) -> list[np.ndarray]:
        without = () if x.requires_grad else ("dx",)
        upstream = (dy, y) if fused else (dy,)
        gradient = f"{name}_grad"
        return list(compute(gradient, *upstream, x.data, w.data, without=without, **attributes))

    z = result(y, [x, w, b], backward)
    return rectified(z) if relu and not fused else z


def max_pool(
    inputs: TensorLike,
    pool_size: Window,
    strides: Window | None = None,
    padding: str = "valid",
    data_format: str | None = None,
) -> Tensor:
    """The maximum of each window; its gradient goes to the first number that is as large.

    Args:
        inputs: sequences (n, steps, c) or images (n, h, w, c).
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
    inputs: TensorLike,
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
    # Where the maxima lie is only asked for by the gradient.
    without = () if recording() and x.requires_grad else ("argmax",)
    y, argmax = compute("max_pool2d", x.data, without=without, **attributes)
    return result(y, [x], lambda dy: [compute("max_pool2d_grad", dy, argmax, x.data)])


def _average(x: Tensor, **attributes: Any) -> Tensor:
    y = compute("avg_pool2d", x.data, **attributes)
    return result(y, [x], lambda dy: [compute("avg_pool2d_grad", dy, x.data, **attributes)])


def _pooled(
    what: str,
    pool: Callable[..., Tensor],
    inputs: TensorLike,
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
            f"{what} takes sequences (n, steps, c) or images (n, h, w, c), not shape {x.shape}."
        )
    window = sizes(pool_size, rank, f"{what}: pool_size")
    stride = window if strides is None else sizes(strides, rank, f"{what}: strides")
    padding = padding_named(padding, what, ("valid", "same"))
    if rank == 1:
        # A sequence is an image of one row.
        window, stride = (1, *window), (1, *stride)
        image = reshape(x, (x.shape[0], 1, *x.shape[1:]))
    else:
        image = x
    rows, columns = (pads(padding, image.shape[i + 1], window[i], stride[i]) for i in (0, 1))
    y = pool(image, pool_size=window, strides=stride, padding=rows + columns)
    return y if rank == 2 else reshape(y, (y.shape[0], *y.shape[2:]))


def sizes(value: Any, rank: int, what: str) -> Sizes:
    """A whole number for every axis, from one number for all or a sequence of them.

    Raises:
        ValueError: if there is another number of them, or one is no whole number above 0.
    """
    if type(value) is tuple and len(value) == rank and {*map(type, value)} == {int}:
        if min(value) > 0:  # as a layer keeps them, and gives them each time that it is called
            return value
    listed = (value,) * rank if isinstance(value, int | np.integer) else value
    good = isinstance(listed, Sequence | np.ndarray) and len(listed) == rank
    if not good or not all(_positive(size) for size in listed):
        example = "3" if rank == 1 else f"3 or ({', '.join('3' * rank)})"
        raise ValueError(
            f"{what} is a whole number above 0{'' if rank == 1 else ' for each axis'}, such as "
            f"{example}, not {value!r}."
        )
    return tuple(int(size) for size in listed)


@functools.lru_cache(1024)
def pads(padding: str, size: int, window: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """How many cells of padding an axis gets in front and behind.

    Args:
        padding: "valid": none; "same": so many that there are size / stride places, rounded up,
            the odd one behind; "causal": all in front, so that no place sees what comes after it.
        size: length of the axis.
        window: number of cells of the window.
        stride: cells from one place of the window to the next.
        dilation: distance between the cells of the window.
    """
    reach = dilation * (window - 1) + 1
    if padding == "causal":
        return reach - 1, 0
    if padding == "same":
        places = -(-size // stride)
        total = max(0, (places - 1) * stride + reach - size)
        return total // 2, total - total // 2
    return 0, 0


@functools.lru_cache(1024)
def places(
    space: tuple[int | None, ...], window: Sizes, strides: Sizes, padding: str, dilation: Sizes
) -> tuple[int | None, ...]:
    """How many places a window takes on each axis, None where the size is not known.

    Args: for each axis those of `pads`; each is a tuple.
    """
    found: list[int | None] = []
    for size, k, stride, d in zip(space, window, strides, dilation, strict=True):
        if size is None:
            found.append(None)
            continue
        before, after = pads(padding, size, k, stride, d)
        found.append(count_windows(size, k, stride, before, after, d))
    return tuple(found)


def channels_last(data_format: str | None, what: str) -> str:
    """Refuse images with the channels in front.

    Raises:
        ValueError: if the format is not None or "channels_last".
    """
    if data_format not in (None, "channels_last"):
        raise ValueError(
            f"{what}: data_format can only be 'channels_last', with the channels as the last axis, "
            f"not {data_format!r}; np.moveaxis(x, 1, -1) puts the channels last."
        )
    return "channels_last"


def padding_named(padding: Any, what: str, known: Sequence[str]) -> str:
    """The padding in small letters.

    Raises:
        ValueError: if it is none of those known.
    """
    name = padding.lower() if isinstance(padding, str) else padding
    if name not in known:
        listed = " or ".join(map(repr, known))
        raise ValueError(f"{what}: padding is {listed}, not {padding!r}.")
    return name


def _positive(size: Any) -> bool:
    whole = isinstance(size, int | np.integer) and not isinstance(size, bool)
    return whole and size > 0
