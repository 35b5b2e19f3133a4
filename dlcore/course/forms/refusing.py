"""What the text of an answer may not use, whatever it would do with it, and the sentence for it.

A notebook and the grader say the same. While an answer is marked on Linux it could not do harm
with any of this; elsewhere this, and Python's audit hook in the child, is what there is. Nothing
here is needed to solve an exercise.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

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
OPERATORS = ("attrgetter", "methodcaller")
HARMLESS = frozenset("__init__ __name__ __doc__ __len__ __call__ __iter__ __getitem__ __setitem__ "
                     "__post_init__ __version__ __main__ __new__ __repr__ __str__ __enter__ "
                     "__exit__ __next__ __contains__ __eq__ __lt__ __le__ __gt__ __ge__ __hash__ "
                     "__add__ __radd__ __sub__ __rsub__ __mul__ __rmul__ __matmul__ __rmatmul__ "
                     "__truediv__ __rtruediv__ __floordiv__ __mod__ __pow__ __neg__ __pos__ "
                     "__abs__ __bool__ __float__ __int__ __array__".split())  # fmt: skip
DUNDER = re.compile(r"__\w+__")


@dataclass(frozen=True)
class Refusal:
    """A thing that may not be used: its words, and whether it is the answer itself."""

    words: str
    answer: bool = False


def sentence(refused: Sequence[Refusal], library: Sequence[str] = ()) -> str:
    """What the learner and the teacher are told.

    Args:
        refused: what may not be used.
        library: what the exercise lends of dlcore.
    """
    answers = [each.words for each in refused if each.answer]
    if answers:
        return (
            f"This calls the answer ({answers[0]}), which is there until you have written your "
            f"own: write it yourself, with {' and '.join(['np', *library])}."
        )
    words = ", ".join([each.words for each in refused][:5])
    lent = f"{' and '.join(library)} of dlcore, " if library else ""
    return (
        f"It uses {words}, so it is not accepted: an answer may use np, math, numba, what Python "
        f"itself computes with, {lent}earlier exercises, and the functions, classes and constants "
        "of its notebook."
    )


def refusals(nodes: Iterable[ast.stmt], apart: str = "") -> list[Refusal]:
    """What is refused in the given statements, without repetition.

    Args:
        nodes: the statements.
        apart: a package whose imports are looked at elsewhere.
    """
    found: dict[str, None] = {}
    for node in nodes:
        bound = _bound(node)
        texts = _docstrings(node) | _plain_reaching(node)
        for each in ast.walk(node):
            if apart and _imports(each, apart):
                continue
            for words in _refused(each, bound, texts):
                found.setdefault(words)
    return [Refusal(words) for words in found]


def _refused(node: ast.AST, bound: set[str], fine: set[int]) -> Iterator[str]:
    if id(node) in fine:
        return
    if isinstance(node, ast.Import):
        yield from (f"import {a.name}" for a in node.names if root(a.name) not in ALLOWED)
    elif isinstance(node, ast.ImportFrom):
        if node.level or root(str(node.module)) not in ALLOWED:
            yield f"import {'.' * node.level}{node.module or ''}"
        yield from (a.name for a in node.names if _forbidden(a.name))
    elif isinstance(node, ast.Name):
        if (node.id in NAMES and node.id not in bound) or _is_dunder(node.id):
            yield node.id
        elif node.id in OPERATORS or (node.id in REACHING and node.id not in bound):
            yield node.id
    elif isinstance(node, ast.Attribute) and _forbidden(node.attr):
        yield f".{node.attr}"
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield from [each for each in DUNDER.findall(node.value) if _is_dunder(each)][:1]


def _imports(node: ast.AST, package: str) -> bool:
    """Whether it is an import of that package alone."""
    if isinstance(node, ast.Import):
        return all(root(alias.name) == package for alias in node.names)
    return isinstance(node, ast.ImportFrom) and root(str(node.module)) == package


def _forbidden(attribute: str) -> bool:
    return attribute in ATTRIBUTES or attribute in OPERATORS or _is_dunder(attribute)


def _is_dunder(name: str) -> bool:
    return bool(DUNDER.fullmatch(name)) and name not in HARMLESS


def root(module: str) -> str:
    """The first part of a module's name."""
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


def _plain_reaching(node: ast.AST) -> set[int]:
    """The ``getattr`` of each ``getattr(x, "name")`` that could as well be written ``x.name``."""
    plain = set()
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and len(each.args) > 1:
            word = each.args[1].value if isinstance(each.args[1], ast.Constant) else None
            if each.func.id in REACHING and isinstance(word, str) and not _forbidden(word):
                plain.add(id(each.func))
    return plain


def _docstrings(node: ast.AST) -> set[int]:
    """Which constants stand alone as a statement."""
    return {id(each.value) for each in ast.walk(node) if isinstance(each, ast.Expr)}
