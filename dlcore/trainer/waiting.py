"""Say what a first step is waiting for, when it takes noticeably long."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from dlcore import backends

SECONDS = 1.0
_said = False


@contextmanager
def compiling_notice(wanted: bool) -> Iterator[None]:
    """Print one line if the block compiles kernels for longer than a moment, once in a process.

    The first step on a machine compiles the kernels that it needs; without a word that looks like
    a program that hangs. Where they lie on disk, or the step itself is slow, nothing is said.

    Args:
        wanted: False for a run that prints nothing.
    """
    if _said or not wanted or backends.get_backend() == "numpy":
        yield
        return
    ended = threading.Event()
    watch = threading.Thread(target=_watch, args=(sys.stdout, _compiled(), ended), daemon=True)
    watch.start()
    try:
        yield
    finally:
        ended.set()


def _watch(stream: TextIO, before: int, ended: threading.Event) -> None:
    while not ended.wait(SECONDS):
        if _compiled() > before:
            _say(stream)
            return


def _compiled() -> int:
    """How many forms of kernels this process could not read from disk."""
    cache = sys.modules.get("dlcore.backends.numba.cache")  # not there without Numba
    return cache.missing if cache is not None else 0


def _say(stream: TextIO) -> None:
    global _said
    _said = True
    print(
        "Compiling the kernels for the first step; the next runs find them on disk.",
        file=stream,
        flush=True,
    )
