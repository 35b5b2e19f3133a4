"""Limits that POSIX systems put on a process: processor time, memory, files, processes.

Windows has none of them. macOS accepts the limit of memory without keeping to it. A limit on the
number of processes does not bind root, on any system; ``seccomp`` does.
"""

from __future__ import annotations

import sys

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


def apply(seconds: int, megabytes: int) -> list[str]:
    """Set the limits; they cannot be taken back.

    Args:
        seconds: of processor time, all threads together.
        megabytes: of address space.

    Returns:
        The names of those that the system keeps.
    """
    if resource is None:
        return []
    wanted = {
        "processor time": (resource.RLIMIT_CPU, seconds),
        "memory": (resource.RLIMIT_AS, megabytes << 20),
        "file size": (resource.RLIMIT_FSIZE, 0),
        "core files": (resource.RLIMIT_CORE, 0),
        "open files": (resource.RLIMIT_NOFILE, 64),
        "processes": (resource.RLIMIT_NPROC, 1),
    }
    kept = []
    for name, (which, value) in wanted.items():
        try:
            resource.setrlimit(which, (value, value))
        except (ValueError, OSError):
            continue
        if not (name == "memory" and sys.platform == "darwin"):
            kept.append(name)
    return kept
