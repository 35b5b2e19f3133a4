"""Names that are not there: of an exercise, a module, a function of NumPy; typing errors."""

from __future__ import annotations

import ast
import builtins
import difflib
import math
import re

import numpy as np

from dlcore.course.explain.place import Place
from dlcore.course.returning import AGAIN

# What other libraries call it, and what NumPy does.
ELSEWHERE = {
    "clamp": "np.clip",
    "cat": "np.concatenate",
    "mm": "x @ w",
    "unsqueeze": "x[:, None]",
    "reduce_mean": "np.mean",
    "reduce_sum": "np.sum",
    "square": "x ** 2",
    "numel": "x.size",
    "length": "len(x)",
    "dim": "x.ndim",
    "size": "x.shape",
    "pow": "x ** 2",
    "power": "np.power",
    "float": "float",
    "int": "int",
    "bool": "bool",
    "average": "np.mean",
    "item": "float(x)",
    "sub": "x - y",
    "add": "x + y",
    "mul": "x * y",
    "div": "x / y",
    "append": "np.append",
    "avg": "np.mean",
    "AVERAGE": "np.mean",
    "sumproduct": "x @ w",
    "numpy": "x itself, which is a NumPy array already",
}
OTHERS = {"torch": "PyTorch", "tf": "TensorFlow", "keras": "Keras", "pd": "pandas", "F": "PyTorch"}


def missing(name: str, lesson: str = "") -> str:
    """What to say of a name whose cell has not run; nothing if no cell is known to make it.

    Args:
        name: that is not defined.
        lesson: two digits of the lesson that is open, if it is known.
    """
    from dlcore.course.registry import registry

    if name == "np":
        return (
            "`np` is imported in a cell further up, which has not run since the kernel started: "
            f"{AGAIN} in the menu runs all that stand above this one."
        )
    found = registry().named(name)
    if found is None or (lesson and found.lesson > lesson):
        return ""
    if lesson and found.lesson < lesson:
        return (
            f"`{name}` is the exercise {found.id} of lesson {found.lesson}, and has no cell in "
            f'this one; compute("{name}", ...) runs it.'
            if found.kernel is not None
            else ""
        )
    return (
        f"`{name}` is written in the exercise {found.id}, whose cell has to run first: {AGAIN} "
        "in the menu runs all that stand above this one."
    )


def _undefined(place: Place) -> str:
    found = place.says("NameError", r"name '(\w+)' is not defined")
    if not found or place.says("UnboundLocalError", ""):
        return ""
    name = found[1]
    if name != place.exercise and (known := missing(name, place.lesson)):
        return known
    if name in OTHERS:
        return (
            f"`{name}` is {OTHERS[name]}'s; these exercises are written with NumPy, which is "
            "called `np`."
        )
    if hasattr(math, name) and hasattr(np, name):
        return f"`{name}` is not a word of Python itself; NumPy has it as `np.{name}`."
    if not hasattr(builtins, name) and callable(getattr(np, name, None)):
        return f"`{name}` is not a word of Python itself; NumPy has it as `np.{name}`."
    if name == "math":
        found = next(place.nodes(ast.Attribute), None)
        own = f"np.{found.attr}" if found is not None and hasattr(np, found.attr) else "np.exp"
        return f"`math` is not imported; `np` is, and {own} takes whole arrays."
    known_names = [each for each in place.known if each != name]
    if name.lower() in {each.lower() for each in known_names}:
        other = next(each for each in known_names if each.lower() == name.lower())
        return f"`{name}` is not defined, `{other}` is: small and capital letters are different."
    close = difflib.get_close_matches(name, known_names, 1, 0.6)
    if close:
        return f"`{name}` is not defined; the name that comes closest to it here is `{close[0]}`."
    return f"`{name}` is not defined: nothing in this function or above it has given it a value."


def _unbound(place: Place) -> str:
    found = place.says("UnboundLocalError", r"local variable '(\w+)'")
    if not found:
        return ""
    return (
        f"`{found[1]}` is used before this function has given it a value on the way that it took: "
        f"give it one above that line, such as `{found[1]} = 0` before a sum."
    )


def _no_attribute(place: Place) -> str:
    found = place.says("AttributeError", r"'?(\w+)'? (?:object )?has no attribute '(\w+)'")
    if not found:
        return ""
    owner, name = found[1], found[2]
    if owner == "numpy" or place.text.startswith("module 'numpy'"):
        if name in ELSEWHERE:
            return f"NumPy has no `{name}`; what does it here is `{ELSEWHERE[name]}`."
        close = difflib.get_close_matches(name, dir(np), 1, 0.8)
        return f"NumPy has no `{name}`; it has `np.{close[0]}`." if close else ""
    if place.text.startswith("module 'math'"):
        return f"`math` has no `{name}`; write `np.{name}`." if hasattr(np, name) else ""
    if owner == "list":
        return (
            f"A list has no `.{name}`: turn it into an array with np.array(...) first, or append "
            "to it with `.append`."
        )
    if owner == "NoneType":
        return f"What stands before `.{name}` is None: the step that made it gave nothing back."
    if owner in ("ndarray", "float", "float32", "float64", "int"):
        what = "An array" if owner == "ndarray" else "A single number"
        if name in ELSEWHERE:
            return f"{what} of NumPy has no `.{name}`; what does it here is `{ELSEWHERE[name]}`."
        if callable(getattr(np, name, None)):
            return f"{what} has no `.{name}()`; the function stands in front: `np.{name}(...)`."
        if owner != "ndarray":
            return f"{what} has no `.{name}`, which only arrays have."
        if hasattr(list, name):
            return f"An array has no `.{name}`, which belongs to lists: {name} is no step of NumPy."
        return f"An array has no `.{name}`: neither NumPy nor Python knows a step of that name."
    return ""


def _no_module(place: Place) -> str:
    found = place.says("ImportError", r"No module named '(\w+)")
    if not found:
        return ""
    return f"`{found[1]}` is not installed here; np, math and numba are what an exercise can use."


def _keyword(place: Place) -> str:
    found = place.says("TypeError", r"unexpected keyword argument '(\w+)'")
    if not found:
        return ""
    other = {"dim": "axis", "keepdim": "keepdims", "keep_dims": "keepdims", "axes": "axis"}
    if found[1] in other:
        return f"NumPy calls it `{other[found[1]]}`, not `{found[1]}`."
    function = re.match(r"(\w+)\(\)", place.text)
    whose = f"`{function[1]}`" if function else "The function"
    return f"{whose} takes no argument of the name `{found[1]}`."


RULES = (_unbound, _undefined, _no_attribute, _no_module, _keyword)
