"""Whose a folder or file is, as Moodle, Canvas and teachers name them.

- Moodle: ``Mara Müller_123_assignsubmission_file_`` as a folder, or before the name of a file.
- Canvas: ``mullermara_LATE_123_456_work.ipynb``, and ``work-2.ipynb`` for a second attempt.
- By hand: ``mara/…``, ``mara.ipynb`` or ``mara__anything.ipynb``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MOODLE = re.compile(
    r"(?P<student>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>file|onlinetext)(?:_(?P<rest>.*))?"
)
CANVAS = re.compile(
    r"(?P<student>[^_]+)(?P<late>_LATE)?_(?P<id>\d+)_(?P<attachment>\d+)_(?P<rest>.+)"
)
COPY = re.compile(r"(?:[ _]?\((?P<a>\d{1,3})\)|-(?P<b>\d{1,2}))$")


@dataclass(frozen=True)
class Owner:
    """Whose something is.

    Attributes:
        student: the name.
        id: a number by which the system knows them; "" without one.
        late: whether the system calls it late.
        attachment: Canvas's number, which grows with time; 0 without one.
        rest: the name that the student gave the file.
    """

    student: str
    id: str = ""
    late: bool = False
    attachment: int = 0
    rest: str = ""


def owner(name: str, is_folder: bool) -> Owner:
    """Whose a folder or file in the folder of the class is."""
    name = unicodedata.normalize("NFC", name)
    found = MOODLE.fullmatch(name)
    if found:
        return Owner(found["student"].strip(), found["id"], rest=found["rest"] or "")
    found = CANVAS.fullmatch(name)
    if found and not is_folder:
        late, attachment = bool(found["late"]), int(found["attachment"][:18])
        return Owner(found["student"], found["id"], late, attachment, found["rest"])
    if is_folder:
        return Owner(name)
    stem = name.rpartition(".")[0] or name
    return Owner(stem.split("__")[0] or stem, rest=name)


def copy_number(name: str) -> int:
    """2 for ``work (2).ipynb`` and Canvas's ``work-2.ipynb``, 0 for ``work.ipynb``."""
    found = COPY.search(name.rpartition(".")[0])
    return int(found["a"] or found["b"]) if found else 0


def plain(name: str) -> str:
    """A name without accents, capitals, spaces and order: how two lists name the same person."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(sorted(re.findall(r"\w+", letters)))


def run_together(name: str) -> set[str]:
    """A name as Canvas writes it: letters only, the last name first."""
    words = re.findall(r"\w+", unicodedata.normalize("NFC", name).casefold())
    bare = re.findall(r"[^\W\d_]+", _without_accents(name))
    turned = [each[-1:] + each[:-1] for each in (words, bare)]
    return {"".join(each) for each in (words, bare, *turned)}


def _without_accents(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(c for c in letters if not unicodedata.combining(c))
