"""What every operation is made with: tensors of anything, a node on the tape, broadcasting."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.backends import call, compute
from dlcore.engine.tensor import Backward, Node, Tensor, floatx, recording


def convert_to_tensor(x: Any, dtype: Any = None) -> Tensor:
    """A Tensor of ``x``; a Tensor passes through, unless another number type is asked for."""
    tensor = x if isinstance(x, Tensor) else Tensor(x)
    return tensor if dtype is None or tensor.dtype == np.dtype(dtype) else cast(tensor, dtype)


def convert_to_numpy(x: Any) -> np.ndarray:
    """The values of ``x`` as a NumPy array that is the caller's own."""
    return np.array(x.data if isinstance(x, Tensor) else x)


def result(data: np.ndarray, inputs: Sequence[Tensor], backward: Backward) -> Tensor:
    """A Tensor of ``data``, calculated from ``inputs``, with its node on the tape if one is due."""
    tensor = Tensor(data)
    if recording() and any(x.requires_grad for x in inputs):
        tensor.requires_grad = True
        tensor.node = Node(tuple(inputs), backward)
    return tensor


def cast(x: Any, dtype: Any) -> Tensor:
    """X in another number type; the gradient goes back in the type of x."""
    x = convert_to_tensor(x)
    kind = np.dtype(dtype)
    back: Backward = lambda dy: [_converted(dy, x.dtype)]  # noqa: E731
    return result(_converted(x.data, kind), [x] if kind.kind == "f" else [], back)


def stop_gradient(x: Any) -> Tensor:
    """The values of x, cut off from how they were calculated."""
    return Tensor(convert_to_tensor(x).data)


def floating(x: Any) -> Tensor:
    """A Tensor of x; whole numbers become ``floatx()``."""
    tensor = convert_to_tensor(x)
    return tensor if tensor.dtype.kind == "f" else cast(tensor, floatx())


def pair(a: Any, b: Any) -> tuple[Tensor, Tensor]:
    """Both as tensors of one number type; a Python number takes the type of the other side."""
    if isinstance(b, int | float) and not isinstance(a, int | float):
        a = convert_to_tensor(a)
        return (a if isinstance(b, int) else floating(a)), _like(b, a)
    if isinstance(a, int | float) and not isinstance(b, int | float):
        b, a = pair(b, a)
        return a, b
    a, b = convert_to_tensor(a), convert_to_tensor(b)
    if a.dtype == b.dtype:
        return a, b
    kinds = [t.dtype for t in (a, b) if t.dtype.kind == "f"] or [a.dtype, b.dtype]
    wide = np.result_type(*kinds)
    return cast(a, wide), cast(b, wide)


def _like(number: float, tensor: Tensor) -> Tensor:
    if isinstance(number, float) and tensor.dtype.kind != "f":
        return Tensor(np.asarray(number, floatx()))
    return Tensor(np.asarray(number, tensor.dtype))


def _converted(x: np.ndarray, dtype: np.dtype) -> np.ndarray:
    y = np.empty(x.shape, dtype)
    call("cast", (y,), (np.ascontiguousarray(x),))
    return y


def binary(a: np.ndarray, b: np.ndarray, op: str) -> np.ndarray:
    """The generic kernel of two arguments."""
    return compute("binary", a, b, op=op)


def unbroadcast(dy: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The gradient of something that was broadcast: summed over the axes that were repeated."""
    if dy.shape == shape:
        return dy
    new = dy.ndim - len(shape)
    axes = tuple(i for i in range(dy.ndim) if i < new or shape[i - new] != dy.shape[i])
    return compute("reduce", dy, op="sum", axis=axes, keepdims=True).reshape(shape)
