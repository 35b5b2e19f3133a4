"""What a check found, as plain data: no functions, no arrays, nothing of a notebook.

A grader can keep it (``to_dict``, ``from_dict``) and ``cards`` can show it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

NOT_ATTEMPTED, WRONG, RIGHT = "not attempted", "wrong", "right"


@dataclass(frozen=True)
class Shown:
    """A value as a card shows it: its name, its numbers rounded, its shape and type."""

    name: str
    text: str
    about: str = ""


@dataclass(frozen=True)
class Case:
    """The smallest case that failed: what went in, what came out, what should have."""

    inputs: tuple[Shown, ...]
    yours: tuple[Shown, ...] = ()
    expected: tuple[Shown, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The result of a check.

    Attributes:
        exercise: the id.
        title: of the exercise.
        status: "not attempted", "wrong" or "right".
        kind: one word for programs: "stub", "right", "arguments", "raises", "recursion", "none",
            "count", "type", "shape", "changed", "finite", "numbers", "unsteady" or "time".
        sentence: what was found, for the learner.
        mistake: the sentence of the known mistake, if it is one.
        case: the smallest case that failed, if there is one to show.
        notes: remarks that do not count, such as printing or float64.
        level: of the exercise.
        minutes: of the exercise.
    """

    exercise: str
    title: str
    status: str
    kind: str
    sentence: str
    mistake: str = ""
    case: Case | None = None
    notes: tuple[str, ...] = ()
    level: str = ""
    minutes: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Lists, dictionaries, numbers and text only, fit for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Verdict:
        """The verdict that ``to_dict`` gave, also after a round through JSON."""
        case = data.get("case")
        if case is not None:
            sides = ("inputs", "yours", "expected")
            case = Case(**{side: tuple(Shown(**each) for each in case[side]) for side in sides})
        return cls(**{**data, "case": case, "notes": tuple(data.get("notes", ()))})


def shown(name: str, value: Any) -> Shown:
    """A value made ready for a card: numbers to four digits, long arrays shortened."""
    if isinstance(value, np.ndarray | np.generic) and value.dtype != object:
        about = f"shape {value.shape}, {value.dtype}" if value.ndim else str(value.dtype)
        return Shown(name, numbers(np.asarray(value)), about)
    if isinstance(value, float):
        return Shown(name, number(value), "float")
    if callable(value):
        return Shown(name, getattr(value, "__name__", "a function"), "a function")
    if isinstance(value, list):
        value = [each.item() if isinstance(each, np.generic) else each for each in value]
    text = repr(value)
    return Shown(name, text if len(text) <= 200 else text[:197] + "...", type(value).__name__)


def number(value: Any) -> str:
    """One number, to four digits; what is none as it is."""
    if isinstance(value, bool | np.bool_ | int | np.integer):
        return str(value)
    if not isinstance(value, float | complex | np.floating | np.complexfloating):
        return str(value)
    return f"{value + 0.0:.4g}" if value != 0 else "0"


def numbers(array: np.ndarray) -> str:
    """An array, to four digits, its columns aligned; of a long one the beginning and the end."""
    if array.ndim == 0:
        return number(array[()])
    visible = array.ravel() if array.size <= 80 else array.ravel()[:200]
    width = max((len(number(each)) for each in visible), default=0)
    return np.array2string(
        array,
        formatter={"all": lambda each: number(each).rjust(width)},
        max_line_width=76,
        threshold=80,
        edgeitems=3,
        separator=" ",
    )
