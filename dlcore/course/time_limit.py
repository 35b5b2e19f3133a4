"""Calling a learner's function with a limit of time, in this process and on every platform.

A second thread watches. When the time is up it asks Python to raise ``Stopped`` in the thread
that runs the function, and goes on asking until the call is over. ``Stopped`` is no ``Exception``,
so ordinary handlers let it pass. A loop around a bare ``except:`` would swallow it each time;
therefore each ``Stopped``, as it is made, also turns on tracing in the frames of the function and
is raised again some lines later: each time at another line, so that one of them lies outside.

Code that does not come back to the interpreter (a long ``time.sleep``, an endless loop compiled by
Numba) cannot be stopped in this way.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType, TracebackType
from typing import Any

INTERVAL = 0.01


class OutOfTime(Exception):
    """The function did not come back in the time it had."""


class Stopped(BaseException):
    """Raised inside the learner's function when its time is up; never seen outside ``Limit``."""

    def __init__(self) -> None:
        super().__init__()
        _arm(sys._getframe(1))


def _arm(frame: FrameType | None) -> None:
    """Raise ``Stopped`` again soon in one of the frames of the call that is under way."""
    inside = []
    while frame is not None and frame.f_code is not Limit.call.__code__:
        inside.append(frame)
        frame = frame.f_back
    if frame is None or not frame.f_locals["self"]._running:
        return
    tracer = _RaiseLater()
    for each in inside:
        each.f_trace = tracer
    # An error in a trace function turns tracing off; the profile function turns it on again.
    sys.settrace(tracer)
    sys.setprofile(_arm_at_return)


def _arm_at_return(frame: FrameType, event: str, arg: Any) -> None:
    if event == "return":
        _arm(frame.f_back)


def _give_back(traced: Any, profiled: Any) -> None:
    """Set the functions for tracing and profiling to what they were before, if they are others."""
    if sys.getprofile() is not profiled:
        # A profiler written in C, such as that of %%prun, is no function: it starts itself again.
        enable = getattr(profiled, "enable", None)
        enable() if callable(enable) else sys.setprofile(profiled)
    if sys.gettrace() is not traced:
        sys.settrace(traced)


class _RaiseLater:
    """A trace function that raises ``Stopped`` some line events from now."""

    turn = 0

    def __init__(self) -> None:
        _RaiseLater.turn = (_RaiseLater.turn + 5) % 12
        self.lines = _RaiseLater.turn

    def __call__(self, frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code.co_filename == __file__:
            return None
        if event == "line":
            self.lines -= 1
            if self.lines < 0:
                raise Stopped
        return self


class Limit:
    """A span of time that several calls share.

    ::

        with Limit(5.0) as limit:
            y = limit.call(function, x)

    Raises:
        OutOfTime: from ``call``, when the time is up. Everything else that the function
            raises, KeyboardInterrupt included, comes through as it is.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._thread_id = 0
        self._running = False
        self._asked = False  # whether the watcher has asked for Stopped in this call

    def __enter__(self) -> Limit:
        self._deadline = time.monotonic() + self.seconds
        self._thread_id = threading.get_ident()
        try:
            threading.Thread(target=self._watch, name="dlcore-limit", daemon=True).start()
        except RuntimeError:
            pass  # A platform without threads: no limit, but the function still runs.
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._finished.set()

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Call the function within what is left of the time."""
        if time.monotonic() >= self._deadline:
            raise OutOfTime
        traced, profiled = sys.gettrace(), sys.getprofile()
        try:
            # Stopped may come at any line until _close has taken in the last request; after
            # `_running` is False the watcher makes no new one, so at most one is under way.
            try:
                self._running = True
                # In a generator: an exception raised amid a handler may leave Python in the belief
                # that it is still being handled, and that belief ends with the generator.
                done, value = next(_apart(function, arguments))
            finally:
                self._running = False
                _give_back(traced, profiled)
                self._close()
        except Stopped:
            self._close()
            _give_back(traced, profiled)
            raise OutOfTime from None
        except KeyboardInterrupt:
            raise
        except BaseException:
            if time.monotonic() >= self._deadline:
                # The function turned Stopped into an error of its own.
                raise OutOfTime from None
            raise
        if not done:
            raise value
        return value

    def _close(self) -> None:
        """End the watch of this call, and let a request come in that is still under way."""
        for _ in range(3):
            try:
                with self._lock:
                    self._running = False
                    asked, self._asked = self._asked, False
                if asked:
                    self._take_in()
                return
            except Stopped:
                continue

    def _take_in(self) -> None:
        """Wait for ``Stopped``, asked for once more in case that it has come already.

        To take a request back would not do: Python then remains in the belief that one is under
        way, and under a profiler such as that of %%prun it looks for it without end.
        """
        try:
            _request(self._thread_id, Stopped)
            for _ in range(1_000_000):
                pass
        except Stopped:
            pass

    def _watch(self) -> None:
        self._finished.wait(self.seconds)
        while not self._finished.is_set():
            with self._lock:
                if self._running:
                    self._asked = True
                    _request(self._thread_id, Stopped)
            self._finished.wait(INTERVAL)


def _apart(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Iterator[tuple[bool, Any]]:
    try:
        yield True, function(*arguments)
    except StopIteration as error:  # A generator may not let this one out.
        yield False, error


def _request(thread_id: int, exception: type[BaseException]) -> None:
    """Ask for an exception in a thread."""
    wanted = ctypes.py_object(exception)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread_id), wanted)
