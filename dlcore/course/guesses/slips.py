"""Slips of the pen: the right formula with one or two parts exchanged.

The answer's own text is changed in one place after the other: a sign, an axis, a name, a number,
a factor left out. If such a text gives what the learner's function gave, in every case, then that
is the slip, and its sentence is true whatever the learner has written. But only if the part is
felt where the result is wrong: behind np.minimum(..., 1) all that is too large comes out as 1, and
in a square root all that is negative as NaN, whatever it was that made it so.
"""

from __future__ import annotations

import ast
import copy
import inspect
import textwrap
from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any

import numpy as np

from dlcore.course.compare import agree, as_array, close
from dlcore.course.guesses.edits import edits
from dlcore.course.outcome import fresh
from dlcore.course.time_limit import Limit, OutOfTime
from dlcore.course.trial import Trial

SECONDS = 3.0
PAIRS = 4000
# What these make of a number does not follow it closely, so a nudge is no test of what is in them.
DECIDING = ("sign", "round", "floor", "ceil", "trunc", "sort")

Function = Callable[..., Any]
Edit = tuple[int, ast.AST, str, bool]


def slip(trial: Trial) -> str:
    """The sentence of the slip that gives what the learner's function gave, or nothing."""
    if trial.exercise.use is not None:
        return ""  # What is compared is made of the function, and not what it gives.
    function = trial.exercise.spelled or trial.exercise.answer
    tree = _tree(function)
    if tree is None:
        return ""
    with Limit(SECONDS) as limit, np.errstate(all="ignore"):
        try:
            return limit.call(_search, trial, function, tree)
        except OutOfTime:
            return ""


def _search(trial: Trial, function: Function, tree: ast.FunctionDef) -> str:
    if _all_alike(trial):
        return ""
    single = list(_edits(tree))
    if not all(np.isfinite(_numbers(outcome.value)).all() for outcome in trial.outcomes):
        # NaN is as good as NaN, so with a function around it too much would fit.
        single = [edit for edit in single if not edit[2].startswith("np.")]
    fits = (edit for edit in single if _proved(trial, function, tree, [edit]))
    first, another = next(fits, None), None
    if first is not None and _wrong_is_0(trial):
        another = next(fits, None)  # 0 comes of many slips: it has to be the only one
    if first is not None:
        return "" if another else f"The right formula but for one thing: {first[2]}"
    plain = [edit for edit in single if edit[3]]
    if any(isinstance(node, ast.Compare) for node in ast.walk(tree)):
        # Two names exchanged around a comparison may make it always true, as other mistakes do.
        plain = [edit for edit in plain if " stands where " not in edit[2]]
    for number, pair in enumerate(combinations(plain, 2)):
        if number >= PAIRS:
            break
        if (
            pair[0][0] != pair[1][0]
            and pair[0][2] != pair[1][2]
            and _proved(trial, function, tree, list(pair))
        ):
            one, two = (each[2].removesuffix(".") for each in pair)
            return f"The right formula but for two things: {one}; and {two}."
    return ""


def _all_alike(trial: Trial) -> bool:
    """Whether the same number comes out everywhere, which a thousand formulas give."""
    numbers = np.concatenate([_numbers(outcome.value) for outcome in trial.outcomes])
    return numbers.size == 0 or bool((numbers == numbers[0]).all())


def _numbers(value: Any) -> np.ndarray:
    """All numbers of a result, in a row; NaN for what is none."""
    parts = value if isinstance(value, tuple | list) else (value,)
    try:
        return np.concatenate([np.ravel(np.asarray(part, float)) for part in parts])
    except (ValueError, TypeError):
        return np.array([np.nan])


def _tree(function: Function) -> ast.FunctionDef | None:
    """The answer's text without decorators and docstring, its nodes numbered."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    except (OSError, TypeError, SyntaxError):
        return None
    if not isinstance(tree, ast.FunctionDef):
        return None
    tree.decorator_list = []
    if isinstance(tree.body[0], ast.Expr):
        tree.body = tree.body[1:]
    for number, node in enumerate(ast.walk(tree)):
        node.number = number  # type: ignore[attr-defined]
    return tree


def _edits(tree: ast.FunctionDef) -> Iterator[Edit]:
    """(number of the node, what takes its place, sentence, whether pairs are worth trying)."""
    names = [each.arg for each in tree.args.args]
    compared = _numbers_in(tree, lambda node: isinstance(node, ast.Compare))
    for statement in tree.body:
        for node in ast.walk(statement):
            for new, sentence, plain in edits(node, names):
                number = node.number  # type: ignore[attr-defined]
                # A function around one side of a comparison seldom turns it: too much would fit.
                if number not in compared or not sentence.startswith("np."):
                    yield number, new, sentence, plain


def _numbers_in(tree: ast.AST, chosen: Callable[[ast.AST], bool]) -> set[int]:
    """The numbers of all nodes that stand inside of the chosen ones."""
    inside = [part for node in ast.walk(tree) if chosen(node) for part in ast.walk(node)]
    return {part.number for part in inside}  # type: ignore[attr-defined]


class _Exchange(ast.NodeTransformer):
    def __init__(self, new: dict[int, ast.AST]) -> None:
        self.new = new

    def visit(self, node: ast.AST) -> Any:
        number = getattr(node, "number", -1)
        if number in self.new:
            new = self.new.pop(number)
            return self.visit(new) if self.new else new
        return self.generic_visit(node)


def _made(function: Function, tree: ast.FunctionDef, some: list[Edit]) -> Function | None:
    """The answer with these parts exchanged."""
    changed = _Exchange({n: copy.deepcopy(new) for n, new, *_ in some}).visit(copy.deepcopy(tree))
    module = ast.fix_missing_locations(ast.Module([changed], []))
    if any(_one_sided(node) for node in ast.walk(module)):
        return None
    names = {"np": np, **function.__globals__}
    try:
        exec(compile(module, "<slip>", "exec"), names)
    except (SyntaxError, ValueError, TypeError):
        return None
    return names[tree.name]


def _one_sided(node: ast.AST) -> bool:
    """Whether something is compared with itself or with a sum, so that one side always wins."""
    if not isinstance(node, ast.Compare):
        return False
    left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
    return left == right or any(s.startswith(("np.sum(", "np.mean(")) for s in (left, right))


def _proved(trial: Trial, function: Function, tree: ast.FunctionDef, some: list[Edit]) -> bool:
    """Whether the exchanges give what was returned, and each is felt where that is wrong."""
    if not _gives(trial, _made(function, tree, some)):
        return False
    deciding = _numbers_in(tree, _decides)
    for edit in some:
        number, new, sentence, plain = edit
        if number in deciding or not isinstance(new, ast.expr) or _is_nan(new):
            continue
        nudged = ast.BinOp(
            ast.BinOp(new, ast.Mult(), ast.Constant(1.05)), ast.Add(), ast.Constant(0.01)
        )
        others = [(number, nudged, sentence, plain) if each is edit else each for each in some]
        if not _felt(trial, _made(function, tree, others)):
            return False
    return True


def _decides(node: ast.AST) -> bool:
    """Whether a number in this node may change while what comes of it stays."""
    if isinstance(node, ast.Call):
        name = ast.unparse(node.func).rpartition(".")[2]
        return name.startswith("arg") or name in DECIDING
    floor = isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv)
    return floor or isinstance(node, ast.Compare)


def _is_nan(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value != node.value


def _felt(trial: Trial, nudged: Function | None) -> bool:
    """Whether a nudge moves some number that is wrong in what was returned."""
    if nudged is None:
        return True
    for index, outcome in enumerate(trial.outcomes):
        try:
            value = nudged(*fresh(trial.cases[index]))
        except Exception:
            return True  # it was to be a whole number, an index
        results, moved = _parts(trial, outcome.value), _parts(trial, value)
        if not len(results) == len(moved) == len(trial.expected[index]):
            return True
        tolerance = trial.tolerances(index)
        for yours, other, right in zip(results, moved, trial.expected[index], strict=True):
            wrong, changed = (_differs(yours, each, tolerance) for each in (right, other))
            if wrong is None or changed is None:
                if not agree(yours, other, *tolerance):
                    return True
            elif (wrong & changed).any():
                return True
    return False


def _wrong_is_0(trial: Trial) -> bool:
    """Whether 0 stands in every place that is wrong."""
    for index, outcome in enumerate(trial.outcomes):
        results, expected = _parts(trial, outcome.value), trial.expected[index]
        if len(results) != len(expected):
            return False
        for yours, right in zip(results, expected, strict=True):
            wrong = _differs(yours, right, trial.tolerances(index))
            if wrong is None or np.asarray(yours, float)[wrong].any():
                return False
    return True


def _parts(trial: Trial, value: Any) -> tuple[Any, ...]:
    """The results of a call, one if the exercise asks for one."""
    return tuple(value) if isinstance(value, tuple | list) and len(trial.names) > 1 else (value,)


def _differs(a: Any, b: Any, tolerance: tuple[float, float]) -> np.ndarray | None:
    """Where two results are not the same up to rounding; None if their shapes are not."""
    one, other = as_array(a), as_array(b)
    if one is None or other is None or one.shape != other.shape:
        return None
    return ~close(one, other, *tolerance)


def _gives(trial: Trial, made: Function | None) -> bool:
    if made is None:
        return False
    for index, outcome in enumerate(trial.outcomes):
        if outcome.error is not None:
            return False
        try:
            value = made(*fresh(trial.cases[index]))
        except Exception:
            return False
        if not agree(outcome.value, value, *trial.tolerances(index)):
            return False
    return True
