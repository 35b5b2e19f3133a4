"""What was found about a class, as plain data: marks, students, mistakes and who made them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from dlcore.course.definition import Exercise
from dlcore.course.verdict import NOT_ATTEMPTED, RIGHT, WRONG, Verdict

MISSING, REFUSED, FAILED = "missing", "refused", "not marked"
STATUSES = (RIGHT, WRONG, NOT_ATTEMPTED, MISSING, REFUSED, FAILED)
_KINDS = {"missing": MISSING, "refused": REFUSED, "failed": FAILED}
_WORDS = {
    "arguments": "It takes other arguments than it should.",
    "changed": "It changes its inputs.",
    "count": "It returns another number of results.",
    "failed": "It could not be marked.",
    "finite": "It gives infinity or what is not a number.",
    "none": "It returns None.",
    "numbers": "It gives other numbers, by no mistake that is known.",
    "recursion": "It calls itself without end.",
    "refused": "It was refused: it reached for what is out of reach.",
    "shape": "Its result has another shape.",
    "time": "It does not come to an end in time.",
    "type": "What it returns is no array of numbers.",
    "unsteady": "It gives now this, now that.",
}


@dataclass(frozen=True)
class Mark:
    """One exercise of one student.

    Attributes:
        exercise: the exercise.
        verdict: what the learner would have seen.
        notebook: where the function stands; "" if there is none.
        cell: number of its code cell there.
        code: its text.
        versions: how many different versions of it there were; the best one counts.
        leans_on: names of the student's own earlier exercises that it calls.
    """

    exercise: Exercise
    verdict: Verdict
    notebook: str = ""
    cell: int = 0
    code: str = ""
    versions: int = 0
    leans_on: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """One of ``STATUSES``."""
        return _KINDS.get(self.verdict.kind, self.verdict.status)

    @property
    def points(self) -> int:
        """1 for what is right, else 0."""
        return int(self.status == RIGHT)


@dataclass
class Student:
    """One student's marks, in the order of the exercises.

    Attributes:
        name: as the folder or file was called.
        page: name of the file of their page.
        remarks: sentences about notebooks that could not be read as they should be.
        marks: one for each exercise.
    """

    name: str
    page: str
    remarks: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    @property
    def points(self) -> int:
        """The sum over the exercises."""
        return sum(mark.points for mark in self.marks)


@dataclass(frozen=True)
class Mistake:
    """A mistake and who made it."""

    exercise: str
    sentence: str
    students: tuple[Student, ...]


def mistakes(students: Sequence[Student]) -> list[Mistake]:
    """The mistakes of a class, the commonest first."""
    found: dict[tuple[str, str], list[Student]] = {}
    for student in students:
        for mark in student.marks:
            if mark.status in (WRONG, REFUSED, FAILED):
                key = (mark.exercise.id, _general(mark.verdict))
                found.setdefault(key, []).append(student)
    listed = [Mistake(id, sentence, tuple(who)) for (id, sentence), who in found.items()]
    return sorted(listed, key=lambda m: (-len(m.students), m.exercise, m.sentence))


def _general(verdict: Verdict) -> str:
    """The sentence of the known mistake, or one that fits all of the same kind."""
    if verdict.mistake:
        return verdict.mistake
    if verdict.kind == "raises":
        name = re.match(r"Your function raises (\w+)", verdict.sentence)
        return f"It raises {name.group(1) if name else 'an error'}."
    return _WORDS.get(verdict.kind, verdict.sentence)


def with_reasons(marks: Sequence[Mark]) -> list[Mark]:
    """The marks of a student; a wrong one that calls a function of theirs that is wrong says so."""
    wrong = {mark.exercise.name for mark in marks if mark.status in (WRONG, REFUSED)}
    explained = []
    for mark in marks:
        names = [name for name in mark.leans_on if name in wrong]
        if mark.status == WRONG and not mark.verdict.mistake and names:
            sentence = f"It calls your own {' and '.join(names)}, not right yet: look there first."
            mark = replace(mark, verdict=replace(mark.verdict, mistake=sentence))
        explained.append(mark)
    return explained


def page_names(names: Sequence[str]) -> dict[str, str]:
    """A file name for each student: letters and digits only, none twice on any file system."""
    taken: set[str] = set()
    pages = {}
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:60] or "student"
        free = (plain if n == 1 else f"{plain}-{n}" for n in range(1, len(names) + 2))
        chosen = next(each for each in free if each.casefold() not in taken)
        taken.add(chosen.casefold())
        pages[name] = f"{chosen}.html"
    return pages
