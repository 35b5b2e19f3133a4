"""Phase 2: the tests of the kernels on the GPU, in several processes, and some large shapes.

What the project asks of pytest in its own settings, such as a version, this machine may not have:
the processes are given settings of their own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.cuda import shard
from tests.benchmarks.cuda.record import SIMULATED, attempt, record
from tests.benchmarks.cuda.timing import numbers

ROOT = Path(__file__).resolve().parents[3]
SETTINGS = "[pytest]\nmarkers =\n    gpu: runs on a GPU\n    slow: takes long\n"
FILES = [f"tests/backends/cuda/test_{name}.py" for name in ("kernels", "simple", "training")]
PROCESSES = 8
FEW = 16  # on the simulator one test of so many
LIMIT = 80.0  # seconds, so that what has been found is told before the phase is ended

LARGE = {
    "matmul": [(1000, 777), (777, 1023)],
    "conv2d": [(64, 56, 56, 64), (3, 3, 64, 64), (64,)],
    "conv2d_grad": [(64, 54, 54, 64), (64, 56, 56, 64), (3, 3, 64, 64)],
}
SMALL = {
    "matmul": [(40, 33), (33, 37)],
    "conv2d": [(2, 6, 6, 4), (3, 3, 4, 8), (8,)],
    "conv2d_grad": [(2, 4, 4, 8), (2, 6, 6, 4), (3, 3, 4, 8)],
}


def main() -> None:
    """Run and record them."""
    attempt("the tests", _tests)
    for name, shapes in (SMALL if SIMULATED else LARGE).items():
        attempt(f"large {name}", lambda name=name, shapes=shapes: _large(name, shapes))


def _tests() -> None:
    shares = [f"0/{FEW}"] if SIMULATED else [f"{i}/{PROCESSES}" for i in range(PROCESSES)]
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder, "pytest.ini")
        settings.write_text(SETTINGS)
        command = [sys.executable, "-m", "pytest", "-q", "-c", str(settings), f"--rootdir={ROOT}"]
        command += ["-p", "no:cacheprovider", "-p", shard.__name__, "--import-mode=importlib"]
        command += FILES if SIMULATED else [*FILES, "-m", "gpu"]
        running = []
        for number, share in enumerate(shares):
            own = {shard.SHARD: share, shard.NOTES: str(Path(folder, f"{number}.notes"))}
            env = {**os.environ, **own, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": ""}
            running.append(
                subprocess.Popen(
                    command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                    text=True,
                )
            )  # fmt: skip
        said, late = [], 0
        end = time.monotonic() + (600 if SIMULATED else LIMIT)
        for process in running:
            try:
                said.append(process.communicate(timeout=max(0.1, end - time.monotonic()))[0])
            except subprocess.TimeoutExpired:
                process.kill()
                said.append(process.communicate()[0])
                late += 1
        lines = [
            json.loads(line)
            for path in sorted(Path(folder).glob("*.notes"))
            for line in path.read_text("utf-8").splitlines()
        ]
    wrong = {name: told for name, outcome, told in lines if outcome == "failed"}
    if not lines:
        raise RuntimeError(f"no test ran: {said[0].strip()[-300:]}")
    passed = sum(outcome == "passed" for _, outcome, _ in lines)
    record(passed=passed, stopped=late, **({"failed": wrong} if wrong else {}))


def _large(name: str, shapes: list[tuple[int, ...]]) -> None:
    from tests.backends.cuda.test_kernels import check

    inputs = [numbers(*shape, seed=i) for i, shape in enumerate(shapes)]
    check(name, inputs, {}, 1e-4)
    record(large=name, shapes=shapes, right=True)


if __name__ == "__main__":
    main()
