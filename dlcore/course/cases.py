"""The cases that a function is tried on: the examples, then drawn ones from small to large."""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

from dlcore.course.definition import Exercise

SIZES = (1, 1, 1, 2, 2, 3, 3, 4, 5)
SIZES_FLOAT64 = (1, 3)

Arguments = tuple[Any, ...]


def draw_cases(exercise: Exercise, rng: np.random.Generator | None = None) -> list[Arguments]:
    """Argument tuples in the order in which they are tried.

    Args:
        exercise: says how to draw.
        rng: gives the random numbers. Defaults to one that depends on the exercise's id alone, so
            that a check gives the same verdict every time.

    Raises:
        ValueError: if ``draw`` does not give a tuple.
    """
    if rng is None:
        rng = np.random.default_rng(zlib.crc32(exercise.id.encode()))
    cases = [_as_type(example, np.float32) for example in exercise.examples]
    for dtype, sizes in ((np.float32, SIZES), (np.float64, SIZES_FLOAT64)):
        for size in sizes:
            drawn = exercise.draw(rng, size)
            if not isinstance(drawn, tuple):
                raise ValueError(
                    f"Exercise {exercise.id}: draw gave {type(drawn).__name__}; return a tuple of "
                    "arguments, one alone as (x,)."
                )
            cases.append(_as_type(drawn, dtype))
    return cases


def amount(case: Arguments) -> int:
    """How much there is to look at in a case: its numbers, counted."""
    return sum(_size(each) for each in case)


def _size(value: Any) -> int:
    if isinstance(value, tuple | list):
        return sum(map(_size, value))
    return int(np.size(value)) if isinstance(value, np.ndarray) else 1


def telling(case: Arguments) -> bool:
    """Whether rows and columns can be told apart in a case: none single, and not as many of both.

    A column of targets, of shape (n, 1), is one in every case and tells nothing.
    """
    tables = [each for each in case if isinstance(each, np.ndarray) and each.ndim]
    return all(
        len(each) > 1 and (each.ndim < 2 or each.shape[1] == 1 or each.shape[0] != each.shape[1])
        for each in tables
    ) and any(each.ndim == 1 or each.shape[1] > 1 for each in tables)


def noise(case: Arguments, tolerance: float) -> float:
    """Errors up to this size are rounding: where inputs cancel, an exact 0 may come out as 1e-8."""
    sizes = [
        float(np.abs(each[np.isfinite(each)]).max(initial=0.0))
        for each in case
        if isinstance(each, np.ndarray) and each.dtype.kind == "f"
    ]
    return 0.003 * tolerance * min(1.0, max(sizes, default=1.0))


def _as_type(case: Arguments, dtype: type) -> Arguments:
    return tuple(
        np.array(each, dtype=dtype, order="C")
        if isinstance(each, np.ndarray | np.floating) and each.dtype.kind == "f"
        else each
        for each in case
    )
