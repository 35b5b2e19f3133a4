"""Operations on each element: of one tensor, or of two with NumPy's broadcasting."""

from __future__ import annotations

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

    def backward(dy: np.ndarray) -> list[np.ndarray | None]:
        return [
            unbroadcast(dy, a.shape) if a.requires_grad else None,
            unbroadcast(dy, b.shape) if b.requires_grad else None,
        ]

    return result(y, [a, b], backward)


def subtract(a: TensorLike, b: TensorLike) -> Tensor:
    """The difference of a and b."""
    a, b = pair(a, b)
    y = binary(a.data, b.data, "subtract")

    def backward(dy: np.ndarray) -> list[np.ndarray | None]:
        da = unbroadcast(dy, a.shape) if a.requires_grad else None
        if not b.requires_grad:
            return [da, None]
        return [da, compute("unary", unbroadcast(dy, b.shape), op="negative")]

    return result(y, [a, b], backward)


def multiply(a: TensorLike, b: TensorLike) -> Tensor:
    """The product of a and b; da = dy b, db = dy a."""
    a, b = pair(a, b)
    y = binary(a.data, b.data, "multiply")

    def backward(dy: np.ndarray) -> list[np.ndarray | None]:
        return [
            unbroadcast(binary(dy, b.data, "multiply"), a.shape) if a.requires_grad else None,
            unbroadcast(binary(dy, a.data, "multiply"), b.shape) if b.requires_grad else None,
        ]

    return result(y, [a, b], backward)


def divide(a: TensorLike, b: TensorLike) -> Tensor:
    """The quotient of a and b; da = dy / b, db = -dy y / b."""
    a, b = pair(floating(a), b)
    y = binary(a.data, b.data, "divide")

    def backward(dy: np.ndarray) -> list[np.ndarray | None]:
        da = binary(dy, b.data, "divide")
        if not b.requires_grad:
            return [unbroadcast(da, a.shape), None]
        db = compute("unary", binary(da, y, "multiply"), op="negative")
        return [unbroadcast(da, a.shape) if a.requires_grad else None, unbroadcast(db, b.shape)]

    return result(y, [a, b], backward)


def power(a: TensorLike, b: TensorLike) -> Tensor:
    """Powers: a to the b; da = dy b a^(b-1), db = dy y log(a)."""
    a, b = pair(floating(a), b)
    y = binary(a.data, b.data, "power")

    def backward(dy: np.ndarray) -> list[np.ndarray | None]:
        one = np.ones((), b.dtype)
        slope = binary(b.data, binary(a.data, binary(b.data, one, "subtract"), "power"), "multiply")
        da = unbroadcast(binary(dy, slope, "multiply"), a.shape) if a.requires_grad else None
        if not b.requires_grad:
            return [da, None]
        log_a = compute("unary", a.data, op="log")
        db = unbroadcast(binary(dy, binary(y, log_a, "multiply"), "multiply"), b.shape)
        return [da, db]

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
        unbroadcast(compute("where", chosen, dy, zero), a.shape) if a.requires_grad else None,
        unbroadcast(compute("where", chosen, zero, dy), b.shape) if b.requires_grad else None,
    ]


def _choose(a: TensorLike, b: TensorLike, op: str, comparison: str) -> Tensor:
    a, b = pair(a, b)
    y = binary(a.data, b.data, op)

    def backward(dy: np.ndarray) -> list[np.ndarray | None]:
        return _shares(dy, binary(a.data, b.data, comparison), a, b)

    return result(y, [a, b], backward)
