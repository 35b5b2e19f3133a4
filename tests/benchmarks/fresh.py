"""The life of a library in a fresh process: import, first fit, and the memory at its peak.

    python -m tests.benchmarks.fresh dlcore

The network is the article's CNN, the pictures are noise. Nothing is imported up here that a library
imports as well: that is part of what is timed.
"""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.benchmarks import surroundings

IMPORTS = {
    "dlcore": ("dlcore", "dlcore.layers", "dlcore.models"),
    "keras-jax": ("keras",),
    "keras-tensorflow": ("keras",),
    "keras-torch": ("keras",),
    "pytorch": ("torch",),
}
STEPS = 60


def peak_memory() -> int:
    """The most bytes of memory that this process has held; 0 where the system does not say."""
    status = Path("/proc/self/status")
    if status.exists():
        # ru_maxrss would also count what the parent held when it made this process.
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    try:
        import resource
    except ImportError:
        return 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def live(name: str, steps: int = STEPS) -> dict[str, float]:
    """Import a library, build the model, fit three steps, fit an epoch, predict.

    Returns:
        Seconds of the "import" and of the "first fit" (from building the model to the end of a
        fit of three steps), and the peak of the "memory" in bytes.
    """
    start = time.perf_counter()
    for module in IMPORTS[name]:
        importlib.import_module(module)
    imported = time.perf_counter()

    from dataclasses import replace

    import numpy as np

    from tests.benchmarks.cnn import CNN
    from tests.benchmarks.libraries import OURS, PEERS

    rows, rng = CNN.batch * steps, np.random.default_rng(0)
    if name == "pytorch":  # pictures that lie as PyTorch has them need no second copy
        x = rng.random((rows, 3, 32, 32), dtype=np.float32).transpose(0, 2, 3, 1)
    else:
        x = rng.random((rows, 32, 32, 3), dtype=np.float32)
    y = np.arange(rows) % 10
    workload = replace(CNN, data=lambda: (x, y), predicts=rows)
    begun = time.perf_counter()
    tasks = (OURS | PEERS)[name].tasks(workload)
    tasks["train few"](1)
    fitted = time.perf_counter()
    tasks["train"](1)
    tasks["predict many"](1)
    times = {"import": imported - start, "first fit": fitted - begun}
    return times | {"import and fit": sum(times.values()), "memory": float(peak_memory())}


def life(name: str, environment: dict[str, str]) -> dict[str, float]:
    """Have a library live in a fresh process with these variables.

    Raises:
        RuntimeError: if it ends early; the sentence ends with the last line of its errors.
    """
    # Where Python may not keep what it has compiled of a checkout, it would do so in each life.
    variables = surroundings.environment(environment)
    variables.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.fresh", name],
        env=variables,
        capture_output=True,
        text=True,
    )
    lines: list[Any] = [line for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode or not lines:
        last = done.stderr.strip().splitlines()[-1:]
        raise RuntimeError(f"{name} ended with exit code {done.returncode}: {''.join(last)}")
    return json.loads(lines[-1])


if __name__ == "__main__":
    print(json.dumps(live(sys.argv[1])))
