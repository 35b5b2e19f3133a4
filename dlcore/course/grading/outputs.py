"""Writing the files of a marking: whole or not at all, and never over what others wrote.

``marks.csv``, ``class.html``, ``class.txt`` and ``students/<name>.html``. The same submissions give
the same bytes.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from dlcore.course.definition import Exercise
from dlcore.course.grading.answers import clean
from dlcore.course.grading.marks import Student
from dlcore.course.grading.overview import STUDENTS_FOLDER, overview_page, overview_text
from dlcore.course.grading.pages import student_page
from dlcore.course.grading.sheet import MADE_BY
from dlcore.course.state import write_atomically

COLUMNS = ("student", "exercise", "title", "level", "status", "points", "kind", "found", "mistake",
           "notebook", "cell")  # fmt: skip
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
    starts = {"marks.csv": ",".join(COLUMNS), "class.html": MADE_BY, "class.txt": HEAD}
    starts |= {f"{STUDENTS_FOLDER}/{name}": MADE_BY for name in pages}
    for name, start in starts.items():
        path = out / name
        if path.is_symlink() or (path.exists() and not _is_ours(path, start)):
            raise ValueError(
                f"{path} is not of an earlier marking: give another folder with --out."
            )


def write_student(out: Path, student: Student) -> None:
    """Write a student's page."""
    write_atomically(out / STUDENTS_FOLDER / student.page, student_page(student))


def write_class(
    out: Path, exercises: Sequence[Exercise], students: Sequence[Student], remarks: Sequence[str]
) -> str:
    """Write the table of marks and the overview; its text is given back."""
    text = overview_text(exercises, students)
    said = "".join(f"{remark}\n" for remark in remarks)
    write_atomically(out / "marks.csv", table(students))
    write_atomically(out / "class.html", overview_page(exercises, students, remarks))
    write_atomically(out / "class.txt", f"{HEAD}\n\n{text}\n{said}")
    return text


def table(students: Sequence[Student]) -> str:
    """The marks as CSV, a line for each student and exercise."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for student in students:
        for mark in student.marks:
            verdict = mark.verdict
            row = (student.name, mark.exercise.id, mark.exercise.title, mark.exercise.level,
                   mark.status, mark.points, verdict.kind, verdict.sentence, verdict.mistake,
                   mark.notebook, mark.cell or "")  # fmt: skip
            writer.writerow([each if isinstance(each, int) else _inert(each) for each in row])
    return text.getvalue()


def _inert(text: str) -> str:
    """Text that a spreadsheet does not take for a formula, on one line."""
    text = clean(text, 1000)
    return f"'{text}" if text.lstrip()[:1] in ("=", "+", "-", "@") else text


def _is_ours(path: Path, start: str) -> bool:
    try:
        with open(path, encoding="utf-8") as file:
            return start in file.read(1000)
    except (OSError, UnicodeDecodeError):
        return False
