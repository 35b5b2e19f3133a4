"""One result of an answer on all the cases that were tried, beside what it should have been."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcore.course.compare import agree

Array = np.ndarray[Any, Any]
# From yours, the expected and the arguments of a case to what is compared.
Change = Callable[[Array, Array, dict[str, Any]], Any]


@dataclass
class Tried:
    """What was returned and what was expected, case by case.

    Attributes:
        name: of the result, if there are several.
        yours: what was returned.
        expected: what was wanted.
        arguments: by name, what went in.
        tolerances: relative and absolute, of each case.
    """

    name: str
    yours: list[Any]
    expected: list[Any]
    arguments: list[dict[str, Any]]
    tolerances: list[tuple[float, float]]

    def cases(self) -> Iterator[tuple[Array, Array, dict[str, Any]]]:
        """(yours, expected, arguments) of each case, the numbers as float64."""
        for yours, expected, arguments in zip(
            self.yours, self.expected, self.arguments, strict=True
        ):
            yield yours.astype(float), expected.astype(float), arguments

    def right(self) -> bool:
        """Whether nothing is wrong with it."""
        return self.agrees(lambda yours, expected, arguments: yours)

    def agrees(self, change: Change) -> bool:
        """Whether a change makes every case right; one that cannot be made does not."""
        for (yours, expected, arguments), tolerance in zip(
            self.cases(), self.tolerances, strict=True
        ):
            try:
                changed = change(yours, expected, arguments)
            except (ValueError, IndexError, TypeError, KeyError):
                return False
            if changed is None or not self.same(np.asarray(changed), expected, tolerance):
                return False
        return True

    def is_made_by(self, change: Change) -> bool:
        """Whether what was returned is a change of what was wanted, in every case."""
        for (yours, expected, arguments), tolerance in zip(
            self.cases(), self.tolerances, strict=True
        ):
            try:
                changed = change(yours, expected, arguments)
            except (ValueError, IndexError, TypeError, KeyError):
                return False
            if changed is None or not self.same(yours, np.asarray(changed), tolerance):
                return False
        return True

    def same(self, a: Array, b: Array, tolerance: tuple[float, float]) -> bool:
        """Whether two arrays have one shape and, up to rounding, the same numbers."""
        return a.shape == b.shape and agree(a, b, *tolerance)

    def argument_names(self) -> list[str]:
        """The names of the arguments that are numbers or arrays in every case."""
        first = self.arguments[0]
        return [
            name
            for name in first
            if all(
                isinstance(each.get(name), np.ndarray | int | float | np.number)
                for each in self.arguments
            )
        ]
