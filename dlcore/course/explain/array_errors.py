"""Arrays where Python wants one value: in an ``if``, in ``max``, in a function of ``math``."""

from __future__ import annotations

import ast
import re

import numpy as np

from dlcore.course.explain.place import Place, source

AMBIGUOUS = r"truth value of an array"
ONE_NUMBER = r"only (?:length-1|0-dimensional|size-1) arrays|can only convert an array of size 1"


def _truth(place: Place) -> str:
    if not place.says("ValueError", AMBIGUOUS):
        return ""
    for call in place.calls("max", "min"):
        name = "np.maximum" if ast.unparse(call.func) == "max" else "np.minimum"
        listed = ", ".join(map(source, call.args))
        if len(call.args) == 2:
            larger = "larger" if name == "np.maximum" else "smaller"
            return (
                f"`{source(call)}` compares whole arrays, not their numbers; {name}({listed}) "
                f"takes the {larger} of the two number by number."
            )
        return f"`{source(call)}` compares whole rows; np.{source(call)} goes through the numbers."
    for node in place.nodes(ast.BoolOp):
        sign = "&" if isinstance(node.op, ast.And) else "|"
        joined = f" {sign} ".join(f"({source(value)})" for value in node.values)
        word = "and" if sign == "&" else "or"
        return f"`{word}` joins two single truths; number by number it is {joined}."
    for node in place.nodes(ast.UnaryOp):
        if isinstance(node.op, ast.Not):
            inner = source(node.operand)
            return f"`not` turns one single truth round; number by number it is ~({inner})."
    for node in place.nodes(ast.Compare):
        if len(node.ops) > 1 and isinstance(node.ops[-1], ast.Eq):
            first = source(ast.Compare(node.left, node.ops[:-1], node.comparators[:-1]))
            last = source(node.comparators[-1])
            return (
                f"`{source(node)}` asks two questions at once, which works for one number only; "
                f"brackets make one of it: ({first}) == {last}."
            )
        if len(node.ops) > 1:
            return (
                f"`{source(node)}` asks two questions at once, which works for one number only; "
                "join two comparisons in brackets by &."
            )
    tests = [n.test for n in place.nodes(ast.If, ast.IfExp, ast.While, ast.Assert)]
    tests += list(place.nodes(ast.Compare))
    if tests:
        what = f"`{source(tests[0])}` is an array, one answer for each number"
        if _of_one_choice(place, tests[0]):
            return (
                f"{what}, and one choice is to be made: make a single number of each side before "
                "the two are compared."
            )
        return (
            f"{what}, where one yes or no is wanted: np.where({source(tests[0])}, a, b) chooses "
            "number by number."
        )
    return "An array stands where one yes or no is wanted; np.where chooses number by number."


def _of_one_choice(place: Place, test: ast.expr) -> bool:
    """Whether a comparison goes over an axis that no argument ends with: no np.where fits it."""
    if not isinstance(test, ast.Compare):
        return False
    shapes = [place.shape(side) for side in (test.left, *test.comparators)]
    known = [shape for shape in shapes if shape]
    ends = [shape[len(shape) - len(each) :] for each in known for shape in place.given]
    return bool(known) and not any(each == end for each in known for end in ends)


def _one_number(place: Place) -> str:
    """A function for one number that gets an array."""
    if not place.says("TypeError", ONE_NUMBER) and not place.says("ValueError", ONE_NUMBER):
        return ""
    for call in place.nodes(ast.Call):
        name = ast.unparse(call.func)
        what = source(call.args[0]) if call.args else "its argument"
        if name.startswith("math.") or (name in _MATH and isinstance(call.func, ast.Name)):
            plain = name.removeprefix("math.")
            plain = {"pow": "power", "fabs": "abs"}.get(plain, plain)
            if hasattr(np, plain):
                return (
                    f"`{name}` takes one number, and {what} is an array; np.{plain} takes every "
                    "number of it."
                )
        if name in ("float", "int"):
            return (
                f"`{name}` makes one number, and {what} is an array of several; np.array({what}, "
                f"{name}) turns each of them."
            )
        if name == "range":
            return (
                f"`range` counts to one number, and {what} is an array; its rows are len({what})."
            )
        if name.endswith(".item"):
            return "`.item()` takes the one number out of an array that holds just one."
    return ""


_MATH = ("exp", "log", "sqrt", "tanh", "pow", "fabs", "floor", "ceil")


def _none(place: Place) -> str:
    found = place.says("TypeError", r"'NoneType'")
    if not found:
        return ""
    for node in place.nodes(ast.Name, ast.Call):
        if isinstance(node, ast.Name) and place.kind(node) == "NoneType":
            return (
                f"`{node.id}` is None: the step that gave it its value changed something in place "
                "and gave nothing back, or has no `return`."
            )
    return "One of the values in this line is None: the step that made it gave nothing back."


def _list(place: Place) -> str:
    """Arithmetic with a list."""
    found = place.says(
        "TypeError",
        r"(can only concatenate list|can't multiply sequence|'list' and '|and 'list'"
        r"|instances of 'list'|bad operand type for .*'list'|unsupported operand .*'list')",
    )
    if not found:
        return ""
    names = [n.id for n in place.nodes(ast.Name) if place.kind(n) == "list"]
    what = f"`{names[0]}` is a list" if names else "One of the two is a list"
    instead = f"np.array({names[0]})" if names else "np.array(...)"
    return f"{what}, and lists do not calculate: {instead} makes an array that does."


def _read_only(place: Place) -> str:
    if not place.says("ValueError", r"(assignment destination|output array) is read-only"):
        return ""
    for node in place.nodes(ast.Subscript):
        name = source(node.value)
        return f"`{name}` may only be read: work on a copy, as in {name} = {name}.copy()."
    return "This array may only be read: work on a copy of it, made with .copy()."


def _cast(place: Place) -> str:
    found = place.says(
        "TypeError", r"Cannot cast ufunc '(\w+)' output from dtype\('(\w+)'\) to dtype\('(\w+)'\)"
    )
    if not found:
        return ""
    return (
        f"The result ({found[2]}) does not fit into an array of {found[3]}: make the array of "
        "floats, or write `z = z + ...` instead of `z += ...`."
    )


def _power(place: Place) -> str:
    found = place.says("TypeError", r"bitwise_xor|unsupported operand type\(s\) for \^")
    if not found:
        return ""
    for node in place.nodes(ast.BinOp):
        if isinstance(node.op, ast.BitXor):
            # ^ comes after + and -, so the tree is not what was meant; the text is.
            power = re.sub(r"\s*\^\s*", " ** ", place.written)
            return f"`^` is not the power in Python: write {power}."
    return "`^` is not the power in Python: write **."


def _bits(place: Place) -> str:
    if not place.says("TypeError", r"bitwise_(and|or)|unsupported operand type\(s\) for [&|]"):
        return ""
    return "& and | come before > and ==, so each comparison needs its brackets: (x > 0) & (x < 1)."


def _item(place: Place) -> str:
    found = place.says("TypeError", r"'(\w+)' object does not support item assignment")
    if not found:
        return ""
    if found[1] == "tuple":
        return "A tuple cannot be changed in place; a list or an array can."
    for node in place.nodes(ast.Subscript):
        return (
            f"`{source(node.value)}` is a single number ({found[1]}), not an array: make an array "
            "for the results first, as with np.zeros."
        )
    return ""


def _mask(place: Place) -> str:
    """A mask on the left of an assignment, and all numbers on its right."""
    if not place.says("TypeError", r"boolean array indexing assignment requires") and not (
        place.says("ValueError", r"cannot assign \d+ input values to the \d+ output values")
    ):
        return ""
    for node in place.nodes(ast.Assign):
        if isinstance(node.targets[0], ast.Subscript):
            mask, right = source(node.targets[0].slice), source(node.value)
            inside = right if isinstance(node.value, ast.Name) else f"({right})"
            return (
                f"`{source(node.targets[0])}` is only the places that the mask picks, and "
                f"`{right}` has all: pick on the right too, {inside}[{mask}]."
            )
    return "A mask picks some places on the left; the right side has more numbers than these."


def _where(place: Place) -> str:
    """A choice of one thing only; NumPy's own sentence speaks of an x and a y of its own."""
    if not place.says("ValueError", r"either both or neither of x and y should be given"):
        return ""
    for call in place.calls("np.where"):
        if len(call.args) == 2:
            test, first = map(source, call.args)
            return (
                f"np.where has to know as well what stands where `{test}` does not hold: "
                f"np.where({test}, {first}, b)."
            )
    return ""


RULES = (_truth, _one_number, _none, _power, _bits, _list, _read_only, _cast, _item, _mask, _where)
