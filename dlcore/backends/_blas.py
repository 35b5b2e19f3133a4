"""The matrix products of SciPy's BLAS, which compiled kernels call, and no more of SciPy."""

from __future__ import annotations

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec

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
