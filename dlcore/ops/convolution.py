"""Convolution of sequences and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore import backends
from dlcore.backends import compute
from dlcore.engine.tensor import Tensor
from dlcore.ops.axes import reshape
from dlcore.ops.core import convert_to_tensor, floating, pair, result
from dlcore.ops.nn import relu as rectified
from dlcore.ops.windows import channels_last, padding_named, pads, sizes


def conv(
    inputs: Any,
    kernel: Any,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
    bias: Any = None,
    relu: bool = False,
) -> Tensor:
    """At each place, the sum of what the kernel sees, weighed by the kernel.

    The kernel is not turned around, as in all of deep learning: strictly, it is a correlation.

    Args:
        inputs: sequences (n, steps, c) or pictures (n, h, w, c).
        kernel: weights (k, c, f) for sequences, (kh, kw, c, f) for pictures.
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
            f"conv takes sequences (n, steps, c) with a kernel (k, c, f), or pictures (n, h, w, c) "
            f"with a kernel (kh, kw, c, f), not shapes {x.shape} and {w.shape}."
        )
    b = Tensor(np.zeros(w.shape[-1], w.dtype)) if bias is None else convert_to_tensor(bias)
    stride = sizes(strides, rank, "conv: strides")
    dilation = sizes(dilation_rate, rank, "conv: dilation_rate")
    known = ("valid", "same", "causal") if rank == 1 else ("valid", "same")
    padding = padding_named(padding, "conv", known)
    if rank == 2:
        return _conv2d(x, w, b, stride, padding, dilation, relu)
    # A sequence is a picture of one row.
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
    fused = relu and backends.is_own("conv2d", "conv2d_grad", "relu", "relu_grad")
    name = "conv2d_relu" if fused else "conv2d"
    y = compute(name, x.data, w.data, b.data, **attributes)

    def backward(dy: np.ndarray) -> list[np.ndarray]:
        without = () if x.requires_grad else ("dx",)
        upstream = (dy, y) if fused else (dy,)
        gradient = f"{name}_grad"
        return list(compute(gradient, *upstream, x.data, w.data, without=without, **attributes))

    z = result(y, [x, w, b], backward)
    return rectified(z) if relu and not fused else z
