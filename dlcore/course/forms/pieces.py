"""The statements of a notebook by the names that they bind, read from its text; nothing is run.

Each top-level definition, import, assignment and block is kept with the cell and the line it
stands in. Reading takes time in proportion to the length of the text.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from dlcore.course.forms.decorators import FUNCTIONS, Aliases, applied, exercise_of, take_decorators
from dlcore.course.source import says_nothing

BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.Match)


@dataclass(frozen=True, eq=False)
class Piece:
    """A statement of a notebook that binds a name.

    Attributes:
        name: that it binds; "*" for an import of everything.
        cell: number of its cell.
        line: of the cell, where the text starts.
        text: without the decorator of the exercise.
        node: its syntax tree, without the decorator of the exercise.
        exercise: the id in its decorator; "" without one.
        adds: whether it changes what the name had before, as in ``table["a"] = 1``.
        order: place in the notebook.
    """

    name: str
    cell: int
    line: int
    text: str
    node: ast.stmt
    exercise: str = ""
    adds: bool = False
    order: int = 0

    @property
    def is_import(self) -> bool:
        """Whether the name is bound by an import."""
        return isinstance(self.node, ast.Import | ast.ImportFrom)

    @property
    def runs_later(self) -> bool:
        """Whether what it names is looked up when it is called, not when it is defined."""
        return isinstance(self.node, FUNCTIONS)

    @property
    def module(self) -> str:
        """The module that it imports, or imports from; "" if it is no import."""
        if isinstance(self.node, ast.ImportFrom):
            return "." * self.node.level + (self.node.module or "")
        return self.node.names[0].name if isinstance(self.node, ast.Import) else ""


@dataclass(frozen=True)
class Contents:
    """What a notebook binds: pieces in order, and numbers of the cells that are no Python."""

    notebook: str
    pieces: tuple[Piece, ...] = ()
    damaged: tuple[int, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, list[Piece]]:
        """The pieces that bind each name, in order; stubs of exercises apart."""
        found: dict[str, list[Piece]] = {}
        for piece in self.pieces:
            # A class with nothing in it, as one for errors, is no stub unless it was handed out.
            if isinstance(piece.node, ast.ClassDef) and not piece.exercise:
                found.setdefault(piece.name, []).append(piece)
            elif not is_stub(piece.node):
                found.setdefault(piece.name, []).append(piece)
        return found

    @cached_property
    def stubs(self) -> frozenset[str]:
        """Names of the exercises that stand there as they were handed out."""
        return frozenset(p.name for p in self.pieces if is_stub(p.node))


class Reader:
    """Reads texts one after the other; knows the names that the decorator was given before."""

    def __init__(self) -> None:
        self._aliases: Aliases = {}
        self._order = 0

    def read(self, body: list[ast.stmt], text: str, cell: int, line: int = 1) -> list[Piece]:
        """The pieces of a text.

        Args:
            body: its statements.
            text: of the cell, or a stretch of it.
            cell: the cell's number.
            line: where the text begins in the cell.
        """
        lines = _Lines(text)
        return [piece for node in body for piece in self._pieces(node, lines, cell, line)]

    def _pieces(self, node: ast.stmt, lines: _Lines, cell: int, line: int) -> Iterator[Piece]:
        start = min([d.lineno for d in getattr(node, "decorator_list", [])] + [node.lineno])
        place = (cell, line + start - 1)
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield self._piece(_imported(node, alias), *place, *_import(node, alias))
            return
        decorated = applied(node, self._aliases)
        if decorated is not None:
            yield from self._applied(node, decorated, lines, place)
            return
        if self._names_the_decorator(node):
            return
        ids = _take_all(node, lines, self._aliases)
        text = lines.between(start, node)
        for name in _bound(node):
            yield self._piece(name, *place, text, node, ids.get(name, ""))
        for name in _changed(node):
            yield self._piece(name, *place, text, node, adds=True)

    def _applied(
        self, node: ast.stmt, decorated: tuple[str, ast.expr], lines: _Lines, place: tuple[int, int]
    ) -> Iterator[Piece]:
        """``relu = exercise("04.relu")(…)`` is the same without the decorator."""
        id, value = decorated
        targets = node.targets if isinstance(node, ast.Assign) else []
        names = [each.id for each in targets if isinstance(each, ast.Name)] or [id[3:]]
        for name in names:
            text = f"{name} = ({lines.between(value.lineno, value)})"
            target = ast.Name(name, ast.Store())
            plain = ast.fix_missing_locations(
                ast.copy_location(ast.Assign([target], value, None), node)
            )
            line = place[1] + value.lineno - node.lineno
            yield self._piece(name, place[0], line, text, plain, id)

    def _names_the_decorator(self, node: ast.stmt) -> bool:
        """Whether it is ``ex = exercise("04.tanh")``, which is remembered."""
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call):
            return False
        id = exercise_of(node.value, self._aliases)
        if id:
            self._aliases |= {t.id: id for t in node.targets if isinstance(t, ast.Name)}
        return bool(id)

    def _piece(
        self, name: str, cell: int, line: int, text: str, node: ast.stmt, exercise: str = "",
        adds: bool = False,
    ) -> Piece:  # fmt: skip
        self._order += 1
        return Piece(name, cell, line, text, node, exercise, adds, self._order)


def parse(text: str) -> list[ast.stmt] | None:
    """The statements of a text, or None where it is no Python, or none that can be handled."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def is_stub(node: ast.AST) -> bool:
    """Whether it is a function, or a class of such, whose body holds only words or ``...``.

    What a class sets beside its methods, and the ``__init__`` beside others, was handed out.
    """
    if isinstance(node, ast.ClassDef):
        functions = [each for each in node.body if isinstance(each, ast.FunctionDef)]
        methods = [each for each in functions if each.name != "__init__"] or functions
        rest = [each for each in node.body if each not in functions]
        return all(map(is_stub, methods)) if methods else all(map(says_nothing, rest))
    if not isinstance(node, ast.FunctionDef):
        return False
    return all(says_nothing(statement) for statement in node.body)


class _Lines:
    """The lines of a text, of which stretches are taken without going through it again."""

    def __init__(self, text: str) -> None:
        self._lines = [line.encode() for line in text.split("\n")]

    def between(self, start: int, node: ast.stmt | ast.expr) -> str:
        """From a line to the end of a node; from the node's own column if it begins there."""
        end, column = node.end_lineno or start, node.end_col_offset
        taken = self._lines[start - 1 : end]
        if taken:
            taken[-1] = taken[-1][:column]
            if start == node.lineno:
                taken[0] = taken[0][node.col_offset :]
        return b"\n".join(taken).decode("utf-8", "replace")

    def blank(self, first: int, last: int) -> None:
        """Empty the lines of a decorator."""
        self._lines[first - 1 : last] = [b""] * (last - first + 1)


def _take_all(node: ast.stmt, lines: _Lines, aliases: Aliases) -> dict[str, str]:
    """Take the course's decorators off all definitions of a statement; the id of each name."""
    found = {}
    for each in [node] if isinstance(node, FUNCTIONS) else list(_statements(node)):
        if isinstance(each, FUNCTIONS):
            id, taken = take_decorators(each, aliases)
            for first, last in taken:
                lines.blank(first, last)
            if id:
                found[each.name] = id
    return found


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """What is in a statement, without the insides of functions, classes and comprehensions."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        if isinstance(each, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            waiting += [n for n in ast.walk(each) if isinstance(n, ast.NamedExpr)]
        elif not isinstance(each, (*FUNCTIONS, ast.Lambda)):
            waiting += reversed(list(ast.iter_child_nodes(each)))


def _bound(node: ast.stmt) -> list[str]:
    """Names that a statement gives a value."""
    if isinstance(node, FUNCTIONS):
        return [node.name]
    if isinstance(node, ast.AnnAssign) and node.value is None:
        return []
    names: dict[str, None] = {}
    for each in _statements(node):
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            names[each.id] = None
        elif isinstance(each, ast.Import | ast.ImportFrom):
            names |= dict.fromkeys(_imported(each, alias) for alias in each.names)
        elif isinstance(each, (*FUNCTIONS, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
            names |= {each.name: None} if each.name else {}
    if isinstance(node, ast.AugAssign):
        names.pop(getattr(node.target, "id", ""), None)
    return list(names)


def _changed(node: ast.stmt) -> list[str]:
    """The name whose value a statement changes: ``x += 1``, ``x[0] = 1``, ``x.append(1)``."""
    changed: list[ast.expr] = []
    if isinstance(node, ast.AugAssign):
        changed = [node.target]
    elif isinstance(node, ast.Assign):
        changed = [t for t in node.targets if isinstance(t, ast.Subscript | ast.Attribute)]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        called = node.value.func
        changed = [called] if isinstance(called, ast.Attribute) else []
    names = []
    for each in changed:
        while isinstance(each, ast.Subscript | ast.Attribute):
            each = each.value
        names += [each.id] if isinstance(each, ast.Name) else []
    return names


def _imported(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> str:
    """The name that one part of an import binds."""
    if isinstance(node, ast.Import):
        return alias.asname or alias.name.split(".")[0]
    return alias.asname or alias.name


def _import(node: ast.Import | ast.ImportFrom, alias: ast.alias) -> tuple[str, ast.stmt]:
    """One part of an import as a statement of its own: what stands beside it is not needed."""
    if isinstance(node, ast.Import):
        alone: ast.stmt = ast.Import([alias])
    else:
        alone = ast.ImportFrom(node.module, [alias], node.level)
    alone = ast.fix_missing_locations(ast.copy_location(alone, node))
    return ast.unparse(alone), alone
