"""The child's main loop: take the job, lock the door, then answer case after case.

The parent writes a line of JSON and reads one. The first line is the job; the answer to it comes
when the limits are in force and before a line of the submission has run.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from . import guard, landlock, lending, rlimits, seccomp


def main() -> None:
    """Serve one job until the parent closes the line."""
    read = sys.stdin.buffer.readline
    channel = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)

    def send(message: dict[str, Any]) -> None:
        channel.write(json.dumps(message).encode() + b"\n")
        channel.flush()

    job = json.loads(read())
    sys.meta_path.append(guard.Packages(job["packages"]))
    from . import calls, wire  # They need NumPy, and could not be found later.

    dispatcher, lent = load(job)
    held = confine(job, channel.fileno())
    send({"held": held})
    function: Callable[..., Any] | None = None
    compiled = False
    while line := read():
        request = json.loads(line)
        if "define" in request:
            try:
                function = calls.define(job, lent)
                # The type cannot be put on, as an attribute can.
                compiled = dispatcher is not None and type(function) is dispatcher
                answer: dict[str, Any] = {"compiled": compiled}
            except BaseException as error:
                answer = calls.raised(error, job["cell"])
        elif "compile" in request:
            calls.compile_for(function, wire.decode(request["compile"]))
            answer = {}
        else:
            assert function is not None
            called: Any = function
            if request["plain"] and compiled:
                called = function.py_func  # type: ignore[attr-defined]
            answer = calls.attempt(called, wire.decode(request["case"]), job["cell"])
        send(answer)
    os._exit(0)  # Threads that a submission left behind are not waited for.


def load(job: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Load what is needed, while files can be read.

    Args:
        job: "preload", modules; what `lending.lend` takes.

    Returns:
        The type of what Numba compiles, and what is lent of dlcore.
    """
    library = os.path.dirname(os.__file__)
    sys.path[:] = [path for path in sys.path if path.startswith(library) and os.path.exists(path)]
    for name in job["preload"]:
        importlib.import_module(name)
    lent = lending.lend(job) if job.get("library") else {}
    if "numba" not in job["preload"]:
        return None, lent
    # The first compilation looks for extensions in all folders of packages.
    ones = importlib.import_module("numpy").ones(2)
    half = importlib.import_module("numba").njit(_half)
    half(ones)
    return type(half), lent


def confine(job: dict[str, Any], channel: int) -> list[str]:
    """Give up what is not needed.

    Args:
        job: "packages", name -> folder that holds it; "seconds" and "megabytes"; "layers", which
            of the defences to raise (all, but for tests of one).
        channel: where the guard writes what was reached for.

    Returns:
        The names of the limits that hold here.
    """
    layers = job["layers"]
    library = os.path.dirname(os.__file__)
    # What is lent of dlcore is there already; its files are the answer key.
    packages = {n: folder for n, folder in job["packages"].items() if n != lending.LIBRARY}
    own = [os.path.join(folder, name) for name, folder in packages.items()]
    own += [os.path.join(folder, f"{name}.libs") for name, folder in packages.items()]
    shared = [os.path.join(library, "lib-dynload")]
    readable = landlock.standard_library(library) + own + shared
    held = rlimits.apply(job["seconds"], job["megabytes"]) if "rlimits" in layers else []
    if "landlock" in layers and sys.platform == "linux" and landlock.restrict(readable):
        held.append("files")
    if "seccomp" in layers and seccomp.install():
        held.append("system calls")
    if "guard" in layers:
        guard.arm(readable, "numba" in packages, channel)
        held.append("guard")
    return held


def _half(x: Any) -> Any:
    return x / 2
