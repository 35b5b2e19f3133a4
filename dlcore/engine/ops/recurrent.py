"""Recurrent layers, by one step and over whole sequences, and what else goes along the time.

Sequences have the shape (n, t, i): n rows of t steps with i columns each. A mask of shape (n, t)
is 0 where a row has no step: the state before it stays.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlcore.backends import compute
from dlcore.engine.ops.axes import box
from dlcore.engine.tensor import Tensor, TensorLike, cast, convert_to_tensor, floating, result


def simple_rnn_step(
    x: TensorLike, h: TensorLike, w: TensorLike, u: TensorLike, b: TensorLike | None = None
) -> Tensor:
    """The state after one step of a simple recurrent layer: tanh(x w + h u + b).

    Args:
        x: Inputs of the step, shape (n, i).
        h: State before it, shape (n, k).
        w: Weights of the inputs, shape (i, k).
        u: Weights of the state before, shape (k, k).
        b: Biases, shape (k,); none by default.

    Returns:
        A Tensor of shape (n, k).
    """
    x, w, u = floating(x), convert_to_tensor(w), convert_to_tensor(u)
    h, bias = convert_to_tensor(h, x.dtype), _or_zeros(b, (u.shape[1],), x)
    given = (x.data, h.data, w.data, u.data)
    y = compute("simple_rnn_step", *given, bias.data)
    return result(y, [x, h, w, u, bias], lambda dy: compute("simple_rnn_step_grad", dy, *given, y))


def lstm_step(
    x: TensorLike,
    h: TensorLike,
    c: TensorLike,
    w: TensorLike,
    u: TensorLike,
    b: TensorLike | None = None,
) -> tuple[Tensor, Tensor]:
    """The states after one step of a long short-term memory, as those of `lstm`.

    Args:
        x: Inputs of the step, shape (n, i).
        h: State before it, shape (n, k).
        c: Cell state before it, shape (n, k).
        w: Weights of the inputs, shape (i, 4 k), the parts i, f, g, o side by side.
        u: Weights of the state before, shape (k, 4 k).
        b: Biases, shape (4 k,); none by default.

    Returns:
        The state h and the cell state c, each of shape (n, k).
    """
    x, w, u = floating(x), convert_to_tensor(w), convert_to_tensor(u)
    h, c = convert_to_tensor(h, x.dtype), convert_to_tensor(c, x.dtype)
    bias = _or_zeros(b, (u.shape[1],), x)
    given = (x.data, h.data, c.data, w.data, u.data)
    h_new, c_new, gates = compute("lstm_step", *given, bias.data)
    zeros = np.zeros(h.shape, h.dtype)

    def backward(dh: np.ndarray, dc: np.ndarray) -> Sequence[np.ndarray]:
        return compute("lstm_step_grad", dh, dc, *given, c_new, gates)

    # As in `lstm`: a node for each state.
    inputs = [x, h, c, w, u, bias]
    return (
        result(h_new, inputs, lambda dh: backward(dh, zeros)),
        result(c_new, inputs, lambda dc: backward(zeros, dc)),
    )


def simple_rnn(
    x: TensorLike,
    w: TensorLike,
    u: TensorLike,
    b: TensorLike | None = None,
    h0: TensorLike | None = None,
    mask: TensorLike | None = None,
) -> Tensor:
    """The states h_t = tanh(x_t w + h_(t-1) u + b) of a simple recurrent layer.

    Args:
        x: Sequences, shape (n, t, i).
        w: Weights of the inputs, shape (i, k).
        u: Weights of the state before, shape (k, k).
        b: Biases, shape (k,); none by default.
        h0: State before the first step, shape (n, k); zeros by default.
        mask: Shape (n, t); every step counts by default.

    Returns:
        A Tensor of shape (n, t, k).
    """
    x, w, u = floating(x), convert_to_tensor(w), convert_to_tensor(u)
    bias, first = _or_zeros(b, (u.shape[1],), x), _or_zeros(h0, (x.shape[0], u.shape[0]), x)
    on = whole_mask(mask, x)
    h = compute("simple_rnn", x.data, w.data, u.data, bias.data, first.data, on)

    def backward(dh: np.ndarray) -> Sequence[np.ndarray]:
        given = (x.data, w.data, u.data, first.data, on, h)
        return compute("simple_rnn_grad", dh, *given, without=_unread(x))

    return result(h, [x, w, u, bias, first], backward)


def lstm(
    x: TensorLike,
    w: TensorLike,
    u: TensorLike,
    b: TensorLike | None = None,
    h0: TensorLike | None = None,
    c0: TensorLike | None = None,
    mask: TensorLike | None = None,
) -> tuple[Tensor, Tensor]:
    """The states of a long short-term memory (Hochreiter and Schmidhuber 1997).

    In each step the parts i, f, g, o of x_t w + h_(t-1) u + b go through sigmoid (g: tanh); then
    c_t = f c_(t-1) + i g and h_t = o tanh(c_t).

    Args:
        x: Sequences, shape (n, t, i).
        w: Weights of the inputs, shape (i, 4 k), the parts i, f, g, o side by side.
        u: Weights of the state before, shape (k, 4 k).
        b: Biases, shape (4 k,); none by default.
        h0: State before the first step, shape (n, k); zeros by default.
        c0: Cell state before the first step, shape (n, k); zeros by default.
        mask: Shape (n, t); every step counts by default.

    Returns:
        The states h and the cell states c, each of shape (n, t, k).
    """
    x, w, u = floating(x), convert_to_tensor(w), convert_to_tensor(u)
    shape = (x.shape[0], u.shape[0])
    bias, first = _or_zeros(b, (u.shape[1],), x), _or_zeros(h0, shape, x)
    cell = _or_zeros(c0, shape, x)
    on = whole_mask(mask, x)
    given = (x.data, w.data, u.data, first.data, cell.data, on)
    h, c, gates = compute("lstm", *given[:3], bias.data, *given[3:])
    zeros = np.zeros(h.shape, h.dtype)

    def backward(dh: np.ndarray, dc: np.ndarray) -> Sequence[np.ndarray]:
        return compute("lstm_grad", dh, dc, *given, h, c, gates, without=_unread(x))

    # The gradient is linear in dh and dc, so that each state can have a node of its own.
    inputs = [x, w, u, bias, first, cell]
    return (
        result(h, inputs, lambda dh: backward(dh, zeros)),
        result(c, inputs, lambda dc: backward(zeros, dc)),
    )


def gru(
    x: TensorLike,
    w: TensorLike,
    u: TensorLike,
    b: TensorLike | None = None,
    h0: TensorLike | None = None,
    mask: TensorLike | None = None,
) -> Tensor:
    """The states of gated recurrent units (Cho et al. 2014), reset after the product with u.

    With x' = x_t w + b_0 and h' = h_(t-1) u + b_1 in three parts each: z = sigmoid(x'_z + h'_z),
    r = sigmoid(x'_r + h'_r), g = tanh(x'_g + r h'_g) and h_t = z h_(t-1) + (1 - z) g.

    Args:
        x: Sequences, shape (n, t, i).
        w: Weights of the inputs, shape (i, 3 k), the parts z, r, g side by side.
        u: Weights of the state before, shape (k, 3 k).
        b: Biases, shape (2, 3 k); none by default.
        h0: State before the first step, shape (n, k); zeros by default.
        mask: Shape (n, t); every step counts by default.

    Returns:
        A Tensor of shape (n, t, k).
    """
    x, w, u = floating(x), convert_to_tensor(w), convert_to_tensor(u)
    bias, first = _or_zeros(b, (2, u.shape[1]), x), _or_zeros(h0, (x.shape[0], u.shape[0]), x)
    on = whole_mask(mask, x)
    h, gates = compute("gru", x.data, w.data, u.data, bias.data, first.data, on)

    def backward(dh: np.ndarray) -> Sequence[np.ndarray]:
        given = (x.data, w.data, u.data, first.data, on, h, gates)
        return compute("gru_grad", dh, *given, without=_unread(x))

    return result(h, [x, w, u, bias, first], backward)


def time_step(x: TensorLike, t: int) -> Tensor:
    """One step of sequences: `x[:, t]`, of shape (n, ...); -1 is the last."""
    x = convert_to_tensor(x)
    n, steps, *rest = x.shape
    return box(x, (0, t % steps, *(0 for _ in rest)), (n, 1, *rest), (n, *rest))


def whole_mask(mask: TensorLike | None, x: Tensor) -> np.ndarray:
    """A mask as the kernels take it: whole numbers, 1 for each step of x by default."""
    if mask is None:
        return np.ones(x.shape[:2], np.int64)
    mask = convert_to_tensor(mask)
    return mask.data if mask.dtype == np.int64 else cast(mask, np.int64).data


def _or_zeros(value: TensorLike | None, shape: tuple[int, ...], like: Tensor) -> Tensor:
    return Tensor(np.zeros(shape, like.dtype)) if value is None else convert_to_tensor(value)


def _unread(x: Tensor) -> tuple[str, ...]:
    """The gradient that nobody reads: to sequences that are data."""
    return () if x.requires_grad else ("dx",)
