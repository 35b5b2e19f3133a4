"""Finding the pieces of a notebook that was handed in, whatever was done to its cells.

A cell that is no Python as a whole is read piece by piece, so that an error in one place costs
nothing elsewhere. A cell whose text goes on in the next one is joined with it.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Sequence

from dlcore.course.definition import Exercise
from dlcore.course.forms.cells import Cell
from dlcore.course.forms.gathering import Candidate
from dlcore.course.forms.pieces import Contents, Piece, Reader, is_stub, parse
from dlcore.course.grading.submission import LARGEST_CELL, Notebook

STARTS = ("def ", "async ", "class ", "@", "import ", "from ")
VERSIONS = 4
MOST_JOINED = 8
MAKERS = ("partial", "vectorize", "njit", "jit", "frompyfunc", "cache", "lru_cache")


def contents(notebook: Notebook) -> Contents:
    """The pieces of a notebook."""
    reader, pieces, damaged = Reader(), [], []
    for cell in _joined(notebook.cells):
        body = parse(cell.text)
        if body is not None:
            pieces += reader.read(body, cell.text, cell.number)
            continue
        damaged.append(cell.number)
        for line, chunk in _chunks(cell.text):
            part = parse(chunk)
            if part is not None:
                pieces += reader.read(part, chunk, cell.number, line)
    return Contents(notebook.name, tuple(pieces), tuple(damaged))


def candidates(
    exercise: Exercise, everything: Sequence[Contents], ids: frozenset[str]
) -> tuple[list[Candidate], bool]:
    """The versions of an exercise's answer, the last one last.

    Found by the decorator; where that was lost or names no exercise, by the name.

    Args:
        exercise: what is looked for.
        everything: the notebooks of a student.
        ids: of all exercises.

    Returns:
        At most the last four that differ, and whether a stub was seen.
    """
    found: dict[str, Candidate] = {}
    stub = False
    for contents in everything:
        for piece in contents.pieces:
            if not _is_version(piece, exercise, ids):
                continue
            if is_stub(piece.node):
                stub = True
                continue
            same = piece.text.strip()
            found.pop(same, None)
            found[same] = Candidate(piece, contents)
    return list(found.values())[-VERSIONS:], stub


def _is_version(piece: Piece, exercise: Exercise, ids: frozenset[str]) -> bool:
    if piece.exercise in ids:
        return piece.exercise == exercise.id
    return piece.name == exercise.name and not piece.adds and _makes_a_function(piece.node)


def _makes_a_function(node: ast.stmt) -> bool:
    """Whether it defines something that can be called; a number of that name is no answer."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return True
    if not isinstance(node, ast.Assign):
        return False
    made = node.value.func if isinstance(node.value, ast.Call) else None
    name = made.attr if isinstance(made, ast.Attribute) else getattr(made, "id", "")
    return isinstance(node.value, ast.Lambda) or name in MAKERS


def _joined(cells: tuple[Cell, ...]) -> Iterator[Cell]:
    """The cells; one that starts indented is the rest of the cell before it, or is moved left."""
    waiting: Cell | None = None
    count = 0  # Each attempt reads the whole again, so there are few.
    for cell in cells:
        first = next((line for line in cell.text.split("\n") if line.strip()), "")
        if first[:1] in (" ", "\t"):
            if waiting is not None and not first.lstrip().startswith(STARTS):
                joined = f"{waiting.text.rstrip()}\n{cell.text}"
                count += 1
                if count <= MOST_JOINED and len(joined) <= LARGEST_CELL and parse(joined):
                    waiting = Cell(waiting.number, joined)
                    continue
            cell = Cell(cell.number, textwrap.dedent(cell.text))
        if waiting is not None:
            yield waiting
        waiting, count = cell, 0
    if waiting is not None:
        yield waiting


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """(line, text) of each stretch that starts at the margin and may be a statement."""
    lines = text.split("\n")
    starts = [i for i, line in enumerate(lines) if line[:1] not in ("", " ", "\t", "#", ")", "]")]
    # A decorator belongs to what follows.
    starts = [i for n, i in enumerate(starts) if n == 0 or not lines[starts[n - 1]].startswith("@")]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        chunk = "\n".join(lines[start:end])
        yield start + 1, chunk
        if chunk.startswith("@") and parse(chunk) is None:
            # The decorator was lost or damaged; what it stands over may be whole.
            below = next((i for i in range(start, end) if lines[i].startswith("def ")), None)
            if below is not None:
                yield below + 1, "\n".join(lines[below:end])
