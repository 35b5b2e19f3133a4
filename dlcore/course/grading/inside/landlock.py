"""Landlock, the Linux kernel's way for a process to give up the file system for good.

After ``restrict`` the process can read the standard library and NumPy, and nothing else: no answer
key, no other submission, no home folder, nothing of ``/proc``. It can write nothing, and from
version 4 on it can open no TCP connection. Needs Linux 5.13; no privileges.
Source: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable

CREATE, ADD, RESTRICT = 444, 445, 446  # System calls, the same numbers on every architecture.
EXECUTE, READ_FILE, READ_FOLDER = 1 << 0, 1 << 2, 1 << 3
# Rights that each version knows: files (1 to 3, and ioctl in 5), TCP (4), signals and sockets (6).
FILES = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
TCP = 0b11
SCOPES = 0b11
NO_NEW_PRIVILEGES = 38


def version(libc: ctypes.CDLL) -> int:
    """Version of Landlock in the running kernel, 0 where there is none."""
    return max(0, libc.syscall(CREATE, None, ctypes.c_size_t(0), 1))


def restrict(readable: Iterable[str]) -> bool:
    """Give up the file system except for reading in the given folders and files.

    Returns:
        Whether the kernel did it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    known = version(libc)
    if known < 1:
        return False
    files = (1 << FILES.get(known, 16)) - 1
    attributes = struct.pack("=Q", files)
    if known >= 4:
        attributes += struct.pack("=Q", TCP)
    if known >= 6:
        attributes += struct.pack("=Q", SCOPES)
    ruleset = libc.syscall(CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    try:
        for path in readable:
            _allow(libc, ruleset, path)
        if libc.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
            return False
        return libc.syscall(RESTRICT, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: str) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rights = READ_FILE | EXECUTE
    if os.path.isdir(path):
        rights |= READ_FOLDER
    try:
        libc.syscall(ADD, ruleset, 1, struct.pack("=Qi", rights, handle), 0)
    finally:
        os.close(handle)


def standard_library(folder: str) -> list[str]:
    """What is in the folder of the standard library, without the packages that lie in it."""
    names = sorted(os.listdir(folder))
    return [os.path.join(folder, n) for n in names if n not in ("site-packages", "dist-packages")]
