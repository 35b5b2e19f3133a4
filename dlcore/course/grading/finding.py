"""Finding named things in the cells of a notebook, by its syntax alone; nothing is run.

Each top-level definition, import and assignment is kept with the cell and the line it stands in.
A cell that is no Python as a whole is read piece by piece, so that an error in one place costs
nothing elsewhere. A cell whose text goes on in the next one is joined with it.
"""

from __future__ import annotations

import ast
import dataclasses
import textwrap
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from dlcore.course.grading.submission import Cell, Notebook
from dlcore.course.source import _says_nothing as says_nothing

DECORATOR = "exercise"
STARTS = ("def ", "async ", "class ", "@", "import ", "from ")


@dataclass(frozen=True, eq=False)
class Piece:
    """A statement of a notebook that binds a name.

    Attributes:
        name: that it binds.
        cell: number of its cell.
        line: of the cell, where the text starts.
        text: without the decorator of the exercise.
        node: its syntax tree, without the decorator of the exercise.
        exercise: the id in its decorator; "" without one.
        order: place in the notebook.
    """

    name: str
    cell: int
    line: int
    text: str
    node: ast.stmt
    exercise: str = ""
    order: int = 0

    @property
    def is_import(self) -> bool:
        """Whether the name is bound by an import."""
        return isinstance(self.node, ast.Import | ast.ImportFrom)


@dataclass(frozen=True)
class Contents:
    """What a notebook binds: pieces in order, and numbers of the cells that are no Python."""

    notebook: str
    pieces: tuple[Piece, ...] = ()
    damaged: tuple[int, ...] = ()

    def last(self, name: str) -> Piece | None:
        """The last piece that binds a name, stubs of exercises apart."""
        found = [p for p in self.pieces if p.name == name and not is_stub(p.node)]
        return found[-1] if found else None


def contents(notebook: Notebook) -> Contents:
    """The pieces of a notebook."""
    pieces: list[Piece] = []
    damaged = []
    for cell in _joined(notebook.cells):
        body = _parse(cell.text)
        if body is None:
            damaged.append(cell.number)
            for line, chunk in _chunks(cell.text):
                part = _parse(chunk)
                if part is not None:
                    pieces += _pieces(part, chunk, cell.number, line)
        else:
            pieces += _pieces(body, cell.text, cell.number, 1)
    numbered = [dataclasses.replace(piece, order=n) for n, piece in enumerate(pieces)]
    return Contents(notebook.name, tuple(numbered), tuple(damaged))


def is_stub(node: ast.stmt) -> bool:
    """Whether it is a function whose body holds nothing but a docstring, ``...`` or ``pass``."""
    if not isinstance(node, ast.FunctionDef):
        return False
    return all(says_nothing(statement) for statement in node.body)


def _parse(text: str) -> list[ast.stmt] | None:
    """The statements of a text, or None where it is no Python, or none that can be handled."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _joined(cells: tuple[Cell, ...]) -> Iterator[Cell]:
    """The cells; one that starts indented is the rest of the cell before it, or is moved left."""
    waiting: Cell | None = None
    for cell in cells:
        first = next((line for line in cell.text.split("\n") if line.strip()), "")
        if first[:1] in (" ", "\t"):
            if waiting is not None and not first.lstrip().startswith(STARTS):
                joined = f"{waiting.text.rstrip()}\n{cell.text}"
                if _parse(joined) is not None:
                    waiting = Cell(waiting.number, joined)
                    continue
            cell = Cell(cell.number, textwrap.dedent(cell.text))
        if waiting is not None:
            yield waiting
        waiting = cell
    if waiting is not None:
        yield waiting


def _chunks(text: str) -> Iterator[tuple[int, str]]:
    """(line, text) of each stretch that starts at the margin and may be a statement."""
    lines = text.split("\n")
    starts = [i for i, line in enumerate(lines) if line[:1] not in ("", " ", "\t", "#", ")", "]")]
    # A decorator belongs to what follows.
    starts = [i for n, i in enumerate(starts) if n == 0 or not _decorates(lines, starts[n - 1], i)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        chunk = "\n".join(lines[start:end])
        yield start + 1, chunk
        if chunk.startswith("@") and _parse(chunk) is None:
            # The decorator was lost or damaged; what it stands over may be whole.
            below = next((i for i in range(start, end) if lines[i].startswith("def ")), None)
            if below is not None:
                yield below + 1, "\n".join(lines[below:end])


def _decorates(lines: list[str], before: int, here: int) -> bool:
    return lines[before].startswith("@") and here > before


def _pieces(body: list[ast.stmt], text: str, cell: int, line: int) -> Iterator[Piece]:
    lines = text.split("\n")
    for node in body:
        start = min([d.lineno for d in getattr(node, "decorator_list", [])] + [node.lineno])
        id = _take_decorator(node, lines)
        part = "\n".join(lines[start - 1 : node.end_lineno])
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            part = ast.get_source_segment(text, node) or ""
        for name in _bound(node):
            yield Piece(name, cell, line + start - 1, part, node, id)


def _bound(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Import):
        return [alias.asname or alias.name.split(".")[0] for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [alias.asname or alias.name for alias in node.names]
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        targets = [node.target]
    return [name.id for t in targets for name in ast.walk(t) if isinstance(name, ast.Name)]


def _take_decorator(node: ast.stmt, lines: list[str]) -> str:
    """The id in ``@exercise("id")``, which is taken off the node and out of the lines."""
    decorators = getattr(node, "decorator_list", [])
    found = ""
    for decorator in list(decorators):
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
        if name != DECORATOR:
            continue
        decorators.remove(decorator)
        for number in range(decorator.lineno - 1, decorator.end_lineno):
            lines[number] = ""
        values = list(getattr(decorator, "args", [])[:1])
        values += [k.value for k in getattr(decorator, "keywords", []) if k.arg == "id"]
        ids = [v.value for v in values if isinstance(v, ast.Constant)]
        found = str(ids[0]) if ids else found
    return found
