"""Operations on each element: of one tensor, or of two with NumPy's broadcasting."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlcore.backends import compute
from dlcore.engine.tensor import Tensor, TensorLike, convert_to_tensor, floating, pair, result


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


def wanted(x: Tensor, gradient: Callable[[], np.ndarray]) -> np.ndarray | None:
    """The gradient of an input that was broadcast; None for a constant or data, which want none."""
    return unbroadcast(gradient(), x.shape) if x.requires_grad else None


def exp(x: TensorLike) -> Tensor:
    """The exponential of x; dx = dy y."""
    x = floating(x)
    y = compute("unary", x.data, op="exp")
    return result(y, [x], lambda dy: [binary(dy, y, "multiply")])


def log(x: TensorLike) -> Tensor:
    """The natural logarithm of x; dx = dy / x."""
    x = floating(x)
    y = compute("unary", x.data, op="log")
    return result(y, [x], lambda dy: [binary(dy, x.data, "divide")])


def sqrt(x: TensorLike) -> Tensor:
    """The square root of x; dx = dy / (2 y)."""
    x = floating(x)
    y = compute("unary", x.data, op="sqrt")
    return result(y, [x], lambda dy: [binary(dy, binary(y, y, "add"), "divide")])


def square(x: TensorLike) -> Tensor:
    """The square of x; dx = 2 x dy."""
    x = convert_to_tensor(x)
    y = compute("unary", x.data, op="square")
    return result(y, [x], lambda dy: [binary(dy, binary(x.data, x.data, "add"), "multiply")])


def abs(x: TensorLike) -> Tensor:
    """The absolute value of x; dx is dy with the sign of x."""
    x = convert_to_tensor(x)
    y = compute("unary", x.data, op="abs")
    return result(y, [x], lambda dy: [binary(dy, compute("unary", x.data, op="sign"), "multiply")])


def negative(x: TensorLike) -> Tensor:
    """The negative of x."""
    x = convert_to_tensor(x)
    y = compute("unary", x.data, op="negative")
    return result(y, [x], lambda dy: [compute("unary", dy, op="negative")])


def sign(x: TensorLike) -> Tensor:
    """-1, 0 or 1; its gradient is zero everywhere."""
    return Tensor(compute("unary", convert_to_tensor(x).data, op="sign"))


def add(a: TensorLike, b: TensorLike) -> Tensor:
    """The sum of a and b."""
    a, b = pair(a, b)
    y = binary(a.data, b.data, "add")
    return result(y, [a, b], lambda dy: [wanted(a, lambda: dy), wanted(b, lambda: dy)])


def subtract(a: TensorLike, b: TensorLike) -> Tensor:
    """The difference of a and b."""
    a, b = pair(a, b)
    y = binary(a.data, b.data, "subtract")

    def backward(dy: np.ndarray) -> list[np.ndarray | None]:
        db = wanted(b, lambda: dy)
        return [wanted(a, lambda: dy), None if db is None else compute("unary", db, op="negative")]

    return result(y, [a, b], backward)


def multiply(a: TensorLike, b: TensorLike) -> Tensor:
    """The product of a and b; da = dy b, db = dy a."""
    a, b = pair(a, b)
    y = binary(a.data, b.data, "multiply")

    def backward(dy: np.ndarray) -> list[np.ndarray | None]:
        return [
            wanted(a, lambda: binary(dy, b.data, "multiply")),
            wanted(b, lambda: binary(dy, a.data, "multiply")),
        ]

    return result(y, [a, b], backward)


def divide(a: TensorLike, b: TensorLike) -> Tensor:
    """The quotient of a and b; da = dy / b, db = -dy y / b."""
    a, b = pair(floating(a), b)
    y = binary(a.data, b.data, "divide")

    def backward(dy: np.ndarray) -> list[np.ndarray | None]:
        da = binary(dy, b.data, "divide")
        return [
            wanted(a, lambda: da),
            wanted(b, lambda: compute("unary", binary(da, y, "multiply"), op="negative")),
        ]

    return result(y, [a, b], backward)


def power(a: TensorLike, b: TensorLike) -> Tensor:
    """Powers: a to the b; da = dy b a^(b-1), db = dy y log(a)."""
    a, b = pair(floating(a), b)
    y = binary(a.data, b.data, "power")

    def backward(dy: np.ndarray) -> list[np.ndarray | None]:
        def da() -> np.ndarray:
            smaller = binary(b.data, np.ones((), b.dtype), "subtract")
            slope = binary(b.data, binary(a.data, smaller, "power"), "multiply")
            return binary(dy, slope, "multiply")

        def db() -> np.ndarray:
            log_a = compute("unary", a.data, op="log")
            return binary(dy, binary(y, log_a, "multiply"), "multiply")

        return [wanted(a, da), wanted(b, db)]

    return result(y, [a, b], backward)


def maximum(a: TensorLike, b: TensorLike) -> Tensor:
    """The greater of a and b; the gradient goes to the greater, to a where they are equal."""
    return _choose(a, b, "maximum", "greater_equal")


def minimum(a: TensorLike, b: TensorLike) -> Tensor:
    """The lesser of a and b; the gradient goes to the lesser, to a where they are equal."""
    return _choose(a, b, "minimum", "less_equal")


def clip(x: TensorLike, x_min: TensorLike, x_max: TensorLike) -> Tensor:
    """Values of x kept between two bounds; the gradient is zero where a bound was met."""
    return minimum(maximum(x, x_min), x_max)


def where(condition: TensorLike, a: TensorLike, b: TensorLike) -> Tensor:
    """Values of a where the condition holds (is not zero), of b elsewhere."""
    a, b = pair(a, b)
    chosen = convert_to_tensor(condition).data
    y = compute("where", chosen, a.data, b.data)
    return result(y, [a, b], lambda dy: _shares(dy, chosen, a, b))


def _shares(dy: np.ndarray, chosen: np.ndarray, a: Tensor, b: Tensor) -> list[np.ndarray | None]:
    """The gradients of a and b where y is a in the chosen places, and b elsewhere."""
    zero = np.zeros((), dy.dtype)
    return [
        wanted(a, lambda: compute("where", chosen, dy, zero)),
        wanted(b, lambda: compute("where", chosen, zero, dy)),
    ]


def _choose(a: TensorLike, b: TensorLike, op: str, comparison: str) -> Tensor:
    a, b = pair(a, b)
    y = binary(a.data, b.data, op)

    def backward(dy: np.ndarray) -> list[np.ndarray | None]:
        return _shares(dy, binary(a.data, b.data, comparison), a, b)

    return result(y, [a, b], backward)
