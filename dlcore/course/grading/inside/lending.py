"""The part of dlcore that an exercise lends to its answers: a window on it, and nothing beside.

The answer to "write a layer of your own" inherits from the library's ``Layer``. Its program may
import dlcore as any program does, but what it gets is a window with the names that the exercise
lends. A notebook runs an answer behind the same window before it accepts it.
"""

from __future__ import annotations

import builtins
import functools
import sys
from collections.abc import Callable, Mapping
from types import FunctionType, SimpleNamespace
from typing import Any

LIBRARY = "dlcore"


def lend(job: Mapping[str, Any]) -> dict[str, Any]:
    """What is lent, by its dotted name, once the library is there; the answer is taken out of it.

    Args:
        job: "library", the names, as "layers.Layer"; "parts", module and name of what is loaded
            besides; "answer", module and name of the answer, if it is the library's own.
    """
    library = sys.modules[LIBRARY]
    found = {name: functools.reduce(getattr, name.split("."), library) for name in job["library"]}
    for module, name in job["parts"]:
        getattr(sys.modules[module], name, None)  # It may be loaded when it is first asked for.
    _forget(*job.get("answer", ("", "")))
    sys.modules[f"{LIBRARY}.backends"].set_backend("numpy")
    return found


def _forget(module: str, name: str) -> None:
    """Empty the answer, so that whoever gets to it all the same finds nothing in it."""
    thing = getattr(sys.modules.get(module), name, None)
    if isinstance(thing, FunctionType):
        thing.__code__ = _gone.__code__
        thing.__defaults__ = thing.__kwdefaults__ = None
    elif isinstance(thing, type):
        for each in [n for n, value in vars(thing).items() if callable(value)]:
            setattr(thing, each, _gone)


def _gone(*_: Any, **__: Any) -> Any:
    raise NotImplementedError


def builtins_with(things: Mapping[str, Any]) -> dict[str, Any]:
    """Python's own names for a program that finds, where it imports dlcore, what is lent."""
    top, real = window(things), builtins.__import__

    def import_(
        name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
    ) -> Any:
        first, *rest = name.split(".")
        if level or first != LIBRARY:
            return real(name, globals, locals, fromlist, level)
        place: Any = top
        for part in rest:
            place = getattr(place, part, None)
        if not isinstance(place, SimpleNamespace):
            raise ImportError(f"{name} is not lent to this exercise")
        return place if fromlist else top

    return {**vars(builtins), "__import__": import_}


def window(things: Mapping[str, Any]) -> SimpleNamespace:
    """The things at their places: "layers.Layer" is its ``layers.Layer``."""
    top = SimpleNamespace()
    for dotted, thing in things.items():
        *path, last = dotted.split(".")
        place = top
        for part in path:
            if not hasattr(place, part):
                setattr(place, part, SimpleNamespace())
            place = getattr(place, part)
        setattr(place, last, thing)
    return top


def calling(use: Callable[..., Any]) -> Callable[..., Any]:
    """The function that builds and calls a class, made so that each call is like the first.

    Chance and automatic names start anew, and where it gives tensors it gives arrays.
    """

    @functools.wraps(use)
    def run(*arguments: Any) -> Any:
        sys.modules[f"{LIBRARY}.engine.random"].set_seed(0)
        sys.modules[f"{LIBRARY}.utils.lookup"].clear_session(free_memory=False)
        return _arrays(use(*arguments))

    return run


def _arrays(value: Any) -> Any:
    """A result with an array in the place of each tensor."""
    if type(value) in (tuple, list):
        return type(value)(map(_arrays, value))
    if type(value).__module__.startswith(f"{LIBRARY}.") and hasattr(value, "__array__"):
        return value.numpy()
    return value
