"""What a learner's function or class is: the text of it, whether it is a stub, and compiled."""

from __future__ import annotations

import ast
import dis
import functools
import inspect
import textwrap
from collections.abc import Callable
from types import FunctionType
from typing import Any


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """The Python function inside a compiled or decorated one."""
    return inspect.unwrap(function.py_func if is_compiled(function) else function)  # type: ignore


def methods_of(kind: type) -> list[FunctionType]:
    """The functions that are written in a class itself, as they are written."""
    found = [plain(each) for each in vars(kind).values() if inspect.isfunction(each)]
    return [each for each in found if isinstance(each, FunctionType)]


def names_around(function: Callable[..., Any]) -> dict[str, Any]:
    """The names that a function sees, or that the methods of a class see."""
    methods = methods_of(function) if isinstance(function, type) else []
    return getattr(methods[0] if methods else plain(function), "__globals__", {})


def answer_text(function: Callable[..., Any]) -> str:
    """The dedented text of an answer, without what declares it a kernel: decorator and formula.

    Raises:
        OSError, TypeError: if it cannot be had.
    """
    text = textwrap.dedent(inspect.getsource(function))
    if not text.startswith("@kernel("):
        return text
    definition = ast.parse(text).body[0]
    assert isinstance(definition, ast.FunctionDef)
    formula, lines = definition.body[0], text.splitlines(keepends=True)
    del lines[formula.lineno - 1 : formula.end_lineno]
    return "".join(lines[definition.lineno - 1 :])


def is_compiled(function: Callable[..., Any]) -> bool:
    """Whether Numba has compiled the function; an attribute that it was given is no sign of it."""
    return hasattr(function, "py_func") and type(function).__module__.startswith("numba.")


def definition_of(function: Callable[..., Any]) -> tuple[str, ast.FunctionDef] | None:
    """The dedented text of a function and its syntax tree, or None if they cannot be had."""
    try:
        text = textwrap.dedent(inspect.getsource(plain(function)))
        body = ast.parse(text).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef):
        return None
    return text, body[0]


def is_stub(function: Callable[..., Any]) -> bool:
    """Whether the body holds nothing but a docstring, ``...``, ``pass`` or NotImplementedError.

    A class is a stub if there is such a method, and none that is written but its `__init__`; or if
    nothing is in it at all.
    """
    if isinstance(function, type):
        inside = vars(function)
        functions = {name: each for name, each in inside.items() if inspect.isfunction(each)}
        methods = [each for name, each in functions.items() if name != "__init__"]
        methods = methods or list(functions.values())
        own = [name for name in inside if not name.startswith("__")]
        return all(map(is_stub, methods)) if methods else not own
    found = definition_of(function)
    if found is None:
        return _does_nothing(plain(function))
    return all(says_nothing(statement) for statement in found[1].body)


def _does_nothing(function: Callable[..., Any]) -> bool:
    """The same judged without the text: the code only gives back None."""
    code = getattr(function, "__code__", None)
    if code is None or function.__name__ == "<lambda>":
        return False
    steps = [step for step in dis.get_instructions(code) if step.opname not in ("RESUME", "NOP")]
    return all(
        step.opname == "RETURN_VALUE"
        or (step.opname in ("LOAD_CONST", "RETURN_CONST") and step.argval is None)
        for step in steps
    )


def ends_in_first_round(function: Callable[..., Any]) -> str:
    """The sentence on a loop that every way through its body leaves by `return`; else nothing."""
    if isinstance(function, functools.partial):
        return ""
    found = definition_of(function)
    if found is None:
        return ""
    for node in ast.walk(found[1]):
        if isinstance(node, ast.For | ast.While) and any(map(_returns, node.body)):
            steps = [part for part in ast.walk(node) if isinstance(part, ast.Continue | ast.Break)]
            if not steps:
                first = next(part for part in ast.walk(node) if isinstance(part, ast.Return))
                return (
                    f"The loop ends in its first round, at `{_line_of(first, found[0])}`: "
                    "a `return` inside the loop leaves the whole function."
                )
    return ""


def _line_of(statement: ast.stmt, text: str) -> str:
    """A statement in one line, as the learner wrote it; of a long one the beginning."""
    return " ".join((ast.get_source_segment(text, statement) or "").split())[:60]


def _returns(statement: ast.stmt) -> bool:
    """Whether every way through a statement ends with a return."""
    if isinstance(statement, ast.If):
        return all(
            any(map(_returns, branch)) for branch in (statement.body, statement.orelse) if branch
        ) and bool(statement.orelse)
    return isinstance(statement, ast.Return)


def says_nothing(statement: ast.stmt) -> bool:
    """Whether a statement is words, ``...``, ``pass`` or the raising of NotImplementedError."""
    if isinstance(statement, ast.Raise) and statement.exc is not None:
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return statement.value.value is ... or isinstance(statement.value.value, str)
    return isinstance(statement, ast.Pass)
