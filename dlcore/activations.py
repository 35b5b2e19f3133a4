"""Activation functions, by function and by name.

Each takes a tensor, an array or numbers and returns a Tensor of the same shape. By name, as in
`Dense(8, activation="gelu")`, a function has the defaults of its arguments.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor, TensorLike, floating
from dlcore.utils.lookup import getter
from dlcore.utils.object_registration import publish, published_functions
from dlcore.utils.serialization import serialize_value

Activation = Callable[[Any], Tensor]


def linear(x: TensorLike) -> Tensor:
    """The values of x unchanged: a layer without an activation."""
    return ops.convert_to_tensor(x)


# Between two bounds.


def sigmoid(x: TensorLike) -> Tensor:
    """1 / (1 + exp(-x)): any number becomes one between 0 and 1."""
    return ops.sigmoid(x)


def hard_sigmoid(x: TensorLike) -> Tensor:
    """The line x / 6 + 1/2, kept between 0 and 1: a sigmoid of three straight lines."""
    return ops.clip(floating(x) / 6 + 0.5, 0.0, 1.0)


def log_sigmoid(x: TensorLike) -> Tensor:
    """log(sigmoid(x)) = -softplus(-x)."""
    return -ops.softplus(-floating(x))


def tanh(x: TensorLike) -> Tensor:
    """The hyperbolic tangent: any number becomes one between -1 and 1."""
    return ops.tanh(x)


def hard_tanh(x: TensorLike) -> Tensor:
    """The values of x, kept between -1 and 1."""
    return ops.clip(floating(x), -1.0, 1.0)


def softsign(x: TensorLike) -> Tensor:
    """The quotient x / (1 + |x|): between -1 and 1, nearing them more slowly than tanh."""
    x = floating(x)
    return x / (ops.abs(x) + 1)


# Like relu.


def relu(
    x: TensorLike,
    negative_slope: float = 0.0,
    max_value: float | None = None,
    threshold: float = 0.0,
) -> Tensor:
    """max(x, 0), unless the arguments bend it.

    Args:
        x: any numbers.
        negative_slope: below the threshold it is negative_slope (x - threshold); default 0.
        max_value: above this it is max_value; default None, no bound.
        threshold: up to here a value counts as negative; default 0.
    """
    if threshold == 0 and max_value is None:
        return ops.leaky_relu(x, negative_slope) if negative_slope else ops.relu(x)
    x = floating(x)
    y = ops.where(ops.greater(x, threshold), x, 0.0) if threshold else ops.relu(x)
    if max_value is not None:
        y = ops.clip(y, 0.0, max_value)
    return y - negative_slope * ops.relu(threshold - x) if negative_slope else y


def relu6(x: TensorLike) -> Tensor:
    """The values of x, kept between 0 and 6."""
    return relu(x, max_value=6.0)


def leaky_relu(x: TensorLike, negative_slope: float = 0.2) -> Tensor:
    """The values of x where they are positive, else `negative_slope` times x."""
    return ops.leaky_relu(x, negative_slope)


def elu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """The values of x where they are positive, else alpha (exp(x) - 1) (Clevert et al. 2016)."""
    return ops.elu(x, alpha)


def celu(x: TensorLike, alpha: float = 1.0) -> Tensor:
    """The values of x where they are positive, else alpha (exp(x / alpha) - 1): smooth at 0."""
    return alpha * ops.elu(floating(x) / alpha)


def selu(x: TensorLike) -> Tensor:
    """An elu, scaled so that layers keep mean 0 and variance 1 (Klambauer et al. 2017, eq. 2).

    Its weights start from "lecun_normal".
    """
    return 1.0507009873554805 * ops.elu(x, 1.6732632423543772)


def softplus(x: TensorLike) -> Tensor:
    """log(1 + exp(x)): a relu without a corner."""
    return ops.softplus(x)


def squareplus(x: TensorLike, b: float = 4.0) -> Tensor:
    """(x + sqrt(x^2 + b)) / 2: a relu without a corner, and without exp."""
    x = floating(x)
    return (x + ops.sqrt(x * x + b)) / 2


def silu(x: TensorLike) -> Tensor:
    """The product x sigmoid(x), also called swish (Ramachandran et al. 2017)."""
    x = floating(x)
    return x * ops.sigmoid(x)


swish = silu


def hard_silu(x: TensorLike) -> Tensor:
    """The product x hard_sigmoid(x), also called hard_swish."""
    return floating(x) * hard_sigmoid(x)


hard_swish = hard_silu


def gelu(x: TensorLike, approximate: bool = False) -> Tensor:
    """The product of x and the share of normal numbers below x (Hendrycks and Gimpel 2016).

    Args:
        x: any numbers.
        approximate: with tanh in place of the error function, as the first GPT had it.
    """
    x = floating(x)
    if approximate:
        share = ops.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x))
    else:
        share = ops.erf(x / math.sqrt(2))
    return x * (share + 1) / 2


def mish(x: TensorLike) -> Tensor:
    """The product x tanh(softplus(x)) (Misra 2019)."""
    x = floating(x)
    return x * ops.tanh(ops.softplus(x))


def exponential(x: TensorLike) -> Tensor:
    """exp(x)."""
    return ops.exp(x)


# With a gap around 0.


def threshold(x: TensorLike, threshold: float, default_value: float) -> Tensor:
    """The values of x above the threshold, else `default_value`."""
    x = floating(x)
    return ops.where(ops.greater(x, threshold), x, default_value)


def hard_shrink(x: TensorLike, threshold: float = 0.5) -> Tensor:
    """The values of x further from 0 than the threshold, else 0."""
    x = floating(x)
    return ops.where(ops.greater(ops.abs(x), threshold), x, 0.0)


def soft_shrink(x: TensorLike, threshold: float = 0.5) -> Tensor:
    """The values of x moved towards 0 by the threshold; 0 where they are nearer to it."""
    x = floating(x)
    return ops.relu(x - threshold) - ops.relu(-x - threshold)


def tanh_shrink(x: TensorLike) -> Tensor:
    """The difference x - tanh(x)."""
    x = floating(x)
    return x - ops.tanh(x)


# Over an axis.


def softmax(x: TensorLike, axis: int = -1) -> Tensor:
    """exp(x) divided by its sum along an axis: positive numbers that add up to one."""
    return ops.softmax(x, axis)


def log_softmax(x: TensorLike, axis: int = -1) -> Tensor:
    """log(softmax(x)), also where softmax(x) is too close to 0 to be told from it."""
    return ops.log_softmax(x, axis)


__all__ = [
    "celu", "elu", "exponential", "gelu", "get", "hard_shrink", "hard_sigmoid", "hard_silu",
    "hard_swish", "hard_tanh", "leaky_relu", "linear", "log_sigmoid", "log_softmax", "mish", "relu",
    "relu6", "selu", "serialize", "sigmoid", "silu", "soft_shrink", "softmax", "softplus",
    "softsign", "squareplus", "swish", "tanh", "tanh_shrink", "threshold",
]  # fmt: skip

publish("keras.activations", globals(), __all__)

# Whose functions know nothing of a Tensor.
_STRANGE = {"numpy", "math", "scipy", "torch", "jax", "tensorflow", "keras"}


def _of_tensors(function: Any) -> Any:
    """The function; one of another library is refused with what there is instead.

    Raises:
        TypeError: for a function of NumPy and its like.
    """
    name = getattr(function, "__name__", "")
    whole = "numpy" if isinstance(function, np.ufunc) else getattr(function, "__module__", "")
    library = str(whole).split(".")[0]
    if library not in _STRANGE:
        return function
    known = {"abs": "ops.abs", "absolute": "ops.abs", "exp": "'exponential'", "expit": "'sigmoid'"}
    mend = known.get(name) or (f"{name!r}" if name in __all__ else "")
    mend = mend or (f"ops.{name}" if name in ops.__all__ else "a name such as 'tanh'")
    raise TypeError(
        f"As an activation {library}.{name} does not serve: it computes with no Tensor, and a "
        f"gradient would not find its way back. Take {mend}, or a function made of dlcore.ops."
    )


@getter(
    "activation",
    "a name such as 'relu' or a function",
    "keras.activations",
    more=published_functions("keras.activations"),
    none=linear,
    function=_of_tensors,
)
def get(  # type: ignore[empty-body]
    identifier: str | dict[str, Any] | Activation | None,
) -> Activation:
    """The activation function meant by a name, a function (returned as it is) or None (linear).

    Raises:
        ValueError: if there is no activation of that name.
        TypeError: if the identifier is neither a name nor callable, or a function of NumPy.
    """


def serialize(activation: Activation) -> Any:
    """What a file says of an activation: its name, or a description of a function of your own.

    Raises:
        TypeError: if it has no name, as a lambda.
    """
    return serialize_value(activation)


def __dir__() -> list[str]:
    return sorted(__all__)
