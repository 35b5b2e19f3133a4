"""Python's own audit hook as a guard, on every platform: files, programs, network, memory.

A hook cannot be taken away again by Python code, and it names what was tried, so a sentence can
say it. It is no wall: whoever gets hold of raw memory passes it. On Linux the kernel stands behind
it (``landlock``, ``seccomp``); elsewhere it is, with the refusals made before, all there is.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

REFUSED = (
    "os.", "shutil.", "subprocess.", "socket.", "pty.", "fcntl.", "resource.", "signal.", "winreg.",
    "_winapi.", "msvcrt.", "mmap.", "glob.", "pathlib.", "tempfile.", "urllib.", "http.", "ftplib.",
    "smtplib.", "sqlite3.", "webbrowser.", "ctypes.", "gc.get_", "pickle.", "sys.addaudithook",
    "sys._current_frames", "sys.settrace", "sys.setprofile", "code.__new__", "function.__new__",
    "builtins.input", "builtins.breakpoint", "syslog.", "ensurepip.", "imaplib.", "poplib.",
    "nntplib.", "telnetlib.", "cpython.run_",
)  # fmt: skip
# The import system of a lazily loaded part of NumPy lists its folder, and that is harmless there.
LISTINGS = ("os.listdir", "os.scandir")
# What Numba does when it compiles.
COMPILING = ("ctypes.", "code.__new__", "function.__new__", "mmap.", "pickle.")

Refusals = list[str]


def arm(folders: Sequence[str], compiled: bool) -> Refusals:
    """Install the hook.

    Args:
        folders: files may be read below these; everything else is refused.
        compiled: whether Numba is to work, which needs ``ctypes``.

    Returns:
        A list to which every refusal adds what was tried.
    """
    tried: Refusals = []
    below = tuple(os.path.realpath(folder) for folder in folders)
    sys.addaudithook(_hook(tried, below, COMPILING if compiled else ()))
    return tried


def _hook(
    tried: Refusals, below: tuple[str, ...], allowed: tuple[str, ...]
) -> Callable[[str, tuple[Any, ...]], None]:
    realpath, separator, writing = os.path.realpath, os.sep, os.O_WRONLY | os.O_RDWR | os.O_CREAT

    def inside(path: Any) -> bool:
        try:
            real = realpath(os.fsdecode(path))
        except Exception:
            return False
        return any(real == each or real.startswith(each + separator) for each in below)

    def reads(arguments: tuple[Any, ...]) -> bool:
        path, mode, flags = arguments
        if not isinstance(path, str | bytes | os.PathLike):
            return False
        if isinstance(mode, str) and set(mode) & set("wax+"):
            return False
        return not (isinstance(flags, int) and flags & writing) and inside(path)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            if reads(arguments):
                return
        elif not event.startswith(REFUSED) or (allowed and event.startswith(allowed)):
            return
        elif event in LISTINGS and arguments and inside(arguments[0]):
            return
        if len(tried) < 20:
            tried.append("open" if event == "open" else event)
        raise PermissionError(f"{event} is out of reach while an exercise is marked")

    return hook


class Packages:
    """An importer that knows the given packages by name, and none of those that lie beside them."""

    def __init__(self, packages: dict[str, str]) -> None:
        self._packages = packages

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The package of that name, looked for only in its own folder."""
        folder = self._packages.get(name)
        return importlib.machinery.PathFinder.find_spec(name, [folder]) if folder else None
