"""Calls of kernels that run nothing, or something else.

A calculation can be gone through for the shapes alone: each operation makes its outputs, in which
no kernel then writes. What kernels it would have called, and with which arguments, is all that is
found out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from dlcore.backends import dispatch
from dlcore.backends.declare import KERNELS

Function = Callable[..., None]


class Looked(Exception):  # noqa: N818
    """Something looked at a number that was not calculated."""


@contextmanager
def rehearsed() -> Iterator[list[tuple[Function, tuple[Any, ...]]]]:
    """Run no kernel inside the block; gives a list of those that would have run, with arguments.

    Only in this thread. Numbers that a kernel would have calculated are whatever they are.

    Raises:
        Looked: in the block, where the program looks at a number.
    """
    calls: list[tuple[Function, tuple[Any, ...]]] = []

    def note(name: str, function: Function | None, arguments: tuple[Any, ...], _: int) -> None:
        if function is None:
            raise Looked(f"an array of shape {np.shape(arguments[0])}")
        calls.append((function, arguments))

    before = dispatch.set_recorder(note)
    try:
        with _instead(lambda *_: None), np.errstate(all="ignore"):
            yield calls
    finally:
        dispatch.set_recorder(before)


@contextmanager
def by_the_formulas() -> Iterator[None]:
    """Have the answer key calculate inside the block: for a few numbers nothing is compiled."""
    with _instead(_by_formula):
        yield


def _by_formula(name: str, function: Function, arguments: tuple[Any, ...]) -> None:
    dispatch.destination_passing(KERNELS[name], KERNELS[name].function)(*arguments)


@contextmanager
def _instead(function: Callable[[str, Function, tuple[Any, ...]], None]) -> Iterator[None]:
    told = dispatch._told
    before = told.instead
    told.instead = function
    try:
        yield
    finally:
        told.instead = before
