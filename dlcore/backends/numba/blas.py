"""The library of matrix products, BLAS: loaded for compiled kernels, and kept to one thread."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import Any

NAME = "scipy.linalg.cython_blas"


def load_blas() -> None:
    """Load the one module that Numba looks up when a compiled kernel calls ``np.dot``.

    Imported by its name, it would bring all of ``scipy.linalg``, a good tenth of a second. Where
    it is not found as expected it is imported that way.

    Inside of `single_threaded_blas` it is limited too.

    Raises:
        ImportError: without SciPy.
    """
    if NAME not in sys.modules:
        _load()
    if _held is not None:
        _hold()


def _load() -> None:
    import scipy

    spec = PathFinder.find_spec(NAME, [f"{folder}/linalg" for folder in scipy.__path__])
    if spec is None or spec.loader is None:
        import scipy.linalg.cython_blas  # noqa: F401

        return
    module = sys.modules[NAME] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[NAME]
        raise


# Inside of a block: each library, and how many threads it had before.
_held: list[tuple[Any, int]] | None = None


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Limit BLAS to one thread inside the `with` block, and restore it on every way out.

    Two pools of threads that spin against each other make small models many times slower, and a
    product in two parts has other bits. A block inside another does nothing.
    """
    global _held
    if _held is not None:
        yield
        return
    _held = []
    try:
        _hold()
        yield
    finally:
        for library, threads in _held:
            library.set_num_threads(threads)
        _held = None


def _hold() -> None:
    """Limit what is not limited yet: SciPy's BLAS may come when NumPy's has long been there."""
    assert _held is not None
    known = {library.filepath for library, _ in _held}
    for library in _libraries():
        if library.filepath not in known:
            _held.append((library, library.num_threads))
            library.set_num_threads(1)


def _libraries() -> list[Any]:
    """The BLAS libraries of this process."""
    return _found(NAME in sys.modules)


@functools.cache
def _found(with_scipy: bool) -> list[Any]:
    """Looking for them takes milliseconds, so once without SciPy's and once with it."""
    try:
        import threadpoolctl
    except ImportError:
        return []
    found = threadpoolctl.ThreadpoolController().lib_controllers
    return [library for library in found if library.user_api == "blas"]
