"""The board of progress: per lesson, what is done, as HTML and as plain text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from dlcore.course.cards import INFO, LINE, SOFT, frame, remark_html
from dlcore.course.definition import Exercise
from dlcore.course.progress_file import Progress, Record
from dlcore.course.verdict import RIGHT

COLUMNS = ("exercise", "title", "level", "minutes", "state", "in the engine", "hints", "forms")
_NUMERIC = ("minutes", "hints")
NOWHERE: Mapping[str, str] = {}
_LONG = ("exercise", "title")  # they may take two lines, so that all columns are seen


def rows(
    exercises: Sequence[Exercise],
    progress: Progress,
    calls: Mapping[str, int],
    brief: bool = False,
    places: Mapping[str, str] = NOWHERE,
) -> list[dict[str, Any]]:
    """The lessons of the board as plain data.

    Args:
        exercises: in the order in which they are shown.
        progress: what the learner has done.
        calls: how often the engine called each of the learner's kernels in this process.
        brief: whether of a lesson that is not begun there is only the summary.
        places: on what a kernel of threads ran, by its name. Defaults to none.

    Returns:
        A dictionary a lesson: "lesson", "summary", and "exercises", a list with a dictionary of
        ``COLUMNS`` for each.
    """
    lessons: dict[str, list[Exercise]] = {}
    for exercise in exercises:
        lessons.setdefault(exercise.lesson, []).append(exercise)
    table = [_lesson(number, listed, progress, calls, places) for number, listed in lessons.items()]
    for lesson, listed in zip(table, lessons.values(), strict=True):
        if brief and not any(_begun(progress.seen(exercise.id)) for exercise in listed):
            lesson["exercises"] = []
    return table


def _lesson(
    number: str,
    exercises: list[Exercise],
    progress: Progress,
    calls: Mapping[str, int],
    places: Mapping[str, str],
) -> dict[str, Any]:
    records = [progress.seen(exercise.id) for exercise in exercises]
    right = sum(record.status == RIGHT for record in records)
    pairs = list(zip(exercises, records, strict=True))
    left = sum(e.minutes for e, record in pairs if not _done(record))
    summary = f"{right} of {len(exercises)} right"
    if left:
        summary += f", about {left} min to go"
    return {
        "lesson": number,
        "summary": summary,
        "exercises": [_exercise(e, record, calls, places) for e, record in pairs],
    }


def _exercise(
    exercise: Exercise, record: Record, calls: Mapping[str, int], places: Mapping[str, str]
) -> dict[str, str]:
    count = calls.get(exercise.name, 0)
    of_threads = "stand_in.cuda" in exercise.library
    engine = "no" if exercise.kernel is not None or of_threads else "-"
    if count:
        engine = f"{count:,} call{'s' * (count != 1)}"
        engine += f", {places[exercise.name]}" if exercise.name in places else ""
    elif record.engine:
        engine = "yes, earlier"
    return {
        "exercise": exercise.id,
        "title": exercise.title,
        "level": exercise.level,
        "minutes": str(exercise.minutes),
        "state": _state(record),
        "hints": f"{record.hints} of {len(exercise.hints)}",
        "forms": _forms(record),
        "in the engine": engine,
    }


def _begun(record: Record) -> bool:
    return bool(record.attempts or record.hints or record.solution_seen)


def _done(record: Record) -> bool:
    return record.status == RIGHT or record.solution_seen


def _state(record: Record) -> str:
    if not record.solution_seen:
        return record.status
    return "solution seen" if record.status != RIGHT else "right, solution seen"


def _forms(record: Record) -> str:
    if not record.forms:
        return "-"
    if len(record.forms) == 1:
        return "1"
    return f"{len(record.forms)}, form {record.serving} serves"


def board_text(lessons: list[dict[str, Any]], remarks: Sequence[str] = ()) -> str:
    """The board in plain text."""
    entries = [entry for lesson in lessons for entry in lesson["exercises"]]
    width = {c: max(len(c), *(len(entry[c]) for entry in entries)) for c in COLUMNS if entries}
    lines: list[str] = []
    brief = False
    for lesson in lessons:
        if not (brief and not lesson["exercises"]):
            lines.append("")
        brief = not lesson["exercises"]
        lines.append(f"LESSON {lesson['lesson']}: {lesson['summary']}")
        table = [] if brief else [{c: c for c in COLUMNS}, *lesson["exercises"]]
        for entry in table:
            cells = [
                entry[c].rjust(width[c]) if c in _NUMERIC else entry[c].ljust(width[c])
                for c in COLUMNS
            ]
            lines.append("  " + "  ".join(cells).rstrip())
    return "\n".join([*lines[1:], *remarks]) if lines else "There are no exercises."


def board_html(lessons: list[dict[str, Any]], remarks: Sequence[str] = ()) -> str:
    """The board as a table."""
    heading = '<div style="font-weight: 600; margin: 0 0 0.4em 0">Your progress</div>'
    body = "".join(_lesson_html(lesson) for lesson in lessons) or "There are no exercises."
    listed = any(lesson["exercises"] for lesson in lessons)
    columns = COLUMNS if listed else ()
    head = "".join(_cell("th", c, c, 'scope="col"', SOFT) for c in columns)
    table = (
        '<table style="border-collapse: collapse; margin: 0; font-size: inherit; color: inherit">'
        f'<thead style="border: none"><tr style="background: transparent">{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )
    html = frame(INFO, heading, f'<div style="overflow-x: auto">{table}</div>', "76em")
    return html + "".join(map(remark_html, remarks))


def _lesson_html(lesson: dict[str, Any]) -> str:
    title = (
        f'<tr style="background: transparent"><th scope="rowgroup" colspan="{len(COLUMNS)}" '
        f'style="text-align: left; border: none; border-top: {LINE}; padding: 0.6em 1em 0.2em 0">'
        f'Lesson {escape(lesson["lesson"])} <span style="{SOFT}; font-weight: normal">'
        f"{escape(lesson['summary'])}</span></th></tr>"
    )
    lines = [
        "".join(_cell("td", c, entry[c], "", _style(c, entry[c])) for c in COLUMNS)
        for entry in lesson["exercises"]
    ]
    return title + "".join(f'<tr style="background: transparent">{line}</tr>' for line in lines)


def _style(column: str, value: str) -> str:
    if column == "state":
        return "font-weight: 600" if value.startswith(("right", "wrong")) else SOFT
    return ""


def _cell(tag: str, column: str, value: str, attributes: str, style: str) -> str:
    align = "right" if column in _NUMERIC else "left"
    space, text = "nowrap", escape(value)
    if column in _LONG:
        space, text = "normal", text.replace("_", "_<wbr>")
    return (
        f'<{tag} {attributes} style="text-align: {align}; border: none; vertical-align: top; '
        f'padding: 0.15em 0.6em 0.15em 0; white-space: {space}; {style}">{text}</{tag}>'
    )
