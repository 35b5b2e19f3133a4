"""Marking a class: ``dlcore grade FOLDER``, from the folder of notebooks to the pages."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from dlcore.course.definition import Exercise
from dlcore.course.grading import child, judging, outputs, submission
from dlcore.course.grading.finding import Contents, contents
from dlcore.course.grading.marks import FAILED, REFUSED, Mark, Student, page_names, with_reasons
from dlcore.course.grading.program import Program, candidates, gather
from dlcore.course.registry import registry
from dlcore.course.verdict import RIGHT, WRONG, Verdict

INTERRUPTED = 130


class GradeError(Exception):
    """Marking cannot start; the sentence says why."""


@dataclass
class Work:
    """A student whose exercises are being marked."""

    student: Student
    everything: list[Contents]


def grade(
    folder: Path,
    out: Path | None = None,
    jobs: int = 2,
    lessons: Sequence[str] = (),
    seed: int | None = None,
) -> int:
    """Mark the notebooks of a class and write what was found.

    Args:
        folder: with ``<student>/<any>.ipynb``, ``<student>.ipynb`` or ``<student>__<any>.ipynb``.
        out: where the results go. Defaults to ``<folder>-marks`` beside the folder.
        jobs: how many exercises are tried at once.
        lessons: two digits each; by default those whose exercises occur in the class.
        seed: for the cases that the learners have not seen. Defaults to a fixed one.

    Returns:
        0; or 130 if it was interrupted, with the results of the students that were finished.

    Raises:
        GradeError: if there is nothing to mark, or nowhere to write.
    """
    folder = Path(folder).absolute()
    out = folder.with_name(f"{folder.name}-marks") if out is None else Path(out).absolute()
    try:
        found = submission.students(folder, leave_out=out)
        names = page_names(list(found))
        outputs.prepare(out, list(names.values()))
        remarks = limits_here()
    except (ValueError, OSError) as error:
        raise GradeError(str(error)) from error
    works = [_read(name, names[name], paths, folder) for name, paths in found.items()]
    exercises = _exercises(works, lessons)
    finished, whole = _mark_all(works, exercises, out, jobs, judging.SEED if seed is None else seed)
    if not whole:
        remarks = [f"It was interrupted: {len(finished)} of {len(works)} students.", *remarks]
    print(outputs.write_class(out, exercises, finished, remarks))
    print("\n".join([*remarks, f"The pages are in {out}: start with class.html."]))
    return 0 if whole else INTERRUPTED


def limits_here() -> list[str]:
    """Sentences about what this system cannot hold a submission to; one if it holds all.

    Raises:
        ValueError: if no child can be started.
    """
    job = {"name": "f", "standins": [], "pieces": [{"cell": 1, "line": 1, "text": "f = abs"}]}
    try:
        with child.Child(job, child.Limits()) as probe:
            held = probe.held
            probe.ask({"define": True}, child.START)
    except child.ChildError as error:
        raise ValueError(f"No submission can be tried on this machine: {error!r}.") from None
    lacking = {
        "files": "which files a submission reads",
        "system calls": "processes and the network",
        "memory": "memory",
        "processor time": "processor time",
    }
    missing = [words for name, words in lacking.items() if name not in held]
    if not missing:
        return ["The system itself kept submissions from files, processes and the network."]
    return [
        f"This system cannot limit {', '.join(missing)}. Python's own guard stood in for it, which "
        "is no wall: mark unknown people's work on Linux, or in a container."
    ]


def _read(name: str, page: str, paths: Sequence[Path], folder: Path) -> Work:
    """A student's notebooks as far as they can be read."""
    student = Student(name, page)
    everything = []
    for path in paths:
        short = path.relative_to(folder).as_posix().removeprefix(f"{name}/")
        notebook = submission.read(path, short)
        try:
            everything.append(contents(notebook))
        except Exception:  # Nothing in a notebook may end the marking of the others.
            notebook = replace(notebook, problem="It cannot be read as Python.")
        if notebook.problem:
            student.remarks.append(f"{short}: {notebook.problem}")
        elif everything[-1].damaged:
            cells = ", ".join(map(str, everything[-1].damaged))
            student.remarks.append(f"{short}: no Python as a whole in code cell {cells}.")
    return Work(student, everything)


def _exercises(works: Sequence[Work], lessons: Sequence[str]) -> list[Exercise]:
    everything = registry().all()
    known = {exercise.lesson for exercise in everything}
    for lesson in lessons:
        if lesson not in known:
            raise GradeError(f"There are no exercises of a lesson {lesson!r}.")
    pieces = [p for work in works for c in work.everything for p in c.pieces if not p.is_import]
    marked = {piece.exercise for piece in pieces}
    occurring = {e.lesson for e in everything if e.id in marked}
    if not occurring:
        names = {piece.name for piece in pieces}
        occurring = {e.lesson for e in everything if e.name in names}
    if not lessons and not occurring:
        raise GradeError("There is no exercise of any lesson in these notebooks.")
    return [e for e in everything if e.lesson in (set(lessons) or occurring)]


def _mark_all(
    works: Sequence[Work], exercises: Sequence[Exercise], out: Path, jobs: int, seed: int
) -> tuple[list[Student], bool]:
    """Mark everybody; (finished students in order, whether these are all)."""
    from tqdm import tqdm

    stopped = Event()
    marks: dict[Future[Mark], tuple[int, int]] = {}
    rows: list[list[Mark | None]] = [[None] * len(exercises) for _ in works]
    finished: set[int] = set()
    pool = ThreadPoolExecutor(max(1, jobs))
    bar = tqdm(total=len(works), unit="student", disable=not sys.stderr.isatty())
    try:
        for row, work in enumerate(works):
            for column, exercise in enumerate(exercises):
                task = pool.submit(_mark, exercise, work.everything, seed, stopped)
                marks[task] = row, column
        waiting = set(marks)
        while waiting:
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for task in done:
                row, column = marks[task]
                rows[row][column] = task.result()
                if all(mark is not None for mark in rows[row]):
                    works[row].student.marks = with_reasons([m for m in rows[row] if m is not None])
                    outputs.write_student(out, works[row].student)
                    finished.add(row)
                    bar.update()
    except KeyboardInterrupt:
        stopped.set()
        pool.shutdown(wait=False, cancel_futures=True)
    finally:
        stopped.set()
        child.end_all()
        pool.shutdown(wait=True, cancel_futures=True)
        bar.close()
    students = [work.student for row, work in enumerate(works) if row in finished]
    return students, len(finished) == len(works)


def _mark(
    exercise: Exercise, everything: Sequence[Contents], seed: int, stopped: Event
) -> Mark:
    """The best of a student's versions of an exercise; of equals the last."""
    everyone = registry().all()
    ids = frozenset(each.id for each in everyone)
    earlier = everyone[: [each.id for each in everyone].index(exercise.id)]
    versions, stub = candidates(exercise, everything, ids)
    best: Mark | None = None
    for candidate in reversed(versions):
        if stopped.is_set():
            break
        program = Program(candidate)
        try:
            program = gather(candidate, exercise, earlier, everything)
            verdict = judging.mark(exercise, program, child.Limits(), seed)
        except Exception as error:
            verdict = _failed(exercise, error)
        piece = candidate.piece
        used = {each.name for each in program.pieces} - {piece.name}
        mark = Mark(
            exercise, verdict, candidate.contents.notebook, piece.cell, piece.text, len(versions),
            tuple(each.name for each in earlier if each.name in used),
        )  # fmt: skip
        if best is None or mark.status == RIGHT:
            best = mark
        # Who reaches for what is refused does not get the marks of a version before it.
        if mark.status in (RIGHT, REFUSED, FAILED):
            return mark
    if best is not None:
        return best
    missing = judging.not_attempted(exercise) if stub else judging.missing(exercise)
    return Mark(exercise, missing)


def _failed(exercise: Exercise, error: Exception) -> Verdict:
    sentence = f"It could not be marked: {type(error).__name__}: {error}"
    return Verdict(exercise.id, exercise.title, WRONG, "failed", sentence)
