"""One pool of threads: while Numba's threads do the work, BLAS keeps to one."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dlcore import backends

_inside = False


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Limit BLAS to one thread inside the `with` block, and restore it on every way out.

    Two pools of threads that spin against each other make small models many times slower. The
    numpy backend has no threads of its own and leaves BLAS as it is. A block inside another does
    nothing.
    """
    global _inside
    controller = None if _inside or backends.get_backend() == "numpy" else _controller()
    if controller is None:
        yield
        return
    _inside = True
    try:
        with controller.limit(limits=1, user_api="blas"):
            yield
    finally:
        _inside = False


@functools.cache
def _controller() -> Any:
    """The BLAS libraries of this process; looking for them takes milliseconds, so once."""
    try:
        # Numba calls SciPy's BLAS, which is seen only once it is loaded.
        import scipy.linalg.cython_blas  # noqa: F401
        import threadpoolctl
    except ImportError:
        return None
    return threadpoolctl.ThreadpoolController()
