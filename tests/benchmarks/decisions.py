"""The figures of ``dlcore/DESIGN.md``: ``python -m tests.benchmarks.decisions``.

Each decision there costs something and saves something. This measures both, on this machine, in
the order of that page. Of each pair the two take turns, and the best time of each counts: what else
the machine does makes a time longer, never shorter.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import dlcore
from dlcore.backends import KERNELS
from dlcore.backends.numba import blas
from dlcore.course.checking import check as verdict
from dlcore.engine.interrupts import check, held
from dlcore.engine.random import SeedGenerator
from tests.benchmarks.cnn import CNN
from tests.benchmarks.mlp import MLP
from tests.course.grading import classroom
from tests.path import lines_without_words

ROUNDS = 7


def best(*contenders: Callable[[], Any], rounds: int = ROUNDS) -> list[float]:
    """Seconds that each takes at best, the contenders taking turns."""
    times = [[] for _ in contenders]
    for _ in range(rounds):
        for taken, contender in zip(times, contenders, strict=True):
            start = time.perf_counter()
            contender()
            taken.append(time.perf_counter() - start)
    return [min(taken) for taken in times]


def answer_key() -> str:
    """How many kernels there are, and how long they are in each backend."""
    key, compiled = lines_of("numpy"), lines_of("cpu")
    return f"{len(KERNELS)} kernels; {key} lines of code in numpy/, {compiled} in cpu/"


def lines_of(backend: str) -> int:
    """Lines of code of a backend, without blank lines, comments and docstrings."""
    folder = Path(inspect.getfile(dlcore)).parent / "backends" / backend
    texts = (file.read_text(encoding="utf-8") for file in folder.glob("*.py"))
    return sum(lines_without_words(text) for text in texts)


def steps(workload: Any, eagerly: bool) -> Callable[[], Any]:
    """An epoch of a workload, past its first steps."""
    x, y = workload.data()
    targets = workload.targets(y)
    model = workload.keras(dlcore)
    model.run_eagerly = eagerly
    rows = workload.batch * min(workload.steps, 40)

    def epoch() -> None:
        model.fit(x[:rows], targets[:rows], batch_size=workload.batch, verbose=0)

    epoch()
    return epoch


class Allocated(dlcore.callbacks.Callback):
    """The most bytes of arrays and objects that a step held beyond what was there before it."""

    def __init__(self) -> None:
        super().__init__()
        self.bytes: list[int] = []

    def on_train_batch_begin(self, batch: int, logs: Any = None) -> None:
        tracemalloc.reset_peak()
        self.before, _ = tracemalloc.get_traced_memory()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.bytes.append(tracemalloc.get_traced_memory()[1] - self.before)


def allocated(eagerly: bool) -> int:
    """What the last of ten steps of the CNN allocates from Python."""
    x, y = CNN.data()
    model, told = CNN.keras(dlcore), Allocated()
    model.run_eagerly = eagerly
    tracemalloc.start()
    try:
        model.fit(x[:320], CNN.targets(y)[:320], batch_size=32, verbose=0, callbacks=[told])
    finally:
        tracemalloc.stop()
    return told.bytes[-1]


def destination_passing() -> str:
    """The memory that a replayed step makes, beside one that makes its arrays anew."""
    replayed, eager = allocated(False), allocated(True)
    return (
        f"a step of the article's CNN needs {replayed / 1e6:.1f} MB beside what is there, and "
        f"{eager / 1e6:.1f} MB where it is not replayed"
    )


def replay() -> str:
    """A step of the MLP replayed, beside the same step run as it is."""
    replayed, eager = best(steps(MLP, False), steps(MLP, True))
    return (
        f"the article's MLP, a fit of 40 steps: {replayed * 1e3:.2f} ms, eagerly "
        f"{eager * 1e3:.2f} ms: {eager / replayed:.1f} times as long"
    )


WEIGHTS = """
import hashlib, dlcore
from tests.benchmarks.cnn import CNN
dlcore.utils.set_random_seed(0)
x, y = CNN.data()
model = CNN.keras(dlcore)
model.fit(x[:640], CNN.targets(y)[:640], batch_size=32, verbose=0)
print(hashlib.sha256(b"".join(w.tobytes() for w in model.get_weights())).hexdigest())
"""


def sums_in_parts() -> str:
    """Whether the weights of the CNN after 20 steps are the same with 1, 2 and 4 threads."""
    found = {}
    for threads in (1, 2, 4):
        environment = {**os.environ, "NUMBA_NUM_THREADS": str(threads)}
        run = subprocess.run(
            [sys.executable, "-c", WEIGHTS], env=environment, capture_output=True, text=True
        )
        found[threads] = run.stdout.strip() or run.stderr[-200:]
    same = "the same bits" if len(set(found.values())) == 1 else "not the same"
    return f"the article's CNN after 20 steps with 1, 2 and 4 threads: {same}"


def one_pool() -> str:
    """A step of the CNN with BLAS kept to one thread, and with its own pool beside Numba's."""
    kept = steps(CNN, False)
    limit = blas.single_threaded_blas

    def loose() -> None:
        from dlcore.backends.numba import threads

        with contextlib.ExitStack() as stack:
            for module in (blas, threads):
                module.single_threaded_blas = contextlib.nullcontext
                stack.callback(setattr, module, "single_threaded_blas", limit)
            kept()

    limited, free = best(kept, loose)
    return (
        f"the article's CNN, 40 steps: {limited * 1e3:.0f} ms, with the threads of BLAS beside "
        f"Numba's {free * 1e3:.0f} ms: {free / limited:.1f} times as long"
    )


def counters() -> str:
    """A million uniform numbers by counters, beside NumPy's generator."""
    shape, generator = (1000, 1000), np.random.default_rng(0)
    own, other = best(
        lambda: SeedGenerator(0).uniform(shape),
        lambda: generator.random(shape, dtype=np.float32),
    )
    return f"a million numbers: {own * 1e3:.1f} ms, NumPy's generator {other * 1e3:.1f} ms"


def interrupts() -> str:
    """What holding a Ctrl-C back costs."""

    def block() -> None:
        with held():
            pass

    once, each = best(
        lambda: [block() for _ in range(1000)], lambda: [check() for _ in range(1000)]
    )
    return f"{once * 1e3:.1f} µs for a fit, {each * 1e6:.0f} ns for a step"


def unpickled() -> str:
    """Writing and opening the file of the CNN."""
    x, _ = CNN.data()
    model = CNN.keras(dlcore)
    model(x[:1])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "cnn.keras")
        written, read = best(
            lambda: model.save(path), lambda: dlcore.models.load_model(path), rounds=3
        )
        size = path.stat().st_size
    return (
        f"the article's CNN, {size / 1e6:.1f} MB: written in {written * 1e3:.0f} ms, opened in "
        f"{read * 1e3:.0f} ms"
    )


def apart() -> str:
    """A check in the notebook, and the same answer marked in a process of its own."""
    text = "@exercise('04.relu')\ndef relu(x):\n    return np.maximum(x, 0)\n"
    here, there = best(
        lambda: verdict("04.relu", lambda x: np.maximum(x, 0)),
        lambda: classroom.mark("04.relu", classroom.IMPORTS, text),
        rounds=3,
    )
    return f"04.relu: {here * 1e3:.0f} ms here, {there * 1e3:.0f} ms in a process of its own"


MEASURED = {
    1: answer_key,
    2: destination_passing,
    3: replay,
    4: sums_in_parts,
    5: one_pool,
    6: counters,
    7: interrupts,
    8: unpickled,
    10: apart,
}


def main() -> None:
    """Print a line for each decision that has a figure."""
    for number, measure in MEASURED.items():
        print(f"{number}. {measure.__name__.replace('_', ' ')}: {measure()}", flush=True)


if __name__ == "__main__":
    main()
