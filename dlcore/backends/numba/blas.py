"""The libraries of matrix products, BLAS, kept to one thread while kernels share loops out."""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

# The module through which compiled code finds SciPy's BLAS, where it calls that.
SCIPYS = "scipy.linalg.cython_blas"

Set = Callable[[int], Any]

# Inside of a block: each library, what sets its threads, and how many it had before.
_held: list[tuple[Any, Set, int]] | None = None
_inside = 0  # how many blocks there are, in all threads of Python
_one_at_a_time = threading.Lock()


class _SingleThreaded:
    # No generator: each kernel of several threads has such a block.
    __slots__ = ()

    def __enter__(self) -> None:
        global _held, _inside
        with _one_at_a_time:
            _inside += 1
            if _inside > 1:
                return
            _held = []
            try:
                _hold()
            except BaseException:
                self._leave()
                raise

    def __exit__(self, *_: object) -> None:
        with _one_at_a_time:
            self._leave()

    def _leave(self) -> None:
        global _held, _inside
        _inside -= 1
        if _inside:
            return
        for _, set_threads, before in _held or ():
            set_threads(before)
        _held = None


_block = _SingleThreaded()


def single_threaded_blas() -> AbstractContextManager[None]:
    """Limit BLAS to one thread inside the `with` block, and restore it on every way out.

    Two pools of threads that spin against each other make small models many times slower, and a
    product in two parts has other bits. The last of all blocks that there are restores it, whether
    they lie one inside the other or in several threads of Python.
    """
    return _block


def hold_what_came() -> None:
    """Inside of a block, limit a library too that has been loaded in it."""
    if _held is not None:
        _hold()


def _hold() -> None:
    """Limit what is not limited yet: SciPy's BLAS may come when NumPy's has long been there."""
    assert _held is not None
    known = [library.filepath for library, _, _ in _held]
    for library in libraries():
        if library.filepath not in known:
            threads, set_threads = _functions(library)
            _held.append((library, set_threads, threads()))
            set_threads(1)


@functools.cache
def _functions(library: Any) -> tuple[Callable[[], int], Set]:
    """What tells how many threads a library has, and what sets it.

    Of OpenBLAS, its own: threadpoolctl looks for them at each call, and sets nothing in a thread of
    Python while another one lives that has done so.
    """
    if library.internal_api == "openblas" and library.threading_layer != "openmp":
        verbs = ("get", "set")
        found = [function_of(library, f"openblas_{verb}_num_threads") for verb in verbs]
        if all(found):
            return found[0], found[1]
    return lambda: library.num_threads, library.set_num_threads


def function_of(library: Any, name: str) -> Any:
    """A function of a library, under one of the names that it may have there; or None.

    NumPy and SciPy bring libraries whose names begin with `scipy_`; where whole numbers have 64
    bits, names end with `64_`.
    """
    for before, after in (("scipy_", "64_"), ("", "64_"), ("scipy_", ""), ("", "")):
        function = getattr(library.dynlib, f"{before}{name}{after}", None)
        if function is not None:
            return function
    return None


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
