"""Python's own audit hook as a guard, on every platform: files, programs, network, memory.

A hook cannot be taken away again by Python code. The first thing that is refused is also the last:
the hook writes its name to the grader and ends the process, so the submission never runs again,
gets no error to follow back to the guard, and can wipe nothing. The hook uses only what it holds
as defaults of its own: no module, no global, no built-in name that others could put something
else in place of. It looks at exact types alone, and so calls no method of the submission's.

It is no wall: whoever gets hold of raw memory passes it, and Numba, where it is loaded, has that.
On Linux the kernel stands behind it (``landlock``, ``seccomp``); elsewhere it is, with the
refusals made before, all there is.
"""

from __future__ import annotations

import importlib.machinery
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

LEFT = 86
"""The exit status of a process that reached for what is refused."""

REFUSED = (
    "os.", "shutil.", "subprocess.", "socket.", "pty.", "fcntl.", "resource.", "signal.", "winreg.",
    "_winapi.", "msvcrt.", "mmap.", "glob.", "pathlib.", "tempfile.", "urllib.", "http.", "ftplib.",
    "smtplib.", "sqlite3.", "webbrowser.", "ctypes.", "gc.get_", "pickle.", "sys.addaudithook",
    "sys._current_", "sys.settrace", "sys.setprofile", "sys.monitoring", "code.__new__",
    "function.__new__", "builtins.input", "builtins.breakpoint", "syslog.", "ensurepip.",
    "imaplib.", "poplib.", "nntplib.", "telnetlib.", "cpython.run_",
)  # fmt: skip
# The import system of a lazily loaded part of NumPy lists its folder, and that is harmless there.
LISTINGS = ("os.listdir", "os.scandir")
# What Numba does when it compiles.
COMPILING = ("ctypes.", "code.__new__", "function.__new__", "mmap.", "pickle.")


def arm(folders: Sequence[str], compiled: bool, channel: int) -> None:
    """Install the hook.

    Args:
        folders: files may be read below these; everything else is refused.
        compiled: whether Numba is to work, which needs ``ctypes``.
        channel: where what was reached for is written, before the process ends.
    """
    # An interrupt in the middle of the hook would be an error that leads to it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    real = [os.path.realpath(folder) for folder in folders]
    # Numba names its own files from the working folder when it says where something was slow.
    near = [os.path.relpath(folder) for folder in real] if os.name == "posix" else []
    below = tuple(dict.fromkeys([*folders, *real, *near]))
    under = tuple(folder.rstrip(os.sep) + os.sep for folder in below)
    sys.addaudithook(_hook(below, under, COMPILING if compiled else (), channel))


def _hook(
    below: tuple[str, ...], under: tuple[str, ...], allowed: tuple[str, ...], channel: int
) -> Callable[..., None]:
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT

    def hook(
        event: str,
        arguments: tuple[Any, ...],
        below: tuple[str, ...] = below,
        under: tuple[str, ...] = under,
        refused: tuple[str, ...] = REFUSED,
        allowed: tuple[str, ...] = allowed,
        listings: tuple[str, ...] = LISTINGS,
        writing: int = writing,
        channel: int = channel,
        status: int = LEFT,
        kind: Any = type,
        text: Any = str,
        number: Any = int,
        length: Any = len,
        failure: Any = BaseException,
        write: Any = os.write,
        leave: Any = os._exit,
    ) -> None:
        try:
            if event == "open":
                path, mode, flags = arguments
                if kind(path) is number:
                    return
                if kind(path) is text and kind(flags) is number and not flags & writing:
                    plain = mode is None or (kind(mode) is text and "w" not in mode)
                    plain = plain and not (mode and ("a" in mode or "x" in mode or "+" in mode))
                    # "<cell 3>" is no file: Python looks for the line of an error there.
                    if plain and path.startswith("<"):
                        return
                    for folder in under if plain else ():
                        if path.startswith(folder) and ".." not in path[length(folder) :]:
                            return
            elif not event.startswith(refused) or (allowed and event.startswith(allowed)):
                return
            elif event in listings and arguments and kind(arguments[0]) is text:
                path = arguments[0]
                for folder in below:
                    if path == folder:
                        return
                for folder in under:
                    if path.startswith(folder) and ".." not in path[length(folder) :]:
                        return
            write(channel, b'{"reached": "' + event.encode() + b'"}\n')
            leave(status)
        except failure:
            pass
        while True:  # Whatever went wrong, nobody gets to see it from outside.
            try:
                leave(status)
            except failure:
                pass

    return hook


class Packages:
    """An importer that knows the given packages by name, and none of those that lie beside them."""

    def __init__(self, packages: dict[str, str]) -> None:
        self._packages = packages

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The package of that name, looked for only in its own folder."""
        folder = self._packages.get(name)
        return importlib.machinery.PathFinder.find_spec(name, [folder]) if folder else None
