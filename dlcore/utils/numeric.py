"""Numbers that are given as arguments: of the right kind, and in the range that makes sense."""

from __future__ import annotations

import math
from typing import Any


def number(what: str, value: Any) -> float:
    """`value` as a float.

    Raises:
        TypeError: if it is not a number.
        ValueError: if it is NaN or infinite.
    """
    try:
        if isinstance(value, str | bytes | bool):
            raise TypeError
        result = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{what} is a number, not {value!r}.") from None
    if not math.isfinite(result):
        raise ValueError(f"{what} is a finite number, not {result}.")
    return result


def positive(what: str, value: Any, advice: float = 1.0) -> float:
    """`value` as a float above 0; an error advises another number."""
    result = number(what, value)
    if result <= 0:
        raise ValueError(f"{what} must be positive, but is {result:g}; try {advice:g}.")
    return result


def not_negative(what: str, value: Any, advice: float = 0.0) -> float:
    """`value` as a float from 0 up; an error advises another number."""
    result = number(what, value)
    if result < 0:
        raise ValueError(f"{what} must not be negative, but is {result:g}; try {advice:g}.")
    return result


def share(what: str, value: Any, advice: float = 0.9) -> float:
    """`value` as a float from 0 to below 1; an error advises another number."""
    result = number(what, value)
    if not 0 <= result < 1:
        raise ValueError(f"{what} lies in [0, 1), but is {result:g}; try {advice:g}.")
    return result
