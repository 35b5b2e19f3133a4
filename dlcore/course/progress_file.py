"""What a learner has done, kept in ``.dlcore/progress.json`` of the course folder.

``load(folder)`` reads it; ``update(change, folder)`` reads it anew under a lock, changes it and
writes it back, so that two notebooks at once lose nothing. Writing is atomic and keeps the state
before as a backup; a damaged file is set aside and the backup serves. Where nothing can be
written, the state lives on in this process.
"""

from __future__ import annotations

import copy
import json
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

from dlcore.backends.mine import MARKER, course_folder
from dlcore.course.verdict import NOT_ATTEMPTED, RIGHT, WRONG

FILE, BACKUP, DAMAGED = "progress.json", "progress.backup.json", "progress.damaged.json"
_ORDER = {NOT_ATTEMPTED: 0, WRONG: 1, RIGHT: 2}


@dataclass
class Record:
    """What was done in one exercise.

    Attributes:
        status: the best so far: "not attempted", "wrong" or "right".
        attempts: how many checks of a written function there were.
        hints: how many of the hints were shown.
        solution_seen: whether the solution was shown.
        forms: the texts of the accepted functions, in the order in which they came.
        serving: which of the forms serves in ``my_dlcore.py``, counted from 1; 0 for none.
        engine: whether the engine has ever called it.
    """

    status: str = NOT_ATTEMPTED
    attempts: int = 0
    hints: int = 0
    solution_seen: bool = False
    forms: list[str] = field(default_factory=list)
    serving: int = 0
    engine: bool = False

    def reach(self, status: str) -> None:
        """Take note of a verdict; the best one stays."""
        self.attempts += 1
        if _ORDER[status] > _ORDER[self.status]:
            self.status = status


@dataclass
class Progress:
    """All records, by the id of the exercise, and what is to be said about the file."""

    records: dict[str, Record] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    def record(self, id: str) -> Record:
        """The record of an exercise, made if it is not there."""
        return self.records.setdefault(id, Record())

    def seen(self, id: str) -> Record:
        """The record of an exercise, or an empty one that is not kept."""
        return self.records.get(id, Record())


_memory: dict[Path, Progress] = {}
_lock = threading.RLock()


def load(folder: str | os.PathLike[str] | None = None) -> Progress:
    """What the learner has done so far.

    Args:
        folder: the course folder. Defaults to ``course_folder()``.

    Returns:
        The records; none where nothing has been done. It never fails over a damaged file: then it
        has a remark.
    """
    place = _place(folder)
    return _memory.get(place) or _read(place)


def update(
    change: Callable[[Progress], None], folder: str | os.PathLike[str] | None = None
) -> Progress:
    """Change the records and save them.

    Args:
        change: changes the ``Progress`` that it is given; it may run while others wait, so it
            should be quick.
        folder: the course folder. Defaults to ``course_folder()``.

    Returns:
        The changed records; with a remark if they could not be saved.
    """
    place = _place(folder)
    with _lock:
        try:
            place.mkdir(parents=True, exist_ok=True)
            with _locked(place):
                now = _read(place, mend=True)
                earlier = _memory.get(place)
                if earlier is not None:
                    now = copy.deepcopy(earlier)  # It could not be saved until now.
                    now.remarks = ()
                before = _text(now)
                change(now)
                if _text(now) != before or earlier is not None:
                    _write(place, _text(now))
                _memory.pop(place, None)
                return now
        except OSError:
            now = _memory.setdefault(place, _read(place))
            change(now)
            now.remarks = (f"Nothing is saved: the folder {place.parent} cannot be written.",)
            return now


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep other notebooks from writing in the course folder; not to be used around ``update``.

    Raises:
        OSError: if the folder cannot be written.
    """
    place = _place(folder)
    with _lock:
        place.mkdir(parents=True, exist_ok=True)
        with _locked(place):
            yield


def next_lesson(folder: str | os.PathLike[str] | None = None) -> str | None:
    """Two digits of the lesson to do next.

    Args:
        folder: the course folder. Defaults to ``course_folder()``.

    Returns:
        The first lesson with an exercise, stretch ones apart, that is neither right nor has its
        solution been seen; None when all are done. Lessons without exercises are not known here.
    """
    from dlcore.course.registry import registry

    done = load(folder)
    for exercise in registry().all():
        record = done.seen(exercise.id)
        if exercise.level != "stretch" and record.status != RIGHT and not record.solution_seen:
            return exercise.lesson
    return None


def write_atomically(path: Path, text: str) -> None:
    """Replace a file by another in one step: a reader sees the old text or the new one."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        with open(unfinished, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        _replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def _replace(source: Path, target: Path) -> None:
    for wait in (0.01, 0.05, 0.2, 0.5):
        try:
            os.replace(source, target)
            return
        except PermissionError:  # On Windows: somebody is reading the file just now.
            time.sleep(wait)
    os.replace(source, target)


def _place(folder: str | os.PathLike[str] | None) -> Path:
    return Path(os.path.abspath(course_folder() if folder is None else folder)) / MARKER


def _read(place: Path, mend: bool = False) -> Progress:
    """The records of the file, or of the backup; ``mend`` sets a damaged file aside."""
    path = place / FILE
    try:
        return _parse(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return Progress()
    except OSError as error:
        return Progress(remarks=(f"{path} cannot be read: {error.strerror}.",))
    except ValueError:
        pass
    remark = f"{FILE} was damaged; it was set aside as {DAMAGED}"
    if mend:
        _replace(path, place / DAMAGED)
    try:
        progress = _parse((place / BACKUP).read_text(encoding="utf-8"))
        progress.remarks = (f"{remark}, and the backup before it serves.",)
    except (OSError, ValueError):
        progress = Progress(remarks=(f"{remark}, and the records start anew.",))
    return progress


def _parse(text: str) -> Progress:
    try:
        data = json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(data, dict) or not isinstance(data.get("exercises"), dict):
        raise ValueError("not the records of exercises")
    return Progress({id: _record(entry) for id, entry in data["exercises"].items()})


def _record(entry: Any) -> Record:
    """One record; an entry that a later version added is left out, one of a wrong kind refused."""
    plain = asdict(Record())
    if not isinstance(entry, dict):
        raise ValueError("a record is not an object")
    known = {key: value for key, value in entry.items() if key in plain}
    if any(type(value) is not type(plain[key]) for key, value in known.items()):
        raise ValueError("a record has an entry of a wrong kind")
    record = Record(**known)
    if record.status not in _ORDER or not all(isinstance(form, str) for form in record.forms):
        raise ValueError("a record has an unknown status or form")
    if not 0 <= record.serving <= len(record.forms) or min(record.attempts, record.hints) < 0:
        raise ValueError("a record counts what is not there")
    for form in record.forms:
        form.encode()  # Half a character, which a file cannot hold, is a ValueError.
    return record


def _text(progress: Progress) -> str:
    records = {id: asdict(record) for id, record in sorted(progress.records.items())}
    return json.dumps({"version": 1, "exercises": records}, indent=1) + "\n"


def _write(place: Path, text: str) -> None:
    path = place / FILE
    if path.exists():
        spare = place / (BACKUP + ".tmp")
        shutil.copyfile(path, spare)
        _replace(spare, place / BACKUP)
    write_atomically(path, text)


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    """Hold a lock that other processes respect; it goes when the process ends, however it ends."""
    with open(place / "progress.lock", "a+b") as file:
        try:
            _lock_file(file)
        except OSError:
            pass  # A file system without locks: better without than not at all.
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock_file(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)

else:
    import fcntl

    def _lock_file(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)
