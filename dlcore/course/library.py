"""What an exercise lends of dlcore to its answers, and the state in which such answers are tried.

A learner's layer inherits from ``dlcore.layers.Layer``; its exercise says so in ``library``. What
is not named there is refused, and the library's own version of the answer is never lent.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import dlcore
from dlcore import backends
from dlcore.backends import dispatch
from dlcore.engine import random
from dlcore.utils import lookup

_lock = threading.RLock()
_within = 0
_before: tuple[Any, ...] = ()


def named(name: str) -> Any:
    """What a dotted name stands for in dlcore, as "layers.Layer" does; None if for nothing."""
    try:
        return functools.reduce(getattr, name.split("."), dlcore)
    except AttributeError:
        return None


@functools.cache
def lent(library: tuple[str, ...], exercise: str, answer: Any) -> dict[str, Any]:
    """What is lent, by its dotted name. Of a module it is every function and class that it lists.

    Args:
        library: names of classes, functions and modules.
        exercise: the name of what is to be written: nothing of that name is lent with a module,
            in small letters or capital ones.
        answer: that is never lent.
    """
    found: dict[str, Any] = {}
    for name in library:
        thing = named(name)
        if isinstance(thing, ModuleType):
            inner = {each: getattr(thing, each, None) for each in getattr(thing, "__all__", ())}
            found |= {
                f"{name}.{each}": value
                for each, value in inner.items()
                if callable(value) and each.lower() != exercise.lower()
            }
        else:
            found[name] = thing
    return {name: thing for name, thing in found.items() if thing is not answer}


@contextmanager
def apart() -> Iterator[None]:
    """Within, layers are made and called that leave no trace in the program around.

    They calculate on the backend "numpy", so that nothing is compiled and a notebook and the
    grader find the same; neither the names nor the chance of later layers are moved on by them.
    """
    global _within, _before
    with _lock:
        if _within == 0:
            _before = (dispatch.choice(), lookup.names_given(), random.state())
            backends.set_backend("numpy")
            random.set_seed(0)
        _within += 1
    try:
        yield
    finally:
        with _lock:
            _within -= 1
            if _within == 0:
                choice, names, chance = _before
                dispatch.go_back(choice)
                lookup.count_names_from(names)
                random.restore(chance)
