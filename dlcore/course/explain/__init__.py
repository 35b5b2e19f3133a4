"""One kind sentence for each of the commonest errors of Python and NumPy.

``explain`` looks an error up in a table of rules. A rule speaks only of what the error and the
line say; where it cannot be sure it is silent, and the card shows the error alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dlcore.course.explain import (
    array_errors,
    call_errors,
    compile_errors,
    name_errors,
    number_errors,
    shape_errors,
)
from dlcore.course.explain.place import Place
from dlcore.course.outcome import Outcome

Rule = Callable[[Place], str]

RULES: tuple[Rule, ...] = (
    *call_errors.ORDER,
    *name_errors.RULES,
    *shape_errors.RULES,
    *array_errors.RULES,
    *call_errors.RULES,
    *number_errors.RULES,
    *compile_errors.RULES,
)


def explain(outcome: Outcome, arguments: Mapping[str, Any], exercise: str = "") -> str:
    """What an error means and how it is mended; nothing if the table does not know it.

    Args:
        outcome: of a call that raised.
        arguments: of that call, by name, for the shapes of what the line speaks of.
        exercise: the id of the one that is tried.
    """
    if outcome.error is None:
        return ""
    place = Place(outcome, arguments, exercise)
    return next(filter(None, (rule(place) for rule in RULES)), "")
