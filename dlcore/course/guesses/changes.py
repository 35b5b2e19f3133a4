"""Changes of a result that are tried on it: of its shape, its sign, its scale, its order.

Each finder tries a family of changes on all cases and gives the sentence of the first that makes
every one of them right; nothing otherwise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import permutations
from typing import Any

import numpy as np

from dlcore.course.guesses.tried import Array, Change, Tried
from dlcore.course.verdict import number


def ordinal(value: int) -> str:
    """1 as "first", 2 as "second", ..."""
    words = ("first", "second", "third", "fourth", "fifth")
    return words[value - 1] if value <= len(words) else f"{value}th"


def shape(tried: Tried, index: int) -> str:
    """The right numbers in another shape."""
    yours, expected = tried.yours[index].shape, tried.expected[index].shape
    if tried.agrees(lambda y, e, a: y.T if y.ndim > 1 else None):
        return "This is the transpose of the right result: rows and columns have changed places."
    if tried.agrees(lambda y, e, a: y.reshape(e.shape) if y.shape != e.shape else y):
        trimmed = [tuple(size for size in each if size != 1) for each in (yours, expected)]
        if trimmed[0] != trimmed[1]:
            return (
                f"The numbers are right, in the shape {yours} instead of {expected}: reshape them."
            )
        if len(yours) == len(expected) + 1:
            return (
                f"The numbers are right, in an array with an axis of size 1 too many: {yours} "
                f"instead of {expected}. Taking that axis away makes it right."
            )
        if len(yours) + 1 == len(expected):
            return (
                f"The numbers are right, but an axis of size 1 is missing: {yours} instead of "
                f"{expected}. keepdims=True keeps it, [:, None] puts it back."
            )
        return f"The numbers are right, in the shape {yours} instead of {expected}."
    if tried.is_made_by(
        lambda y, e, a: np.broadcast_to(e, y.shape) if y.ndim > e.ndim else None
    ) or tried.is_made_by(
        lambda y, e, a: (
            np.broadcast_to(e[:, None], y.shape) if y.ndim == 2 and e.ndim == 1 else None
        )
    ):
        return f"The right numbers, each several times over: {yours} instead of {expected}."
    return ""


def summed(tried: Tried, index: int) -> str:
    """One step of adding up too few, or one too many."""
    steps: dict[str, Callable[..., Any]] = {"mean": np.mean, "sum": np.sum, "largest": np.max}
    yours, expected = tried.yours[index].shape, tried.expected[index].shape
    for word, step in steps.items():
        for axis in (None, 0, 1, -1):
            if tried.agrees(_reduced(step, axis)):
                where = _along(axis, len(yours))
                return f"The last step is missing: the {word} of yours{where} is the right result."
            if tried.is_made_by(_reduced(step, axis, of_expected=True)):
                where = _along(axis, len(expected))
                return (
                    f"This is one step too far: the {word} of the right result{where}. The result "
                    f"has the shape {expected}."
                )
    for axis in (0, 1):
        if tried.agrees(partial(_added_up, axis)):
            return f"The last step is missing: added up along axis {axis} it is right."
    return ""


def _reduced(step: Callable[..., Any], axis: int | None, of_expected: bool = False) -> Change:
    def change(yours: Array, expected: Array, arguments: dict[str, Any]) -> Any:
        if of_expected:
            return step(expected, axis=axis) if expected.ndim > yours.ndim else None
        return step(yours, axis=axis) if yours.size > 1 else None

    return change


def _added_up(axis: int, yours: Array, expected: Array, arguments: dict[str, Any]) -> Any:
    return yours.sum(axis=axis, keepdims=True)


def _along(axis: int | None, ndim: int) -> str:
    if axis is None or ndim < 2:
        return ""
    return f" along axis {axis if axis >= 0 else ndim - 1}"


def factor(tried: Tried, index: int) -> str:
    """The right result times a number, the same everywhere or one that the inputs tell."""
    ratios = [_ratio(y, e) for y, e, _ in tried.cases()]
    if any(ratio is None for ratio in ratios):
        known = [ratio for ratio in ratios if ratio is not None]
        # Where all is 0 there is no factor to be seen; elsewhere it has to be the same.
        zero = all(
            ratio is not None or (not y.any() and not e.any())
            for ratio, (y, e, _) in zip(ratios, tried.cases(), strict=True)
        )
        if not zero or not known:
            return ""
    values = [ratio for ratio in ratios if ratio is not None]
    here = ratios[index] if ratios[index] is not None else values[0]
    assert here is not None
    if np.allclose(values, values[0], rtol=1e-3):
        return _constant_factor(values[0])
    for words, sizes in _sizes(tried):
        pairs = [(r, s) for r, s in zip(ratios, sizes, strict=True) if r is not None]
        if all(np.isclose(r, s, rtol=1e-3) for r, s in pairs):
            return (
                f"Each number is too large by a factor, which is {words} ({number(here)} in the "
                "case below): divide by it."
            )
        if all(np.isclose(r * s, 1, rtol=1e-3) for r, s in pairs):
            return (
                f"Each number is too small by a factor, which is {words} ({number(1 / here)} in "
                "the case below): it was divided by that once too often, or not multiplied."
            )
    if any(ratio is None for ratio in ratios):
        return ""
    # All numbers of an array are what a mean divides by, so these come first.
    counts = sorted(_sizes(tried), key=lambda each: not each[0].startswith("how many"))
    for (words, sizes), (others, more) in permutations(counts, 2):
        if all(
            np.isclose(r * s, m, rtol=1e-3) for r, s, m in zip(values, sizes, more, strict=True)
        ):
            return (
                f"Off by a factor, {others} over {words}: one of these counts stands where the "
                "other belongs."
            )
    return ""


def _constant_factor(ratio: float) -> str:
    if np.isclose(ratio, 1, rtol=1e-3):
        return ""
    if np.isclose(ratio, -1, rtol=1e-3):
        return "The sign is turned round: minus yours is right everywhere."
    if abs(ratio) > 1:
        whole = round(ratio)
        shown = str(whole) if np.isclose(ratio, whole, rtol=1e-3) else number(ratio)
        return f"Yours is {shown} times the right result everywhere: divide by {shown}."
    whole = round(1 / ratio)
    shown = str(whole) if np.isclose(1 / ratio, whole, rtol=1e-3) else number(1 / ratio)
    return f"Yours times {shown} is right everywhere."


def _ratio(yours: Array, expected: Array) -> float | None:
    if yours.shape != expected.shape:
        return None
    big = np.abs(expected) > 1e-3 * np.abs(expected).max(initial=0.0)
    if not big.any():
        return None
    ratios = yours[big] / expected[big]
    ratio = float(np.median(ratios))
    if ratio == 0 or not np.isfinite(ratio):
        return None
    close = np.allclose(yours, ratio * expected, rtol=1e-3, atol=1e-4 * np.abs(yours).max())
    return ratio if close else None


def _sizes(tried: Tried) -> Iterator[tuple[str, list[float]]]:
    """What the inputs are counted by: their rows, columns and numbers, and their own values."""
    for name in tried.argument_names():
        given = [each[name] for each in tried.arguments]
        if not all(isinstance(each, np.ndarray) for each in given):
            yield f"{name}", [float(each) for each in given]
            yield f"the square of {name}", [float(each) ** 2 for each in given]
            continue
        words = ("the number of rows of", "the number of columns of")
        for axis in range(min(each.ndim for each in given)):
            what = words[axis] if given[0].ndim == 2 else ("the length of", "")[axis > 0]
            if what:
                yield f"{what} {name}", [float(each.shape[axis]) for each in given]
        yield f"how many numbers {name} has", [float(each.size) for each in given]


def offset(tried: Tried, index: int) -> str:
    """The right result plus the same number everywhere."""
    steps = []
    for yours, expected, _ in tried.cases():
        if yours.shape != expected.shape:
            return ""
        step = yours - expected
        if not np.allclose(step, step.flat[0], atol=1e-4 * (1 + np.abs(expected).max())):
            return ""
        steps.append(float(step.flat[0]))
    if abs(steps[0]) < 1e-3 or not np.allclose(steps, steps[0], rtol=1e-3, atol=1e-4):
        return ""
    way = "large" if steps[0] > 0 else "small"
    return f"Each number is {number(abs(round(steps[0], 4)))} too {way}."


def with_input(tried: Tried, index: int) -> str:
    """One of the inputs itself, or one that has to be added, taken away, multiplied, divided."""
    for name in tried.argument_names():
        if tried.is_made_by(_joined(lambda y, e, given: given + 0.0, name)):
            return f"This is {name} itself, unchanged."
    for name in tried.argument_names():
        for words, change in (
            (f"{name} is missing: yours plus {name} is right everywhere.", np.add),
            (f"{name} is too much: yours minus {name} is right everywhere.", np.subtract),
            (
                f"{name} is missing as a factor: yours times {name} is right everywhere.",
                np.multiply,
            ),
        ):
            if tried.agrees(partial(_changed_by, change, name)):
                return words
        for words, made in (
            (f"The right result is multiplied by {name} once too often.", _times),
            (f"{name} is added where it has to be subtracted.", _plus_twice),
            (f"{name} is subtracted where it has to be added.", _minus_twice),
        ):
            if tried.is_made_by(_joined(made, name)):
                return words
    return ""


def _changed_by(
    change: Callable[..., Any], name: str, yours: Array, expected: Array, arguments: dict[str, Any]
) -> Any:
    return _fitting(change(yours, arguments[name]), expected)


def _joined(made: Callable[[Array, Array, Any], Any], name: str) -> Change:
    def change(yours: Array, expected: Array, arguments: dict[str, Any]) -> Any:
        return _fitting(made(yours, expected, arguments[name]), yours)

    return change


def _times(yours: Array, expected: Array, given: Any) -> Any:
    return expected * given


def _plus_twice(yours: Array, expected: Array, given: Any) -> Any:
    return expected + 2 * given


def _minus_twice(yours: Array, expected: Array, given: Any) -> Any:
    return expected - 2 * given


def _fitting(changed: Any, wanted: Array) -> Any:
    return changed if np.shape(changed) == wanted.shape else None


def function(tried: Tried, index: int) -> str:
    """A function of one number that was left out, or put in."""
    tries: dict[str, Callable[..., Any]] = {
        "The square is missing: yours times itself is right everywhere.": np.square,
        "The square root of yours is right everywhere.": np.sqrt,
        "The sign is lost or gained: the absolute value of yours is right everywhere.": np.abs,
        "1 minus yours is right everywhere.": lambda y: 1 - y,
        "1 divided by yours is right everywhere.": lambda y: 1 / y,
        "The exponential of yours is right everywhere.": np.exp,
        "The logarithm of yours is right everywhere.": np.log,
        "tanh of yours is right everywhere.": np.tanh,
        "Where yours is below 0 it has to be 0; the rest is right.": lambda y: np.maximum(y, 0),
    }
    for words, change in tries.items():
        if tried.agrees(partial(_of_yours, change)):
            return words
    if tried.is_made_by(lambda y, e, a: np.trunc(e)) or tried.is_made_by(
        lambda y, e, a: np.floor(e)
    ):
        return "What stands behind the point is cut off: the right numbers, made whole."
    if tried.is_made_by(lambda y, e, a: np.round(e)):
        return "The right numbers, rounded to whole ones."
    if tried.is_made_by(lambda y, e, a: np.tanh(e)):
        return "tanh is taken once too often: yours is tanh of the right result."
    return ""


def _of_yours(
    change: Callable[..., Any], yours: Array, expected: Array, arguments: dict[str, Any]
) -> Any:
    return change(yours)


def order(tried: Tried, index: int) -> str:
    """The right numbers in another order, or too many or too few of them."""
    if tried.is_made_by(lambda y, e, a: e[0] if e.ndim and y.shape == e[0].shape else None):
        return "This is the beginning of the right result alone, its first row or number."
    if tried.is_made_by(lambda y, e, a: e[-1] if e.ndim and y.shape == e[-1].shape else None):
        return "This is the end of the right result alone, its last row or number."
    if tried.agrees(lambda y, e, a: y[::-1] if y.ndim else None):
        return "The right result, in reverse: the first place holds the last."
    if tried.agrees(lambda y, e, a: y[:, ::-1] if y.ndim == 2 else None):
        return "The columns of the right result, in reverse."
    if tried.agrees(lambda y, e, a: np.roll(y, 1, 0) if y.ndim else None) or tried.agrees(
        lambda y, e, a: np.roll(y, -1, 0) if y.ndim else None
    ):
        return "The right result, moved on by one place."
    lengths = [(len(y), len(e)) if y.ndim and e.ndim else (0, 0) for y, e, _ in tried.cases()]
    if any(found != wanted for found, wanted in lengths):
        return _length(tried, lengths, index)
    if all(y.ndim == 1 for y in tried.yours) and tried.is_made_by(
        lambda y, e, a: y if np.allclose(np.sort(y), np.sort(e)) else None
    ):
        return "The right numbers, in another order."
    return ""


def _length(tried: Tried, lengths: list[tuple[int, int]], index: int) -> str:
    found, wanted = lengths[index]
    count = f"{found} number{'s' * (found != 1)} in the case below, not {wanted}."
    if all(a >= b for a, b in lengths):
        if tried.agrees(lambda y, e, a: y[: len(e)]):
            return f"It begins right and goes on too far: {count}"
        if tried.agrees(lambda y, e, a: y[len(y) - len(e) :]):
            return f"It ends right and begins too early: {count}"
    if all(a <= b for a, b in lengths):
        if tried.is_made_by(lambda y, e, a: e[: len(y)]):
            return f"What is there is right, but it ends too early: {count}"
        if tried.is_made_by(lambda y, e, a: e[len(e) - len(y) :]):
            return f"What is there is right, but its beginning is missing: {count}"
    return ""


FINDERS = (shape, with_input, factor, function, summed, offset, order)
