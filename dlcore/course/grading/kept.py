"""What is kept between two runs in the folder of the results: the seed, and what was found.

The seed of the second set of cases is drawn once for a class. What was found about a student is
kept as soon as it is known, with a sum over all that it depends on. So a run that was killed goes
on where it was, and one after a change of the rules alone does not try anything again.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from dlcore import __version__
from dlcore.course.definition import Exercise
from dlcore.course.grading.marks import FAILED, Mark
from dlcore.course.progress_file import write_atomically
from dlcore.course.registry import registry

FOLDER = "kept"
SEED_FILE = "seed.txt"
MADE_BY = "dlcore grade"


def seed(out: Path) -> int:
    """The secret seed of this class; drawn and written if there is none yet.

    Raises:
        ValueError: if the file holds something else.
        OSError: if it cannot be written.
    """
    path = out / FOLDER / SEED_FILE
    try:
        return int(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        drawn = secrets.randbits(62)
    except (ValueError, UnicodeDecodeError):
        raise ValueError(f"{path} holds no seed: take it away, and a new one is drawn.") from None
    write_atomically(path, f"{drawn}\n")
    if os.name == "posix":
        path.chmod(0o600)
    return drawn


def exercises_sum() -> str:
    """A sum over the lessons' exercises as they are."""
    total = hashlib.sha256(__version__.encode())
    for path in sorted(registry().folder.glob("ex*.py")):
        total.update(path.name.encode() + path.read_bytes())
    return total.hexdigest()


def work_sum(paths: Sequence[tuple[str, Path]], *more: object) -> str:
    """A sum over a student's notebooks and whatever else the marks depend on."""
    total = hashlib.sha256(repr(more).encode())
    for name, path in paths:
        total.update(f"\n{name}\n".encode("utf-8", "replace"))
        try:
            with open(path, "rb") as file:
                while part := file.read(1 << 20):
                    total.update(part)
        except OSError as error:
            total.update(repr(error.errno).encode())
    return total.hexdigest()


def save(out: Path, page: str, total: str, marks: Sequence[Mark], remarks: Sequence[str]) -> None:
    """Keep what was found about a student."""
    data = {
        "made by": MADE_BY, "sum": total, "remarks": list(remarks),
        "marks": [mark.to_dict() for mark in marks],
    }  # fmt: skip
    write_atomically(_path(out, page), json.dumps(data, indent=1) + "\n")


def load(
    out: Path, page: str, total: str, exercises: Sequence[Exercise]
) -> tuple[list[Mark], list[str]] | None:
    """What was found before, if it was about the same; None if it has to be found again."""
    try:
        data = json.loads(_path(out, page).read_text(encoding="utf-8"))
        if data["sum"] != total:
            return None
        found = {each["exercise"]: each for each in data["marks"]}
        marks = [Mark.from_dict(found[e.id], e) for e in exercises]
        remarks = [str(each) for each in data["remarks"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return None if any(mark.status == FAILED for mark in marks) else (marks, remarks)


def _path(out: Path, page: str) -> Path:
    return out / FOLDER / f"{page.removesuffix('.html')}.json"
