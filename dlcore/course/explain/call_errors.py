"""Brackets of the wrong kind, arguments in the wrong form, loops over what cannot be counted."""

from __future__ import annotations

import ast
import inspect

from dlcore.course.explain.place import Place, joined, source
from dlcore.course.registry import registry


def _not_callable(place: Place) -> str:
    found = place.says("TypeError", r"'([\w.]+)' object is not callable")
    if not found:
        return ""
    kind = found[1].rpartition(".")[2]
    for call in place.nodes(ast.Call):
        what = source(call.func)
        if kind == "ndarray":
            inside = ", ".join(map(source, call.args))
            if isinstance(call.func, ast.Attribute) and call.func.attr == "T":
                return f"`{what}` takes no round brackets: it is written without them."
            return (
                f"`{what}` is an array: its places are picked with square brackets, "
                f"{what}[{inside}], and a product needs its sign, {what} * ({inside})."
            )
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("shape", "size", "ndim"):
            of = source(call.func.value)
            return (
                f"`{what}` is a value and takes no round brackets; the size along axis 0 is "
                f"{of}.shape[0]."
            )
        if kind in ("int", "float", "float32", "float64") and not isinstance(call.func, ast.Call):
            return (
                f"`{what}` is a number, so {what}(...) calls nothing; a product needs its sign: "
                f"{what} * (...)."
            )
        if kind == "module":
            return f"`{what}` is a module, not a function; what is called is inside, after a dot."
    return ""


def _not_subscriptable(place: Place) -> str:
    found = place.says("TypeError", r"'([\w.]+)' object is not subscriptable")
    if not found:
        return ""
    for node in place.nodes(ast.Subscript):
        name = source(node.value)
        if any(word in found[1] for word in ("function", "method", "ufunc", "type")):
            return f"`{name}` is a function, and takes round brackets: {name}(...)."
        if found[1] in ("float", "int", "float32", "float64"):
            return f"`{name}` is a single number, and has no places to pick."
    return ""


def _function_as_value(place: Place) -> str:
    found = place.says(
        "TypeError",
        r"unsupported operand.*'(function|builtin_\w+|method|numpy\.(?:_Array\w+|ufunc))'",
    )
    if not found:
        return ""
    for call in place.nodes(ast.Call):
        for each in call.args:
            if isinstance(each, ast.Name) and not place.kind(each) and registry().named(each.id):
                return (
                    f"`{each.id}` is the function itself: what it gives is wanted, so call it, "
                    f"with its arguments in round brackets behind it."
                )
    for node in place.nodes(ast.Name, ast.Attribute):
        if place.kind(node) in ("function", "builtin_function_or_method", "method"):
            return f"`{source(node)}` is a function: call it, with round brackets behind it."
    for node in place.nodes(ast.Attribute):
        if not any(node is call.func for call in place.nodes(ast.Call)):
            return f"`{source(node)}` is a function: call it, with round brackets behind it."
    return "A function stands where a value is wanted: call it, with round brackets behind it."


def _float_index(place: Place) -> str:
    index = place.says("IndexError", r"only integers, slices")
    slices = place.says("TypeError", r"slice indices must be integers")
    count = place.says(
        "TypeError", r"'([\w.]*float\d*)' object cannot be interpreted as an integer"
    )
    array = place.says(
        "TypeError", r"only integer scalar arrays can be converted to a scalar index"
    )
    if array:
        for call in place.calls("np.max", "np.min"):
            if len(call.args) == 2:
                name = source(call.func)
                larger, inside = name + "imum", ", ".join(map(source, call.args))
                return (
                    f"`{name}` takes its second argument for an axis; {larger}({inside}) compares "
                    "the two number by number."
                )
        for call in place.calls("np.concatenate", "np.vstack", "np.hstack", "np.stack"):
            if len(call.args) > 1:
                inside = ", ".join(map(source, call.args))
                return (
                    f"`{source(call.func)}` takes its arrays as one list: "
                    f"{source(call.func)}([{inside}])."
                )
        for call in place.calls("range"):
            what = source(call.args[0])
            return f"`range` counts to a number, and {what} is an array; its rows are len({what})."
        return "An array stands where one whole number is wanted, as the place in a list is."
    if not (index or slices or count):
        return ""
    for node in place.nodes(ast.BinOp):
        if isinstance(node.op, ast.Div):
            return (
                f"`{source(node)}` is not a whole number: / always gives a fraction in Python; "
                f"{joined(node.left, ast.FloorDiv(), node.right)} counts how often it goes in."
            )
    if index:
        for node in place.nodes(ast.Subscript):
            what, where = source(node.slice), source(node.value)
            mend = "int(...) makes a whole number."
            if place.kind(node.slice) in ("float32", "float64"):  # what an array is made of
                mend = f"If {what} was taken out of {where}, keep the place where it stood instead."
            return (
                f"`{what}` is no place in `{where}`: places are whole numbers, slices like 2:5, or "
                f"an array of True and False. {mend}"
            )
    return "A place or a count has to be a whole number: int(...) makes one, and // divides to one."


def _shape_argument(place: Place) -> str:
    found = place.says(
        "TypeError", r"Cannot interpret '.*' as a data type|data type not understood|Field elements"
    )
    if not found:
        return ""
    for call in place.calls("np.zeros", "np.ones", "np.empty", "np.array", "np.zeros_like"):
        name = source(call.func)
        inside = ", ".join(map(source, call.args))
        if name == "np.array":
            return f"`np.array` takes all its numbers as one list: np.array([{inside}])."
        return f"`{name}` takes the shape as one tuple, in brackets of its own: {name}(({inside}))."
    return ""


def _not_iterable(place: Place) -> str:
    found = place.says(
        "TypeError",
        r"'([\w.]+)' object is not iterable|non-iterable (\w+) object|iteration over a 0-d",
    )
    if not found:
        return ""
    kind = (found[1] or found[2] or "number").rpartition(".")[2]
    if kind in ("int", "int64", "float", "float32", "float64", "number"):
        for node in place.nodes(ast.For, ast.comprehension):
            what = source(node.iter)
            return f"`{what}` is one number; a loop that counts up to it goes over range({what})."
        for call in place.calls("sum", "max", "min", "list", "sorted", "any", "all", "tuple"):
            if call.args:
                what = source(call.args[0])
                return f"`{source(call.func)}` wants several numbers, and {what} is one."
        for node in place.nodes(ast.Assign):
            if isinstance(node.targets[0], ast.Tuple):
                what = source(node.value)
                return f"`{what}` gives one number, which cannot be shared out over several names."
    return ""


def _unpack(place: Place) -> str:
    few = place.says("ValueError", r"not enough values to unpack \(expected (\d+), got (\d+)\)")
    many = place.says("ValueError", r"too many values to unpack \(expected (\d+)")
    for node in place.nodes(ast.Assign) if few or many else ():
        value = source(node.value)
        wanted = (few or many)[1]  # type: ignore[index]
        if isinstance(node.value, ast.Attribute) and node.value.attr == "shape":
            shape = place.shape(node.value.value)
            if shape is not None:
                return (
                    f"`{source(node.value.value)}` has shape {shape}, so its shape has "
                    f"{len(shape)} numbers, not {wanted}."
                )
        if source(node.value).startswith(("np.max(", "np.min(")):
            name = source(node.value)[:6]
            return (
                f"`{name}` gives its numbers alone, not numbers and places; the places come from "
                f"np.arg{name[3:]}."
            )
        got = f"{few[2]} values" if few else "more"
        return f"`{value}` gives {got}, where {wanted} are taken."
    return ""


def _arguments(place: Place) -> str:
    missing = place.says(
        "TypeError",
        r"(\w+)\(\) missing (?:\d+ )?required (?:positional )?arguments?:? ('.*')",
    )
    many = place.says(
        "TypeError", r"(\w+)\(\) takes (?:from )?([\d to]+) positional arguments? but (\d+)"
    )
    if missing:
        return f"`{missing[1]}` is called without {missing[2].replace(chr(39), chr(96))}."
    if many:
        return f"`{many[1]}` takes {many[2]} arguments and gets {many[3]}."
    return ""


def _order(place: Place) -> str:
    """A function of an exercise that gets its own arguments in another order."""
    if not place.error & {"ValueError", "TypeError", "IndexError"}:
        return ""
    for call in place.nodes(ast.Call):
        exercise = registry().named(source(call.func))
        if exercise is None or call.keywords:
            continue
        wanted = list(inspect.signature(exercise.answer).parameters)
        given = [source(each) for each in call.args]
        if sorted(given) == sorted(wanted) and given != wanted:
            return (
                f"`{source(call)}` has the arguments in another order than the function takes "
                f"them: {exercise.name}({', '.join(wanted)})."
            )
    return ""


ORDER = (_order,)
RULES = (
    _not_callable,
    _not_subscriptable,
    _function_as_value,
    _float_index,
    _shape_argument,
    _not_iterable,
    _unpack,
    _arguments,
)
