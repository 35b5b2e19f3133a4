"""What one answer needs of its notebook: the answer itself, and all that it leans on.

The names that it uses are looked up as Python would when the answer's cell is run: what was bound
last above it counts, and what is bound below it only where there is nothing above. Everything else
in the notebook is left out.
"""

from __future__ import annotations

import ast
import bisect
import cmath  # noqa: F401
import decimal  # noqa: F401
import fractions  # noqa: F401
import statistics  # noqa: F401
import symtable
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from dlcore.course.definition import Exercise
from dlcore.course.forms.borrowing import LIBRARY, Borrowing
from dlcore.course.forms.pieces import BLOCKS, Contents, Piece, parse
from dlcore.course.forms.refusing import ALLOWED, Refusal, refusals, root
from dlcore.course.forms.standins import standin

HEAD = "import math\nimport numpy as np\n"
STARS = ALLOWED | {"numpy.linalg", "numpy.random", "numpy.fft"}


@dataclass(frozen=True)
class Candidate:
    """A function or class that may be the answer to an exercise, and the notebook it stands in."""

    piece: Piece
    contents: Contents


@dataclass(frozen=True)
class Earlier:
    """An earlier exercise that an answer calls.

    Attributes:
        bound: the name under which it is called.
        name: of its function in ``text``.
        text: that defines it on its own.
        own: whether it is the learner's, and not the library's.
    """

    bound: str
    name: str
    text: str
    own: bool


@dataclass
class Gathered:
    """An answer that stands by itself.

    Attributes:
        candidate: what is marked.
        pieces: in the order in which they are run, the candidate among them.
        earlier: exercises of other notebooks, or of the library, that it calls.
        refused: what may not be used; nothing is run if there is any.
    """

    candidate: Candidate
    pieces: list[Piece] = field(default_factory=list)
    earlier: list[Earlier] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it, to be run in an empty namespace."""
        parts = [each.text for each in self.earlier]
        parts += [f"{e.bound} = {e.name}\n" for e in self.earlier if e.bound != e.name]
        return HEAD + "\n".join([*parts, *(piece.text for piece in self.pieces)]) + "\n"

    @property
    def compiles(self) -> bool:
        """Whether it imports Numba: a word of that name in a comment does not."""
        texts = [p.text for p in self.pieces] + [e.text for e in self.earlier]
        nodes = [node for text in texts for node in parse(text) or [] if "numba" in text]
        modules = [
            each.module if isinstance(each, ast.ImportFrom) else each.names[0].name
            for node in nodes
            for each in ast.walk(node)
            if isinstance(each, ast.Import | ast.ImportFrom)
        ]
        return any(root(str(module)) == "numba" for module in modules)

    def job(self) -> dict[str, Any]:
        """The same in parts, as a child process runs them."""
        first = {"cell": 0, "line": 1, "text": HEAD}
        rest = [{"cell": p.cell, "line": p.line, "text": p.text} for p in self.pieces]
        return {
            "name": self.candidate.piece.name,
            "cell": self.candidate.piece.cell,
            "standins": sorted((e.bound, e.name, e.text) for e in self.earlier),
            "pieces": [first, *rest],
        }


def gather(
    candidate: Candidate,
    exercise: Exercise,
    earlier: Sequence[Exercise],
    everything: Sequence[Contents],
    given: Collection[str] = (),
) -> Gathered:
    """The candidate with all that it leans on.

    Args:
        candidate: the function or class.
        exercise: that it answers.
        earlier: the exercises before it, which it may call.
        everything: the notebooks of the student.
        given: names that need not be looked for.
    """
    gathering = _Gathering(candidate, exercise, earlier, everything)
    gathering.given = frozenset(given)
    gathering.run()
    return gathering.gathered


class _Gathering:
    def __init__(
        self,
        candidate: Candidate,
        exercise: Exercise,
        earlier: Sequence[Exercise],
        everything: Sequence[Contents],
    ) -> None:
        self.gathered = Gathered(candidate)
        self.piece, self.contents = candidate.piece, candidate.contents
        self.exercise, self.everything, self.before = exercise, everything, earlier
        self.known = {each.name: each for each in earlier}
        self.chosen: dict[int, Piece] = {id(self.piece): self.piece}
        self.waiting = [self.piece]
        self.seen: set[tuple[str, float]] = set()
        self.foreign: list[Refusal] = []
        self.given: frozenset[str] = frozenset()
        self.borrowing = Borrowing(exercise) if exercise.library else None
        # Names that stand for parts of dlcore that are lent.
        self.borrowed: dict[str, str] = {}

    def run(self) -> None:
        """Follow the names until nothing is left to look up."""
        while self.waiting:
            piece = self.waiting.pop()
            time = self.piece.order if piece.runs_later else piece.order
            own = {piece.name} if piece.runs_later else set()
            for name in sorted(free_names(piece) - own - self.given):
                # `relu = f(relu)` asks for what the name was before.
                before = piece is self.piece and not piece.runs_later
                if (name, time) not in self.seen and (before or not self._is_answer(name, time)):
                    self.seen.add((name, time))
                    self._look_up(name, time)
        distinct = {(id(p.node), p.text): p for p in self.chosen.values()}
        self.gathered.pieces = sorted(distinct.values(), key=lambda p: p.order)
        nodes = [p.node for p in self.gathered.pieces]
        if self.borrowing is not None:
            for piece in self.gathered.pieces:
                free = free_names(piece)
                around = {name: to for name, to in self.borrowed.items() if name in free}
                self.foreign += self.borrowing.refusals(piece.node, around)
            self.foreign = list(dict.fromkeys(self.foreign))
        apart = "dlcore" if self.borrowing is not None else ""
        self.gathered.refused += [*self.foreign, *refusals(nodes, apart)]
        inner = [each for node in nodes for each in ast.walk(node)]
        for each in inner:
            if isinstance(each, ast.ImportFrom) and root(str(each.module)) in LIBRARY:
                if self.exercise.name in [alias.name for alias in each.names]:
                    self.gathered.refused.insert(0, Refusal(self.exercise.name, answer=True))

    def _look_up(self, name: str, time: float) -> None:
        own = name in (self.piece.name, self.exercise.name)
        found = self._bindings(name, time)
        star = self._star(name, time, found[0].order if found else -1)
        if star is not None:
            found = [_alone(star, name)]
        if found and found[0].is_import and root(found[0].module) in LIBRARY:
            self._from_library(name, found[0])
        elif found:
            self._choose(found)
        elif own:
            # Before the answer there is only what was handed out under its name.
            self.foreign.append(Refusal(name, answer=True))
        elif name in self.known:
            self._earlier(name, name)

    def _is_answer(self, name: str, time: float) -> bool:
        """Whether a name is that of the answer itself, once it is there."""
        return name == self.piece.name and time >= self.piece.order

    def _bindings(self, name: str, time: float) -> list[Piece]:
        """The pieces that make a name what it is at a time, the last one first."""
        pieces = self.contents.by_name.get(name, [])
        index = bisect.bisect_left(pieces, time, key=lambda p: p.order)
        found: list[Piece] = []
        while index > 0:
            index -= 1
            found.append(pieces[index])
            if id(pieces[index]) in self.chosen:
                break
            if not pieces[index].adds and not isinstance(pieces[index].node, BLOCKS):
                break
        if not found and name not in (*self.known, self.piece.name, self.exercise.name):
            found = [p for p in pieces if p.order > time and not p.adds][:1]
        if found and found[-1].is_import:
            return found[-1:]  # np.random.seed(0) does not make np another.
        return [] if all(p.adds for p in found) else found

    def _star(self, name: str, time: float, after: float) -> Piece | None:
        """The import of everything that a name comes from, if it is the last to bind it."""
        stars = self.contents.by_name.get("*", [])
        fit = [p for p in stars if after < p.order < time and name in _exported(p.module)]
        return fit[-1] if fit else None

    def _choose(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            if id(piece) not in self.chosen:
                self.chosen[id(piece)] = piece
                self.waiting.append(piece)

    def _from_library(self, name: str, piece: Piece) -> None:
        """A name that is imported from dlcore: earlier exercises only."""
        node = piece.node
        assert isinstance(node, ast.Import | ast.ImportFrom)
        original = node.names[0].name if isinstance(node, ast.ImportFrom) else name
        if original in ("*", self.exercise.name):
            original = name if original == "*" else original
        if original in self.known and isinstance(node, ast.ImportFrom):
            self._earlier(name, original)
            return
        if self.borrowing is not None and root(piece.module) == "dlcore":
            origin = self.borrowing.origin(node, name)
            assert origin is not None
            if self.borrowing.lends(origin):
                self.borrowed[name] = origin
                self._choose([piece])
            else:
                self.foreign.append(self.borrowing.refusal(origin))
            return
        called = {each.attr for p in self.chosen.values() for each in _attributes(p.node, name)}
        answer = self.exercise.name in (original, *called)
        self.foreign.append(Refusal(f"{name} of {root(piece.module)}", answer))

    def _earlier(self, bound: str, name: str) -> None:
        """The student's own earlier exercise from another notebook, or else the library's."""
        for contents in reversed(self.everything):
            pieces = contents.by_name.get(name, []) if contents is not self.contents else []
            pieces = [p for p in pieces if p.runs_later]
            if pieces:
                exercise = self.known[name]
                before = self.before[: self.before.index(exercise)]
                found = gather(Candidate(pieces[-1], contents), exercise, before, self.everything)
                self.gathered.earlier.append(Earlier(bound, name, found.text, own=True))
                self.gathered.refused += found.refused
                return
        text = standin(self.known[name].answer, self.exercise.answer)
        if text is not None:
            self.gathered.earlier.append(Earlier(bound, name, text, own=False))


def _alone(star: Piece, name: str) -> Piece:
    """One name of an import of everything, which may hold what is refused."""
    assert isinstance(star.node, ast.ImportFrom)
    node = ast.ImportFrom(star.node.module, [ast.alias(name)], star.node.level)
    node = ast.fix_missing_locations(ast.copy_location(node, star.node))
    return replace(star, name=name, node=node, text=ast.unparse(node))


def free_names(piece: Piece) -> set[str]:
    """Names that a statement takes from outside itself, those of type hints apart."""
    try:
        tables = [symtable.symtable(piece.text, "<piece>", "exec")]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    free: set[str] = set()
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            top = table.get_type() == "module"
            if (symbol.is_referenced() and top) or (not top and symbol.is_global()):
                free.add(symbol.get_name())
    return free - (_in_hints(piece.node) if free else set())


def _in_hints(node: ast.stmt) -> set[str]:
    """Names that occur in type hints and nowhere else: hints are never evaluated."""
    hinted: set[str] = set()
    other: set[str] = set()
    waiting: list[tuple[ast.AST, bool]] = [(node, False)]
    while waiting:
        each, hint = waiting.pop()
        if isinstance(each, ast.Name):
            (hinted if hint else other).add(each.id)
        hints = {id(getattr(each, part, None)) for part in ("annotation", "returns")}
        waiting += [(child, hint or id(child) in hints) for child in ast.iter_child_nodes(each)]
    return hinted - other


def _attributes(node: ast.stmt, name: str) -> list[ast.Attribute]:
    """Everything that is taken from a name by dots: ``name.a.b`` gives both."""
    found = []
    for each in ast.walk(node):
        inner: ast.AST = each
        while isinstance(inner, ast.Attribute):
            inner = inner.value
        if isinstance(each, ast.Attribute) and isinstance(inner, ast.Name) and inner.id == name:
            found.append(each)
    return found


@cache
def _exported(module: str) -> frozenset[str]:
    """The names that ``from module import *`` binds.

    Nothing is imported because a text says so: modules that an answer may use are loaded above.
    """
    if module not in STARS and root(module) not in LIBRARY:
        return frozenset()
    if root(module) in LIBRARY and module not in _library_modules():
        return frozenset()
    if module == "numba":
        import numba  # noqa: F401
    found = sys.modules.get(module)
    if found is None:
        return frozenset()
    public = [name for name in vars(found) if not name.startswith("_")]
    return frozenset(getattr(found, "__all__", public))


def _library_modules() -> frozenset[str]:
    """Modules of dlcore that are loaded already: a text does not make others load."""
    return frozenset(name for name in sys.modules if root(name) == "dlcore")
