"""What would make an answer right: changes that are tried on what it returned, case by case.

A sentence is given only if its change makes the result right in every case that was tried.
The changes are listed in ``changes``; here they are applied to one result, or to several. Then
``slips`` looks for the right formula with a part exchanged, ``recognised`` for what it is, and
``regions`` for where it is right.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np

from dlcore.course.compare import agree, as_array
from dlcore.course.guesses import changes, recognised, regions
from dlcore.course.guesses.slips import slip
from dlcore.course.guesses.tried import Tried
from dlcore.course.trial import Trial

Finders = tuple[Callable[[Tried, int], str], ...]


def proved(trial: Trial, index: int) -> str:
    """A sentence about what would make the answer right, proved on it; nothing if none was found.

    Args:
        trial: with all its outcomes.
        index: of the case that the card shows, for the numbers in the sentence.
    """
    if any(outcome.error is not None for outcome in trial.outcomes):
        return ""
    return (
        _by(trial, index, changes.FINDERS)
        or slip(trial)
        or _by(trial, index, (*recognised.FINDERS, *regions.FINDERS))
    )


def _by(trial: Trial, index: int, finders: Finders) -> str:
    values = [outcome.value for outcome in trial.outcomes]
    if len(trial.names) > 1:
        if all(isinstance(each, tuple | list) for each in values):
            return _several(trial, values, index, finders)
        return _one_of_several(trial, values)
    if all(isinstance(each, tuple) for each in values):
        return _one_too_many(trial, values)
    return _one(_tried(trial, values, 0), index, finders)


def _tried(trial: Trial, values: list[Any], position: int) -> Tried:
    """One result of every case, beside what it should be."""
    count = len(values)
    arguments = [
        dict(zip(trial.exercise.argument_names(len(case)), case, strict=True))
        for case in trial.cases[:count]
    ]
    expected = [as_array(each[position]) for each in trial.expected[:count]]
    return Tried(
        trial.names[position] if len(trial.names) > 1 else "",
        [as_array(each) for each in values],
        expected,
        arguments,
        [trial.tolerances(i) for i in range(count)],
    )


def _one(tried: Tried, index: int, finders: Finders) -> str:
    if any(each is None for each in (*tried.yours, *tried.expected)):
        return ""
    if any(each.size == 0 for each in tried.yours):
        return ""
    with np.errstate(all="ignore"):
        for find in finders:
            sentence = find(tried, min(index, len(tried.yours) - 1))
            if sentence:
                return f"{tried.name}: {sentence}" if tried.name else sentence
    return ""


def _several(trial: Trial, values: list[Any], index: int, finders: Finders) -> str:
    wanted = len(trial.names)
    if all(len(each) == wanted for each in values):
        for order in permutations(range(wanted)):
            if order != tuple(range(wanted)) and _match(trial, values, order):
                names = ", ".join(trial.names)
                return f"The results are right, but in another order: return {names}."
        return _parts(trial, values, index, finders)
    count = len(values[0])
    if count > wanted and all(len(each) == count for each in values):
        for chosen in permutations(range(count), wanted):
            if _match(trial, values, chosen):
                names = " and ".join(trial.names)
                return f"{names} are right, with more beside them; return {', '.join(trial.names)}."
    if 0 < count < wanted and all(len(each) == count for each in values):
        for chosen in permutations(range(wanted), count):
            if _match(trial, values, range(count), chosen):
                there = " and ".join(trial.names[i] for i in chosen)
                left = " and ".join(n for i, n in enumerate(trial.names) if i not in chosen)
                verb = "is" if count == 1 else "are"
                return f"What is there, {there}, {verb} right; {left} is missing."
    return ""


def _parts(trial: Trial, values: list[Any], index: int, finders: Finders) -> str:
    """Each result by itself: what is right, and the same sentence for what is alike wrong."""
    said: dict[str, list[str]] = {}
    for position, name in enumerate(trial.names):
        of_each = [each[position] for each in values]
        tried = _tried(trial, of_each, position)
        if any(each is None for each in (*tried.yours, *tried.expected)):  # shapes, words
            if not _match(trial, [[value] for value in of_each], [0], [position]):
                said.setdefault("", []).append(name)
            continue
        if tried.right():
            continue
        tried.name = ""
        sentence = _one(tried, index, finders)
        said.setdefault(sentence, []).append(name)
    if not said or set(said) == {""}:
        return ""
    parts = [f"{' and '.join(names)}: {text}" for text, names in said.items() if text]
    return " ".join(parts)


def _match(trial: Trial, values: list[Any], order: Any, chosen: Any = None) -> bool:
    """Whether the results, taken in an order, are the expected ones in every case."""
    for i, value in enumerate(values):
        expected = trial.expected[i]
        places = range(len(expected)) if chosen is None else chosen
        pairs = zip(order, places, strict=True)
        if not all(agree(value[a], expected[b], *trial.tolerances(i)) for a, b in pairs):
            return False
    return True


def _one_of_several(trial: Trial, values: list[Any]) -> str:
    for position, name in enumerate(trial.names):
        if _match(trial, [(each,) for each in values], (0,), (position,)):
            left = [n for n in trial.names if n != name]
            verb = "belongs" if len(left) == 1 else "belong"
            return f"{name} is right, but returned alone; {' and '.join(left)} {verb} beside it."
    return ""


def _one_too_many(trial: Trial, values: list[Any]) -> str:
    for position in range(len(values[0])):
        if all(len(each) > position for each in values) and _match(
            trial, values, (position,), (0,)
        ):
            place = changes.ordinal(position + 1)
            return f"The {place} of your results is right; return it alone."
    return ""
