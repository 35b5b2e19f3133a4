"""Ctrl-C that acts where nothing is half done.

Python raises KeyboardInterrupt between any two of its instructions: in the middle of a step, while
a limit is being put back, or while Numba compiles, which afterwards it often cannot do any more in
that process. Inside of ``held()`` a first Ctrl-C is only noted. It is raised by the next
``check()``, such as after each batch, and at the latest where the block ends; a second one is
raised at once.

Only Python's own answer to Ctrl-C is replaced, and only in the main thread: a handler that the
program has chosen stays, and so does that of a server or a debugger.
"""

from __future__ import annotations

import functools
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from types import FrameType
from typing import Any, TypeVar

from dlcore import backends
from dlcore.backends.numba import blas

Function = TypeVar("Function", bound=Callable[..., Any])


class _State:
    """What the handler looks at. It runs in the main thread alone, so there is one of these."""

    holding = False
    noted = False


_state = _State()


def _handle(number: int, frame: FrameType | None) -> None:
    if _state.holding and not _state.noted:
        _state.noted = True
        return
    raise KeyboardInterrupt


def check() -> None:
    """Raise KeyboardInterrupt if there was a Ctrl-C that has not acted yet."""
    if _state.noted and _in_main_thread():
        _state.noted = False
        raise KeyboardInterrupt


class held:  # noqa: N801
    """Hold a Ctrl-C back inside the ``with`` block; one that was noted is raised at its end."""

    def __enter__(self) -> None:
        self._before: bool | None = None
        self._handler: Any = None
        if not _in_main_thread():
            return
        handler = signal.getsignal(signal.SIGINT)
        if handler is _handle:
            self._before, _state.holding = _state.holding, True
        elif handler is signal.default_int_handler:
            # From the moment on in which it is installed our handler holds.
            self._before, _state.holding, _state.noted = False, True, False
            self._handler = signal.signal(signal.SIGINT, _handle)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._before is None:
            return
        if self._handler is not None and signal.getsignal(signal.SIGINT) is _handle:
            signal.signal(signal.SIGINT, self._handler)
        _state.holding = self._before
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            _state.noted = False  # one is enough
        if not _state.holding:
            check()


class at_once:  # noqa: N801
    """Let a Ctrl-C act at once inside the ``with`` block: around code that is not the library's.

    It may wait for data, or for a person, and knows best what it leaves half done.
    """

    def __enter__(self) -> None:
        self._held = _state.holding and _in_main_thread()
        if self._held:
            _state.holding = False
            if _state.noted:
                _state.holding = True
                check()

    def __exit__(self, *_: object) -> None:
        if self._held:
            _state.holding = True


def acting(function: Function) -> Function:
    """The function inside of ``at_once()``."""

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        with at_once():
            return function(*args, **kwargs)

    return wrapped  # type: ignore[return-value]


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold a Ctrl-C back inside the block, and keep BLAS to one thread beside those of Numba."""
    with held(), one_blas_thread():
        yield


def one_blas_thread() -> AbstractContextManager[None]:
    """A block in which BLAS has one thread beside those of Numba.

    The numpy backend has no threads of its own and leaves BLAS as it is.
    """
    return nullcontext() if backends.get_backend() == "numpy" else blas.single_threaded_blas()
