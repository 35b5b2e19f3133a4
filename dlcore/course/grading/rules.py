"""What an answer is worth: the teacher's ``grading.toml``.

::

    points = 1                       # of an exercise, if nothing else is said

    [levels]                         # by the level of the exercise
    stretch = 2

    [exercises]                      # of single ones
    "04.relu" = 3

    [weights]                        # all points of a lesson times this
    "04" = 0.5

    [partial]                        # the share that an answer gets that is not right
    wrong = 0.25                     # any that was written and tried
    mistake = 0.5                    # one with a known mistake
    shape = 0.4                      # or by what was found, as in the column `kind` of details.csv

    [late]
    due = 2027-01-31T23:59:00        # local time; compared with the time of the file
    per_day = 0.1                    # the share lost for each day that has begun
    flat = 0.2                       # the share lost where only "late" is known
    most = 0.5                       # never more than this
"""

from __future__ import annotations

import datetime
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlcore.course.definition import LEVELS, Exercise
from dlcore.course.verdict import RIGHT, WRONG, Verdict

FILE = "grading.toml"
KINDS = ("arguments", "raises", "recursion", "none", "count", "type", "shape", "changed", "finite",
         "numbers", "unsteady", "time")  # fmt: skip
LATE = ("due", "per_day", "flat", "most")


@dataclass(frozen=True)
class Rules:
    """The rules of a class; without a file one point for each exercise that is right.

    Attributes:
        points: of an exercise.
        levels, exercises: points by level and by id.
        weights: factors by lesson.
        partial: shares by kind of verdict, "wrong" and "mistake".
        late: as in the file.
    """

    points: float = 1.0
    levels: Mapping[str, float] = field(default_factory=dict)
    exercises: Mapping[str, float] = field(default_factory=dict)
    weights: Mapping[str, float] = field(default_factory=dict)
    partial: Mapping[str, float] = field(default_factory=dict)
    late: Mapping[str, Any] = field(default_factory=dict)

    def worth(self, exercise: Exercise) -> float:
        """The points of an exercise that is right."""
        points = self.exercises.get(exercise.id, self.levels.get(exercise.level, self.points))
        return points * self.weights.get(exercise.lesson, 1.0)

    def earned(self, exercise: Exercise, verdict: Verdict) -> float:
        """The points of an answer."""
        if verdict.status == RIGHT:
            return self.worth(exercise)
        if verdict.status != WRONG or verdict.kind not in KINDS:
            return 0.0  # Nothing for what was refused, or is not there.
        share = self.partial.get(verdict.kind, self.partial.get("wrong", 0.0))
        if verdict.mistake:
            share = self.partial.get("mistake", share)
        return share * self.worth(exercise)

    def days_late(self, times: Sequence[float]) -> int:
        """Days that have begun since the work was due, by the time of the newest file; else 0."""
        due = self.late.get("due")
        if due is None or not times:
            return 0
        return max(0, math.ceil((max(times) - due.timestamp()) / 86400))

    def lost(self, late: bool, days: int) -> float:
        """The share that is lost by being late."""
        share = self.late.get("per_day", 0.0) * days if days else 0.0
        if late and not days:
            share = self.late.get("flat", 0.0)
        return min(share, self.late.get("most", 1.0))


def load(path: Path, exercises: Sequence[Exercise]) -> Rules:
    """The rules of a file; the usual ones if there is none.

    Raises:
        ValueError: if something in it is not known; the sentence names it.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Rules()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no TOML: {error}.") from None
    known: dict[str, Sequence[str]] = {
        "levels": LEVELS,
        "exercises": [e.id for e in exercises],
        "weights": sorted({e.lesson for e in exercises}),
        "partial": (*KINDS, "wrong", "mistake"),
        "late": LATE,
    }
    for key, value in data.items():
        if key == "points":
            _number(path, key, value, math.inf)
        elif key not in known or not isinstance(value, dict):
            names = ", ".join(["points", *(f"[{name}]" for name in known)])
            raise ValueError(f"{path}: {key} is not known; there are {names}.")
        else:
            _table(path, key, value, known[key])
    return Rules(**data)


def _table(path: Path, table: str, values: dict[str, Any], known: Sequence[str]) -> None:
    for key, value in values.items():
        if key not in known:
            raise ValueError(
                f"{path}: {key} in [{table}] is not known; there are {', '.join(known)}."
            )
        if key == "due":
            if not isinstance(value, datetime.datetime):
                raise ValueError(f"{path}: due in [late] is {value}; write 2027-01-31T23:59:00.")
        else:
            _number(path, f"{key} in [{table}]", value, 1 if table in ("partial", "late") else 1e6)


def _number(path: Path, name: str, value: Any, most: float) -> None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= most
    if not fits:
        wanted = "a share from 0 to 1" if most == 1 else "a number from 0"
        raise ValueError(f"{path}: {name} is {value!r}; give {wanted}.")
