"""All that a GPU has to answer about ``cuda``, in one run of some minutes without a network.

    python -m tests.benchmarks --cuda                on a machine with a GPU
    python -m tests.benchmarks --cuda --simulated    on any other, with sizes cut: does it all run?

Each phase is a process with a time limit of its own, so that one which fails or hangs costs only
itself. What is found is added to ``cuda.json`` at once; ``report FILE`` makes the tables of it.
"""

from __future__ import annotations

import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks import surroundings
from tests.benchmarks.cuda import record, report

ROOT = Path(__file__).resolve().parents[3]
HERE = "tests.benchmarks.cuda"
LEAST = 3.0  # seconds with which it is worth while to start a phase


@dataclass(frozen=True)
class Phase:
    """A part of the run.

    Args:
        command: what Python is called with.
        limit: seconds at most.
        compiles: whether it has to do with compilers, and so not with the simulator.
    """

    command: tuple[str, ...]
    limit: float
    compiles: bool = False


# The surest and most wanted first.
PHASES: dict[str, Phase] = {
    "facts": Phase(("-m", f"{HERE}.facts"), 25),
    "compile": Phase(("-m", f"{HERE}.compiling"), 60, compiles=True),
    "suite": Phase(("-m", f"{HERE}.suite"), 100),
    "whole": Phase(("-m", f"{HERE}.whole"), 40),
    "models": Phase(("-m", f"{HERE}.models"), 60),
    "ceilings": Phase(("-m", f"{HERE}.ceilings"), 25),
    "torch": Phase(("-m", f"{HERE}.rivals", "torch"), 25),
    "kernels": Phase(("-m", f"{HERE}.kernels"), 100),
    "jax": Phase(("-m", f"{HERE}.rivals", "jax"), 30),
    "torch.compile": Phase(("-m", f"{HERE}.rivals", "compile"), 40),
}


def main(
    minutes: float, out: Path, simulated: bool, names: Sequence[str] = (), phases: Any = PHASES
) -> int:
    """Run the phases, print the tables; gives the number of phases that did not end well.

    Args:
        minutes: of the whole run, at most.
        out: the folder of ``cuda.json``, which is begun anew.
        simulated: on Numba's simulator, with sizes cut and no limit for a phase but that of all.
        names: of the phases; default: all.
        phases: by name.
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / "cuda.json"
    path.unlink(missing_ok=True)
    begin, failed = time.perf_counter(), []
    record.add(
        path, phase="run", date=datetime.now(UTC).date().isoformat(), simulated=simulated,
        minutes=minutes,
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as cache:
        for name in names or phases:
            left = minutes * 60 - (time.perf_counter() - begin)
            limit = left if simulated else min(phases[name].limit, left)
            env = environment(name, phases[name], path, Path(cache), simulated)
            why = _run(name, phases[name], limit, env, simulated)
            if why:
                failed.append(name)
                record.add(path, phase=name, name="the phase", failed=why)
    print(f"\n{report.text(record.read(path))}\n\n{path}")
    return len(failed)


def _run(name: str, phase: Phase, limit: float, env: Mapping[str, str], simulated: bool) -> str:
    """Run one phase; gives why it did not end well, "" if it did."""
    begin, why = time.perf_counter(), ""
    if limit < LEAST:
        why = "there was no time left"
    else:
        command = [sys.executable, *phase.command]
        command += ["--simulated"] * (simulated and phase.compiles)
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                command, cwd=ROOT, env=env, start_new_session=True, stdout=output, stderr=output
            )
            try:
                code = process.wait(limit)
                if code:
                    output.seek(0)
                    said = output.read().decode(errors="replace").strip().splitlines()
                    why = f"exit code {code}: {' | '.join(said[-3:])[-400:]}"
            except subprocess.TimeoutExpired:
                why = f"it was stopped after {limit:.0f} s"
            finally:
                _end(process)
    print(f"{name}: {time.perf_counter() - begin:.0f} s, {why or 'done'}", flush=True)
    return why


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a phase and the processes that it has started."""
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except ProcessLookupError:
        pass
    process.wait()


def environment(
    name: str, phase: Phase, path: Path, cache: Path, simulated: bool
) -> dict[str, str]:
    """The variables of the process of a phase; its compiled kernels are those of this run."""
    env = {
        **surroundings.environment({}),
        record.FILE: str(path.resolve()),
        record.PHASE: name,
        "DLCORE_CACHE_FOLDER": str(cache),
        "NUMBA_CUDA_LOW_OCCUPANCY_WARNINGS": "0",
        "NUMBA_ENABLE_CUDASIM": "1" if simulated and not phase.compiles else "0",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH")))),
        "PYTHONUNBUFFERED": "1",
        "TORCHINDUCTOR_CACHE_DIR": str(cache / "inductor"),
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
    }
    if not simulated and (found := toolkit()):
        env["CUDA_HOME"] = env["CUDA_PATH"] = found
    return env


def toolkit() -> str | None:
    """The folder of a toolkit of CUDA with NVVM, which Numba asks for where no wheel has it."""
    nvcc = os.path.realpath(shutil.which("nvcc") or "")
    places = [os.environ.get("CUDA_HOME", ""), os.path.dirname(os.path.dirname(nvcc))]
    places += sorted(glob.glob("/usr/local/cuda*"))
    return next((p for p in places if p and os.path.isdir(os.path.join(p, "nvvm"))), None)
