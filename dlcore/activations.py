"""Activation functions, by function and by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dlcore import ops
from dlcore.tensor import Tensor
from dlcore.utils.lookup import find

Activation = Callable[[Any], Tensor]


def linear(x: Any) -> Tensor:
    """The values of x unchanged: a layer without an activation."""
    return ops.convert_to_tensor(x)


def sigmoid(x: Any) -> Tensor:
    """1 / (1 + exp(-x)): any number becomes one between 0 and 1."""
    return ops.sigmoid(x)


def tanh(x: Any) -> Tensor:
    """The hyperbolic tangent: any number becomes one between -1 and 1."""
    return ops.tanh(x)


def relu(x: Any) -> Tensor:
    """max(x, 0)."""
    return ops.relu(x)


def leaky_relu(x: Any, negative_slope: float = 0.2) -> Tensor:
    """The values of x where they are positive, else `negative_slope` times x."""
    return ops.leaky_relu(x, negative_slope)


def softmax(x: Any, axis: int = -1) -> Tensor:
    """exp(x) divided by its sum along an axis: positive numbers that add up to one."""
    return ops.softmax(x, axis)


_BY_NAME: dict[str, Activation] = {
    function.__name__: function for function in (linear, sigmoid, tanh, relu, leaky_relu, softmax)
}


def get(identifier: str | Activation | None) -> Activation:
    """The activation function meant by a name, a function (returned as it is) or None (linear).

    Raises:
        ValueError: if there is no activation of that name.
        TypeError: if the identifier is neither a name nor callable.
    """
    if identifier is None:
        return linear
    if isinstance(identifier, str):
        return find(identifier, _BY_NAME, "activation")
    if callable(identifier):
        return identifier
    raise TypeError(
        f"An activation is a name such as 'relu' or a function, not {type(identifier).__name__}."
    )
