"""Phase 1: all kernels into the cache on disk, by many processes; each does a share of them.

    python -m tests.benchmarks.cuda.compiling        starts the processes
    python -m tests.benchmarks.cuda.compiling 3/16   is one of them

With ``--simulated`` there is no GPU to load them, so two are compiled for one that is not there,
where the compilers are installed.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace
from unittest import mock

import numpy as np

from tests.benchmarks.cuda.record import record

CAPABILITY = (9, 0)
FEW = ("relu", "sigmoid")
PROCESSES = 16


def main(share: str = "", few: bool = False) -> None:
    """Compile all kernels, or a share of them."""
    if share:
        return _share(*map(int, share.split("/")), few)
    count = 1 if few else min(PROCESSES, os.cpu_count() or 1)
    begin = time.perf_counter()
    started = [
        subprocess.Popen(
            [sys.executable, "-m", __spec__.name, f"{i}/{count}", *["--simulated"] * few],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for i in range(count)
    ]  # fmt: skip
    kernels, failed = {}, {}
    for process in started:
        said, errors = process.communicate()
        for line in said.splitlines():
            name, seconds, fault = json.loads(line)
            kernels[name] = round(seconds, 2)
            if fault:
                failed[name] = fault
        if process.returncode:
            failed[f"process {len(failed)}"] = errors.strip()[-400:]
    record(
        kernels=len(kernels),
        processes=count,
        seconds=round(time.perf_counter() - begin, 1),
        one_process=round(sum(kernels.values()), 1),
        slowest=dict(sorted(kernels.items(), key=lambda k: -k[1])[:5]),
        **({"failed": failed} if failed else {}),
    )


def _share(number: int, count: int, few: bool) -> None:
    from dlcore.backends.cuda import launch
    from tests.backends.cuda.machine_code import launches

    found = {}
    for dtype in (np.float32,) if few else (np.float32, np.float64):
        found.update(launches(dtype, FEW if few else None))
    with _no_gpu() if few else contextlib.nullcontext():
        for name, (kernel, given) in list(found.items())[number::count]:
            begin, fault = time.perf_counter(), ""
            try:
                launch._compile(kernel, launch.signature(given))
            except Exception as error:
                fault = f"{type(error).__name__}: {error}"[:300]
            print(json.dumps([name, time.perf_counter() - begin, fault]), flush=True)


@contextlib.contextmanager
def _no_gpu() -> Iterator[None]:
    """Numba asks for a GPU in three places before it has compiled a kernel."""
    from numba.cuda import codegen, dispatcher

    here = SimpleNamespace(compute_capability=CAPABILITY)
    context = SimpleNamespace(device=here)

    def bind(kernel: object) -> None:
        kernel._codelibrary.get_cubin(cc=CAPABILITY)  # type: ignore[attr-defined]

    with (
        mock.patch.object(codegen.devices, "get_context", lambda: context),
        mock.patch.object(dispatcher, "get_current_device", lambda: here),
        mock.patch.object(dispatcher._Kernel, "bind", bind),
    ):
        yield


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if word != "--simulated"]
    main(*words, few="--simulated" in sys.argv)
