"""What tensors do with Python's operators, and a tensor of one number as a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


class Operators:
    """The operators of Python. What they do is bound by `dlcore.ops`, whose operations they are.

    Comparisons go number by number and give 1 and 0. What cannot be compared with numbers, such
    as a name or None, is never equal.
    """

    __slots__ = ()

    # NumPy then leaves ``array + tensor`` to the tensor instead of looping over its elements.
    __array_priority__ = 100
    __array_ufunc__ = None

    __add__: Callable[[Any, Any], Any]
    __radd__: Callable[[Any, Any], Any]
    __sub__: Callable[[Any, Any], Any]
    __rsub__: Callable[[Any, Any], Any]
    __mul__: Callable[[Any, Any], Any]
    __rmul__: Callable[[Any, Any], Any]
    __truediv__: Callable[[Any, Any], Any]
    __rtruediv__: Callable[[Any, Any], Any]
    __pow__: Callable[[Any, Any], Any]
    __rpow__: Callable[[Any, Any], Any]
    __matmul__: Callable[[Any, Any], Any]
    __rmatmul__: Callable[[Any, Any], Any]
    __and__: Callable[[Any, Any], Any]
    __rand__: Callable[[Any, Any], Any]
    __or__: Callable[[Any, Any], Any]
    __ror__: Callable[[Any, Any], Any]
    __getitem__: Callable[[Any, Any], Any]
    __neg__: Callable[[Any], Any]
    __abs__: Callable[[Any], Any]
    __invert__: Callable[[Any], Any]
    __eq__: Callable[[Any, Any], Any]
    __ne__: Callable[[Any, Any], Any]
    __lt__: Callable[[Any, Any], Any]
    __le__: Callable[[Any, Any], Any]
    __gt__: Callable[[Any, Any], Any]
    __ge__: Callable[[Any, Any], Any]

    # By identity, though == compares numbers: in a set, or as keys of a dict, two tensors are two.
    __hash__ = object.__hash__

    def __pos__(self) -> Any:
        return self


class OneNumber(Operators):
    """A tensor of one number as a number; one of several is told how it could become one."""

    __slots__ = ()

    data: np.ndarray

    def item(self) -> Any:
        """The value of a tensor of one element as a Python number.

        Raises:
            TypeError: if it holds several numbers, or none.
        """
        return self._only("is no single number").item()

    def __float__(self) -> float:
        return float(self.item())

    def __int__(self) -> int:
        return int(self.item())

    def __index__(self) -> int:
        if self.data.ndim or self.data.dtype.kind not in "iu":
            raise TypeError(
                "A position or a count is one whole number, not a tensor of shape "
                f"{self.data.shape} and type {self.data.dtype}; take one number, int(x)."
            )
        return int(self.item())

    def __bool__(self) -> bool:
        several = "is neither true nor false as a whole"
        return bool(self._only(several, "ops.any(x) or ops.all(x)").item())

    def __round__(self, digits: int | None = None) -> Any:
        return round(self._only("is not rounded by round").item(), digits)

    def __format__(self, form: str) -> str:
        return (
            format(self._only(f"cannot be written as {form!r}").item(), form) if form else str(self)
        )

    def _only(self, said: str, mend: str = "ops.mean(x)") -> np.ndarray:
        """The array of one number; of several, an error with what is `said` of them."""
        if self.data.size != 1:
            raise TypeError(
                f"A tensor of shape {self.data.shape} {said}; one number is, such as {mend}, or "
                "one of its elements."
            )
        return self._read()

    def _read(self) -> np.ndarray:
        raise NotImplementedError
