"""Marking a class: ``dlcore grade FOLDER``, from what was handed in to the pages."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from dlcore.course.grading import (
    child,
    kept,
    outputs,
    overrules,
    roster,
    rules,
    submission,
    unpacking,
)
from dlcore.course.grading.marking import Found, Setting, found_exercises, mark_student
from dlcore.course.grading.marks import Student, page_names, with_reasons
from dlcore.course.grading.overview import Class
from dlcore.course.grading.submission import HandIn
from dlcore.course.registry import registry

INTERRUPTED = 130
MaybePath = Path | None


class GradeError(Exception):
    """Marking cannot start, or its results cannot be written; the sentence says why."""


@dataclass
class Work:
    """A student and what they handed in."""

    student: Student
    hand_in: HandIn


def grade(
    folder: Path,
    out: MaybePath = None,
    jobs: int = 2,
    lessons: Sequence[str] = (),
    seed: int | None = None,
    roster_file: MaybePath = None,
    rules_file: MaybePath = None,
) -> int:
    """Mark the notebooks of a class and write what was found.

    Args:
        folder: with ``<student>/<any>.ipynb``, ``<student>.ipynb`` or ``<student>__<any>.ipynb``,
            or named as Moodle and Canvas do; or the zip that one of them exports.
        out: where the results go. Defaults to ``<folder>-marks`` beside the folder.
        jobs: how many students are marked at once.
        lessons: two digits each; by default those whose exercises occur in the class.
        seed: for the cases that the learners have not seen. By default one that is drawn for the
            class and kept with its results.
        roster_file: a CSV of who should have handed in.
        rules_file: points, partial credit and the rule for late work. Defaults to
            ``grading.toml`` in the folder of the results, or else in that of the class.

    Returns:
        0; or 130 if it was interrupted, with the results of the students that were finished.

    Raises:
        GradeError: if there is nothing to mark, or nowhere to write.
    """
    folder = Path(folder).absolute()
    if out is None:
        out = folder.with_name(f"{folder.stem if folder.is_file() else folder.name}-marks")
    out = Path(out).absolute()
    try:
        with _unpacked(folder) as (place, remarks), _spare() as spare:
            return _grade(
                place, folder, out, jobs, lessons, seed, roster_file, rules_file, remarks, spare
            )
    except ValueError as error:
        raise GradeError(str(error)) from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise GradeError(
            f"The results cannot be written to {out}: {reason}. What was written before is whole; "
            "run the same command again, and it goes on from there."
        ) from error


def _grade(
    place: Path, folder: Path, out: Path, jobs: int, lessons: Sequence[str], seed: int | None,
    roster_file: MaybePath, rules_file: MaybePath, remarks: list[str], spare: Path,
) -> int:  # fmt: skip
    listed = roster.read(roster_file) if roster_file else []
    entries = _with_roster(submission.hand_ins(place, [out], spare), listed)
    pages = page_names([entry.student for entry in entries])
    outputs.prepare(out, pages)
    works = [_work(entry, page) for entry, page in zip(entries, pages, strict=True)]
    remarks += limits_here()
    exercises = found_exercises([w.hand_in for w in works], lessons)
    marked_by = rules.load(_rules_file(rules_file, out, place), registry().all())
    own, problems = overrules.read(out / overrules.FILE)
    names = [name for w in works for name in (w.student.name, w.student.id)]
    remarks += problems + overrules.unused(own, names, [e.id for e in exercises])
    if listed:
        strangers = [w.student.name for w in works if not w.hand_in.known]
        remarks += [f"Not in the roster: {', '.join(strangers)}."] if strangers else []
    setting = Setting(tuple(exercises), kept.seed(out) if seed is None else seed, out)
    marking = _Marking(works, setting, marked_by, own)
    whole = marking.run(max(1, jobs))
    if not whole:
        remarks.insert(0, f"It was interrupted: {len(marking.finished)} of {len(works)} students.")
    print(outputs.write_class(out, Class(exercises, marking.students, marked_by, remarks)))
    print(f"The pages are in {out}: start with class.html.")
    return 0 if whole else INTERRUPTED


@contextmanager
def _spare() -> Iterator[Path]:
    """An empty folder for what the zips of students hold, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="dlcore-zips-") as place:
        yield Path(place)


@contextmanager
def _unpacked(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """The folder, or one into which a zip was unpacked, with what is to be said about that."""
    if not folder.is_file():
        yield folder, []
        return
    with tempfile.TemporaryDirectory(prefix="dlcore-class-") as place:
        remarks = unpacking.unpack(folder, Path(place))
        inside = [each for each in Path(place).iterdir() if each.name != "__MACOSX"]
        # Some programs put everything into one folder first.
        if len(inside) == 1 and inside[0].is_dir() and any(p.is_dir() for p in inside[0].iterdir()):
            yield inside[0], remarks
        else:
            yield Path(place), remarks


def _rules_file(given: MaybePath, out: Path, place: Path) -> Path:
    if given is not None:
        if not given.is_file():
            raise ValueError(f"There is no file {given}.")
        return given
    own = out / rules.FILE
    return own if own.exists() else place / rules.FILE


def _with_roster(entries: list[HandIn], listed: Sequence[roster.Entry]) -> list[HandIn]:
    """The hand-ins under the names of the roster, and those of whom nothing has come."""
    if not listed:
        return entries
    merged: dict[int, HandIn] = {}
    strangers = []
    for entry in entries:
        person = roster.match(entry.student, entry.id, listed)
        if person is None:
            entry.known = False
            strangers.append(entry)
            continue
        id = person.ids[0] if person.ids else entry.id
        whole = merged.setdefault(id_of(person, listed), HandIn(person.name, id))
        whole.late = whole.late or entry.late
        whole.notebooks = sorted([*whole.notebooks, *entry.notebooks], key=lambda f: f.age)
        whole.others += entry.others
    for number, person in enumerate(listed):
        merged.setdefault(number, HandIn(person.name, person.ids[0] if person.ids else ""))
    everybody = [*merged.values(), *strangers]
    return sorted(everybody, key=lambda e: (e.student.casefold(), e.student, e.id))


def id_of(person: roster.Entry, listed: Sequence[roster.Entry]) -> int:
    """The place of a person in the roster; two may be equal in all that is written there."""
    return next(number for number, each in enumerate(listed) if each is person)


def _work(entry: HandIn, page: str) -> Work:
    student = Student(entry.student, page, entry.id, late=entry.late)
    student.unread = entry.reason
    student.nothing = not entry.notebooks and not entry.others
    if entry.notebooks and entry.others:
        student.remarks.append(f"Handed in besides: {', '.join(entry.others[:8])}.")
    return Work(student, entry)


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


class _Marking:
    """Everybody's marks, found by several threads, written as soon as a student is finished."""

    def __init__(
        self, works: Sequence[Work], setting: Setting, marked_by: rules.Rules,
        own: overrules.Overrules,
    ) -> None:  # fmt: skip
        self._works, self._setting, self._rules, self._own = works, setting, marked_by, own
        self.finished: set[int] = set()

    @property
    def students(self) -> list[Student]:
        """Those that are finished, in order."""
        return [w.student for row, w in enumerate(self._works) if row in self.finished]

    def run(self, jobs: int) -> bool:
        """Mark everybody; whether it came to the end."""
        from tqdm import tqdm

        stopped = Event()
        pool = ThreadPoolExecutor(jobs)
        bar = tqdm(total=len(self._works), unit="student", disable=not sys.stderr.isatty())
        rows: dict[Future[Found | None], int] = {}
        try:
            for row, work in enumerate(self._works):
                args = (work.hand_in, work.student, self._setting, stopped)
                rows[pool.submit(mark_student, *args)] = row
            waiting = set(rows)
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for task in done:
                    found = task.result()
                    if found is not None:
                        self._finish(rows[task], found)
                        bar.update()
        except KeyboardInterrupt:
            pass
        finally:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            child.end_all()
            pool.shutdown(wait=True, cancel_futures=True)
            bar.close()
        return len(self.finished) == len(self._works)

    def _finish(self, row: int, found: Found) -> None:
        student = self._works[row].student
        student.marks = with_reasons(found.marks)
        student.remarks += found.remarks
        student.unread = student.unread or found.unread
        student.days = self._rules.days_late([f.age[1] for f in self._works[row].hand_in.notebooks])
        student.apply(self._rules, self._own)
        outputs.write_student(self._setting.out, student, self._rules)
        self.finished.add(row)
