"""What was handed in: who handed in what, and what the code cells of a notebook hold.

Nobody is passed over. Whoever handed in something that is no notebook, or one that cannot be read,
is listed with the reason.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dlcore.course.forms.cells import Cell, cleaned
from dlcore.course.grading import unpacking
from dlcore.course.grading.owners import Owner, copy_number, owner

LARGEST = 32 << 20
LARGEST_CELL = 100_000
LARGEST_TEXT = 400_000
MOST_CELLS = 2_000
MOST_FILES = 500
# What may come out of the zips of one student.
LARGEST_UNPACKED = 64 << 20
MOST_ZIPS = 5
# Files beside the folders of students that are somebody's work, if not what was asked for.
WORK = frozenset(".pdf .py .zip .rar .7z .gz .tar .doc .docx .odt .html .htm .txt .png .jpg .jpeg "
                 ".url .webloc .desktop .r .m".split())  # fmt: skip
ASIDE = re.compile(r"(readme|license|index)(\.|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Notebook:
    """A notebook's code cells; ``problem`` says why there are none, or fewer."""

    name: str
    cells: tuple[Cell, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class File:
    """A notebook that was handed in: where it lies, and its name as the student's page has it."""

    path: Path
    name: str
    attachment: int = 0

    @property
    def age(self) -> tuple[int, int, int, str]:
        """What orders several of one student: the last counts."""
        try:
            time = int(self.path.stat().st_mtime)
        except OSError:
            time = 0
        return self.attachment, time, copy_number(self.path.name), self.name


@dataclass
class HandIn:
    """What one student handed in.

    Attributes:
        student: the name.
        id: a number of the learning platform; "" without one.
        late: whether the platform calls it late.
        notebooks: the oldest first.
        others: what else there is, in words.
        known: whether the roster has them, or there is none.
        zips: those that are still to be opened.
    """

    student: str
    id: str = ""
    late: bool = False
    notebooks: list[File] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    known: bool = True
    zips: list[File] = field(default_factory=list)

    @property
    def reason(self) -> str:
        """Why there is nothing to mark; "" if there is a notebook."""
        if self.notebooks:
            return ""
        others = [*self.others, *(file.name for file in self.zips)]
        if not others:
            return "Nothing was handed in."
        return f"There is no notebook in what was handed in, only {_listed(others)}."


def hand_ins(
    folder: Path, leave_out: Sequence[Path] = (), spare: Path | None = None
) -> list[HandIn]:
    """What each student handed in, in the order of their names.

    Args:
        folder: of the class.
        leave_out: what holds no submissions, such as the folder of the marks.
        spare: an empty folder, in which the zips of students are unpacked. Without one they stay
            as they are.

    Raises:
        ValueError: if there is no such folder, or nobody's work in it.
    """
    if not folder.is_dir():
        raise ValueError(f"There is no folder {folder}.")
    found: dict[tuple[str, str], HandIn] = {}
    for path in sorted(folder.iterdir(), key=lambda path: (path.name.casefold(), path.name)):
        if _hidden(path.name) or path in leave_out:
            continue
        is_folder = path.is_dir() and not path.is_symlink()
        if not is_folder and not _is_work(path):
            continue
        who = owner(path.name, is_folder)
        entry = found.setdefault((who.student, who.id), HandIn(who.student, who.id))
        entry.late = entry.late or who.late
        _collect(path, who, entry)
    if not found:
        raise ValueError(
            f"No notebooks in {folder}: put them there as <student>.ipynb or "
            "<student>/<any name>.ipynb."
        )
    for number, entry in enumerate(found.values()):
        if spare is not None:
            _open_zips(entry, spare / str(number))
        entry.notebooks.sort(key=lambda file: file.age)
    return sorted(found.values(), key=lambda e: (e.student.casefold(), e.student, e.id))


def _hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _is_work(path: Path) -> bool:
    if path.suffix.lower() == ".ipynb" or "_assignsubmission_" in path.name:
        return True
    canvas = owner(path.name, False).attachment > 0
    return canvas or (path.suffix.lower() in WORK and not ASIDE.match(path.name))


def _collect(path: Path, who: Owner, entry: HandIn) -> None:
    """Put what is at a path where it belongs."""
    if path.is_symlink():
        entry.others.append(f"{path.name} (a link, which is not followed)")
    elif not path.is_dir():
        _add(path, who.rest or path.name, who, entry)
    else:
        count = 0
        for place, folders, files in os.walk(path):
            folders[:] = sorted(name for name in folders if not _hidden(name))
            for name in sorted(n for n in files if not _hidden(n)):
                count += 1
                if count > MOST_FILES:
                    entry.others.append(f"more than {MOST_FILES} files")
                    return
                inner = Path(place, name)
                short = inner.relative_to(path).as_posix()
                if inner.is_symlink():
                    entry.others.append(f"{short} (a link, which is not followed)")
                else:
                    _add(inner, short, who, entry)


def _add(path: Path, name: str, who: Owner, entry: HandIn) -> None:
    if path.suffix.lower() == ".ipynb":
        entry.notebooks.append(File(path, name, who.attachment))
    elif path.suffix.lower() == ".zip":
        entry.zips.append(File(path, name, who.attachment))
    else:
        entry.others.append(name)


def _open_zips(entry: HandIn, spare: Path) -> None:
    """Take the notebooks out of the zips of a student, by the rules for the export of a class."""
    left = LARGEST_UNPACKED
    for number, file in enumerate(entry.zips):
        place = spare / str(number)
        if number >= MOST_ZIPS:
            entry.others.append(f"{file.name} (a zip too many; {MOST_ZIPS} are opened)")
            continue
        place.mkdir(parents=True)
        try:
            refused = unpacking.unpack(file.path, place, left, MOST_FILES)
        except ValueError:
            entry.others.append(f"{file.name} (no zip, or a damaged one)")
            continue
        inside = [p for p in sorted(place.rglob("*")) if p.is_file()]
        left = max(0, left - sum(p.stat().st_size for p in inside))
        for path in inside:
            short = path.relative_to(place)
            name = f"{file.name}/{short.as_posix()}"
            if path.suffix.lower() == ".ipynb" and not any(map(_hidden, short.parts)):
                entry.notebooks.append(File(path, name, file.attachment))
            elif path.suffix.lower() == ".zip":
                entry.others.append(f"{name} (a zip in a zip, which is not opened)")
            elif not any(map(_hidden, short.parts)):
                entry.others.append(name)
        entry.others += refused
        if not inside and not refused:
            entry.others.append(f"{file.name} (there is nothing in it)")
    entry.zips.clear()


def _listed(names: Sequence[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(name[:200].rstrip(".") for name in names[:most]) + more


def read(path: Path, name: str) -> Notebook:
    """The code cells of a notebook; it never fails over what is in the file."""
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            return Notebook(name, problem=f"It is larger than {LARGEST >> 20} MB.")
        content = path.read_bytes()
        if not content.strip():
            return Notebook(name, problem="It is damaged: the file is empty.")
        data = json.loads(content)
    except OSError as error:
        return Notebook(name, problem=f"It cannot be read: {error.strerror}.")
    except (ValueError, RecursionError, MemoryError):
        return Notebook(name, problem="It is damaged: it is not the JSON of a notebook.")
    cells = data.get("cells") if isinstance(data, dict) else None
    if isinstance(data, dict) and isinstance(data.get("worksheets"), list):
        return Notebook(
            name, problem="It cannot be read: it is in a form of before 2015 (nbformat 3); open it "
            "in JupyterLab and save it.",
        )  # fmt: skip
    if not isinstance(cells, list):
        return Notebook(name, problem="It is damaged: it has no list of cells.")
    return _bounded(name, [_text(cell) for cell in cells if _is_code(cell)])


def _bounded(name: str, texts: list[str]) -> Notebook:
    """As many cells as are read: what takes long to read would keep the others waiting."""
    kept, room = [], LARGEST_TEXT
    for number, text in enumerate(texts[:MOST_CELLS], 1):
        if len(text) <= min(LARGEST_CELL, room):
            room -= len(text)
            kept.append(Cell(number, text))
    problem = ""
    if len(kept) < len(texts):
        problem = "A part of it is left out: it has too many cells, or cells that are too long."
    return Notebook(name, tuple(kept), problem)


def _is_code(cell: object) -> bool:
    return isinstance(cell, dict) and cell.get("cell_type") == "code"


def _text(cell: dict[str, object]) -> str:
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    return cleaned(source) if isinstance(source, str) else ""
