"""One pool of threads for a whole fit, evaluate or predict."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from dlcore import backends
from dlcore.backends.numba import blas


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Limit BLAS to one thread inside the `with` block, and restore it on every way out.

    The numpy backend has no threads of its own and leaves BLAS as it is.
    """
    if backends.get_backend() == "numpy":
        yield
        return
    with blas.single_threaded_blas():
        yield
