"""What `+`, `*`, `@` and their like do with tensors and symbols: the operation of that name."""

from __future__ import annotations

import importlib
from typing import Any


class Operators:
    """The operators of Python, each as an operation of `dlcore.ops`."""

    __slots__ = ()

    # NumPy then leaves ``array + tensor`` to the tensor instead of looping over its elements.
    __array_priority__ = 100
    __array_ufunc__ = None

    def __add__(self, other: Any) -> Any:
        return _ops().add(self, other)

    def __radd__(self, other: Any) -> Any:
        return _ops().add(other, self)

    def __sub__(self, other: Any) -> Any:
        return _ops().subtract(self, other)

    def __rsub__(self, other: Any) -> Any:
        return _ops().subtract(other, self)

    def __mul__(self, other: Any) -> Any:
        return _ops().multiply(self, other)

    def __rmul__(self, other: Any) -> Any:
        return _ops().multiply(other, self)

    def __truediv__(self, other: Any) -> Any:
        return _ops().divide(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _ops().divide(other, self)

    def __pow__(self, other: Any) -> Any:
        return _ops().power(self, other)

    def __rpow__(self, other: Any) -> Any:
        return _ops().power(other, self)

    def __matmul__(self, other: Any) -> Any:
        return _ops().matmul(self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _ops().matmul(other, self)

    def __neg__(self) -> Any:
        return _ops().negative(self)

    def __abs__(self) -> Any:
        return _ops().abs(self)

    def __getitem__(self, key: Any) -> Any:
        return _ops().get_item(self, key)


def _ops() -> Any:
    # ops/ builds on the tensors, so an operator looks it up when it is first used.
    return importlib.import_module("dlcore.ops")
