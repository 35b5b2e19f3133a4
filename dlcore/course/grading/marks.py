"""What was found about a class, as plain data: marks, students, mistakes and who made them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dlcore.course.definition import Exercise
from dlcore.course.grading.overrules import Overrule, Overrules
from dlcore.course.grading.rules import Rules
from dlcore.course.verdict import NOT_ATTEMPTED, RIGHT, WRONG, Verdict

MISSING, REFUSED, FAILED = "missing", "refused", "not marked"
UNREAD, NOTHING = "not read", "nothing handed in"
STATUSES = (RIGHT, WRONG, NOT_ATTEMPTED, MISSING, REFUSED, UNREAD, NOTHING, FAILED)
_KINDS = {"missing": MISSING, "refused": REFUSED, "failed": FAILED, "unread": UNREAD,
          "nothing": NOTHING}  # fmt: skip
_WORDS = {
    "arguments": "It takes other arguments than it should.",
    "changed": "It changes its inputs.",
    "count": "It returns another number of results.",
    "failed": "It could not be marked.",
    "finite": "It gives infinity or what is not a number.",
    "none": "It returns None.",
    "numbers": "It gives other numbers, by no mistake that is known.",
    "recursion": "It calls itself without end.",
    "refused": "Something in it is not accepted.",
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
        earned: the points that the rules give.
        overrule: the teacher's own word on it.
    """

    exercise: Exercise
    verdict: Verdict
    notebook: str = ""
    cell: int = 0
    code: str = ""
    versions: int = 0
    leans_on: tuple[str, ...] = ()
    earned: float = 0.0
    overrule: Overrule | None = None

    @property
    def status(self) -> str:
        """One of ``STATUSES``."""
        return _KINDS.get(self.verdict.kind, self.verdict.status)

    @property
    def points(self) -> float:
        """Those of the teacher, or else those that the rules give."""
        if self.overrule is not None and self.overrule.points is not None:
            return self.overrule.points
        return self.earned

    def to_dict(self) -> dict[str, Any]:
        """What is kept between two runs, fit for JSON: what was found, and no points."""
        return {
            "exercise": self.exercise.id, "verdict": self.verdict.to_dict(),
            "notebook": self.notebook, "cell": self.cell, "code": self.code,
            "versions": self.versions, "leans_on": list(self.leans_on),
        }  # fmt: skip

    @classmethod
    def from_dict(cls, data: dict[str, Any], exercise: Exercise) -> Mark:
        """The mark that ``to_dict`` gave."""
        verdict = Verdict.from_dict(data["verdict"])
        return cls(exercise, verdict, data["notebook"], data["cell"], data["code"],
                   data["versions"], tuple(data["leans_on"]))  # fmt: skip


@dataclass
class Student:
    """One student's marks, in the order of the exercises.

    Attributes:
        name: as the folder, file or roster calls them.
        page: name of the file of their page.
        id: a number of the learning platform or the roster; "" without one.
        remarks: sentences about what was handed in.
        unread: why nothing of it could be read; "" if something could.
        nothing: whether there is nothing to mark.
        late: whether it came late, and ``days`` how many days, where that is known.
        lost: the share of the points that this costs.
        overrule: the teacher's own word on the whole.
        marks: one for each exercise.
    """

    name: str
    page: str
    id: str = ""
    remarks: list[str] = field(default_factory=list)
    unread: str = ""
    nothing: bool = False
    late: bool = False
    days: int = 0
    lost: float = 0.0
    overrule: Overrule | None = None
    marks: list[Mark] = field(default_factory=list)

    @property
    def right(self) -> int:
        """How many exercises are right."""
        return sum(mark.status == RIGHT for mark in self.marks)

    @property
    def points(self) -> float:
        """The sum over the exercises, less what being late costs; or what the teacher says."""
        if self.overrule is not None and self.overrule.points is not None:
            return self.overrule.points
        return round(sum(mark.points for mark in self.marks) * (1 - self.lost), 6)

    @property
    def lateness(self) -> str:
        """In words; "" if it was not late."""
        if self.days:
            return f"{self.days} day{'s' * (self.days != 1)} late"
        return "late" if self.late else ""

    def apply(self, rules: Rules, overrules: Overrules) -> None:
        """Give points by the rules, and the teacher's own where there are any."""
        self.lost = rules.lost(self.late, self.days)
        names = [self.name, *([self.id] if self.id else [])]

        def word(exercise: str) -> Overrule | None:
            found = [overrules[name, exercise] for name in names if (name, exercise) in overrules]
            return found[0] if found else None

        self.overrule = word("")
        self.marks = [
            replace(mark, earned=rules.earned(mark.exercise, mark.verdict),
                    overrule=word(mark.exercise.id))
            for mark in self.marks
        ]  # fmt: skip


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


def page_names(names: Sequence[str]) -> list[str]:
    """A file name for each student: letters and digits only, none twice on any file system."""
    taken: set[str] = set()
    pages = []
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_-]+", "-", name).strip("-")[:60] or "student"
        free = (plain if n == 1 else f"{plain}-{n}" for n in range(1, len(names) + 2))
        chosen = next(each for each in free if each.casefold() not in taken)
        taken.add(chosen.casefold())
        pages.append(f"{chosen}.html")
    return pages


def number(points: float) -> str:
    """Points as they are written: whole ones without a decimal point."""
    return f"{points:.2f}".rstrip("0").rstrip(".")
