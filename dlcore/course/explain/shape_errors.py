"""Shapes that do not fit: products, sums of arrays, axes, places beyond the end."""

from __future__ import annotations

import ast
import re

import numpy as np

from dlcore.course.explain.place import Place, Shape, joined, source


def _product(place: Place) -> str:
    """A matrix product whose shapes do not meet in the middle."""
    mismatch = place.says("ValueError", r"matmul: Input operand 1 has a mismatch|not aligned")
    scalar = place.says("ValueError", r"matmul: Input operand (\d) does not have enough dimensions")
    if not mismatch and not scalar:
        return ""
    for left, right in _products(place):
        a, b = place.shape(left), place.shape(right)
        if scalar:
            which = (left, right)[int(scalar[1])]
            return (
                f"@ multiplies tables, and {source(which)} is a single number here: multiply by it "
                "with *."
            )
        if a is None or b is None or not a or not b:
            continue
        inner = b[-2] if len(b) > 1 else b[0]
        if a[-1] == inner:
            continue
        what = f"{source(left)} {_shape(a)} and {source(right)} {_shape(b)}"
        return (
            f"The shapes do not meet in the middle: {what}. In a product the last size of the "
            f"first, {a[-1]}, has to be the first size of the second, {inner}."
            + _other(left, right, a, b)
        )
    sizes = re.search(r"size (\d+) is different from (\d+)", place.text)
    if sizes:
        return (
            "The shapes of a product do not meet in the middle: the last size of the first is "
            f"{sizes[2]}, the first size of the second is {sizes[1]}; they have to be equal."
        )
    return ""


def _products(place: Place) -> list[tuple[ast.expr, ast.expr]]:
    pairs = [(n.left, n.right) for n in place.nodes(ast.BinOp) if isinstance(n.op, ast.MatMult)]
    for call in place.nodes(ast.Call):
        name = ast.unparse(call.func)
        if name in ("np.dot", "np.matmul") and len(call.args) == 2:
            pairs.append((call.args[0], call.args[1]))
        elif name.endswith(".dot") and len(call.args) == 1:
            pairs.append((call.func.value, call.args[0]))
    return pairs


def _other(left: ast.expr, right: ast.expr, a: Shape, b: Shape) -> str:
    """Which other way of writing the same product has shapes that meet."""
    if len(a) != 2 or len(b) != 2:
        return ""
    if a == b:
        return f" Number by number they go together: {joined(left, ast.Mult(), right)}."
    if b[1] == a[0]:
        return f" They meet in {joined(right, ast.MatMult(), left)}."
    return ""


def _broadcast(place: Place) -> str:
    found = place.says(
        "ValueError", r"could not be broadcast together with shapes ((?:\([\d,]*\) ?)+)"
    )
    if not found:
        return ""
    given = [tuple(map(int, re.findall(r"\d+", each))) for each in found[1].split()]
    lists = any(place.kind(n) == "list" for n in place.nodes(ast.Name))
    if (0,) in given and (lists or any(place.nodes(ast.List))):
        return (
            "An empty list takes no part in + with an array: begin with np.zeros of the shape of "
            "the result, or collect with `.append` and turn it into an array at the end."
        )
    names = _named(place, given)
    what = " and ".join(names) if names else " and ".join(map(str, given[:2]))
    return (
        f"These shapes do not go together number by number: {what}. Compared from the right, two "
        "sizes have to be equal, or one of them 1."
        + (_column(given, names) or _as_product(place, given))
    )


def _as_product(place: Place, given: list[Shape]) -> str:
    """The matrix product, where * stands between two tables that would meet in it."""
    for node in place.nodes(ast.BinOp):
        shapes = [place.shape(node.left), place.shape(node.right)]
        if isinstance(node.op, ast.Mult) and shapes == given[:2]:
            a, b = given[:2]
            if len(a) == len(b) == 2 and a[1] == b[0]:
                product = joined(node.left, ast.MatMult(), node.right)
                return f" The matrix product, which also adds up, is {product}."
    return ""


def _named(place: Place, given: list[Shape]) -> list[str]:
    """The two operands with their names, if the line tells which they are."""
    for node in place.nodes(ast.BinOp):
        both = [(side, place.shape(side)) for side in (node.left, node.right)]
        if [shape for _, shape in both] == given[:2]:
            return [f"{source(side)} {_shape(shape)}" for side, shape in both if shape is not None]
    for node in place.nodes(ast.Call):
        both = [(side, place.shape(side)) for side in node.args]
        both = [(side, shape) for side, shape in both if shape in given]
        if {shape for _, shape in both} == set(given):
            return [f"{source(side)} {_shape(shape)}" for side, shape in both if shape is not None]
    return []


def _column(given: list[Shape], names: list[str]) -> str:
    if len(given) < 2:
        return ""
    longer, shorter = sorted(given[:2], key=len, reverse=True)
    if len(longer) == 2 and len(shorter) == 1 and shorter[0] == longer[0]:
        text = next((n.split(" ")[0] for n in names if n.endswith(_shape(shorter))), "")
        if text.isidentifier():
            return f" {text}[:, None] makes a column of {text}, one number for each row."
        return " [:, None] makes a column, one number for each row."
    return ""


def _axis(place: Place) -> str:
    found = place.says("ValueError", r"axis (-?\d+) is out of bounds for array of dimension (\d+)")
    if not found:
        return ""
    axis, count = found[1], int(found[2])
    if count == 0:
        return f"There is no axis {axis}: the value is a single number, and has no axes."
    if count == 1:
        return f"There is no axis {axis}: this array has one axis, number 0."
    return f"There is no axis {axis}: this array has the axes 0 to {count - 1}."


def _beyond(place: Place) -> str:
    found = place.says(
        "IndexError", r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)"
    )
    if found:
        index, axis, size = found[1], found[2], int(found[3])
        last = f"the last is {size - 1}" if size else "there is none, for it is empty"
        return (
            f"There is no place {index} along axis {axis}, which has {size} places: they count "
            f"from 0, and {last}."
        )
    if place.says("IndexError", r"list index out of range"):
        return "The list is shorter than that place: places count from 0, and end at len(...) - 1."
    found = place.says("IndexError", r"array is (\d)-dimensional, but (\d) were indexed")
    if found:
        used = {source(n.value): place.shape(n.value) for n in place.nodes(ast.Subscript)}
        name = next((n for n, shape in used.items() if shape and len(shape) == int(found[1])), "")
        what = f"`{name}`" if name else "The array"
        axes = "1 axis" if found[1] == "1" else f"{found[1]} axes"
        return f"{what} has {axes}, and {found[2]} places in the brackets are too many."
    if place.says("IndexError", r"invalid index to scalar variable"):
        return "A single number has no places: leave the square brackets out."
    found = place.says(
        "IndexError", r"boolean index did not match .*size of axis is (\d+).*is (\d+)"
    )
    if found:
        return (
            "A mask of True and False has to be as long as what it picks from: here the axis has "
            f"{found[1]} places and the mask {found[2]}."
        )
    return ""


def _reshape(place: Place) -> str:
    found = place.says("ValueError", r"cannot reshape array of size (\d+) into shape (\([\d,]*\))")
    if not found:
        return ""
    sizes = [int(each) for each in re.findall(r"\d+", found[2])]
    if "-1" in place.written:
        each = int(np.prod(sizes))
        return f"{found[1]} numbers cannot be shared out in pieces of {each}: some are left over."
    return (
        f"{found[1]} numbers cannot fill the shape {found[2].replace(',', ', ')}, which holds "
        f"{int(np.prod(sizes))}."
    )


def _into(place: Place) -> str:
    """A value that does not fit into the place it is written to."""
    found = place.says(
        "ValueError",
        r"could not broadcast input array from shape (\([\d,]*\)) into shape (\([\d,]*\))",
    )
    if found:
        return (
            f"An array of shape {_spaced(found[1])} is written into a place of shape "
            f"{_spaced(found[2])}; the two have to fit."
        )
    if place.says("ValueError", r"inhomogeneous shape"):
        return "The rows that make the array are of different lengths."
    if place.says("ValueError", r"setting an array element with a sequence"):
        return (
            "Several numbers are written into the place of one: a row is `z[i] = ...` of an array "
            "with rows, one number is `z[i, j] = ...`."
        )
    if place.says("ValueError", r"all input arrays must have the same shape"):
        return "np.stack lays arrays on each other, so all of them need the same shape."
    if place.says("ValueError", r"(all the input|must have same number of dimensions|must match)"):
        return "Arrays that are joined need the same number of axes, and equal sizes but for one."
    return ""


def _shape(shape: Shape) -> str:
    return f"of shape {shape}"


def _spaced(text: str) -> str:
    return text.replace(",", ", ").replace(", )", ",)")


RULES = (_product, _broadcast, _axis, _beyond, _reshape, _into)
