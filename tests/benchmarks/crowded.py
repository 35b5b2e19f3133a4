"""The crowded laptop: what a training step takes while other programs keep every core busy.

The busy processes are started and ended here. Each also ends by itself when the pipe to its input
closes, which the system does for it if this process is killed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from tests.benchmarks import run
from tests.benchmarks.libraries import OURS, PEERS, Tasks
from tests.benchmarks.table import Row, middle, table, times
from tests.benchmarks.turns import FEW, Paced, take_turns
from tests.benchmarks.workload import Workload

MODEL = "crowded"
STEPS = {"mlp": 100, "cnn": 8, "mlp-512": 20, "lstm": 20}  # of an epoch; a turn is some epochs
QUIET, CROWDED = "quiet", "crowded"
TURNS = {QUIET: 5, CROWDED: 10}
TURN = 0.15  # seconds, in the quiet
PATIENCE = 6.0  # seconds: threads that wait for each other by looping take minutes for ten turns
REST = 0.1
BUSY = """
import os, sys, threading

def watch():
    sys.stdin.buffer.read()  # until nobody holds the other end
    os._exit(0)

threading.Thread(target=watch, daemon=True).start()
print("busy", flush=True)
while True:
    pass
"""


def cores() -> int:
    """How many this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return len(usable(0)) if usable else os.cpu_count() or 1


@contextmanager
def crowd(count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many busy processes, which are gone at the end of the block however that comes."""
    busy: list[subprocess.Popen[bytes]] = []
    try:
        for _ in range(count):
            busy.append(
                subprocess.Popen(
                    [sys.executable, "-S", "-E", "-c", BUSY],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            )
        for process in busy:
            assert process.stdout is not None
            process.stdout.readline()
        yield busy
    finally:
        for process in busy:
            with process:  # whose end closes the pipes and waits
                process.kill()


def tasks(name: str) -> Tasks:
    """In the process of a contender: it only trains, each of the models in short epochs."""
    contender = run.CONTENDERS[name]
    found: Tasks = {}
    for model, steps in STEPS.items():
        if name in run.contenders(model):
            made = contender.tasks(shortened(run.WORKLOADS[model], steps))
            found |= {f"{model}{FEW}": made["train few"], model: made["train"]}
    return found


def shortened(workload: Workload, steps: int) -> Workload:
    """The same workload with an epoch of so many steps."""
    x, y = (each[: steps * workload.batch] for each in workload.data())
    return replace(workload, data=lambda: (x, y), predicts=0, single=False)


def compare(results: run.Results) -> None:
    """Time the training step of each model in the quiet and right after it in the crowd."""
    here = {name: c for name, c in (OURS | PEERS).items() if c.is_here}
    with run.started(MODEL, here, results) as processes:
        paced = {name: Paced(process, TURN) for name, process in processes.items()}
        found: run.Times = {name: {} for name in paced}
        for model, steps in STEPS.items():
            taken = {QUIET: take_turns(paced, {model: 1}, TURNS[QUIET], REST)}
            with crowd(cores()):
                taken[CROWDED] = take_turns(paced, {model: 1}, TURNS[CROWDED], REST, PATIENCE)
            for when, by_name in taken.items():
                for name, by_task in by_name.items():
                    if model in by_task:
                        seconds = [epoch / steps for epoch in by_task[model]]
                        found[name][f"{model} {when}"] = seconds
    results.times[MODEL] = found


def rows(model: str, found: run.Times) -> list[Row]:
    """The lines of a model; of contenders that share a column, the one that is faster crowded."""
    quiet, crowded = (
        {name: tasks[key] for name, tasks in found.items() if (key := f"{model} {when}") in tasks}
        for when in (QUIET, CROWDED)
    )
    fastest: dict[str, str] = {}
    for name in sorted(crowded, key=lambda name: middle(crowded[name])):
        fastest.setdefault(run.CONTENDERS[name].title, name)
    before = {title: middle(quiet[name]) for title, name in fastest.items()}
    after = {title: middle(crowded[name]) for title, name in fastest.items()}
    return [
        Row(f"{run.WORKLOADS[model].title}: in the quiet", before),
        Row("… in the crowd", after),
        Row("… in the crowd, the worst turn", {t: max(crowded[n]) for t, n in fastest.items()}),
        Row("… in the crowd ÷ in the quiet", {t: after[t] / before[t] for t in fastest}, times),
    ]


def text(found: run.Times) -> str:
    """The part of the page."""
    lines = [row for model in STEPS for row in rows(model, found)]
    said = (
        "A laptop in a lesson has other programs open. Here a loop that does nothing kept each of "
        f"the {cores()} cores busy. The contenders took {TURNS[QUIET]} turns each in the quiet; "
        f"then the loops were started, and they took {TURNS[CROWDED]} turns more, or fewer where "
        f"one had trained for {PATIENCE:g} s by then. A turn is as many epochs as fill {TURN:g} s "
        f"in the quiet, and an epoch is short: {', '.join(map(str, STEPS.values()))} steps of the "
        "four models. The figures are those of a training step: the median of the turns, and the "
        "worst turn. The last line of a model tells how many times as long a step took in the "
        "crowd; where its last column is above 1, all others suffered more than dlcore."
    )
    heading = "## On a crowded machine"
    return "\n\n".join([heading, said, table(lines, run.columns(), "training step")])
