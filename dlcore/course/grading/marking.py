"""Marking one student: which of their notebooks count, and a mark for each exercise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Event

from dlcore.course.definition import Exercise
from dlcore.course.forms.gathering import Gathered, gather
from dlcore.course.forms.pieces import Contents
from dlcore.course.grading import child, judging, kept, submission
from dlcore.course.grading.finding import candidates, contents
from dlcore.course.grading.judging import Budget
from dlcore.course.grading.marks import FAILED, REFUSED, Mark, Student
from dlcore.course.grading.submission import HandIn
from dlcore.course.registry import registry
from dlcore.course.verdict import RIGHT, WRONG, Verdict


@dataclass(frozen=True)
class Setting:
    """What is the same for the whole class."""

    exercises: tuple[Exercise, ...]
    seed: int
    out: Path


@dataclass
class Found:
    """What was found about a student.

    Attributes:
        marks: one for each exercise.
        remarks: about the notebooks.
        unread: why none of them could be read; "" if one could.
    """

    marks: list[Mark]
    remarks: list[str] = field(default_factory=list)
    unread: str = ""


def found_exercises(entries: Sequence[HandIn], lessons: Sequence[str]) -> list[Exercise]:
    """The exercises to mark: of the given lessons, or of those that occur in the notebooks.

    Raises:
        ValueError: if a lesson has none, or none occurs.
    """
    everything = registry().all()
    known = {exercise.lesson for exercise in everything}
    for lesson in lessons:
        if lesson not in known:
            raise ValueError(f"There are no exercises of a lesson {lesson!r}.")
    wanted = set(lessons)
    if not wanted:
        ids: set[str] = set()
        names: set[str] = set()
        for each in (file for entry in entries for file in entry.notebooks):
            # Read again when it is marked: all at once would not fit into memory.
            found = _contents(each.path, each.name)[0]
            ids |= {piece.exercise for piece in found.pieces}
            names |= {piece.name for piece in found.pieces if piece.runs_later}
        wanted = {e.lesson for e in everything if e.id in ids}
        wanted = wanted or {e.lesson for e in everything if e.name in names}
    if not wanted:
        raise ValueError("There is no exercise of any lesson in these notebooks.")
    return [e for e in everything if e.lesson in wanted]


def mark_student(
    hand_in: HandIn, student: Student, setting: Setting, stopped: Event
) -> Found | None:
    """The marks of a student; those of an earlier run if nothing has changed. None if stopped."""
    if stopped.is_set():
        return None
    everything, remarks, unread = _read(hand_in)
    reason = hand_in.reason or unread
    unread = "" if any(each.pieces for each in everything) else unread
    paths = [(file.name, file.path) for file in hand_in.notebooks]
    ids = [exercise.id for exercise in setting.exercises]
    total = kept.work_sum(paths, _sum(), setting.seed, ids, student.name, hand_in.others)
    before = kept.load(setting.out, student.page, total, setting.exercises)
    if before is not None:
        return Found(*before, unread=unread)
    budget = Budget()
    marks = []
    for exercise in setting.exercises:
        if stopped.is_set():
            return None
        marks.append(_mark(exercise, everything, setting.seed, budget, reason, student, stopped))
    if stopped.is_set():
        return None
    kept.save(setting.out, student.page, total, marks, remarks)
    return Found(marks, remarks, unread)


@cache
def _sum() -> str:
    return kept.exercises_sum()


def _contents(path: Path, name: str) -> tuple[Contents, str]:
    """The pieces of a notebook, and what is wrong with it."""
    notebook = submission.read(path, name)
    try:
        return contents(notebook), notebook.problem
    except Exception:  # Nothing in a notebook may end the marking of the others.
        return Contents(name), "It cannot be read as Python."


def _read(hand_in: HandIn) -> tuple[list[Contents], list[str], str]:
    """The notebooks that count, remarks, and why something could not be read."""
    counting: list[tuple[str, Contents]] = []
    remarks, unread = [], ""
    for file in hand_in.notebooks:
        found, problem = _contents(file.path, file.name)
        if problem:
            remarks.append(f"{file.name}: {problem}")
            unread = f"{file.name}: {problem}"
        elif found.damaged:
            cells = ", ".join(map(str, found.damaged))
            remarks.append(f"{file.name}: no Python as a whole in code cell {cells}.")
        lesson = _lesson(found)
        for old in [each for each in counting if lesson and each[0] == lesson]:
            remarks.append(
                f"{old[1].notebook} was handed in before {file.name}; the last one counts."
            )
            counting.remove(old)
        counting.append((lesson, found))
    return [found for _, found in counting], remarks, unread


def _lesson(found: Contents) -> str:
    """The lesson of most of the exercises in a notebook; "" if there are none."""
    ids = Counter(piece.exercise[:2] for piece in found.pieces if piece.exercise)
    return max(sorted(ids), key=lambda lesson: ids[lesson]) if ids else ""


def _mark(
    exercise: Exercise, everything: Sequence[Contents], seed: int, budget: Budget, reason: str,
    student: Student, stopped: Event,
) -> Mark:  # fmt: skip
    """The best of a student's versions of an exercise; of equals the last."""
    everyone = registry().all()
    ids = frozenset(each.id for each in everyone)
    earlier = everyone[: [each.id for each in everyone].index(exercise.id)]
    versions, stub = candidates(exercise, everything, ids)
    best: Mark | None = None
    for candidate in reversed(versions):
        if stopped.is_set() or (best is not None and budget.versions <= 0):
            break
        gathered = Gathered(candidate)
        try:
            gathered = gather(candidate, exercise, earlier, everything)
            verdict = judging.mark(
                exercise, gathered, child.Limits(), seed, budget, last=best is None
            )
        except Exception as error:
            verdict = _failed(exercise, error)
        piece = candidate.piece
        used = {p.name for p in gathered.pieces} | {e.bound for e in gathered.earlier if e.own}
        mark = Mark(
            exercise, verdict, candidate.contents.notebook, piece.cell, piece.text, len(versions),
            tuple(each.name for each in earlier if each.name in used - {piece.name}),
        )  # fmt: skip
        if best is None or mark.status == RIGHT:
            best = mark
        # Who reaches for what is refused does not get the marks of a version before it.
        if mark.status in (RIGHT, REFUSED, FAILED):
            return mark
    if best is not None:
        return best
    return Mark(exercise, _without(exercise, stub, reason, student))


def _without(exercise: Exercise, stub: bool, reason: str, student: Student) -> Verdict:
    """The verdict where there is no version to try."""
    if stub:
        return judging.not_attempted(exercise)
    if student.nothing:
        return judging.nothing(exercise, "nothing", "Nothing was handed in.")
    if reason:
        return judging.nothing(exercise, "unread", reason)
    sentence = f"There is no {exercise.name} in what was handed in."
    return judging.nothing(exercise, "missing", sentence)


def _failed(exercise: Exercise, error: Exception) -> Verdict:
    sentence = f"It could not be marked: {type(error).__name__}: {error}"
    return Verdict(exercise.id, exercise.title, WRONG, "failed", sentence)
