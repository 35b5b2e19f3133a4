"""Where an error happened: the expression under way, and what the names in it stood for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from dlcore.course.outcome import Outcome, described

Shape = tuple[int, ...]


class Place:
    """What is known of an error.

    Attributes:
        error: the name of its type, with those of its bases.
        text: its message on one line.
        written: the expression that failed, as it stands in the cell; else its line.
        exercise: the name of the function that is written.
        lesson: two digits of its lesson.
    """

    def __init__(self, outcome: Outcome, arguments: Mapping[str, Any], exercise: str) -> None:
        assert outcome.error is not None
        self.error = {each.__name__ for each in type(outcome.error).__mro__}
        self.text = " ".join(str(outcome.error).split())
        self.lesson, _, self.exercise = exercise.rpartition(".")
        self.written = outcome.expression or outcome.line[1]
        self.given = [shape for _, shape in described(arguments).values() if shape is not None]
        self._values = described(arguments) | outcome.values
        self._trees = [
            tree for text in (outcome.expression, outcome.line[1]) if (tree := _parsed(text))
        ]

    def says(self, kind: str, pattern: str) -> re.Match[str] | None:
        """The match of a pattern in the message, if the error is of that type."""
        return re.search(pattern, self.text) if kind in self.error else None

    def nodes(self, *kinds: type[ast.AST]) -> Iterator[Any]:
        """Parts of the expression that failed, then of its line, outermost first."""
        for tree in self._trees:
            yield from (node for node in ast.walk(tree) if isinstance(node, kinds))

    @property
    def known(self) -> list[str]:
        """The names that have a value where the error happened."""
        return list(self._values)

    def calls(self, *names: str) -> Iterator[ast.Call]:
        """The calls of functions with one of these names, dotted as in the text."""
        for node in self.nodes(ast.Call):
            if ast.unparse(node.func) in names:
                yield node

    def kind(self, node: ast.AST | str) -> str:
        """The type of what an expression stood for, as "ndarray" or "list"; "" if not known."""
        text = node if isinstance(node, str) else ast.unparse(node)
        return self._values.get(text, ("", None))[0]

    def shape(self, node: ast.AST) -> Shape | None:
        """The shape of the array that an expression stood for, where it can be told."""
        if isinstance(node, ast.Attribute) and node.attr == "T":
            inner = self.shape(node.value)
            return inner[::-1] if inner is not None else None
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
            return self._product(self.shape(node.left), self.shape(node.right))
        if isinstance(node, ast.BinOp):
            return self._joined(node)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("np.dot", "np.matmul"):
            return self._product(*map(self.shape, node.args)) if len(node.args) == 2 else None
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".ravel", ".flatten")):
            inner = self.shape(node.func.value)  # type: ignore[attr-defined]
            return None if inner is None or node.args else (int(np.prod(inner)),)
        if isinstance(node, ast.Subscript) and ast.unparse(node.slice) in ("(:, None)", ":, None"):
            inner = self.shape(node.value)
            return (*inner, 1) if inner is not None and len(inner) == 1 else None
        return self._values.get(ast.unparse(node), ("", None))[1]

    @staticmethod
    def _product(left: Shape | None, right: Shape | None) -> Shape | None:
        """The shape of a product of two tables."""
        if left is None or right is None or not len(left) == len(right) == 2:
            return None
        return (left[0], right[1]) if left[1] == right[0] else None

    def _joined(self, node: ast.BinOp) -> Shape | None:
        both = [
            () if isinstance(side, ast.Constant) else self.shape(side)
            for side in (node.left, node.right)
        ]
        if None in both:
            return None
        try:
            return np.broadcast_shapes(*both)  # type: ignore[arg-type]
        except ValueError:
            return None


def _parsed(text: str) -> ast.AST | None:
    """A line of Python as a tree, also one that opens a block; None if it is only a part."""
    text = text.strip()
    text = re.sub(r"^(elif)\b", "if", text)
    for attempt in (text, f"{text} pass"):
        try:
            return ast.parse(attempt)
        except (SyntaxError, ValueError):
            continue
    return None


def joined(left: ast.expr, sign: ast.operator, right: ast.expr) -> str:
    """Two expressions with another sign between them, with the brackets that it needs."""
    return source(ast.BinOp(left, sign, right))


def source(node: ast.AST) -> str:
    """An expression as text for a sentence."""
    text = ast.unparse(node)
    return text if len(text) <= 60 else text[:57] + "..."
