"""The teacher's table: how each exercise went, the commonest mistakes, and who did what."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from dlcore.course.definition import Exercise
from dlcore.course.grading.answers import clean
from dlcore.course.grading.marks import FAILED, MISSING, REFUSED, Mistake, Student, mistakes
from dlcore.course.grading.sheet import css_class, page, shown
from dlcore.course.verdict import NOT_ATTEMPTED, RIGHT, WRONG

STUDENTS_FOLDER = "students"
COLUMNS = ("right", "wrong", "not attempted", "missing", "refused")
_LETTERS = {RIGHT: "✓", WRONG: "✗", NOT_ATTEMPTED: "–", MISSING: "·", REFUSED: "!", FAILED: "?"}


def counts(exercise: Exercise, students: Sequence[Student]) -> dict[str, int]:
    """How many students have each status in an exercise."""
    found = dict.fromkeys((*COLUMNS, FAILED), 0)
    for student in students:
        for mark in student.marks:
            if mark.exercise.id == exercise.id:
                found[mark.status] += 1
    return found


def overview_text(exercises: Sequence[Exercise], students: Sequence[Student], top: int = 12) -> str:
    """The table for the terminal, with the commonest mistakes."""
    width = max([len(e.id) for e in exercises] + [8])
    lines = [f"{'exercise'.ljust(width)}  " + "  ".join(COLUMNS)]
    for exercise in exercises:
        found = counts(exercise, students)
        cells = "  ".join(str(found[name]).rjust(len(name)) for name in COLUMNS)
        lines.append(f"{exercise.id.ljust(width)}  {cells}")
    listed = mistakes(students)
    if listed:
        lines += ["", "The commonest mistakes:"]
    for each in listed[:top]:
        head = f"{len(each.students):4}  {each.exercise.ljust(width)}  "
        lines += textwrap.wrap(
            clean(each.sentence, 300), 96, initial_indent=head, subsequent_indent=" " * len(head)
        )
    reached = [s.name for s in students if any(m.status == REFUSED for m in s.marks)]
    if reached:
        names = ", ".join(clean(name, 60) for name in reached)
        lines += ["", *textwrap.wrap(f"Refused something, look at: {names}.", 96)]
    return "\n".join(lines) + "\n"


def overview_page(
    exercises: Sequence[Exercise], students: Sequence[Student], remarks: Sequence[str]
) -> str:
    """The table as a page, a whole document."""
    words = f"{len(students)} student{'s' * (len(students) != 1)}, {len(exercises)} exercises"
    body = [
        "<h1>The class</h1>",
        f'<p class="soft">{words}. One point for each exercise that is right.</p>',
        *(f"<p>{shown(remark)}</p>" for remark in remarks),
        "<h2>The exercises</h2>",
        _exercises(exercises, students),
        "<h2>The commonest mistakes</h2>",
        _mistakes(mistakes(students)),
        "<h2>The students</h2>",
        _matrix(exercises, students),
    ]
    return page("The class", "\n".join(body))


def _exercises(exercises: Sequence[Exercise], students: Sequence[Student]) -> str:
    rows = []
    for exercise in exercises:
        found = counts(exercise, students)
        bar = "".join(
            f'<span class="{css_class(name)}" style="width: {100 * n / len(students):.4g}%"></span>'
            for name, n in found.items()
            if n
        )
        cells = "".join(f'<td class="n">{found[name] or ""}</td>' for name in COLUMNS)
        rows.append(
            f'<tr><th scope="row">{exercise.id}</th><td>{shown(exercise.title)}</td>{cells}'
            f'<td aria-hidden="true"><div class="bar">{bar}</div></td></tr>'
        )
    head = "".join(f'<th scope="col" class="n">{name}</th>' for name in COLUMNS)
    return _table(
        f'<th scope="col">exercise</th><th scope="col">title</th>{head}<td></td>', "".join(rows)
    )


def _mistakes(listed: Sequence[Mistake]) -> str:
    if not listed:
        return "<p>None.</p>"
    rows = "".join(
        f'<tr><td class="n">{len(each.students)}</td><th scope="row">{each.exercise}</th>'
        f"<td>{shown(each.sentence)}</td><td>{_who(each.students)}</td></tr>"
        for each in listed
    )
    return _table(
        '<th scope="col" class="n">students</th><th scope="col">exercise</th>'
        '<th scope="col">mistake</th><th scope="col">who</th>',
        rows,
    )


def _who(students: Sequence[Student], most: int = 6) -> str:
    names = ", ".join(_link(student) for student in students[:most])
    return names + (f" and {len(students) - most} more" if len(students) > most else "")


def _matrix(exercises: Sequence[Exercise], students: Sequence[Student]) -> str:
    rows = []
    for student in students:
        cells = "".join(
            f'<td class="{css_class(mark.status)}" title="{mark.exercise.id}: {mark.status}">'
            f"{_LETTERS[mark.status]}</td>"
            for mark in student.marks
        )
        rows.append(
            f'<tr><th scope="row">{_link(student)}</th>{cells}<td>{student.points}</td></tr>'
        )
    head = "".join(f'<th scope="col">{exercise.id[:2]}<br>{i}</th>' for i, exercise in _numbered(
        exercises))  # fmt: skip
    legend = ", ".join(f"{letter} {status}" for status, letter in _LETTERS.items())
    table = _table(
        f'<th scope="col">student</th>{head}<th scope="col">points</th>', "".join(rows), "matrix"
    )
    return f'<p class="soft">{legend}. Columns in the order of the exercises above.</p>{table}'


def _numbered(exercises: Sequence[Exercise]) -> list[tuple[int, Exercise]]:
    """Each exercise with its number within its lesson."""
    seen: dict[str, int] = {}
    listed = []
    for exercise in exercises:
        seen[exercise.lesson] = seen.get(exercise.lesson, 0) + 1
        listed.append((seen[exercise.lesson], exercise))
    return listed


def _link(student: Student) -> str:
    return f'<a href="{STUDENTS_FOLDER}/{student.page}">{shown(student.name)}</a>'


def _table(head: str, body: str, kind: str = "") -> str:
    return (
        f'<div class="wide"><table class="{kind}"><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )
