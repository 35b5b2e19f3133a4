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
    """Print one line if the block takes longer than a moment, once in a process.

    The first step of a process compiles the kernels that it needs, or reads them from their cache
    on disk; without a word that looks like a program that hangs.

    Args:
        wanted: False for a run that prints nothing.
    """
    if _said or not wanted or backends.get_backend() == "numpy":
        yield
        return
    timer = threading.Timer(SECONDS, _say, args=(sys.stdout,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _say(stream: TextIO) -> None:
    global _said
    _said = True
    print(
        "Compiling the kernels for the first step; the next runs find them on disk.",
        file=stream,
        flush=True,
    )
