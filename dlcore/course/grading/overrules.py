"""The teacher's own word: comments and points in ``overrules.csv``, which no run writes over.

A line names a student (by name or id) and an exercise; its points, if there are any, count in
place of those found, and its comment stands on the student's page. Without an exercise the comment
is on the whole, and points take the place of the sum.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

FILE = "overrules.csv"
COLUMNS = ("student", "exercise", "points", "comment")


@dataclass(frozen=True)
class Overrule:
    """A line of the file; ``points`` is None where only a comment was given."""

    points: float | None = None
    comment: str = ""


Overrules = Mapping[tuple[str, str], Overrule]
"""By student, as the file names them, and id of the exercise or ""."""


def read(path: Path) -> tuple[dict[tuple[str, str], Overrule], list[str]]:
    """The lines of the file, and a sentence for each that cannot be used.

    Raises:
        ValueError: if the file cannot be read at all.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return {}, []
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not in UTF-8; save it as CSV in UTF-8.") from None
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    reader = csv.DictReader(text.splitlines(), delimiter=separator)
    if not {"student", "comment"} <= set(reader.fieldnames or ()):
        raise ValueError(f"{path} has to have the columns {', '.join(COLUMNS)}.")
    found, remarks = {}, []
    for row in reader:
        student, exercise = (_bare(row.get(name)) for name in ("student", "exercise"))
        points, problem = _points(_bare(row.get("points")))
        if problem or not student:
            remarks.append(f"{FILE}, line {reader.line_num}: {problem or 'no student is named'}.")
        else:
            found[student, exercise] = Overrule(points, _bare(row.get("comment")))
    return found, remarks


def unused(overrules: Overrules, names: Sequence[str], ids: Sequence[str]) -> list[str]:
    """A sentence for each line that speaks of somebody or something that is not there."""
    remarks = []
    for student, exercise in overrules:
        if student not in names:
            remarks.append(f"{FILE} names a student {student!r}, who is not in this class.")
        elif exercise and exercise not in ids:
            remarks.append(f"{FILE} names an exercise {exercise!r}, which is not marked here.")
    return remarks


def _bare(text: str | None) -> str:
    """A cell without the mark that keeps a spreadsheet from calculating it."""
    text = (text or "").strip()
    return text[1:] if text[:1] == "'" and text[1:2] in ("=", "+", "-", "@") else text


def _points(text: str) -> tuple[float | None, str]:
    if not text:
        return None, ""
    try:
        points = float(text.replace(",", "."))
    except ValueError:
        points = math.nan
    if not math.isfinite(points):
        return None, f"{text[:40]!r} is no number of points"
    return points, ""
