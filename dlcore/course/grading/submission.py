"""Reading submissions: which notebooks belong to which student, and what their code cells hold.

Two conventions, which may be mixed in one folder:

- ``FOLDER/<student>/…/*.ipynb``: a folder a student, with any number of notebooks at any depth;
- ``FOLDER/<student>.ipynb`` or ``FOLDER/<student>__<anything>.ipynb``: the name up to the first
  two underscores is the student.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

LARGEST = 32 << 20
LARGEST_CELL = 100_000
MOST_CELLS = 2_000
MAGIC = re.compile(r"[ \t]*[%!?]")


@dataclass(frozen=True)
class Cell:
    """A code cell: its number among the code cells of its notebook from 1, and its text."""

    number: int
    text: str


@dataclass(frozen=True)
class Notebook:
    """A notebook's code cells; ``problem`` says why there are none, or fewer."""

    name: str
    cells: tuple[Cell, ...] = ()
    problem: str = ""


def students(folder: Path, leave_out: Path | None = None) -> dict[str, list[Path]]:
    """The notebooks of each student, in order; links and hidden folders are passed over.

    Args:
        folder: of the class.
        leave_out: a folder that holds no submissions, such as that of the marks.

    Raises:
        ValueError: if there is no such folder, or no notebook in it.
    """
    if not folder.is_dir():
        raise ValueError(f"There is no folder {folder}.")
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir(), key=lambda path: (path.name.casefold(), path.name)):
        if path.name.startswith(".") or path.is_symlink() or path == leave_out:
            continue
        if path.is_dir():
            notebooks = _notebooks_below(path)
            if notebooks:
                found.setdefault(path.name, []).extend(notebooks)
        elif path.suffix.lower() == ".ipynb":
            found.setdefault(path.stem.split("__")[0] or path.stem, []).append(path)
    if not found:
        raise ValueError(
            f"No notebooks in {folder}: put them there as <student>.ipynb or "
            "<student>/<any name>.ipynb."
        )
    return {name: found[name] for name in sorted(found, key=lambda n: (n.casefold(), n))}


def _notebooks_below(folder: Path) -> list[Path]:
    paths = []
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = Path(place, name)
            if path.suffix.lower() == ".ipynb" and name[0] != "." and not path.is_symlink():
                paths.append(path)
    return paths


def read(path: Path, name: str) -> Notebook:
    """The code cells of a notebook; it never fails over what is in the file."""
    try:
        if not path.is_file() or path.stat().st_size > LARGEST:
            return Notebook(name, problem=f"It is larger than {LARGEST >> 20} MB.")
        data = json.loads(path.read_bytes())
    except OSError as error:
        return Notebook(name, problem=f"It cannot be read: {error.strerror}.")
    except (ValueError, RecursionError, MemoryError):
        return Notebook(name, problem="It is damaged: it is not the JSON of a notebook.")
    cells = data.get("cells") if isinstance(data, dict) else None
    if not isinstance(cells, list):
        return Notebook(name, problem="It is damaged: it has no list of cells.")
    texts = [_text(cell) for cell in cells if _is_code(cell)]
    problem = ""
    if len(texts) > MOST_CELLS or any(len(text) > LARGEST_CELL for text in texts):
        problem = "A part of it is left out: it has too many cells, or cells that are too long."
    kept = [Cell(n, t) for n, t in enumerate(texts[:MOST_CELLS], 1) if len(t) <= LARGEST_CELL]
    return Notebook(name, tuple(kept), problem)


def _is_code(cell: object) -> bool:
    return isinstance(cell, dict) and cell.get("cell_type") == "code"


def _text(cell: dict[str, object]) -> str:
    source = cell.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return ""
    source = source.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    first = source.lstrip().partition("\n")[0]
    if first.startswith("%%") and not first.startswith(("%%time", "%%capture", "%%prun")):
        return ""  # A cell in another language.
    # Commands of the notebook are no Python; an empty line in their place keeps the numbering.
    return "\n".join("" if MAGIC.match(line) else line for line in source.split("\n"))
