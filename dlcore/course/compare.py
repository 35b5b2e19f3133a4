"""Comparing what a function returned with what was expected, and saying what differs."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcore.course.outcome import same
from dlcore.course.verdict import number


@dataclass(frozen=True)
class Difference:
    """A way in which results are not as expected.

    Attributes:
        kind: one word, as in ``Verdict.kind``.
        sentence: for the learner.
        right: positions of the results that are as expected, where the others are not.
    """

    kind: str
    sentence: str
    right: tuple[int, ...] = ()


def difference(
    yours: Any, expected: tuple[Any, ...], names: tuple[str, ...], tolerance: float, floor: float
) -> Difference | None:
    """The first thing that is wrong with what was returned, or None.

    Args:
        yours: what the function returned.
        expected: the right results.
        names: a name for each of them.
        tolerance: relative to each number, and to the largest one of each result.
        floor: an error up to this size is never counted.
    """
    if yours is None:
        return Difference(
            "none",
            "Your function returns None here: every way through it has to end with `return` and a "
            "result.",
        )
    if yours is ...:
        return Difference("type", "Your function returns `...`: the placeholder is still there.")
    if len(expected) == 1:
        results = (yours,)
        if isinstance(yours, tuple) and not isinstance(expected[0], tuple):
            return _wrong_count(len(yours), names)
    elif not isinstance(yours, tuple | list):
        return _wrong_count(1, names)
    else:
        results = tuple(yours)
        if len(results) != len(expected):
            return _wrong_count(len(results), names)
    found = [_one(*each, tolerance, floor) for each in zip(results, expected, names, strict=True)]
    wrong = [each for each in found if each is not None]
    if not wrong:
        return None
    first = wrong[0]
    right = tuple(i for i, each in enumerate(found) if each is None)
    if not right:
        return first
    verb = "is" if len(right) == 1 else "are"
    praise = f" ({_listed([names[i] for i in right])} {verb} right.)"
    return Difference(first.kind, first.sentence + praise, right)


def agree(a: Any, b: Any, tolerance: float, floor: float) -> bool:
    """Whether two functions returned the same, up to rounding."""
    if isinstance(a, tuple | list) and isinstance(b, tuple | list):
        pairs = zip(a, b, strict=False)
        return len(a) == len(b) and all(agree(x, y, tolerance, floor) for x, y in pairs)
    if a is None or b is None or isinstance(a, tuple) or isinstance(b, tuple):
        return a is b
    return _one(a, b, "", tolerance, floor) is None


def as_array(value: Any) -> np.ndarray | None:
    """The value as an array of numbers, or None if it is none."""
    if callable(value) or isinstance(value, str | bytes | dict | set):
        return None
    try:
        array = np.asarray(value)
    except Exception:
        return None
    return array if array.dtype.kind in "fiub" else None


def _one(yours: Any, expected: Any, name: str, tolerance: float, floor: float) -> Difference | None:
    right, array = as_array(expected), as_array(yours)
    listed = isinstance(expected, list) and isinstance(yours, list)
    if right is None or (listed and array is None):
        if same(yours, expected):
            return None
        pair = f"yours is {_short(yours)}, expected {_short(expected)}"
        return Difference("numbers", f"{_upper(name)} is not as expected: {pair}.")
    if array is None:
        wanted = "an array" if right.ndim else "a number"
        return Difference("type", f"{_upper(name)} is {_what(yours)}; {wanted} is expected.")
    if array.shape != right.shape:
        return Difference(
            "shape", f"{_upper(name)} has shape {array.shape}, expected {right.shape}."
        )
    array, right = array.astype(float), right.astype(float)
    unwanted = ~np.isfinite(array) & np.isfinite(right)
    if unwanted.any():
        where = _where(unwanted)
        return Difference(
            "finite",
            f"{_upper(name)} is not finite: {_at(where)}yours is {number(array[where])}, "
            f"expected {number(right[where])}.",
        )
    with np.errstate(invalid="ignore"):
        off = np.abs(array - right)
    agrees = close(array, right, tolerance, floor)
    if agrees.all():
        return None
    off = np.where(agrees, 0, np.where(np.isnan(off), np.inf, off))
    where = _where(off == off.max())
    count = f" ({int((~agrees).sum())} of {right.size} numbers differ)" if right.size > 1 else ""
    return Difference(
        "numbers",
        f"{_upper(name)} is not right: {_at(where)}yours is {number(array[where])}, "
        f"expected {_apart(right[where], array[where])}{count}.",
    )


def close(yours: np.ndarray, right: np.ndarray, tolerance: float, floor: float) -> np.ndarray:
    """Where two arrays agree: rounding errs in proportion to the largest number that was summed."""
    yours, right = yours.astype(float), right.astype(float)
    scale = np.abs(right[np.isfinite(right)]).max(initial=0.0)
    atol = max(tolerance * scale, floor)
    return np.isclose(yours, right, rtol=tolerance, atol=atol, equal_nan=True)


def _wrong_count(count: int, names: tuple[str, ...]) -> Difference:
    results = "1 result" if count == 1 else f"{count} results"
    wanted = "1 is" if len(names) == 1 else f"{len(names)} are"
    return Difference(
        "count", f"Your function returns {results}; {wanted} expected: {', '.join(names)}."
    )


def _what(value: Any) -> str:
    if value is None:
        return "None"
    if inspect.isgenerator(value):
        if value.gi_code.co_name == "<genexpr>":
            return "a generator; the same in square brackets, [... for ...], makes a list"
        return "a generator, as a function with `yield` gives; `return` gives a result"
    if inspect.iscoroutine(value):
        value.close()
        return "a coroutine; write `def`, not `async def`"
    if callable(value):
        return "a function; round brackets behind it call it"
    if isinstance(value, list | tuple):
        return f"a {type(value).__name__} that does not make an array of numbers"
    kind = type(value).__name__
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 100 else text[:97] + "..."


def _where(mask: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(mask)), mask.shape))


def _at(where: tuple[int, ...]) -> str:
    return f"at [{', '.join(map(str, where))}] " if where else ""


def _apart(value: float, other: float) -> str:
    """A number with as many digits as it takes to see that it is not the other."""
    text = number(value)
    return text if text != number(other) else f"{value:.8g} (yours is {other:.8g} in full)"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _upper(name: str) -> str:
    return name[:1].upper() + name[1:] if name.startswith(("the ", "result ")) else name
