"""The teacher's table: who handed in, how each exercise went, and the commonest mistakes."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dlcore.course.definition import Exercise
from dlcore.course.grading.alike import alike
from dlcore.course.grading.answers import clean
from dlcore.course.grading.marks import (
    FAILED,
    MISSING,
    NOTHING,
    REFUSED,
    UNREAD,
    Mistake,
    Student,
    mistakes,
    number,
)
from dlcore.course.grading.rules import Rules
from dlcore.course.grading.sheet import css_class, page, shown
from dlcore.course.verdict import NOT_ATTEMPTED, RIGHT, WRONG

STUDENTS_FOLDER = "students"
COLUMNS = ("right", "wrong", "not attempted", "missing", "refused", "not read")
_LETTERS = {RIGHT: "✓", WRONG: "✗", NOT_ATTEMPTED: "–", MISSING: "·", REFUSED: "!", UNREAD: "?",
            NOTHING: "", FAILED: "??"}  # fmt: skip


@dataclass(frozen=True)
class Class:
    """What was found about a class: what is marked, who, by which rules, and what is to be said."""

    exercises: Sequence[Exercise]
    students: Sequence[Student]
    rules: Rules
    remarks: Sequence[str] = ()


def handed_in(students: Sequence[Student]) -> list[tuple[str, list[Student]]]:
    """What there is to say about groups of students, with those to be asked again."""
    groups = {
        "handed in what cannot be read": [s for s in students if s.unread and not s.nothing],
        "handed in nothing": [s for s in students if s.nothing],
        "handed in late": [s for s in students if s.lateness],
        "could not be marked in full; run the command again": [
            s for s in students if any(m.status == FAILED for m in s.marks)
        ],
    }
    return [(f"{len(who)} {words}", who) for words, who in groups.items() if who]


def _read(students: Sequence[Student]) -> list[Student]:
    return [student for student in students if not student.unread and not student.nothing]


def _first(students: Sequence[Student]) -> str:
    count = len(students)
    words = f"{count} student{'s' * (count != 1)}"
    return f"{len(_read(students))} of {words} handed in what can be read."


def _names(students: Sequence[Student], most: int = 12) -> str:
    more = f" and {len(students) - most} more" if len(students) > most else ""
    return ", ".join(clean(student.name, 60) for student in students[:most]) + more


def counts(exercise: Exercise, students: Sequence[Student]) -> dict[str, int]:
    """How many students have each status in an exercise."""
    marks = [mark for student in students for mark in student.marks]
    found = Counter(mark.status for mark in marks if mark.exercise.id == exercise.id)
    return {status: found[status] for status in (*COLUMNS, FAILED)}


def overview_text(found: Class, top: int = 12) -> str:
    """The table for the terminal, with the commonest mistakes."""
    exercises, students = found.exercises, found.students
    width = max([len(e.id) for e in exercises] + [8])
    said = [_first(students)] + [f"{text}: {_names(who)}." for text, who in handed_in(students)]
    lines = [line for text in said for line in textwrap.wrap(text, 96)]
    lines += ["", f"{'exercise'.ljust(width)}  " + "  ".join(COLUMNS)]
    for exercise in exercises:
        each = counts(exercise, students)
        cells = "  ".join(str(each[name]).rjust(len(name)) for name in COLUMNS)
        lines.append(f"{exercise.id.ljust(width)}  {cells}")
    listed = mistakes(students)
    if listed:
        lines += ["", "The commonest mistakes:"]
    for mistake in listed[:top]:
        head = f"{len(mistake.students):4}  {mistake.exercise.ljust(width)}  "
        lines += textwrap.wrap(
            clean(mistake.sentence, 300), 96, initial_indent=head,
            subsequent_indent=" " * len(head),
        )  # fmt: skip
    reached = [s for s in students if any(m.status == REFUSED for m in s.marks)]
    questions = [f"Refused something, look at: {_names(reached)}."] if reached else []
    questions += [
        f"Equal answers to {each.exercise}: {_names(each.students)}. Did they work together?"
        for each in alike(students)[:top]
    ]
    if questions or found.remarks:
        lines.append("")
    for text in (*questions, *found.remarks):
        lines += textwrap.wrap(clean(text, 400), 96, subsequent_indent="  ")
    return "\n".join(lines) + "\n"


def overview_page(found: Class) -> str:
    """The table as a page, a whole document."""
    exercises, students = found.exercises, found.students
    of = number(sum(found.rules.worth(exercise) for exercise in exercises))
    points = [student.points for student in _read(students)]
    mean = number(sum(points) / len(points)) if points else "0"
    body = [
        "<h1>The class</h1>",
        f"<p><b>{_first(students)}</b> On average they have {mean} of {of} points.</p>",
        *(f"<p>{text}: {_who(who, 12)}.</p>" for text, who in handed_in(students)),
        "<h2>The exercises</h2>",
        _exercises(exercises, students),
        "<h2>The commonest mistakes</h2>",
        _mistakes(mistakes(students)),
        _questions(students),
        "<h2>The students</h2>",
        _matrix(exercises, students, of),
        *(["<h2>About this marking</h2>"] if found.remarks else []),
        *(f'<p class="soft">{shown(remark)}</p>' for remark in found.remarks),
    ]
    return page("The class", "\n".join(body))


def _questions(students: Sequence[Student]) -> str:
    """What the teacher may want to ask about; nothing of it counts by itself."""
    groups = alike(students)
    reached = [s for s in students if any(m.status == REFUSED for m in s.marks)]
    rows = [
        f'<tr><th scope="row">{each.exercise}</th><td>Their answers are equal but for spaces and '
        f"comments. Did they work together?</td><td>{_who(each.students, 12)}</td></tr>"
        for each in groups
    ]
    if reached:
        rows.append(
            '<tr><th scope="row"></th><td>Something of theirs was refused.</td>'
            f"<td>{_who(reached, 12)}</td></tr>"
        )
    if not rows:
        return ""
    head = "".join(f'<th scope="col">{word}</th>' for word in ("exercise", "question", "who"))
    return f"<h2>Questions</h2>{_table(head, ''.join(rows))}"


def _exercises(exercises: Sequence[Exercise], students: Sequence[Student]) -> str:
    rows = []
    all_counts = [counts(exercise, students) for exercise in exercises]
    # A column with nothing in it only takes the room of the titles.
    columns = [c for n, c in enumerate(COLUMNS) if n < 3 or any(each[c] for each in all_counts)]
    for exercise, found in zip(exercises, all_counts, strict=True):
        bar = "".join(
            f'<span class="{css_class(name)}" style="width: {100 * n / len(students):.4g}%"></span>'
            for name, n in found.items()
            if n and students
        )
        cells = "".join(f'<td class="n">{found[name] or ""}</td>' for name in columns)
        rows.append(
            f'<tr><th scope="row">{exercise.id}</th><td>{shown(exercise.title)}</td>{cells}'
            f'<td aria-hidden="true"><div class="bar">{bar}</div></td></tr>'
        )
    head = "".join(f'<th scope="col" class="n">{name}</th>' for name in columns)
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


def _matrix(exercises: Sequence[Exercise], students: Sequence[Student], of: str) -> str:
    rows = []
    for student in students:
        cells = "".join(
            f'<td class="{css_class(mark.status)}" title="{mark.exercise.id}: {mark.status}">'
            f"{_LETTERS[mark.status]}{'*' * (mark.overrule is not None)}</td>"
            for mark in student.marks
        )
        remark = student.unread if student.unread else student.lateness
        rows.append(
            f'<tr><th scope="row">{_link(student)}</th><td>{shown(student.id)}</td>{cells}'
            f'<td class="n">{number(student.points)}</td>'
            f'<td class="soft note">{shown(clean(remark, 200))}</td></tr>'
        )
    ids = any(student.id for student in students)
    head = "".join(
        f'<th scope="col" title="{e.id} {shown(e.title)}">{e.lesson}<br>{i}</th>'
        for i, e in _numbered(exercises)
    )
    legend = ", ".join(f"{letter} {status}" for status, letter in _LETTERS.items() if letter)
    table = _table(
        f'<th scope="col">student</th><th scope="col">{"id" * ids}</th>{head}'
        f'<th scope="col" class="n">of {of}</th><td></td>', "".join(rows), "matrix"
    )  # fmt: skip
    return (
        f'<p class="soft">{legend}, * a word of the teacher. Columns in the order of the exercises '
        f"above.</p>{table}"
    )


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
