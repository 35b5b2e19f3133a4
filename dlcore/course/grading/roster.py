"""The list of a class (``--roster``): who should have handed in, from a CSV of any usual form.

The columns are known by their names: those of Moodle's and Canvas's own exports, or simply
``student`` and ``id``. Separated by comma, semicolon or tabulator.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dlcore.course.grading.owners import plain, run_together

NAMES = ("student", "name", "full name", "fullname", "vollständiger name")
FIRST, LAST = ("first name", "firstname", "vorname"), ("last name", "surname", "lastname",
                                                       "nachname")  # fmt: skip
IDS = ("id", "id number", "identifier", "student id", "user id", "sis user id", "sis login id",
       "username", "number", "email", "email address")  # fmt: skip
LARGEST = 4 << 20


@dataclass(frozen=True)
class Entry:
    """A person of the list: the name, and every id that the list has for them."""

    name: str
    ids: tuple[str, ...] = ()


def read(path: Path) -> list[Entry]:
    """The people of a list.

    Raises:
        ValueError: if it cannot be read, or no column holds names.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise ValueError(f"The roster {path} is larger than {LARGEST >> 20} MB.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ValueError(f"The roster {path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise ValueError(f"The roster {path} is not in UTF-8; save it as CSV in UTF-8.") from None
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    rows = list(csv.reader(text.splitlines(), delimiter=separator))
    heads = [head.strip().casefold() for head in rows[0]] if rows else []
    if not any(head in (*NAMES, *FIRST, *LAST) for head in heads):
        raise ValueError(
            f"The roster {path} has no column of names; call one `student` (and one `id`)."
        )
    entries = [_entry(dict(zip(heads, map(str.strip, row), strict=False))) for row in rows[1:]]
    # Canvas's gradebook has a line of the points that can be had, and a student for tests.
    others = ("", "points possible", "student, test", "test student")
    return [each for each in entries if each.name.casefold() not in others]


def _entry(row: dict[str, str]) -> Entry:
    name = next((row[head] for head in NAMES if row.get(head)), "")
    if not name:
        given = next((row[head] for head in FIRST if row.get(head)), "")
        family = next((row[head] for head in LAST if row.get(head)), "")
        name = f"{given} {family}".strip()
    return Entry(name, tuple(row[head] for head in IDS if row.get(head)))


def match(name: str, id: str, entries: Sequence[Entry]) -> Entry | None:
    """The person of the list to whom a hand-in belongs: by id, else by name; None if unknown."""
    for entry in entries:
        if id and id in {re.sub(r"^\D+(?=\d+$)", "", each) for each in entry.ids}:
            return entry
    alike = [each for each in entries if plain(each.name) == plain(name) or name in each.ids]
    if not alike and name.isalpha():
        alike = [each for each in entries if name.casefold() in run_together(each.name)]
    return alike[0] if len(alike) == 1 else None
