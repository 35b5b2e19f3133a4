"""How the functions of ``cpu`` are compiled: once, cached on disk, never with fast-math."""

from __future__ import annotations

import functools
import gc
import inspect
import signal
import threading
import types
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numba
import numpy as np

from dlcore.backends.numba.cache import KernelCache
from dlcore.backends.numba.gemm import load_blas
from dlcore.backends.numba.included import IncludedCache, IncludedCompiler
from dlcore.backends.numba.outline import Form, is_shared, plain, share
from dlcore.backends.numba.sharing import SharingCache, shared_out
from dlcore.backends.numba.threads import Either, ParallelKernel

load_blas()

_compiled: dict[str, Any] = {}  # what Numba has made of each function, by the names of the cache
_shared_out: dict[str, ParallelKernel] = {}  # the kernels for several threads, by those names
_kinds: dict[Any, Any] = {}  # Numba's types of arrays, by what tells them apart


def compiled(function: Callable[..., None] | None = None, *, large: Any = None) -> Any:
    """Compile a kernel, or a part of kernels, on its first call, for the dtypes it is given.

    ``error_model="numpy"``: a division by zero gives inf or NaN, as in the answer key, and does
    not raise; it also lets the loops use vector instructions.

    Args:
        function: it, in Python; left out where ``large`` is given.
        large: for a kernel with a loop over ``prange``: whether its work is large enough for
            several threads, as a function of the kernel's arguments. It is then compiled in two
            forms (see ``threads``), and what is assigned in a turn of the loop is the turn's own.
    """
    if function is None:
        return lambda function: compiled(function, large=large)
    if large is None:
        return _with_an_inside(_njit(function, KernelCache), function)

    def parallel() -> Any:
        twin = _renamed(shared_out(function, _included), function.__qualname__ + _PARALLEL)
        twin.__wrapped__ = function
        return _njit(twin, SharingCache)

    kernel = ParallelKernel(_njit(function, KernelCache), parallel, large)
    _shared_out[_name(function) + _PARALLEL] = kernel
    return kernel


def either(special: Any, suits: Callable[..., bool]) -> Callable[[Any], Either]:
    """Let a compiled kernel go another way where that suits its arguments.

    Args:
        special: the other way, compiled for one thread and for several.
        suits: whether it suits them, as a function of the kernel's arguments.
    """
    return lambda general: Either(special, suits, general)


def _with_an_inside(outside: Any, function: Callable[..., None]) -> Any:
    """A function that compiled code includes in another form than Python calls.

    That form cannot be called, so that it is ready sooner (see ``included``).
    """

    @functools.cache
    def inside() -> Any:
        twin = _renamed(function, f"{function.__qualname__}_inside")
        return _included(twin, IncludedCache)

    def get_call_template(kinds: Sequence[Any], more: Any) -> Any:
        return inside().get_call_template(tuple(map(plain, kinds)), more)

    outside.get_call_template = get_call_template
    outside.get_overload = lambda kinds: inside().get_overload(kinds)
    return outside


def _included(function: Callable[..., None], cache: Any = None) -> Any:
    options = {"forceinline": True, "pipeline_class": IncludedCompiler}
    return _njit(function, cache, no_cpython_wrapper=True, **options)


_PARALLEL = "_parallel"


def _renamed(function: Callable[..., None], name: str) -> Any:
    """The same function under another name: for Numba and its cache, a name means one form."""
    twin = types.FunctionType(
        function.__code__,
        function.__globals__,
        function.__name__,
        function.__defaults__,
        function.__closure__,
    )
    twin.__qualname__ = name
    return twin


def shared(function: Callable[..., None] | None = None, *, any_order: bool = False) -> Any:
    """Compile a large part of kernels once for all of them, in both their forms (see ``outline``).

    Such as what a loop over ``prange`` does each time.

    Args:
        function: it, in Python; left out where ``any_order`` is given.
        any_order: whether it takes arrays however they lie in memory, and is compiled once for all.
    """
    if function is None:
        return lambda function: shared(function, any_order=any_order)
    # No machine code to call it from Python, where it stays a function of Python.
    compiled = _njit(function, KernelCache, no_cpython_wrapper=True)
    return share(function, compiled, compiled._cache.name, any_order)


def _njit(function: Callable[..., None], cache: Any, **more: Any) -> Any:
    # No machine code to call it from C.
    options: dict[str, Any] = {"no_cfunc_wrapper": True, **more}
    dispatcher: Any = numba.njit(error_model="numpy", **options)(function)
    name = _name(function)
    if cache is not None:
        dispatcher._cache = cache(name)
    # Broken off in the middle, Numba could compile nothing more in this process.
    dispatcher._compile_for_args = _to_the_end(_without_gc(dispatcher._compile_for_args))
    _compiled[name] = dispatcher
    return dispatcher


def _name(function: Callable[..., None]) -> str:
    return f"{function.__module__}.{function.__qualname__}"


def _named(name: str) -> Any:
    if name not in _compiled and name in _shared_out:
        return _shared_out[name].parallel
    return _compiled[name]


def form_of(function: Any, arguments: Iterable[Any]) -> Form | None:
    """The form of a compiled function for arguments of these types; None of any other function."""
    function = getattr(getattr(function, "__self__", None), "parallel", function)
    if not hasattr(function, "overloads"):
        return None
    return function._cache.name, kinds_of(arguments)


def kinds_of(arguments: Iterable[Any]) -> tuple[Any, ...]:
    """The types of arguments for Numba, which takes long to say what an array is."""
    return tuple(_kind(a) if type(a) is np.ndarray else numba.typeof(a) for a in arguments)


def _kind(array: np.ndarray) -> Any:
    looks = array.dtype, array.ndim, array.flags.num
    if looks not in _kinds:
        _kinds[looks] = numba.typeof(array)
    return _kinds[looks]


def is_there(form: Form) -> bool:
    """Whether a form need not be compiled any more: it is in this process, or on disk."""
    name, kinds = form
    function = _named(name)
    return kinds in function.overloads or function._cache.has(kinds, function.targetctx)


def is_known(function: Any, arguments: Iterable[Any]) -> bool:
    """Whether one of the forms of a kernel for arguments of these types is there."""
    form = form_of(function, arguments)
    if form is None:
        return True
    name = form[0].removesuffix(_PARALLEL)
    both = (name, form[1]), (name + _PARALLEL, form[1])
    return any((one[0] in _compiled or one[0] in _shared_out) and is_there(one) for one in both)


def stored_parts(form: Form) -> list[Form]:
    """The parts that a form on disk calls."""
    name, kinds = form
    function = _named(name)
    parts: list[Form] = function._cache.parts(kinds, function.targetctx)
    return parts


def compile_form(form: Form) -> None:
    """Compile a form, or read it from disk.

    Raises:
        KeyError: if there is no function of its name in this process.
    """
    name, kinds = form
    _to_the_end(_without_gc(_named(name).compile))(kinds)


def calls_parts(form: Form) -> bool:
    """Whether a form calls parts that are compiled by themselves."""
    function = inspect.unwrap(_named(form[0]).py_func)
    names, known = function.__code__.co_names, function.__globals__
    return any(is_shared(known.get(name)) for name in names)


def work_of(form: Form) -> int:
    """About how long it takes to compile a form with the parts that it calls, in no unit."""
    code = inspect.unwrap(_named(form[0]).py_func).__code__.co_code
    return len(code) * (3 if calls_parts(form) else 1)


def _without_gc(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function; meanwhile nobody looks for garbage among the many objects that Numba makes."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        if not gc.isenabled():
            return function(*args, **kwargs)
        gc.disable()
        try:
            return function(*args, **kwargs)
        finally:
            gc.enable()

    return run


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
