"""What the text of a submission may not use, whatever it would do with it.

On Linux the child could not do harm with any of it. Elsewhere this, and Python's audit hook in the
child, is what there is; and everywhere it gives the learner and the teacher a sentence that says
which word was refused. Nothing here is needed to solve an exercise.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

PACKAGES = ("numpy", "math", "numba")
# The standard library's parts that only compute.
COMPUTING = ("itertools", "functools", "operator", "collections", "typing", "dataclasses", "cmath",
             "fractions", "decimal", "statistics", "random", "numbers", "string", "copy", "time",
             "warnings", "abc", "enum", "__future__")  # fmt: skip
ALLOWED = frozenset(PACKAGES + COMPUTING)
NAMES = frozenset(
    "open exec eval compile __import__ globals locals vars breakpoint input exit quit help "
    "memoryview __builtins__ __loader__ __spec__ __file__ get_ipython".split()
)
REACHING = frozenset(("getattr", "setattr", "delattr", "hasattr"))
ATTRIBUTES = frozenset(
    "load save savez savez_compressed loadtxt savetxt genfromtxt fromfile tofile memmap DataSource "
    "open_memmap ctypeslib ctypes f2py dump dumps sys os subprocess builtins importlib inspect gc "
    "f_back f_globals f_locals f_builtins gi_frame cr_frame tb_frame tb_next "
    "func_globals system popen modules testing".split()
)
HARMLESS = frozenset("__init__ __name__ __doc__ __len__ __call__ __iter__ __getitem__ "
                     "__post_init__ __version__ __main__".split())  # fmt: skip
DUNDER = re.compile(r"__\w+__")


def refusals(nodes: Iterable[ast.stmt]) -> list[str]:
    """A few words for each thing that is refused in the given statements, without repetition."""
    found: dict[str, None] = {}
    for node in nodes:
        bound = _bound(node)
        texts = _docstrings(node)
        for each in ast.walk(node):
            for words in _refused(each, bound, texts):
                found.setdefault(words)
    return list(found)


def _refused(node: ast.AST, bound: set[str], docstrings: set[int]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (f"import {a.name}" for a in node.names if _root(a.name) not in ALLOWED)
    elif isinstance(node, ast.ImportFrom):
        if node.level or _root(str(node.module)) not in ALLOWED:
            yield f"import {'.' * node.level}{node.module or ''}"
        yield from (a.name for a in node.names if _forbidden(a.name))
    elif isinstance(node, ast.Name):
        if (node.id in NAMES and node.id not in bound) or _is_dunder(node.id):
            yield node.id
        elif node.id in REACHING and node.id not in bound:
            yield node.id
    elif isinstance(node, ast.Attribute) and _forbidden(node.attr):
        yield f".{node.attr}"
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        if id(node) not in docstrings and any(map(_is_dunder, DUNDER.findall(node.value))):
            yield DUNDER.findall(node.value)[0]


def _forbidden(attribute: str) -> bool:
    return attribute in ATTRIBUTES or _is_dunder(attribute)


def _is_dunder(name: str) -> bool:
    return bool(DUNDER.fullmatch(name)) and name not in HARMLESS


def _root(module: str) -> str:
    return module.split(".")[0]


def _bound(node: ast.AST) -> set[str]:
    """Names that are given a value anywhere in it: those are not the built-in ones."""
    bound = set()
    for each in ast.walk(node):
        if isinstance(each, ast.arg):
            bound.add(each.arg)
        elif isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store):
            bound.add(each.id)
        elif isinstance(each, ast.FunctionDef | ast.ClassDef) and each is not node:
            bound.add(each.name)
    return bound


def _docstrings(node: ast.AST) -> set[int]:
    """Which constants stand alone as a statement."""
    return {id(each.value) for each in ast.walk(node) if isinstance(each, ast.Expr)}
