"""A kernel for one thread and for several: compiled twice from one source, chosen by the work.

A loop over `prange` is shared out among Numba's threads. To wake them costs some microseconds, so
small work stays with one thread; each kernel says itself what is large enough. Both forms do the
same sums in the same order, so the result has the same bits whichever runs, and however many
threads there are: what several threads add up is added in parts that the shapes alone decide.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable
from typing import Any

import numba

from dlcore.backends.numba.blas import single_threaded_blas
from dlcore.backends.numba.waits import short_waits

Function = Callable[..., None]

# Some of Numba's pools of threads end the process when two threads of Python ask for them at once.
_pool = threading.RLock()
_forked = False
_started = False


def available_threads() -> int:
    """How many threads a parallel kernel may use; the first question starts them."""
    global _started
    if _started:
        return numba.get_num_threads()
    with _pool, short_waits():
        number = numba.get_num_threads()
    _started = True
    return number


def start_threads() -> None:
    """Start the threads, unless they are there."""
    if not _started:
        available_threads()


def _leave_the_pool() -> None:
    # A forked process has none of the threads; to call them would end it.
    global _forked
    _forked = True


def is_forked() -> bool:
    """Whether this process is a fork of another, which has only one of its threads."""
    return _forked


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_the_pool)


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
        several = self.large(*arguments) and not _forked and available_threads() > 1
        return self.threaded if several else self.serial

    @property
    def forms(self) -> list[Any]:
        """All that is compiled of it."""
        return [self.serial, self.parallel]

    def _threaded(self, *arguments: Any) -> None:
        if _forked or not _pool.acquire(blocking=False):
            self.serial(*arguments)
            return
        try:
            with single_threaded_blas():
                self.parallel(*arguments)
        finally:
            _pool.release()
