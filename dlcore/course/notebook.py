"""What a learner calls in a notebook: ``@exercise``, ``hint``, ``solution``, ``progress``, ``use``.

Each shows a card, as HTML where there is a notebook and as plain text elsewhere.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from dlcore.backends import mine
from dlcore.course import board, cards, keeping, own_kernels, progress_file, returning
from dlcore.course.checking import SECONDS, check
from dlcore.course.definition import Exercise
from dlcore.course.forms.live import Answer, answer_of, by_itself, refusal
from dlcore.course.notebook_output import has_kernel, hint_button, show
from dlcore.course.registry import registry
from dlcore.course.source import answer_text, is_stub, names_around
from dlcore.course.verdict import NOT_ATTEMPTED, RIGHT, WRONG, Verdict

Function = Callable[..., Any]


returning.install()


def exercise(id: str, seconds: float = SECONDS) -> Callable[[Function], Function]:
    """Check the function below, show the verdict, and keep the function if it is right.

    ::

        @exercise("04.relu")
        def relu(x):
            ...

    An untouched stub leaves the name bound to the library's own function, so that the rest of
    the notebook runs; a function that was written stays the learner's, right or wrong.

    Args:
        id: the exercise.
        seconds: how long the check may take. Defaults to 5.

    Raises:
        ValueError: if there is no such exercise; the sentence says which was meant.
    """
    if callable(id):
        raise TypeError('Name the exercise above the function, as in @exercise("04.relu").')
    found = registry().find(id)

    def check_and_show(function: Function) -> Function:
        _let_it_call_itself(function)
        answer = Answer(found) if is_stub(function) else answer_of(found, function)
        verdict = refusal(answer) or check(found, function, seconds=seconds)
        verdict = by_itself(answer, verdict, seconds)
        notes = verdict.notes + _keep(found, answer, verdict)
        if verdict.status == WRONG and not has_kernel():
            notes += (f'hint("{id}") helps in three steps.',)
        verdict = dataclasses.replace(verdict, notes=notes)
        data = verdict.to_dict()
        show(cards.verdict_html(data), cards.verdict_text(data))
        if verdict.status == WRONG:
            hint_button(f'hint("{id}")', _next_hint(found), lambda: _pressed(found))
        return found.answer if verdict.status == NOT_ATTEMPTED else function

    return check_and_show


def hint(id: str) -> None:
    """Show the next hint of an exercise. After the third it says where the solution is.

    Raises:
        ValueError: if there is no such exercise.
    """
    number, text = _take_hint(registry().find(id))
    count = len(registry().find(id).hints)
    show(cards.hint_html(id, number, count, text), cards.hint_text(id, number, count, text))


def _take_hint(exercise: Exercise) -> tuple[int, str]:
    """The number and the text of the next hint, which counts as used; 0 after the last."""
    id, count = exercise.id, len(exercise.hints)
    number = 0

    def take(progress: progress_file.Progress) -> None:
        nonlocal number
        used = progress.record(id).hints
        number = used + 1 if used < count else 0
        progress.record(id).hints = min(used + 1, count)

    progress_file.update(take)
    if number:
        return number, exercise.hints[number - 1]
    what = "the library's own" if exercise.of_the_library else "a way to write it"
    return 0, f'These were all {count}. solution("{id}") shows {what}.'


def _next_hint(exercise: Exercise) -> str:
    """What stands on the button: which hint it gives."""
    used, count = progress_file.load().seen(exercise.id).hints, len(exercise.hints)
    return f"Hint {used + 1} of {count}" if used < count else "After the hints"


def _pressed(exercise: Exercise) -> tuple[str, str]:
    """The card of the next hint, and what then stands on the button; nothing after the last."""
    number, text = _take_hint(exercise)
    card = cards.hint_html(exercise.id, number, len(exercise.hints), text)
    return card, _next_hint(exercise) if number else ""


def solution(id: str) -> None:
    """Show the source of the answer. The board remembers that it was shown.

    Raises:
        ValueError: if there is no such exercise.
    """
    found = registry().find(id)

    def see(progress: progress_file.Progress) -> None:
        progress.record(id).solution_seen = True

    progress_file.update(see)
    code = answer_text(found.answer)
    parts = (id, found.title, code, found.notes)
    show(cards.solution_html(*parts), cards.solution_text(*parts))


def progress(*lessons: str) -> None:
    """Show the board: what is done in each lesson, and which kernels the engine called.

    Args:
        lessons: the numbers of the lessons to show, such as "04"; all of them by default, and of
            those that are not begun only a line.

    Raises:
        ValueError: if no lesson of that number has exercises.
    """
    exercises = registry().all()
    numbers = sorted({e.lesson for e in exercises})
    for unknown in [each for each in lessons if each not in numbers]:
        raise ValueError(
            f"There is no lesson {unknown!r} with exercises; there are {', '.join(numbers)}."
        )
    called = {e.id for e in exercises if mine.calls[e.name]}
    now = progress_file.load()
    if any(not now.seen(id).engine for id in called):
        now = progress_file.update(lambda progress: _mark_called(progress, called))
    shown = [e for e in exercises if not lessons or e.lesson in lessons]
    rows = board.rows(shown, now, mine.calls, not lessons, own_kernels.places)
    remarks = list(now.remarks)
    if any(not row["exercises"] for row in rows):
        number = next(row["lesson"] for row in rows if not row["exercises"])
        remarks.append(f'progress("{number}") lists the exercises of a lesson.')
    show(board.board_html(rows, remarks), board.board_text(rows, remarks))


def use(id: str, form: int | None = None) -> None:
    """Choose which of your accepted forms of an exercise serves in the engine.

    Args:
        id: the exercise.
        form: its number, counted from 1 in the order in which they were accepted. Without one,
            the forms are listed.

    Raises:
        ValueError: if there is no such exercise or form.
    """
    found = registry().find(id)
    forms = progress_file.load().seen(id).forms
    if form is None:
        now = progress_file.load().seen(id)
        for number, text in enumerate(now.forms, 1):
            title = f"Form {number}{', serves' if number == now.serving else ''}"
            show(
                cards.solution_html(id, found.title, text, "", title),
                cards.solution_text(id, found.title, text, "", title),
            )
        if forms:
            return
    if form is None or not 1 <= form <= len(forms):
        have = f"the forms 1 to {len(forms)}" if len(forms) > 1 else f"{len(forms)} accepted form"
        have += "s" * (not forms)
        raise ValueError(f"Exercise {id} has {have}; there is no form {form}.")
    remarks = _write(found, forms[form - 1])
    text = " ".join([f"Form {form} of {len(forms)} serves now.", *remarks])
    show(cards.note_html(id, text), cards.note_text(id, text))


def _let_it_call_itself(function: Function) -> None:
    """Bind its name in the notebook before the check, as it will be after it."""
    names = names_around(function)
    name = getattr(function, "__name__", "")
    if names.get("__name__") == "__main__" and name.isidentifier():
        names[name] = function


def _mark_called(progress: progress_file.Progress, ids: Iterable[str]) -> None:
    for id in ids:
        progress.record(id).engine = True


def _keep(exercise: Exercise, answer: Answer, verdict: Verdict) -> tuple[str, ...]:
    """Record a verdict, write an accepted function to ``my_dlcore.py``; what to say about it."""
    if verdict.status == NOT_ATTEMPTED:
        return ()
    remarks: tuple[str, ...] = ()
    if verdict.status == RIGHT:
        kept = keeping.kept_names(mine.course_folder()) - {exercise.name}
        form, reason = answer.form(kept)
        if not reason:
            return _write(exercise, form, new=True)
        remarks = (f"It is right but not kept in {mine.FILE}: {reason}.",)
    now = progress_file.update(lambda progress: progress.record(exercise.id).reach(verdict.status))
    if verdict.status == WRONG:
        remarks = _still_serves(exercise, now.seen(exercise.id))
    return remarks + now.remarks


def _still_serves(exercise: Exercise, record: progress_file.Record) -> tuple[str, ...]:
    """Which form goes on serving after a wrong attempt."""
    if not record.serving:
        return ()
    count = len(record.forms)
    which = f"form {record.serving} of {count}" if count > 1 else "the form accepted earlier"
    where = "still serves in the engine" if exercise.kernel else f"stays in {mine.FILE}"
    return (f"{which[0].upper()}{which[1:]} {where}.",)


def _write(exercise: Exercise, form: str, new: bool = False) -> tuple[str, ...]:
    """Let a form serve: in ``my_dlcore.py``, in the progress and in an engine that runs on it."""
    folder = mine.course_folder()

    def record(progress: progress_file.Progress) -> None:
        entry = progress.record(exercise.id)
        if new:
            entry.reach(RIGHT)
        if form not in entry.forms:
            entry.forms.append(form)
        entry.serving = entry.forms.index(form) + 1

    try:
        with progress_file.locked(folder):
            remark = keeping.keep(folder, exercise.id, form, progress_file.load(folder))
    except mine.LearnerError as error:
        problem = f"It is right but not kept in {mine.FILE}, where it does not run: {error}"
        now = progress_file.update(lambda progress: progress.record(exercise.id).reach(RIGHT))
        return (problem, *now.remarks)
    except OSError:
        return progress_file.update(record).remarks or _unsaved(folder)
    now = progress_file.update(record)
    _reload()
    kept = f"It is kept in {mine.FILE}"
    count = len(now.seen(exercise.id).forms)
    if count > 1:
        kept += f" as form {now.seen(exercise.id).serving} of {count}"
    kept += ' and serves after set_backend("mine").' if exercise.kernel else "."
    said = (kept,) if new else ()
    return said + ((remark,) if remark else ()) + now.remarks


def _unsaved(folder: Path) -> tuple[str, ...]:
    return (f"Nothing is saved: {folder / mine.FILE} cannot be written.",)


def _reload() -> None:
    """An engine that runs on the learner's kernels gets the new one at once."""
    from dlcore.backends import dispatch

    # Not get_backend(): that would load Numba where no backend has been used yet.
    if dispatch._name == "mine":
        dispatch.set_backend("mine")
