"""The library's own answer to an earlier exercise, as text that stands by itself.

In a notebook an exercise that was not attempted leaves its name bound to the library's function,
and later exercises may call it. The child has no library, so it gets the text of that one function.
"""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any

from dlcore.course.source import answer_text

Definition = FunctionType | type


def standin(answer: Callable[..., Any], never: Callable[..., Any]) -> str | None:
    """The text of an answer with the functions and numbers that it uses.

    Args:
        answer: a function or class of the library or of a lesson's exercises.
        never: the answer that is being marked; it must not be given away.

    Returns:
        Text that defines the function, or None if it cannot stand by itself.
    """
    texts: dict[str, str] = {}
    if not isinstance(answer, Definition) or not _collect(answer, never, texts):
        return None
    return "\n\n".join(["import math", "import numpy as np", *texts.values()]) + "\n"


def _collect(function: Definition, never: Callable[..., Any], texts: dict[str, str]) -> bool:
    methods = [function] if isinstance(function, FunctionType) else list(vars(function).values())
    methods = [each for each in methods if isinstance(each, FunctionType)]
    if function is never or any(each.__closure__ for each in methods):
        return False
    try:
        texts[function.__name__] = answer_text(function)
    except (OSError, TypeError):
        return False
    needed = {n: each.__globals__ for each in methods for n in _globals_of(each.__code__)}
    for name, known in needed.items():
        if name in texts or name not in known:
            continue
        value = known[name]
        if isinstance(value, Definition) and value.__name__ == name:
            if not _collect(value, never, texts):
                return False
        elif isinstance(value, ModuleType):
            if value.__name__ not in ("numpy", "math"):
                return False
            texts[name] = f"import {value.__name__} as {name}"
        elif isinstance(value, int | float | str):
            texts[name] = f"{name} = {value!r}"
        else:
            return False
    return True


def _globals_of(code: CodeType) -> Iterator[str]:
    for step in dis.get_instructions(code):
        if step.opname == "LOAD_GLOBAL":
            yield step.argval
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _globals_of(constant)
