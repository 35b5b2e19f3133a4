"""Numbers that cannot be: a division by nought, an exponential without end."""

from __future__ import annotations

import ast

from dlcore.course.explain.place import Place, source


def _division(place: Place) -> str:
    if not place.says("ZeroDivisionError", ""):
        return ""
    for node in place.nodes(ast.BinOp):
        if isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod):
            return f"`{source(node.right)}` is 0 here, and nothing can be divided by it."
    return "Something is divided by 0 in this line."


def _overflow(place: Place) -> str:
    if place.says("OverflowError", r"math range error|Result too large"):
        for call in place.nodes(ast.Call):
            return (
                f"`{source(call)}` would be larger than any number a computer has: rearrange the "
                "formula so that only exponentials of negative numbers occur."
            )
    found = place.says("OverflowError", r"Python integer (-?\d+) out of bounds for (\w+)")
    if found:
        return f"{found[1]} does not fit into {found[2]}: turn the array into floats first."
    if place.says("OverflowError", r"cannot convert float infinity"):
        return "Infinity has no whole number: something grew beyond all numbers before this line."
    if place.says("ValueError", r"cannot convert float NaN"):
        return "NaN, which is not a number, has no whole number."
    return ""


def _domain(place: Place) -> str:
    if not place.says(
        "ValueError", r"math domain error|expected a (?:positive|nonnegative) (?:input|number)"
    ):
        return ""
    for call in place.nodes(ast.Call):
        return f"`{source(call.func)}` is not defined for the number that {source(call)} asks for."
    return ""


def _integer_power(place: Place) -> str:
    if not place.says("ValueError", r"Integers to negative integer powers"):
        return ""
    return "Whole numbers have no negative powers in NumPy: turn them into floats, as with 1.0 / x."


def _text(place: Place) -> str:
    found = place.says("TypeError", r"\"?'str'|must be str")
    if not found:
        return ""
    names = [n.id for n in place.nodes(ast.Name) if place.kind(n) == "str"]
    what = f"`{names[0]}` is a text" if names else "One of the values is a text"
    return f"{what}, and texts do not calculate with numbers."


def _operands(place: Place) -> str:
    """@ between single numbers."""
    if not place.says("TypeError", r"unsupported operand type\(s\) for @"):
        return ""
    return "@ multiplies tables; between single numbers the sign is *."


RULES = (_division, _overflow, _domain, _integer_power, _text, _operands)
