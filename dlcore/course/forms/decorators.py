"""Recognising the decorator of an exercise in a text, whatever name it goes by there.

A call belongs to the course if it is called ``exercise``, or if its first argument is the id of an
exercise, as in ``task("04.tanh")`` after ``from dlcore.course import exercise as task``.
"""

from __future__ import annotations

import ast
import re

DECORATOR = "exercise"
ID = re.compile(r"\d\d\.[A-Za-z_]\w*\Z")
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

Aliases = dict[str, str]
"""Names that a notebook gave to a decorator with its id, as in ``ex = exercise("04.tanh")``."""


def exercise_of(node: ast.expr, aliases: Aliases) -> str | None:
    """The id that a decorator names; "" if it is the course's and names none; None for others."""
    if isinstance(node, ast.Name) and node.id in aliases:
        return aliases[node.id]
    called = node.func if isinstance(node, ast.Call) else node
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    values: list[ast.expr] = []
    if isinstance(node, ast.Call):
        values = node.args[:1] + [k.value for k in node.keywords if k.arg == "id"]
    ids = [v.value for v in values if isinstance(v, ast.Constant) and isinstance(v.value, str)]
    if ids and ID.match(ids[0]):
        return ids[0]
    return (ids[0] if ids else "") if name == DECORATOR else None


def take_decorators(node: ast.AST, aliases: Aliases) -> tuple[str, list[tuple[int, int]]]:
    """Take the course's decorators off a definition.

    Returns:
        The id, "" if there is none, and the first and last line of each that was taken off.
    """
    kept, lines, id = [], [], ""
    for decorator in getattr(node, "decorator_list", []):
        found = exercise_of(decorator, aliases)
        if found is None:
            kept.append(decorator)
        else:
            id = found or id
            lines.append((decorator.lineno, decorator.end_lineno or decorator.lineno))
    if lines:
        node.decorator_list = kept  # type: ignore[attr-defined]
    return id, lines


def applied(node: ast.stmt, aliases: Aliases) -> tuple[str, ast.expr] | None:
    """(id, what is decorated) where the decorator is called: ``exercise("04.relu")(lambda …)``."""
    value = node.value if isinstance(node, ast.Assign | ast.Expr) else None
    if not isinstance(value, ast.Call) or len(value.args) != 1 or value.keywords:
        return None
    if not isinstance(value.func, ast.Call | ast.Name):
        return None
    id = exercise_of(value.func, aliases)
    # exercise("04.relu") alone is the decorator, not what it is put on.
    if not id or (isinstance(value.func, ast.Name) and value.func.id not in aliases):
        return None
    return id, value.args[0]
