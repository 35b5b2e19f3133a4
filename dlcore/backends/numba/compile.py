"""How the functions of ``cpu`` are compiled: once, cached on disk, never with fast-math."""

from __future__ import annotations

import functools
import signal
import threading
import types
from collections.abc import Callable
from typing import Any

import numba

from dlcore.backends.numba.blas import load_blas
from dlcore.backends.numba.cache import KernelCache
from dlcore.backends.numba.outline import share
from dlcore.backends.numba.threads import Either, ParallelKernel

load_blas()


def compiled(function: Callable[..., None] | None = None, *, large: Any = None) -> Any:
    """Compile a kernel, or a part of kernels, on its first call, for the dtypes it is given.

    ``error_model="numpy"``: a division by zero gives inf or NaN, as in the answer key, and does
    not raise; it also lets the loops use vector instructions.

    Args:
        function: it, in Python; left out where ``large`` is given.
        large: for a kernel with a loop over ``prange``: whether its work is large enough for
            several threads, as a function of the kernel's arguments. It is then compiled in two
            forms (see ``threads``).
    """
    if function is None:
        return lambda function: compiled(function, large=large)
    if large is None:
        return _njit(function)
    return ParallelKernel(_njit(function), _njit(_renamed(function), _PRANGE), large)


def either(special: Any, suits: Callable[..., bool]) -> Callable[[Any], Either]:
    """Let a compiled kernel go another way where that suits its arguments.

    Args:
        special: the other way, compiled for one thread and for several.
        suits: whether it suits them, as a function of the kernel's arguments.
    """
    return lambda general: Either(special, suits, general)


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
    """Compile a large part of kernels once for all of them, in both their forms (see ``outline``).

    Such as what a loop over ``prange`` does each time: Numba compiles that four times over.
    """
    return share(function, _njit(function), f"{function.__module__}.{function.__qualname__}")


def _njit(function: Callable[..., None], parallel: Any = False) -> Any:
    dispatcher: Any = numba.njit(error_model="numpy", parallel=parallel)(function)
    dispatcher._cache = KernelCache(f"{function.__module__}.{function.__qualname__}")
    # Broken off in the middle, Numba could compile nothing more in this process.
    dispatcher._compile_for_args = _to_the_end(dispatcher._compile_for_args)
    return dispatcher


def _to_the_end(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function; a Ctrl-C meanwhile acts when it is done, a second one at once."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        handler = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is not threading.main_thread() or not callable(handler):
            return function(*args, **kwargs)
        noted = False

        def note(number: int, frame: Any) -> None:
            nonlocal noted
            if noted:
                raise KeyboardInterrupt
            noted = True

        signal.signal(signal.SIGINT, note)
        try:
            return function(*args, **kwargs)
        finally:
            signal.signal(signal.SIGINT, handler)
            if noted:
                signal.raise_signal(signal.SIGINT)

    return run
