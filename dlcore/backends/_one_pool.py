"""One pool of threads: while Numba's threads do the work, BLAS keeps to one."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_inside = False


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Limit BLAS to one thread inside the `with` block, and restore it on every way out.

    Two pools of threads that spin against each other make small models many times slower. A block
    inside another does nothing.
    """
    global _inside
    if _inside:
        yield
        return
    before = []
    _inside = True
    try:
        for library in _libraries():
            before.append((library, library.num_threads))
            library.set_num_threads(1)
        yield
    finally:
        for library, threads in before:
            library.set_num_threads(threads)
        _inside = False


@functools.cache
def _libraries() -> list[Any]:
    """The BLAS libraries of this process; looking for them takes milliseconds, so once."""
    try:
        import threadpoolctl
    except ImportError:
        return []
    found = threadpoolctl.ThreadpoolController().lib_controllers
    return [library for library in found if library.user_api == "blas"]
