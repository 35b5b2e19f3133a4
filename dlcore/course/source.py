"""The text of a learner's function, and what it leans on.

An accepted function is kept as text, so it must stand on its own: every global name in it has to
be known in ``my_dlcore.py`` too.
"""

from __future__ import annotations

import ast
import builtins
import dis
import inspect
import symtable
import textwrap
from collections.abc import Callable, Collection
from dataclasses import dataclass
from types import ModuleType
from typing import Any

ALLOWED_MODULES = ("numpy", "math", "numba")


@dataclass(frozen=True)
class Source:
    """The text of a function, ready for ``my_dlcore.py``.

    Attributes:
        text: dedented, without the decorator of the exercise, ending in a newline.
        imports: lines that it needs beside ``import math`` and ``import numpy as np``.
        problems: a sentence for each thing it uses that is not known there.
    """

    text: str
    imports: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


def plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """The Python function inside a compiled or decorated one."""
    compiled = getattr(function, "py_func", None)
    return inspect.unwrap(compiled if compiled is not None else function)


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
    """Whether Numba has compiled the function."""
    return hasattr(function, "py_func")


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
    """Whether the body holds nothing but a docstring, ``...``, ``pass`` or NotImplementedError."""
    found = definition_of(function)
    if found is None:
        return _does_nothing(plain(function))
    return all(_says_nothing(statement) for statement in found[1].body)


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


def _says_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Raise) and statement.exc is not None:
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return statement.value.value is ... or isinstance(statement.value.value, str)
    return isinstance(statement, ast.Pass)


def source_of(function: Callable[..., Any], known: Collection[str] = ()) -> Source | None:
    """The text of a function and what stands in the way of keeping it.

    Args:
        function: the learner's, as the exercise's decorator got it.
        known: names of functions that are already in ``my_dlcore.py``.

    Returns:
        None if the text cannot be had: a lambda, or a function made by ``exec``.
    """
    found = definition_of(function)
    if found is None:
        return None
    text = _without_exercise(*found)
    tree = ast.parse(text)
    inner = plain(function)
    names = getattr(inner, "__globals__", {})
    imports, problems = [], []
    for name in _free_names(text) - {inner.__name__}:
        line, problem = _judge(name, names, known)
        imports += [line] if line else []
        problems += [problem] if problem else []
    for name in set(inner.__code__.co_freevars) - {inner.__name__}:
        problems = [p for p in problems if f"`{name}`" not in p]
        problems.append(f"it uses `{name}` of the function around it; make it stand by itself")
    problems += _foreign_imports(tree)
    return Source(text, tuple(sorted(imports)), tuple(sorted(problems)))


def _without_exercise(text: str, tree: ast.FunctionDef) -> str:
    lines = text.splitlines()
    for decorator in reversed(tree.decorator_list):
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        if _last_name(called) == "exercise":
            del lines[decorator.lineno - 1 : decorator.end_lineno]
    return "\n".join(lines).strip("\n") + "\n"


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _free_names(text: str) -> set[str]:
    """Names that the text takes from outside, also in defaults, decorators and inner functions."""
    top = symtable.symtable(text, "<exercise>", "exec")
    free: set[str] = set()
    tables = [top]
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            at_top = table is top and not symbol.is_assigned()
            if (at_top and symbol.is_referenced()) or (table is not top and symbol.is_global()):
                free.add(symbol.get_name())
    return free


def _judge(name: str, names: dict[str, Any], known: Collection[str]) -> tuple[str, str]:
    """(import line, problem) for one global name; both are empty if nothing is to be done."""
    if name not in names:
        if hasattr(builtins, name) or name in known:
            return "", ""
        return "", f"it uses `{name}`, which is not defined anywhere"
    value = names[name]
    if isinstance(value, ModuleType) and value.__name__.split(".")[0] in ALLOWED_MODULES:
        usual = (name, value.__name__) in {("np", "numpy"), ("math", "math")}
        same = f"import {name}" if name == value.__name__ else f"import {value.__name__} as {name}"
        return "" if usual else same, ""
    if str(getattr(value, "__module__", "")).split(".")[0] == "numba":
        import numba

        if getattr(numba, name, None) is value:
            return f"from numba import {name}", ""
    if name in known:
        return "", ""
    if getattr(builtins, name, None) is value:
        return "", ""
    return "", f"it uses `{name}`, which is defined elsewhere; {_mend(name, value)}"


def _mend(name: str, value: Any) -> str:
    if isinstance(value, ModuleType):
        return "only np, math and numba can be used"
    if str(getattr(value, "__module__", "")).split(".")[0] in ("numpy", "math"):
        module = "np" if value.__module__.startswith("numpy") else "math"
        return f"write {module}.{getattr(value, '__name__', name)}"
    if str(getattr(value, "__module__", "")).startswith("dlcore.backends"):
        return f"it is the library's own, so solve the exercise of {name} first"
    if callable(value):
        return "move that function inside, or solve it as an exercise first"
    return "write its value inside, or pass it as an argument"


def _foreign_imports(tree: ast.Module) -> list[str]:
    roots = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            roots |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            roots.add("." if node.level else str(node.module).split(".")[0])
    foreign = sorted(roots - set(ALLOWED_MODULES))
    return [f"it imports `{root}`; only numpy, math and numba can be used" for root in foreign]
