"""The libraries of matrix products, BLAS, kept to one thread while Numba's threads work."""

from __future__ import annotations

import functools
import sys
from contextlib import AbstractContextManager
from typing import Any

# The module through which compiled code finds SciPy's BLAS, where it calls that.
SCIPYS = "scipy.linalg.cython_blas"

# Inside of a block: each library, and how many threads it had before.
_held: list[tuple[Any, int]] | None = None


class _SingleThreaded:
    # No generator: each kernel of several threads has such a block.
    __slots__ = ("_outermost",)

    def __enter__(self) -> None:
        global _held
        self._outermost = _held is None
        if self._outermost:
            _held = []
            try:
                _hold()
            except BaseException:
                self._restore()
                raise

    def __exit__(self, *_: object) -> None:
        if self._outermost:
            self._restore()

    def _restore(self) -> None:
        global _held
        for library, threads in _held or ():
            library.set_num_threads(threads)
        _held = None


def single_threaded_blas() -> AbstractContextManager[None]:
    """Limit BLAS to one thread inside the `with` block, and restore it on every way out.

    Two pools of threads that spin against each other make small models many times slower, and a
    product in two parts has other bits. A block inside another does nothing.
    """
    return _SingleThreaded()


def hold_what_came() -> None:
    """Inside of a block, limit a library too that has been loaded in it."""
    if _held is not None:
        _hold()


def _hold() -> None:
    """Limit what is not limited yet: SciPy's BLAS may come when NumPy's has long been there."""
    assert _held is not None
    known = {library.filepath for library, _ in _held}
    for library in libraries():
        if library.filepath not in known:
            _held.append((library, library.num_threads))
            library.set_num_threads(1)


def libraries() -> list[Any]:
    """The BLAS libraries of this process."""
    return _found(SCIPYS in sys.modules)


@functools.cache
def _found(with_scipy: bool) -> list[Any]:
    """Looking for them takes milliseconds, so once without SciPy's and once with it."""
    try:
        import threadpoolctl
    except ImportError:
        return []
    found = threadpoolctl.ThreadpoolController().lib_controllers
    return [library for library in found if library.user_api == "blas"]
