"""Writing the files of a marking: whole or not at all, and never over what others wrote.

``marks.csv`` (a line for each student), ``details.csv`` (one for each exercise of each),
``class.html``, ``class.txt`` and ``students/<name>.html``. The same submissions give the same
bytes. What the teacher writes, ``overrules.csv``, is made once, empty.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dlcore.course.definition import Exercise
from dlcore.course.grading import kept, overrules
from dlcore.course.grading.answers import clean
from dlcore.course.grading.marks import NOTHING, UNREAD, Student, number
from dlcore.course.grading.overview import STUDENTS_FOLDER, Class, overview_page, overview_text
from dlcore.course.grading.pages import student_page
from dlcore.course.grading.rules import Rules
from dlcore.course.grading.sheet import MADE_BY
from dlcore.course.progress_file import write_atomically

WIDE = ("student", "id", "handed in")
COLUMNS = ("student", "exercise", "title", "level", "status", "points", "kind", "found", "mistake",
           "notebook", "cell", "of", "comment")  # fmt: skip
HEAD = "The marks of a class, by dlcore grade"


def prepare(out: Path, pages: Sequence[str]) -> None:
    """Make the folder for the results.

    Args:
        out: the folder.
        pages: names of the students' pages to come.

    Raises:
        ValueError: if a file lies in the way that an earlier marking did not write.
        OSError: if the folder cannot be made.
    """
    (out / STUDENTS_FOLDER).mkdir(parents=True, exist_ok=True)
    (out / kept.FOLDER).mkdir(exist_ok=True)
    starts = {"marks.csv": ",".join(WIDE), "details.csv": ",".join(COLUMNS[:11])}
    starts |= {"class.html": MADE_BY, "class.txt": HEAD}
    starts |= {f"{STUDENTS_FOLDER}/{name}": MADE_BY for name in pages}
    for name, start in starts.items():
        path = out / name
        # The table of marks had the form of details.csv once.
        ours = _is_ours(path, start) or (
            name == "marks.csv" and _is_ours(path, starts["details.csv"])
        )
        if path.is_symlink() or (path.exists() and not ours):
            raise ValueError(
                f"{path} is not of an earlier marking: give another folder with --out."
            )
    if not (out / overrules.FILE).exists():
        write_atomically(out / overrules.FILE, ",".join(overrules.COLUMNS) + "\n")


def write_student(out: Path, student: Student, rules: Rules) -> None:
    """Write a student's page."""
    write_atomically(out / STUDENTS_FOLDER / student.page, student_page(student, rules))


def write_class(out: Path, found: Class) -> str:
    """Write the tables and the overview; its text is given back."""
    text = overview_text(found)
    write_atomically(out / "marks.csv", wide_table(found.students, found.exercises, found.rules))
    write_atomically(out / "details.csv", table(found.students, found.rules))
    write_atomically(out / "class.html", overview_page(found))
    write_atomically(out / "class.txt", f"{HEAD}\n\n{text}")
    return text


def wide_table(students: Sequence[Student], exercises: Sequence[Exercise], rules: Rules) -> str:
    """The marks as CSV, a line for each student: what a platform imports."""
    of = number(sum(rules.worth(exercise) for exercise in exercises))
    rows: list[Sequence[Any]] = [
        (*WIDE, *(e.id for e in exercises), "late", "total", "of", "comment")
    ]
    for student in students:
        state = NOTHING if student.nothing else UNREAD if student.unread else "yes"
        comment = student.overrule.comment if student.overrule else ""
        points = [number(mark.points) for mark in student.marks]
        rows.append((
            student.name, student.id, state, *points, student.lateness, number(student.points), of,
            comment,
        ))  # fmt: skip
    return _csv(rows)


def table(students: Sequence[Student], rules: Rules) -> str:
    """The marks as CSV, a line for each student and exercise."""
    rows: list[Sequence[Any]] = [COLUMNS]
    for student in students:
        for mark in student.marks:
            verdict, exercise = mark.verdict, mark.exercise
            comment = mark.overrule.comment if mark.overrule else ""
            rows.append((
                student.name, exercise.id, exercise.title, exercise.level, mark.status,
                number(mark.points), verdict.kind, verdict.sentence, verdict.mistake,
                mark.notebook, mark.cell or "", number(rules.worth(exercise)), comment,
            ))  # fmt: skip
    return _csv(rows)


def _csv(rows: Sequence[Sequence[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in rows:
        writer.writerow([_inert(str(each)) for each in row])
    return text.getvalue()


def _inert(text: str) -> str:
    """Text that a spreadsheet does not take for a formula, on one line."""
    text = clean(text, 1000)
    start = text.lstrip(" '\"\u00a0\ufeff")[:1]
    is_number = text.lstrip("-").replace(".", "", 1).isdecimal() and text.isascii()
    return f"'{text}" if start in _FORMULA and start and not is_number else text


# Also the wide forms, which some spreadsheets take for the plain ones.
_FORMULA = "=+-@|%\uff1d\uff0b\uff0d\uff20"


def _is_ours(path: Path, start: str) -> bool:
    try:
        with open(path, encoding="utf-8") as file:
            return start in file.read(1000)
    except (OSError, UnicodeDecodeError):
        return False
