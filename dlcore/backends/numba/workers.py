"""Kernels compiled in several processes at a time: Numba compiles one thing after the other in one.

A process of its own, a worker, imports the kernels, and then compiles what it is told, a form at a
time. It leaves each form in the cache on disk, from where every other process reads it; it runs
none. The parts that a form calls (``outline``) it does not compile: it tells of them, and they
become work like any other. So no two processes compile the same thing.

Whatever becomes of a worker, nothing is lost but time: a form that is not there when it is called
is compiled then, as it would be without any worker.
"""

from __future__ import annotations

import base64
import contextlib
import gc
import os
import pickle
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numba

from dlcore.backends.numba import outline
from dlcore.backends.numba.cache import can_be_kept
from dlcore.backends.numba.compile import (
    calls_parts,
    compile_form,
    is_there,
    stored_parts,
    work_of,
)
from dlcore.backends.numba.outline import Form

MOST = 8  # processes; each takes 200 MB of memory, and 340 MB where two compile all there is
# A worker is ready to begin after about as long as it takes to compile so many forms.
FORMS = 4
PATIENCE = 20.0  # seconds that are waited for a worker
_PROCESS = os.getpid()  # a fork of it has another number, and starts no workers

_CODE = (
    "import json, sys; sys.path[:] = json.loads(sys.stdin.readline()); "
    "from dlcore.backends.numba.workers import work; work()"
)
_DONE, _FOUND = "dlcore done", "dlcore found "


def processes() -> int:
    """How many processes may compile at a time, this one included: one for each core."""
    config: Any = numba.config
    return min(MOST, config.NUMBA_NUM_THREADS)


class Work:
    """Forms that are to be compiled, those that are being compiled, and those that are done with.

    Args:
        forms: the first ones, in the order in which they are to be compiled.
    """

    def __init__(self, forms: Iterable[Form]) -> None:
        self._forms = list(dict.fromkeys(forms))
        self._changed = threading.Condition()
        self._waiting: list[Form] = []
        self._begun: set[Form] = set()
        self._ended: set[Form] = set()
        self._lost: set[Form] = set()
        self._parts: dict[Form, list[Form]] = {}
        self._workers: list[subprocess.Popen[str]] = []
        self._leads: list[threading.Thread] = []
        self._owner = threading.get_ident()
        self._closed = False
        for form in self._forms:
            self._add(form, len(self._waiting))

    def take(self) -> Form | None:
        """A form for a worker to compile next; waits for one while others are being compiled.

        None when there will be no more.
        """
        with self._changed:
            while not self._closed and (self._waiting or self._begun):
                if self._waiting:
                    return self._begin(self._waiting[0])
                self._changed.wait()
        return None

    def take_here(self) -> Form | None:
        """A form for this process to compile next; None if there is none just now.

        One that calls no part, if there is one: here the parts would not become work for others.
        """
        with self._changed:
            if not self._waiting:
                return None
            alone = (form for form in self._waiting if not calls_parts(form))
            return self._begin(next(alone, self._waiting[0]))

    def _begin(self, form: Form) -> Form:
        self._waiting.remove(form)
        self._begun.add(form)
        return form

    def claim(self, form: Form) -> None:
        """Leave it to this process to compile a part; if a worker is at it, wait for its end."""
        if threading.get_ident() != self._owner:
            return
        with self._changed:
            if form in self._begun:
                if not self._changed.wait_for(lambda: form not in self._begun, PATIENCE):
                    self._close()  # it hangs
                return
            if form in self._waiting:
                self._waiting.remove(form)
            self._ended.add(form)

    def found(self, form: Form, by: Form) -> None:
        """Note that a form calls another one, a part: that one is to be compiled next."""
        with self._changed:
            self._parts.setdefault(by, []).append(form)
            self._add(form, 0)
            self._changed.notify_all()

    def _add(self, form: Form, place: int) -> None:
        """Have a form compiled, unless that is under way; or if it is there, what it calls."""
        if form in self._begun | self._ended | self._lost or form in self._waiting:
            return
        if not is_there(form):
            self._waiting.insert(place, form)
            return
        self._ended.add(form)
        self._parts[form] = stored_parts(form)
        for part in self._parts[form]:
            self._add(part, place)

    def end(self, form: Form, is_ready: bool = True) -> None:
        """Note that a form is not being compiled any more."""
        with self._changed:
            self._begun.discard(form)
            (self._ended if is_ready else self._lost).add(form)
            self._changed.notify_all()

    def ready(self) -> Iterator[Form]:
        """The first forms, each as soon as it is compiled together with all that it calls."""
        left = self._forms
        while left:
            with self._changed:
                while not (now := [form for form in left if self._is_ready(form, set())]):
                    if not (self._waiting or self._begun) or not self._is_worked_on():
                        return
                    self._changed.wait(0.1)
            left = [form for form in left if form not in now]
            yield from now

    def _is_ready(self, form: Form, seen: set[Form]) -> bool:
        if form in seen:
            return True
        seen.add(form)
        parts = self._parts.get(form, ())
        return form in self._ended and all(self._is_ready(part, seen) for part in parts)

    def _is_worked_on(self) -> bool:
        return any(lead.is_alive() for lead in self._leads)

    def wait(self, check: Callable[[], None]) -> None:
        """Wait until the workers have done what they are at; not for one that hangs.

        Args:
            check: is called all the while, and may raise.
        """
        end, before = time.monotonic() + PATIENCE, -1
        with self._changed:
            while self._begun and not self._closed:
                if before != (before := len(self._ended)):
                    end = time.monotonic() + PATIENCE
                if self._waiting or time.monotonic() > end:
                    return
                self._changed.wait(0.05)
                check()

    @contextlib.contextmanager
    def shared(self, number: int, background: bool = False) -> Iterator[None]:
        """Have so many workers compile inside the block; at its end they end.

        Args:
            number: of workers.
            background: whether all other work of the machine comes first.
        """
        self._leads += [
            threading.Thread(target=self._lead, args=(background,), daemon=True)
            for _ in range(number)
        ]
        for lead in self._leads:
            lead.start()
        try:
            yield
        finally:
            with self._changed:
                self._close()

    def _close(self) -> None:
        self._closed = True
        self._changed.notify_all()
        for worker in self._workers:
            worker.kill()

    def _lead(self, background: bool) -> None:
        """Start a worker, and have it compile one form after the other until there are no more."""
        form = None
        # It may not start, end at any time, or say what nobody understands.
        with contextlib.suppress(Exception), _started(background) as worker:
            try:
                with self._changed:
                    self._workers.append(worker)
                while (form := self.take()) is not None and self._is_compiled(form, worker):
                    pass
            finally:
                worker.kill()
        if form is not None:
            self.end(form, is_ready=False)

    def _is_compiled(self, form: Form, worker: subprocess.Popen[str]) -> bool:
        assert worker.stdin is not None and worker.stdout is not None
        worker.stdin.write(_written(form) + "\n")
        worker.stdin.flush()
        for line in worker.stdout:
            if line.startswith(_FOUND):
                self.found(_read(line.removeprefix(_FOUND)), form)
            elif line.startswith(_DONE):
                self.end(form, is_there(form))
                return True
        return False


def _can_be_started() -> bool:
    """Whether there is a Python to start: a program that has one inside of it is none itself."""
    name = os.path.basename(sys.executable or "").lower()
    return "python" in name and not getattr(sys, "frozen", False)


def _started(background: bool) -> subprocess.Popen[str]:
    import json

    worker = subprocess.Popen(
        [sys.executable, "-c", _CODE, *(["background"] if background else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        errors="replace",
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )
    assert worker.stdin is not None
    worker.stdin.write(json.dumps([path for path in sys.path if isinstance(path, str)]) + "\n")
    return worker


def _written(form: Form) -> str:
    return base64.b64encode(pickle.dumps(form)).decode()


def _read(line: str) -> Form:
    form: Form = pickle.loads(base64.b64decode(line))
    return form


def work() -> None:
    """What a worker does: compile the forms that standard input names, one a line."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever has started it ends it
    if "background" in sys.argv:
        with contextlib.suppress(AttributeError, OSError):
            os.nice(5)
    forms: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(forms,), daemon=True).start()
    import dlcore.backends.cpu  # noqa: F401

    gc.collect()
    gc.freeze()  # all these modules stay
    with outline.telling(lambda form: _say(_FOUND + _written(form)), elsewhere=True):
        while True:
            # What is wrong with it, its first call says.
            with contextlib.suppress(Exception):
                compile_form(_read(forms.get()))
            _say(_DONE)


def _listen(forms: queue.SimpleQueue[str]) -> None:
    """Take in what is to be compiled; when there is nobody any more who asks, end at once."""
    for line in sys.stdin:
        forms.put(line)
    os._exit(0)


def _say(line: str) -> None:
    print(line, flush=True)


def compile_all(forms: Sequence[Form], check: Callable[[], None]) -> None:
    """Compile forms, in several processes if there is so much to do that this is quicker.

    Args:
        forms: that are soon to be called.
        check: is called between them, and may raise.
    """
    forms = [*dict.fromkeys(forms)]
    missing = sum(not is_there(form) for form in forms)
    workers = min(processes() - 1, missing // FORMS)
    if workers < 1 or not _can_be_started() or os.getpid() != _PROCESS or not can_be_kept():
        return
    work = Work(sorted(forms, key=work_of, reverse=True))
    with work.shared(workers):
        while True:
            form = work.take_here()
            if form is None:
                work.wait(check)
                form = work.take_here()
                if form is None:
                    return
            with contextlib.suppress(Exception), outline.telling(work.claim):
                compile_form(form)
            work.end(form)
            check()
