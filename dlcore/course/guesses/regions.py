"""Where an answer is right and where it is wrong, if one line divides the two in all cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations
from typing import Any

import numpy as np

from dlcore.course.compare import close
from dlcore.course.guesses.tried import Array, Tried

Mask = Callable[[Array], Array]

SIDES: tuple[tuple[str, Mask, str], ...] = (
    ("is exactly 0", lambda v: v == 0, "is not 0"),
    ("is above 1", lambda v: v > 1, "is 1 or less"),
    ("is below -1", lambda v: v < -1, "is -1 or more"),
    ("is negative", lambda v: v < 0, "is 0 or positive"),
    ("is positive", lambda v: v > 0, "is 0 or negative"),
    ("is 0 or negative", lambda v: v <= 0, "is positive"),
    ("is 0 or positive", lambda v: v >= 0, "is negative"),
)


Region = tuple[float, str]  # the share of it that is wrong, and what is said of it


def by_side(tried: Tried, index: int) -> str:
    """Wrong only where an input of the same shape lies on one side of a number or of another input.

    Of two that hold, the one of which more is wrong; else that of a number, such as 0.
    """
    wrong = _wrong(tried)
    if wrong is None:
        return ""
    found = [*_of_numbers(tried, wrong), *_of_arguments(tried, wrong)]
    return max(found, key=lambda region: region[0], default=(0.0, ""))[1]


def _of_numbers(tried: Tried, wrong: list[Array]) -> Iterator[Region]:
    """The first side that holds."""
    for name in tried.argument_names():
        given = [np.asarray(each[name]) for each in tried.arguments]
        if not all(g.shape == w.shape and w.ndim for g, w in zip(given, wrong, strict=True)):
            continue
        for words, mask, elsewhere in SIDES:
            inside = [mask(each) for each in given]
            if _divides(wrong, inside):
                yield _share(wrong, inside), _said(name, words, elsewhere)
                return


def _of_arguments(tried: Tried, wrong: list[Array]) -> Iterator[Region]:
    """The sides of another input, a number, that hold."""
    for name, other in permutations(tried.argument_names(), 2):
        given = [np.asarray(each[name]) for each in tried.arguments]
        edges = [each[other] for each in tried.arguments]
        fits = (g.shape == w.shape and w.ndim for g, w in zip(given, wrong, strict=True))
        if not all(fits) or any(map(np.ndim, edges)):
            continue
        for words, compare, elsewhere in (
            (f"is above {other}", np.greater, f"is {other} or less"),
            (f"is below {other}", np.less, f"is {other} or more"),
            (f"is {other} or more", np.greater_equal, f"is below {other}"),
            (f"is {other} or less", np.less_equal, f"is above {other}"),
        ):
            inside = [compare(g, edge) for g, edge in zip(given, edges, strict=True)]
            if _divides(wrong, inside):
                yield _share(wrong, inside), _said(name, words, elsewhere)


def _said(name: str, words: str, elsewhere: str) -> str:
    return f"Right wherever {name} {elsewhere}; what is wrong lies where {name} {words}."


def _share(wrong: list[Array], inside: list[Array]) -> float:
    """The share of the inside that is wrong."""
    return sum(int(w.sum()) for w in wrong) / sum(int(i.sum()) for i in inside)


def _divides(wrong: list[Array], inside: list[Array]) -> bool:
    """All that is wrong lies inside, most of the inside is wrong, and there is an outside."""
    if any((w & ~i).any() for w, i in zip(wrong, inside, strict=True)):
        return False
    count = sum(int(i.sum()) for i in inside)
    outside = sum(int((~i).sum()) for i in inside)
    return outside > 0 and sum(int(w.sum()) for w in wrong) > 0.6 * count > 0


def by_place(tried: Tried, index: int) -> str:
    """The first or the last row is right in every case, or the first or the last column."""
    wrong = _wrong(tried)
    if wrong is None:
        return ""
    for axis, what in enumerate(("row", "column")):
        lines = [np.moveaxis(w, axis, 0) for w in wrong if w.ndim > axis and w.shape[axis] > 1]
        if len(lines) < len(wrong) / 2 or not lines:
            continue
        lines = [each.any(axis=tuple(range(1, each.ndim))) for each in lines]
        for place, rest, beside in ((0, slice(1, None), "after"), (-1, slice(-1), "before")):
            others = np.concatenate([each[rest] for each in lines])
            if not any(each[place] for each in lines) and others.mean() > 0.6:
                end = "first" if place == 0 else "last"
                return (
                    f"The {end} {what} is right in every case; what is wrong lies in the "
                    f"{what}s {beside} it."
                )
    return ""


def left_out(tried: Tried, index: int) -> str:
    """Wrong in the first or the last row alone, or column, as when a loop leaves it out."""
    wrong = _wrong(tried)
    if wrong is None:
        return ""
    for axis, what in enumerate(("row", "column")):
        if any(w.ndim <= axis or w.shape[axis] < 2 for w in wrong):
            continue
        lines = [np.moveaxis(w, axis, 0).reshape(w.shape[axis], -1).any(axis=1) for w in wrong]
        for place, end in ((0, "first"), (-1, "last")):
            if all(each[place] and each.sum() == 1 for each in lines):
                zero = all(not np.moveaxis(y, axis, 0)[place].any() for y in tried.yours)
                what = what if wrong[0].ndim > 1 else "number"
                left = ", which is left at 0" if zero else ""
                return (
                    f"All is right but the {end} {what}{left}: count from 0 to the number of "
                    f"{what}s, as range does by itself."
                )
    return ""


def picked(tried: Tried, index: int) -> str:
    """The right numbers of one side alone, in a row, as a mask picks them out."""
    for name in tried.argument_names():
        for words, mask, _ in SIDES:

            def change(yours: Array, expected: Array, arguments: dict[str, Any]) -> Any:
                given = np.asarray(arguments[name])  # noqa: B023
                return expected[mask(given)] if given.shape == expected.shape else None  # noqa: B023

            if tried.is_made_by(change):
                return (
                    f"This picks out the numbers where {name} {words} and drops the others; the "
                    "result has a number in every place, and np.where chooses it."
                )
    return ""


def by_size(tried: Tried, index: int) -> str:
    """Right in the cases in which something is just one, wrong in all others."""
    right = []
    for (yours, expected, _), tolerance in zip(tried.cases(), tried.tolerances, strict=True):
        right.append(tried.same(yours, expected, tolerance))
    # One case alone agrees with too much by chance.
    if not 1 < sum(right) < len(right) - 1:
        return ""
    for words, single in _counts(tried):
        if all(a == b for a, b in zip(right, single, strict=True)):
            return f"Right where {words[0]}, and wrong in every case where {words[1]}."
    return ""


def _counts(tried: Tried) -> Iterator[tuple[tuple[str, str], list[bool]]]:
    for name in tried.argument_names():
        given = [each[name] for each in tried.arguments]
        if not all(isinstance(each, np.ndarray) and each.ndim == given[0].ndim for each in given):
            continue
        for axis, what in enumerate(("row", "column")[: given[0].ndim]):
            what = what if given[0].ndim > 1 else "number"
            words = (f"{name} has one {what}", f"it has more {what}s")
            yield words, [each.shape[axis] == 1 for each in given]


def _wrong(tried: Tried) -> list[Any] | None:
    """Where each case is wrong; None if a shape is."""
    found = []
    for (yours, expected, _), (tolerance, floor) in zip(
        tried.cases(), tried.tolerances, strict=True
    ):
        if yours.shape != expected.shape:
            return None
        found.append(~close(yours, expected, tolerance, floor))
    return found


FINDERS = (picked, by_side, left_out, by_place, by_size)
