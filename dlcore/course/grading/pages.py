"""A student's page: what they would have seen in their notebook, exercise by exercise."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from dlcore.course.cards import verdict_html
from dlcore.course.grading.marks import (
    FAILED,
    MISSING,
    NOTHING,
    REFUSED,
    UNREAD,
    Mark,
    Student,
    number,
)
from dlcore.course.grading.rules import Rules
from dlcore.course.grading.sheet import css_class, page, shown

LONGEST_CODE = 6000


def student_page(student: Student, rules: Rules) -> str:
    """The page, a whole document."""
    total = len(student.marks)
    of = sum(rules.worth(mark.exercise) for mark in student.marks)
    points = f"{number(student.points)} of {number(of)}"
    parts = [
        f"<h1>{shown(student.name)}</h1>",
        f"<p><b>{points} points.</b> {student.right} of {total} exercises are right.</p>",
        *(f"<p>{shown(remark)}</p>" for remark in _remarks(student)),
    ]
    if not student.unread:
        parts.append(_contents(student, rules))
        for lesson, marks in groupby(student.marks, key=lambda mark: mark.exercise.lesson):
            parts.append(f"<h2>Lesson {lesson}</h2>")
            parts += [_exercise(mark) for mark in marks]
    return page(f"{student.name}: {points} points", "\n".join(parts))


def _remarks(student: Student) -> list[str]:
    """What is said about the whole of what was handed in."""
    said = [student.unread] if student.unread else []
    if student.lateness:
        cost = f", which costs {number(100 * student.lost)} % of the points" * bool(student.lost)
        said.append(f"It was handed in {student.lateness}{cost}.")
    said += [remark for remark in student.remarks if remark not in said]
    if student.overrule is not None:
        counted = "" if student.overrule.points is None else "The teacher gave these points. "
        said.append(f"{counted}{student.overrule.comment}".strip())
    return said


def _contents(student: Student, rules: Rules) -> str:
    rows = "".join(
        f'<tr><th scope="row"><a href="#{mark.exercise.id}">{mark.exercise.id}</a></th>'
        f"<td>{shown(mark.exercise.title)}</td><td>{mark.exercise.level}</td>"
        f'<td class="{css_class(mark.status)}">{mark.status}</td>'
        f'<td class="n">{number(mark.points)} of {number(rules.worth(mark.exercise))}</td></tr>'
        for mark in student.marks
    )
    head = "".join(f'<th scope="col">{w}</th>' for w in ("exercise", "title", "level", "result"))
    return (
        f'<div class="wide"><table><thead><tr>{head}<th scope="col" class="n">points</th></tr>'
        f"</thead><tbody>{rows}</tbody></table></div>"
    )


def _exercise(mark: Mark) -> str:
    data = _visible(mark.verdict.to_dict())
    card = verdict_html(data)
    # The card knows the three states of a notebook.
    if mark.status in (REFUSED, MISSING, FAILED, UNREAD, NOTHING):
        old = "Not attempted" if mark.status in (MISSING, UNREAD, NOTHING) else "Wrong"
        card = card.replace(f">{old}</span>", f">{mark.status.capitalize()}</span>", 1)
    where = ""
    if mark.overrule is not None:
        given = "" if mark.overrule.points is None else f"{number(mark.overrule.points)} points. "
        where = f"<p><b>The teacher:</b> {shown(f'{given}{mark.overrule.comment}')}</p>"
    if mark.code:
        cut = mark.code[:LONGEST_CODE] + ("\n…" if len(mark.code) > LONGEST_CODE else "")
        versions = f", the best of {mark.versions} versions" if mark.versions > 1 else ""
        where += (
            f"<details><summary>{shown(mark.notebook)}, code cell {mark.cell}{versions}</summary>"
            f'<pre class="code">{shown(cut)}</pre></details>'
        )
    return f'<section id="{mark.exercise.id}">{card}{where}</section>'


def _visible(data: Any) -> Any:
    """The same data without characters that steer or reorder the text."""
    if isinstance(data, str):
        return "".join(c if c.isprintable() or c == "\n" else "�" for c in data)
    if isinstance(data, dict):
        return {key: _visible(value) for key, value in data.items()}
    return [_visible(each) for each in data] if isinstance(data, list | tuple) else data
