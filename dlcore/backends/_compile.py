"""How the kernels of ``cpu`` are compiled: once, cached on disk, never with fast-math."""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any

import numba

from dlcore.backends._blas import load_blas
from dlcore.backends._cache import KernelCache
from dlcore.backends._parallel import ParallelKernel
from dlcore.backends._shared import share
from dlcore.interrupts import holding

load_blas()


def kernel(function: Callable[..., None] | None = None, *, large: Any = None) -> Any:
    """Compile a kernel on its first call, for the number types it is called with.

    ``error_model="numpy"``: a division by zero gives inf or NaN, as in the answer key, and does
    not raise; it also lets the loops use vector instructions.

    Args:
        function: the kernel, in Python; left out where ``large`` is given.
        large: for a kernel with a loop over ``prange``: whether its work is large enough for
            several threads, as a function of the kernel's arguments. It is then compiled in two
            forms (see ``_parallel``).
    """
    if function is None:
        return lambda function: kernel(function, large=large)
    if large is None:
        return _compiled(function)
    return ParallelKernel(_compiled(function), _compiled(_renamed(function), _PRANGE), large)


# Of all that Numba could share out, only the loops that say so: what it finds by itself (sums, the
# filling of an array) would add in an order of its own, and takes long to compile.
_PRANGE = dict.fromkeys(
    ("comprehension", "reduction", "inplace_binop", "setitem", "numpy", "stencil", "fusion"), False
) | {"prange": True}


def _renamed(function: Callable[..., None]) -> Any:
    """The same function under another name: for Numba and its cache, a name means one form."""
    twin = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__
    )
    twin.__qualname__ = f"{function.__qualname__}_parallel"
    return twin


def shared(function: Callable[..., None]) -> Callable[..., None]:
    """Compile a large part of kernels once for all of them, in both their forms (see ``_shared``).

    Such as what a loop over ``prange`` does each time: Numba compiles that four times over.
    """
    return share(function, _compiled(function), f"{function.__module__}.{function.__qualname__}")


def _compiled(function: Callable[..., None], parallel: Any = False) -> Any:
    compiled: Any = numba.njit(error_model="numpy", parallel=parallel)(function)
    compiled._cache = KernelCache(f"{function.__module__}.{function.__qualname__}")
    # Broken off in the middle, Numba could compile nothing more in this process.
    compiled._compile_for_args = holding(compiled._compile_for_args)
    return compiled
