"""Structures: lists, tuples and dicts of things, nested in each other.

Models with several inputs or outputs take and give such structures; a leaf is anything that is
no list, tuple or dict. Dicts are gone through in the order of their keys' insertion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any


def leaves(structure: Any) -> list[Any]:
    """All leaves, from left to right."""
    return list(_leaves(structure))


def transform(function: Callable[[Any], Any], structure: Any) -> Any:
    """The same structure with `function(leaf)` in place of each leaf."""
    if isinstance(structure, dict):
        return {key: transform(function, value) for key, value in structure.items()}
    if isinstance(structure, list):
        return [transform(function, value) for value in structure]
    if isinstance(structure, tuple):
        values = [transform(function, value) for value in structure]
        # A namedtuple takes its fields one by one.
        return type(structure)(*values) if hasattr(structure, "_fields") else tuple(values)
    return function(structure)


def replaced(structure: Any, values: Any) -> Any:
    """The same structure with other leaves, taken one after the other from `values`."""
    rest = iter(values)
    return transform(lambda _: next(rest), structure)


def _leaves(structure: Any) -> Iterator[Any]:
    if isinstance(structure, dict):
        for value in structure.values():
            yield from _leaves(value)
    elif isinstance(structure, list | tuple):
        for value in structure:
            yield from _leaves(value)
    else:
        yield structure
