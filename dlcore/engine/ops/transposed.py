"""The transposed convolution: what goes from the outputs of a convolution back to its inputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.backends import compute
from dlcore.engine.ops.axes import reshape
from dlcore.engine.ops.windows import Sizes, channels_last, padding_named, sizes
from dlcore.engine.tensor import Tensor, TensorLike, floating, pair, result


def conv_transpose(
    inputs: TensorLike,
    kernel: TensorLike,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    output_padding: int | Sequence[int | None] | None = None,
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """Each number spread over the cells around its place, as the kernel weighs them, and added up.

    It is the gradient of `conv` to its inputs, and has `conv` as its own gradient
    (Dumoulin and Visin 2016, section 4).

    Args:
        inputs: sequences (n, steps, c) or images (n, h, w, c).
        kernel: weights (k, f, c) for sequences, (kh, kw, f, c) for images: f channels come out.
        strides: cells of the output from one place of the inputs to the next; default 1.
        padding: "valid" (default): all that is spread; "same": with strides s the output is s times
            as large as the inputs.
        output_padding: how much longer each axis is than the shortest that a convolution would
            make the inputs of; below the strides. Default None: so that "same" is s times as large,
            and "valid" leaves no cell of a stride out.
        data_format: only "channels_last".
        dilation_rate: distance between the cells that the kernel spreads to; default 1.

    Returns:
        A Tensor of shape (n, steps, f) or (n, h, w, f), with sizes that strides and padding give.

    Raises:
        ValueError: if the shapes do not fit, or nothing is left of an axis.
    """
    x, w = pair(floating(inputs), floating(kernel))
    channels_last(data_format, "conv_transpose")
    rank = x.ndim - 2
    if rank not in (1, 2) or w.ndim != x.ndim or w.shape[-1] != x.shape[-1]:
        raise ValueError(
            "conv_transpose takes sequences (n, steps, c) with a kernel (k, f, c), or images "
            f"(n, h, w, c) with a kernel (kh, kw, f, c), not shapes {x.shape} and {w.shape}."
        )
    stride = sizes(strides, rank, "conv_transpose: strides")
    dilation = sizes(dilation_rate, rank, "conv_transpose: dilation_rate")
    padding = padding_named(padding, "conv_transpose", ("valid", "same"))
    more = output_paddings(output_padding, stride, "conv_transpose")
    shape = (x.shape[0], *x.shape[1:-1], w.shape[-2])
    if rank == 1:
        # A sequence is an image of one row.
        stride, dilation, more = (1, *stride), (1, *dilation), (0, *more)
        x, w = reshape(x, (x.shape[0], 1, *x.shape[1:])), reshape(w, (1, *w.shape))
    cuts = [
        cut(*axis) for axis in zip(w.shape[:2], stride, [padding] * 2, more, dilation, strict=True)
    ]
    spread = [
        spread_size(*axis)
        for axis in zip(x.shape[1:-1], w.shape[:2], stride, cuts, dilation, strict=True)
    ]
    if min(map(int, spread)) < 1:  # type: ignore[arg-type]
        raise ValueError(
            f"conv_transpose: of inputs of shape {x.shape} nothing is left with strides {stride}, "
            f"padding {padding!r} and output_padding {output_padding}; take padding='valid'."
        )
    y = _spread(x, w, (shape[0], *spread, shape[-1]), stride, cuts, dilation)
    return y if rank == 2 else reshape(y, (y.shape[0], *y.shape[2:]))


def _spread(
    x: Tensor,
    w: Tensor,
    shape: Sequence[Any],
    strides: Sizes,
    cuts: Sequence[tuple[int, int]],
    dilation: Sizes,
) -> Tensor:
    # Behind the end of the output nothing is spread; there a convolution has no padding.
    attributes: dict[str, Any] = {
        "strides": strides,
        "padding": tuple(max(n, 0) for ends in cuts for n in ends),
        "dilation": dilation,
    }
    whole = Tensor(np.zeros(shape, x.dtype)).data
    y = compute("conv2d_grad", x.data, whole, w.data, **attributes)[0]

    def backward(dy: np.ndarray) -> list[np.ndarray]:
        bias = Tensor(np.zeros(x.shape[-1], x.dtype)).data
        dx = compute("conv2d", dy, w.data, bias, **attributes)
        dw = compute("conv2d_grad", x.data, dy, w.data, without=("dx",), **attributes)[1]
        return [dx, dw]

    return result(y, [x, w], backward)


def cut(
    window: int, stride: int, padding: str, more: int | None, dilation: int = 1
) -> tuple[int, int]:
    """How many cells are cut off in front and behind of all that is spread; negative: added.

    The cells are those of Keras on every backend but PyTorch.

    Args:
        window: number of cells of the kernel.
        stride: cells from one place to the next.
        padding: "valid" or "same".
        more: the output padding, None for the usual one.
        dilation: distance between the cells of the kernel.
    """
    reach = dilation * (window - 1) + 1
    if padding == "valid":
        return 0, -(max(stride - reach, 0) if more is None else more)
    around = stride + reach - 2 if more is None else reach + reach % 2 - 2 + more
    before = min(around // 2 + around % 2, reach - 1)
    return reach - 1 - before, reach - 1 - (around - before)


def spread_size(
    size: int | None, window: int, stride: int, ends: tuple[int, int], dilation: int = 1
) -> int | None:
    """Length of an axis of the output, None where that of the inputs is not known.

    Args:
        size: length of the axis of the inputs.
        window: number of cells of the kernel.
        stride: cells from one place to the next.
        ends: what is cut off, see `cut`.
        dilation: distance between the cells of the kernel.
    """
    if size is None:
        return None
    return (size - 1) * stride + dilation * (window - 1) + 1 - sum(ends)


def output_paddings(value: Any, strides: Sizes, what: str) -> tuple[int | None, ...]:
    """The output padding of every axis, None where it is the usual one.

    Raises:
        ValueError: if one is no whole number from 0 to below the stride.
    """
    if value is None:
        return (None,) * len(strides)
    listed = (value,) * len(strides) if isinstance(value, int | np.integer) else value
    if (
        not isinstance(listed, Sequence)
        or len(listed) != len(strides)
        or not all(isinstance(n, int | np.integer) for n in listed)
        or not all(0 <= n < s for n, s in zip(listed, strides, strict=True))
    ):
        raise ValueError(
            f"{what}: output_padding is a whole number from 0 to below the strides {strides}, or "
            f"one for each axis, not {value!r}; None gives the usual one."
        )
    return tuple(int(n) for n in listed)
