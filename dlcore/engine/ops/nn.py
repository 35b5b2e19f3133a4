"""Operations with a kernel of their own: the dense layer, activations, dropout and losses."""

from __future__ import annotations

import numpy as np

from dlcore import backends
from dlcore.backends import compute
from dlcore.engine.ops.axes import transpose
from dlcore.engine.tensor import (
    Backward,
    Node,
    Tensor,
    TensorLike,
    convert_to_tensor,
    floating,
    result,
)


def relu(x: TensorLike) -> Tensor:
    """max(x, 0)."""
    x = floating(x)
    y = compute("relu", x.data)
    return result(y, [x], lambda dy: [compute("relu_grad", dy, y)])


rectified = relu  # for an operation with an argument `relu`


def takes_in_relu(name: str) -> bool:
    """Whether one kernel may stand for this one and ReLU after it: none of them is a learner's."""
    return backends.is_library(name, f"{name}_grad", "relu", "relu_grad")


def dense(x: TensorLike, w: TensorLike, b: TensorLike | None = None, relu: bool = False) -> Tensor:
    """The forward pass of a dense layer: z = x w + b.

    Args:
        x: Inputs, shape (..., i).
        w: Weights, shape (i, o).
        b: Biases, shape (o,); none by default.
        relu: Whether to return max(z, 0), in one pass over memory.

    Returns:
        A Tensor of shape (..., o).
    """
    x, w = convert_to_tensor(x), convert_to_tensor(w)
    bias = Tensor(np.zeros(w.shape[1], w.dtype)) if b is None else convert_to_tensor(b)
    *outer, width = x.data.shape
    rows = x.data if len(outer) == 1 else x.data.reshape(-1, width)
    # Of whole numbers z is whole as well, and ReLU makes them floating.
    fused = relu and takes_in_relu("dense") and w.dtype.kind == "f"
    name = "dense_relu" if fused else "dense"
    z = compute(name, rows, w.data, bias.data)

    def backward(dz: np.ndarray) -> list[np.ndarray]:
        dz = dz.reshape(-1, w.shape[1])
        upstream = (dz, z) if fused else (dz,)
        without = () if x.requires_grad else ("dx",)
        dx, dw, db = compute(f"{name}_grad", *upstream, rows, w.data, without=without)
        return [None if dx is None else dx.reshape(x.shape), dw, db]

    shaped = z if len(outer) == 1 else z.reshape(*outer, z.shape[1])
    y = result(shaped, [x, w, bias], backward)
    return rectified(y) if relu and not fused else y


def leaky_relu(x: TensorLike, negative_slope: float = 0.2) -> Tensor:
    """Leaky ReLU: x where it is positive, else ``negative_slope`` times x."""
    x = floating(x)
    slope = float(negative_slope)
    y = compute("leaky_relu", x.data, negative_slope=slope)
    return result(y, [x], lambda dy: [compute("leaky_relu_grad", dy, x.data, negative_slope=slope)])


def sigmoid(x: TensorLike) -> Tensor:
    """1 / (1 + exp(-x))."""
    x = floating(x)
    y = compute("sigmoid", x.data)
    share = result(y, [x], lambda dy: [compute("sigmoid_grad", dy, y)])
    share.logits = "sigmoid", x
    return share


def tanh(x: TensorLike) -> Tensor:
    """The hyperbolic tangent."""
    x = floating(x)
    y = compute("tanh", x.data)
    return result(y, [x], lambda dy: [compute("tanh_grad", dy, y)])


def softmax(x: TensorLike, axis: int = -1) -> Tensor:
    """exp(x) divided by its sum along an axis: positive numbers that add up to one."""
    x = floating(x)
    last = x.ndim - 1
    if axis % x.ndim != last:
        order = list(range(x.ndim))
        order[axis], order[last] = order[last], order[axis]
        return transpose(softmax(transpose(x, order)), order)
    k = x.shape[-1]
    y = compute("softmax", x.data.reshape(-1, k))
    back: Backward = lambda dy: [  # noqa: E731
        compute("softmax_grad", dy.reshape(-1, k), y).reshape(x.shape)
    ]
    shares = result(y.reshape(x.shape), [x], back)
    shares.logits = "softmax", x
    return shares


def dropout(x: TensorLike, u: TensorLike, rate: float) -> Tensor:
    """What `Dropout` does while training: x / (1 - rate) where u is not below the rate, else 0.

    Args:
        x: Any numbers.
        u: Uniform numbers in [0, 1), in the shape of x, or with 1 where an axis shares them.
        rate: The share that is left out, from 0 to 1.

    Returns:
        A Tensor of the shape of x. Its gradient is left out where x was, and scaled like it.
    """
    x, rate = floating(x), float(rate)
    uniform = convert_to_tensor(u).data
    if uniform.shape != x.shape:
        uniform = compute("binary", uniform, np.zeros(x.shape, uniform.dtype), op="add")
    y = compute("dropout", x.data, uniform, rate=rate)
    return result(y, [x], lambda dy: [compute("dropout", dy, uniform, rate=rate)])


# Losses: target and output of shape (..., k) give one loss a row, shape (...), with its gradient to
# the output. Crossentropies take probabilities, as a sigmoid or softmax gives them; with
# ``from_logits`` the logits that go into it. None: the output is a probability, but where its
# logits are known, they are used.


def mean_squared_error(target: TensorLike, output: TensorLike) -> Tensor:
    """The mean over the last axis of (y - t)^2: y is the output, t the target."""
    return _loss("mse", output, target)


def binary_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool | None = False
) -> Tensor:
    """The mean over the last axis of -t log y - (1 - t) log(1 - y); y is the output."""
    return _crossentropy("binary_crossentropy", "sigmoid", output, target, from_logits)


def categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool | None = False
) -> Tensor:
    """Minus the sum over the last axis of t log y; y is the output, t the target."""
    return _crossentropy("categorical_crossentropy", "softmax", output, target, from_logits)


def sparse_categorical_crossentropy(
    target: TensorLike, output: TensorLike, from_logits: bool | None = False
) -> Tensor:
    """Minus the logarithm of what the output (..., k) gives to the class number, shape (...)."""
    return _crossentropy("sparse_categorical_crossentropy", "softmax", output, target, from_logits)


def _crossentropy(
    name: str, activation: str, y: TensorLike, t: TensorLike, from_logits: bool | None
) -> Tensor:
    if from_logits:
        return _loss(f"{name}_from_logits", y, t)
    y = floating(y)
    if from_logits is None and y.logits is not None and y.logits[0] == activation:
        return _past_activation(name, activation, y.logits[1], y, t)
    return _loss(name, y, t)


def _past_activation(name: str, activation: str, z: Tensor, y: Tensor, t: TensorLike) -> Tensor:
    """The crossentropy of y = activation(z), computed from z, with the gradient y - t to z.

    A probability that is rounded to 0 or 1 does no harm then. What a learner has written is called
    nevertheless. The loss is theirs of y, where they have one. The gradient is theirs from z; or
    else those of the loss and of the activation, one after the other, if one of them is theirs.
    """
    fused = f"{name}_from_logits"
    if backends.is_library(name):
        loss, _, target = _forward(fused, z, t)
    else:
        loss, _, target = _forward(name, y, t)
    way = _way_back(name, y, y.data, target)
    if backends.is_library(f"{fused}_grad") and not backends.is_library(
        f"{name}_grad", f"{activation}_grad"
    ):
        return result(loss, [y], way)
    # The gradient of a softmax is made of what it gave, that of a sigmoid of what it was given.
    kept = y if activation == "softmax" else z
    return result(loss, [y], way, past=Node((z,), _way_back(fused, z, kept.data, target)))


def _loss(name: str, y: TensorLike, t: TensorLike) -> Tensor:
    y = floating(y)
    loss, kept, target = _forward(name, y, t)
    return result(loss, [y], _way_back(name, y, kept, target))


def _forward(name: str, y: Tensor, t: TensorLike) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The losses, what the gradient is made of beside the targets, and the targets in rows."""
    t, k = convert_to_tensor(t), y.shape[-1]
    rows = y.data.reshape(-1, k)
    target: np.ndarray
    if name.startswith("sparse"):
        target = convert_to_tensor(t, np.int64).data.reshape(-1)
    else:
        target = convert_to_tensor(t, y.dtype).data.reshape(-1, k)
    output = compute(name, rows, target)
    # A loss that passes through its softmax returns that too: the gradient is made of it.
    loss, kept = output if isinstance(output, tuple) else (output, rows)
    return loss.reshape(y.shape[:-1]), kept, target


def _way_back(name: str, y: Tensor, kept: np.ndarray, target: np.ndarray) -> Backward:
    rows = kept.reshape(-1, y.shape[-1])
    return lambda dy: [compute(f"{name}_grad", dy.reshape(-1), rows, target).reshape(y.shape)]
