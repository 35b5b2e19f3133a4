"""Names that people write, which are looked up, and names that they leave to us; and numbers.

Whoever misspelt a name, or gave a number that makes no sense, is told what was meant.
"""

from __future__ import annotations

import difflib
import functools
import gc
import inspect
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from dlcore.utils.object_registration import published
from dlcore.utils.serialization import deserialize_keras_object

Value = TypeVar("Value")

# What `get` of a room takes: a name, the description of an object, a class, or the thing itself.
Identifier = str | dict[str, Any] | Callable[..., Any]

# How often each automatic name was given in this process.
_given: Counter[str] = Counter()

# What `arguments_with_bases` has found: an optimizer asks at each attribute that is set.
_with_bases: WeakKeyDictionary[type, tuple[str, ...]] = WeakKeyDictionary()

_REFUSED = object()

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


def one_of(name: str, names: Iterable[str], kind: str) -> str:
    """`name`, if it is one of `names`; otherwise as `find`."""
    return find(name, {each: each for each in names}, kind)


def getter(
    kind: str,
    takes: str,
    module: str,
    base: type | None = None,
    more: Mapping[str, Any] | None = None,
    *,
    not_here: Mapping[str, str] | None = None,
    any_case: bool = False,
    none: Any = _REFUSED,
    function: Callable[[Any], Any] | None = lambda given: given,
) -> Callable[[Callable[[Any], Value]], Callable[[Any], Value]]:
    """Write the function `get(identifier)` of a room; what is decorated gives its docstring.

    A name stands for an entry of `more`, or for a class of the room under its own name or that in
    small letters. A class is called, a dict with "class_name" and "config" describes an object,
    and an object is returned as it is.

    Args:
        kind: what messages call what is meant, such as "loss".
        takes: what an identifier is, as the middle of a sentence.
        module: Keras's name for the room.
        base: the base of its classes.
        more: what else names stand for, such as {"mse": mean_squared_error}.
        not_here: as for `find`.
        any_case: whether a name may be written in small or capital letters.
        none: what None stands for; default: it is refused.
        function: what becomes of a function; default: it is returned. None: it is refused.
    """
    spell: Callable[[str], str] = str.lower if any_case else snake_case
    table: dict[str, Any] = {}
    for name, found in published(module).items():
        if base is not None and _can_be_made(found, base):
            table |= {name: found, spell(name): found}
    table |= more or {}

    def decorate(described: Callable[[Any], Value]) -> Callable[[Any], Value]:
        @functools.wraps(described)
        def get(identifier: Any) -> Any:
            if identifier is None and none is not _REFUSED:
                return none
            if isinstance(identifier, dict):
                identifier = deserialize_keras_object({"module": module, **identifier})
            if isinstance(identifier, str):
                folded = identifier.lower() if any_case else identifier
                identifier = table.get(folded) or find(identifier, table, kind, not_here)
                if isinstance(identifier, functools.partial):
                    return identifier()
            if base is not None:
                if isinstance(identifier, type) and issubclass(identifier, base):
                    identifier = identifier()
                if isinstance(identifier, base):
                    return identifier
            if callable(identifier) and function is not None:
                return function(identifier)
            an = "An" if kind[0] in "aeiou" else "A"
            raise TypeError(f"{an} {kind} is {takes}, not {type(identifier).__name__}.")

        return get

    return decorate


def _can_be_made(found: Any, base: type) -> bool:
    """Whether it is a class of that base, but not the base, that needs no arguments."""
    if not isinstance(found, type) or not issubclass(found, base) or found is base:
        return False
    optional = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    parameters = inspect.signature(found).parameters.values()
    return all(p.default is not p.empty or p.kind in optional for p in parameters)


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


def arguments_with_bases(kind: type) -> tuple[str, ...]:
    """The arguments of a constructor; where it takes **kwargs those of the next base before."""
    names = _with_bases.get(kind)
    if names is None:
        names = _with_bases[kind] = _arguments_with_bases(kind)
    return names


def _arguments_with_bases(kind: type) -> tuple[str, ...]:
    names: list[str] = []
    for base in kind.__mro__:
        if base is object or "__init__" not in vars(base):
            continue
        parameters = list(inspect.signature(vars(base)["__init__"]).parameters.values())[1:]
        named = [p.name for p in parameters if p.kind not in (p.VAR_KEYWORD, p.VAR_POSITIONAL)]
        names = [name for name in named if name not in names] + names
        if not any(p.kind == p.VAR_KEYWORD for p in parameters):
            break
    return tuple(names)


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


def number(what: str, value: Any) -> float:
    """`value` as a float.

    Raises:
        TypeError: if it is not a number.
        ValueError: if it is NaN or infinite.
    """
    try:
        if isinstance(value, str | bytes | bool):
            raise TypeError
        result = float(value)
    except (TypeError, ValueError):
        raise TypeError(f"{what} is a number, not {value!r}.") from None
    if not math.isfinite(result):
        raise ValueError(f"{what} is a finite number, not {result}.")
    return result


def positive(what: str, value: Any, advice: float = 1.0) -> float:
    """`value` as a float above 0; an error advises another number."""
    result = number(what, value)
    if result <= 0:
        raise ValueError(f"{what} must be positive, but is {result:g}; try {advice:g}.")
    return result


def not_negative(what: str, value: Any, advice: float = 0.0) -> float:
    """`value` as a float from 0 up; an error advises another number."""
    result = number(what, value)
    if result < 0:
        raise ValueError(f"{what} must not be negative, but is {result:g}; try {advice:g}.")
    return result


def share(what: str, value: Any, advice: float = 0.9) -> float:
    """`value` as a float from 0 to below 1; an error advises another number."""
    result = number(what, value)
    if not 0 <= result < 1:
        raise ValueError(f"{what} lies in [0, 1), but is {result:g}; try {advice:g}.")
    return result


def snake_case(name: str) -> str:
    """The name of a class as Keras writes it in names: `MyConv2D` becomes `my_conv2d`."""
    name = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().lstrip("_")


def automatic_name(prefix: str) -> str:
    """`prefix` at its first use in this process, then `prefix_1`, `prefix_2` and so on."""
    _given[prefix] += 1
    count = _given[prefix] - 1
    return f"{prefix}_{count}" if count else prefix


def names_given() -> Counter[str]:
    """How often each automatic name was given; `count_names_from` goes back to it."""
    return _given.copy()


def count_names_from(given: Counter[str]) -> None:
    """Go on giving automatic names as from what `names_given` said."""
    _given.clear()
    _given.update(given)


def clear_session(free_memory: bool = True) -> None:
    """Count the automatic names from the start again, as for a new process.

    Args:
        free_memory: whether memory that only circles of objects still hold is given back at once.
    """
    _given.clear()
    if free_memory:
        gc.collect()
