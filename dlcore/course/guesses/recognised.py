"""What an answer is, where it is something well known: a function of one input, or of two."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any

import numpy as np

from dlcore.course.guesses.tried import Array, Change, Tried
from dlcore.course.verdict import number

OF_ONE = ("abs", "square", "sqrt", "exp", "log", "sign", "tanh", "sin", "cos", "arctan", "negative")
ALONG = ("max", "min", "mean", "sum", "median", "argmax", "argmin", "sort", "argsort")
OF_TWO: dict[str, Callable[..., Any]] = {
    "{} + {}": np.add,
    "{} - {}": np.subtract,
    "{} * {}": np.multiply,
    "{} / {}": np.divide,
    "{} @ {}": np.matmul,
    "np.maximum({}, {})": np.maximum,
    "np.minimum({}, {})": np.minimum,
}


def known(tried: Tried, index: int) -> str:
    """Yours is this well-known function of the inputs, or does not depend on them."""
    first = float(tried.yours[0].flat[0])
    if np.isnan(first):
        return ""
    if tried.is_made_by(lambda y, e, a: np.full(y.shape, first)):
        return f"What comes out is {number(first)} in every case that was tried."
    for text, change in _candidates(tried.argument_names()):
        if tried.is_made_by(change):
            return f"What comes out is `{text}`, in every case."
    return ""


def counted(tried: Tried, index: int) -> str:
    """One number for each column where one for each row is wanted, and the like."""
    yours, expected = (_lengths(each) for each in (tried.yours, tried.expected))
    if yours is None or expected is None or yours == expected:
        return ""
    names = {str(yours): "", str(expected): ""}
    for lengths in (yours, expected):
        names[str(lengths)] = _word(tried, lengths)
    if not all(names.values()):
        return ""
    found, wanted = names[str(yours)], names[str(expected)]
    return f"Yours is {found}; wanted is {wanted}."


def _lengths(values: list[Any]) -> list[int] | None:
    """The length of a row of numbers in each case; 0 for a single number."""
    if all(each.ndim == 0 for each in values):
        return [0] * len(values)
    return [len(each) for each in values] if all(each.ndim == 1 for each in values) else None


def _word(tried: Tried, lengths: list[int]) -> str:
    if not any(lengths):
        return "one number for all"
    for name in tried.argument_names():
        given = [each[name] for each in tried.arguments]
        if not all(isinstance(each, np.ndarray) and each.ndim == 2 for each in given):
            continue
        for axis, what in enumerate(("row", "column")):
            if [each.shape[axis] for each in given] == lengths:
                return f"one number for each {what} of {name}"
    return ""


def _candidates(names: list[str]) -> Iterator[tuple[str, Change]]:
    for name in names:
        for function in OF_ONE:
            yield f"np.{function}({name})", _one(getattr(np, function), name)
        yield f"{name} > 0", _one(lambda value: value > 0, name)
        for function in ALONG:
            if not function.endswith("sort"):
                yield f"np.{function}({name})", _one(getattr(np, function), name)
            for axis in (0, 1):
                text = f"np.{function}({name}, axis={axis})"
                yield text, _one(_along(getattr(np, function), axis), name)
    for first, second in permutations(names, 2):
        for text, both in OF_TWO.items():
            yield text.format(first, second), _two(both, first, second)


def _along(function: Callable[..., Any], axis: int) -> Callable[[Any], Any]:
    return lambda value: function(value, axis=axis)


def _one(function: Callable[[Any], Any], name: str) -> Change:
    def change(yours: Array, expected: Array, arguments: dict[str, Any]) -> Any:
        return function(np.asarray(arguments[name], float))

    return change


def _two(function: Callable[..., Any], first: str, second: str) -> Change:
    def change(yours: Array, expected: Array, arguments: dict[str, Any]) -> Any:
        return function(arguments[first], arguments[second])

    return change


FINDERS = (known, counted)
