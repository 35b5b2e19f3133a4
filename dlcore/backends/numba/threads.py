"""A kernel for one thread and for several: compiled twice from one source, chosen by the work.

A loop over `prange` is shared out among threads (``pool``). To wake them costs some microseconds,
so small work stays with one thread; each kernel says itself what is large enough. Both forms do the
same sums in the same order, so the result has the same bits whichever runs, and however many
threads there are: what several threads add up is added in parts that the shapes alone decide.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from dlcore.backends.numba.blas import single_threaded_blas
from dlcore.backends.numba.pool import available_threads

Function = Callable[..., None]


class Either:
    """A kernel that goes one of two ways, by its arguments; only the way that is gone is compiled.

    Args:
        special: the way for some arguments.
        suits: whether it suits them, by the arguments of the kernel.
        general: the way for all others, whose function stands for the kernel where it is shown.
    """

    def __init__(self, special: Any, suits: Callable[..., bool], general: Any) -> None:
        self.ways, self.suits = (special, general), suits
        self.py_func = general.py_func
        self.__name__, self.__module__ = general.__name__, general.__module__

    def __call__(self, *arguments: Any) -> None:
        """Go the way for these arguments."""
        self.choose(arguments)(*arguments)

    def choose(self, arguments: tuple[Any, ...]) -> Function:
        """The form for these arguments; it may be kept for all others of the same shapes."""
        special, general = self.ways
        way = special if self.suits(*arguments) else general
        return way.choose(arguments) if isinstance(way, (ParallelKernel, Either)) else way

    @property
    def forms(self) -> list[Any]:
        """All that is compiled of it."""
        each = (getattr(way, "forms", [way]) for way in self.ways)
        return [form for forms in each for form in forms]


class ParallelKernel:
    """A kernel in two forms.

    Args:
        serial: the form for one thread.
        make_parallel: makes the form for several; asked once, when it is needed.
        large: whether the work is large enough for several, by the arguments of the kernel.
    """

    def __init__(
        self, serial: Any, make_parallel: Callable[[], Any], large: Callable[..., bool]
    ) -> None:
        self.serial, self._make_parallel, self.large = serial, make_parallel, large
        self.py_func = serial.py_func
        self.__name__, self.__module__ = serial.__name__, serial.__module__
        self.threaded = self._threaded  # made once, so that it can be compared by `is`

    @functools.cached_property
    def parallel(self) -> Any:
        """The form for several threads."""
        return self._make_parallel()

    def __call__(self, *arguments: Any) -> None:
        """Run the form for these arguments."""
        self.choose(arguments)(*arguments)

    def choose(self, arguments: tuple[Any, ...]) -> Function:
        """The form for these arguments; it may be kept for all others of the same shapes."""
        several = self.large(*arguments) and available_threads() > 1
        return self.threaded if several else self.serial

    @property
    def forms(self) -> list[Any]:
        """All that is compiled of it."""
        return [self.serial, self.parallel]

    def _threaded(self, *arguments: Any) -> None:
        with single_threaded_blas():
            self.parallel(*arguments)
