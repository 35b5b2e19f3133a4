"""The part of a submission that one exercise needs: its function, and what that leans on.

As in ``my_dlcore.py`` a function may use ``np``, ``math`` and earlier exercises; here also helper
functions and constants of its notebook. Everything else in the notebook is left out.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dlcore.course.definition import Exercise
from dlcore.course.grading.finding import Contents, Piece, is_stub
from dlcore.course.grading.refusing import refusals
from dlcore.course.grading.standins import standin

VERSIONS = 4


@dataclass(frozen=True)
class Candidate:
    """A function that may be the answer to an exercise, and the notebook it stands in."""

    piece: Piece
    contents: Contents


@dataclass
class Program:
    """What the child runs.

    Attributes:
        candidate: the function that is marked.
        pieces: in the order in which they are run, the candidate among them.
        standins: names of earlier exercises, with the library's text for each.
        refused: a few words for each thing that may not be used; nothing is run if there is one.
    """

    candidate: Candidate
    pieces: list[Piece] = field(default_factory=list)
    standins: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)

    def job(self) -> dict[str, Any]:
        """The pieces as the child wants them."""
        first = {"cell": 0, "line": 1, "text": "import math\nimport numpy as np\n"}
        rest = [{"cell": p.cell, "line": p.line, "text": p.text} for p in self.pieces]
        return {
            "name": self.candidate.piece.name,
            "standins": sorted(self.standins.items()),
            "pieces": [first, *rest],
        }


def candidates(
    exercise: Exercise, everything: Sequence[Contents], ids: frozenset[str]
) -> tuple[list[Candidate], bool]:
    """The versions of an exercise's function, the last one last.

    Found by the decorator; where that was lost or names no exercise, by the function's name.

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
    is_function = isinstance(piece.node, ast.FunctionDef | ast.AsyncFunctionDef)
    is_lambda = isinstance(piece.node, ast.Assign) and isinstance(piece.node.value, ast.Lambda)
    if not is_function and not is_lambda:
        return False
    if piece.exercise in ids:
        return piece.exercise == exercise.id
    return piece.name == exercise.name


def gather(
    candidate: Candidate,
    exercise: Exercise,
    earlier: Sequence[Exercise],
    everything: Sequence[Contents],
) -> Program:
    """The candidate with all that it leans on.

    Args:
        candidate: the function.
        exercise: that it answers.
        earlier: the exercises before it, which it may call.
        everything: the notebooks of the student.
    """
    program = Program(candidate)
    known = {each.name: each for each in earlier}
    chosen: dict[str, Piece] = {candidate.piece.name: candidate.piece}
    waiting = [candidate.piece]
    seen = set(chosen)
    foreign: list[str] = []
    while waiting:
        for name in sorted(free_names(waiting.pop().text) - seen):
            seen.add(name)
            piece = candidate.contents.last(name)
            if piece is not None and piece.is_import and _from_dlcore(piece):
                if name not in known:
                    foreign.append(f"{name} of dlcore")
                    continue
                piece = None
            if piece is None and name in known:
                piece = _elsewhere(name, everything)
                text = standin(known[name].answer, exercise.answer) if piece is None else None
                if text is not None:
                    program.standins[name] = text
            if piece is not None:
                chosen[name] = piece
                waiting.append(piece)
    distinct = {(id(p.node)): p for p in chosen.values()}
    own = {id(p) for p in candidate.contents.pieces}
    program.pieces = sorted(distinct.values(), key=lambda p: (id(p) in own, p.order))
    program.refused = foreign + refusals(p.node for p in program.pieces)
    return program


def _elsewhere(name: str, everything: Sequence[Contents]) -> Piece | None:
    """The student's own version of an earlier exercise, in any notebook."""
    for contents in reversed(everything):
        piece = contents.last(name)
        if piece is not None and isinstance(piece.node, ast.FunctionDef):
            return piece
    return None


def _from_dlcore(piece: Piece) -> bool:
    node = piece.node
    modules = [a.name for a in node.names] if isinstance(node, ast.Import) else []
    if isinstance(node, ast.ImportFrom):
        modules = [str(node.module)]
    return any(module.split(".")[0] == "dlcore" for module in modules)


def free_names(text: str) -> set[str]:
    """Names that a statement takes from outside itself."""
    try:
        tables = [symtable.symtable(text, "<piece>", "exec")]
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
    return free
