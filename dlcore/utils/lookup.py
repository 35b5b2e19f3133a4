"""Find things by the names that people write, and help those who misspelt one."""

from __future__ import annotations

import difflib
import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

Value = TypeVar("Value")

# What people carry over from older code and other libraries; no spelling is close to these.
_RENAMED = {
    "lr": "learning_rate",
    "nb_epoch": "epochs",
    "n_epochs": "epochs",
    "num_epochs": "epochs",
    "decay": "learning_rate",
    "output_dim": "units",
}


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` Did you mean 'adam'?`, or nothing when no known name is close."""
    known = list(known)
    renamed = _RENAMED.get(name)
    # Of two spellings, such as Adam and adam, the one in small letters comes last and is kept.
    folded = {candidate.lower(): candidate for candidate in sorted(known)}
    close = difflib.get_close_matches(name.lower(), folded, n=1, cutoff=0.6)
    if renamed in known:
        return f" Did you mean {renamed!r}?"
    return f" Did you mean {folded[close[0]]!r}?" if close else ""


def find(
    name: str, table: Mapping[str, Value], kind: str, not_here: Mapping[str, str] | None = None
) -> Value:
    """The entry of `table` called `name`.

    Args:
        name: what was asked for.
        table: what there is.
        kind: what messages call an entry.
        not_here: names that mean something else, in small letters, each with what to say of it.

    Raises:
        ValueError: if there is none; it names what is close, or everything there is.
    """
    if name in table:
        return table[name]
    told = (not_here or {}).get(name.lower())
    hint = f" {told}" if told else did_you_mean(name, table)
    if not hint:
        hint = f" There are: {', '.join(sorted({key for key in table if key.islower()}))}."
    raise ValueError(f"There is no {kind} called {name!r}.{hint}")


def refuse_unknown(owner: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise a TypeError for the first argument in `given` that is not among `known`."""
    known = list(known)
    for name in given:
        if name not in known:
            hint = did_you_mean(name, known) or f" It takes {', '.join(known)}."
            raise TypeError(f"{owner} has no argument {name!r}.{hint}")


def arguments_of(function: Callable[..., Any]) -> list[str]:
    """Names of the arguments of a function, without `self` and `**kwargs`."""
    parameters = inspect.signature(function).parameters.values()
    return [p.name for p in parameters if p.kind != p.VAR_KEYWORD and p.name != "self"]


def helpful_arguments(method: Callable[..., Value]) -> Callable[..., Value]:
    """Decorate a method so that a misspelt argument is answered with the one that is meant."""
    known = arguments_of(method)

    @functools.wraps(method)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> Value:
        if not kwargs.keys() <= names:
            owner = type(self).__name__
            if method.__name__ != "__init__":
                owner = f"{owner}.{method.__name__}"
            refuse_unknown(owner, kwargs, known)
        return method(self, *args, **kwargs)

    names = frozenset(known)
    return wrapper
