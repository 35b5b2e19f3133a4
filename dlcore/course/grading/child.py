"""The parent's end of a child process: started without anything, asked in lines, always ended.

Nothing of the parent's environment is passed on, no open file but the two ends of a pipe. The
working folder is new, empty and removed afterwards. What the child may still do is decided in
``inside``. Whoever waits for an answer waits for a given time and no longer, whatever happens.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any

LAYERS = ("rlimits", "landlock", "seccomp", "guard")
LONGEST_LINE = 8 << 20
START = 60.0
# How many times as long a child may have that does not get the processor.
TURNS = 4
BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from inside.runner import main; "
    "del sys.path[0]; main()"
)
_WINDOWS = sys.platform == "win32"
_alive: set[Child] = set()


class ChildError(Exception):
    """The child gave no answer."""


class OutOfTime(ChildError):
    """It did not answer in time, and was ended."""


class Ended(ChildError):
    """It ended by itself; ``code`` is its exit status, negative for a signal."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the child ended with status {code}")
        self.code = code


class Garbled(ChildError):
    """What it sent is no answer."""


class Reached(ChildError):
    """It reached for what is refused, and its guard ended it; ``what`` is the name of that."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the child reached for {what}")
        self.what = what


@dataclass(frozen=True)
class Limits:
    """What a child may use.

    Attributes:
        seconds: for the check of one exercise.
        megabytes: of memory.
        layers: the defences inside the child; all of them, but in tests of a single one.
    """

    seconds: float = 5.0
    megabytes: int = 1024
    layers: tuple[str, ...] = LAYERS


class Child:
    """A child process for one function; a context manager that ends it with all that it started.

    Raises:
        ChildError: on entering, if it does not come up.
    """

    def __init__(self, job: dict[str, Any], limits: Limits, compiled: bool = False) -> None:
        self._compiled = compiled
        seconds = int(limits.seconds) * 2 + (130 if compiled else 15)
        self._job = job | {
            "packages": packages(compiled, bool(job.get("library"))),
            "preload": preload(job, compiled),
            "seconds": seconds,
            "megabytes": limits.megabytes * (4 if compiled else 1),
            "layers": list(limits.layers),
        }
        self.held: list[str] = []

    def __enter__(self) -> Child:
        self._folder = tempfile.mkdtemp(prefix="dlcore-grade-")
        _alive.add(self)
        try:
            self._start()
            self.held = list(map(str, self._exchange(self._job, START).get("held", [])))
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.end()

    def ask(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Send a request and wait for the answer.

        Raises:
            OutOfTime, Ended, Garbled, Reached: and the child is gone.
        """
        return self._exchange(request, seconds)

    def end(self) -> None:
        """End the process, its group, and remove its folder; nothing happens the second time."""
        process = getattr(self, "_process", None)
        if process is not None:
            _end(process)
            process.wait()
            if self._writer is not None:
                self._writer.join(1.0)
            if process.stdin is not None and not (self._writer and self._writer.is_alive()):
                process.stdin.close()
        shutil.rmtree(self._folder, ignore_errors=True)
        _alive.discard(self)

    def _start(self) -> None:
        grading = Path(__file__).parent
        options: dict[str, Any] = {"start_new_session": True}
        if _WINDOWS:
            options = {"creationflags": getattr(subprocess, "CREATE_NO_WINDOW", 0)}
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-X", "utf8", "-c", BOOT, str(grading)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd=self._folder, env=environment(), close_fds=True, bufsize=0, **options,
        )  # fmt: skip
        self._lines: queue.Queue[bytes | None] = queue.Queue()
        assert self._process.stdout is not None
        self._writer: threading.Thread | None = None
        _thread(_read_lines, self._process.stdout, self._lines)

    def _wait(self, seconds: float) -> bytes | None:
        """The next line. On a machine that is busy with other things the time is longer.

        Raises:
            OutOfTime: and the child is gone.
        """
        before, _ = _used(self._process.pid)
        for turn in range(TURNS):
            try:
                return self._lines.get(timeout=seconds)
            except queue.Empty:
                used, state = _used(self._process.pid)
                # Who waits or sleeps is not kept waiting by others; who runs all the time had it.
                if state not in ("R", "D") or used - before > 0.8 * seconds or turn == TURNS - 1:
                    break
        self.end()
        raise OutOfTime

    def _exchange(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        # In a thread of its own: a child that does not read must not hold up the parent.
        self._writer = _thread(_write, self._process.stdin, json.dumps(request).encode() + b"\n")
        line = self._wait(max(0.0, seconds))
        if line is None:
            try:
                self._process.wait(1.0)  # It may be about to end, with a status of its own.
            except subprocess.TimeoutExpired:
                pass
            self.end()
            raise Ended(self._process.returncode)
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError):
            answer = None
        if not isinstance(answer, dict):
            self.end()
            raise Garbled
        if "reached" in answer:
            self.end()
            raise Reached(str(answer["reached"])[:60])
        return answer


def _used(pid: int) -> tuple[float, str]:
    """Processor seconds of a process so far, and its state; (0, "") where that cannot be seen."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), fields[0]
    except (OSError, IndexError, ValueError):
        return 0.0, ""


def end_all() -> None:
    """End every child of this process, as when the teacher interrupts."""
    for child in list(_alive):
        process = getattr(child, "_process", None)
        if process is not None:
            _end(process)


def environment() -> dict[str, str]:
    """The child's environment: nothing of the parent's but what Windows cannot start without."""
    own = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
    kept = ("SYSTEMROOT", "SYSTEMDRIVE") if _WINDOWS else ()
    return own | {name: os.environ[name] for name in kept if name in os.environ}


def packages(compiled: bool, library: bool = False) -> dict[str, str]:
    """The packages that the child may import, and the folder in which each lies."""
    names = ["numpy", "numba", "llvmlite", "scipy"] if compiled else ["numpy"]
    names += ["dlcore"] * library  # Until the door is locked.
    specs = {name: importlib.util.find_spec(name) for name in names}
    origins = {name: spec.origin for name, spec in specs.items() if spec and spec.origin}
    return {name: str(Path(origin).parent.parent) for name, origin in origins.items()}


def preload(job: dict[str, Any], compiled: bool) -> list[str]:
    """Modules to load before the door is locked, because they could not be loaded later."""
    text = "".join(piece["text"] for piece in job["pieces"])
    parts = [f"numpy.{part}" for part in ("random", "linalg", "fft", "polynomial") if part in text]
    if compiled and packages(True).get("numba"):
        parts.append("numba")
        if packages(True).get("scipy"):
            parts.append("scipy.linalg.cython_blas")  # Numba takes matrix products from there.
    if job.get("library"):
        parts += ["dlcore.backends", "dlcore.engine.random", "dlcore.utils.lookup"]
        parts += [module for module, _ in job["parts"]]
    return ["numpy", *parts]


def _end(process: subprocess.Popen[bytes]) -> None:
    if _WINDOWS:
        if process.poll() is None:
            subprocess.run(
                ["taskkill", "/F", "/T", "/PID", str(process.pid)], capture_output=True, check=False
            )
            process.kill()
        return
    if process.returncode is None:
        # The number of the group is ours only as long as its leader has not been waited for.
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        process.kill()


def _thread(function: Any, *arguments: Any) -> threading.Thread:
    thread = threading.Thread(target=function, args=arguments, daemon=True)
    thread.start()
    return thread


def _write(stream: IO[bytes], data: bytes) -> None:
    try:
        view = memoryview(data)
        while view:
            view = view[stream.write(view) :]
    except (OSError, ValueError):
        pass  # It has ended; the reader says so.


def _read_lines(stream: IO[bytes], lines: queue.Queue[bytes | None]) -> None:
    """Pass on whole lines; after one that is too long, and at the end, None."""
    waiting = b""
    with stream, contextlib.suppress(OSError, ValueError):
        while part := stream.read(1 << 16):
            waiting += part
            *whole, waiting = waiting.split(b"\n")
            for line in whole:
                lines.put(line)
            if len(waiting) > LONGEST_LINE or lines.qsize() > 100:
                break
    lines.put(None)
