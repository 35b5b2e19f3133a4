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

    Raises:
        ImportError: without SciPy.
    """
    if NAME in sys.modules:
        return
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
