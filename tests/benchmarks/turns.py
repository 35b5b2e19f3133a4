"""Contenders in processes of their own, which take turns.

One works while the others wait, and the turn goes round several times, so that whatever else the
machine is doing falls on all of them.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from typing import Any

from tests.benchmarks import surroundings
from tests.benchmarks.libraries import Contender, Tasks

FEW = " few"  # the end of the name of a task that compiles what another one needs
BLAS = "blas"  # what a process is asked for instead of a task
# The threads of some libraries go on looking for work for a while, on the core of the next in turn.
REST = 0.3


def work(tasks: Tasks) -> None:
    """In the process of a contender: do what each line of the input asks for, and say the time.

    The line `blas` asks for the BLAS that is loaded.
    """
    for name, task in tasks.items():
        if f"{name}{FEW}" not in tasks:
            task(1)  # compile, and read what lies on disk
    print("ready", json.dumps(list(tasks)), flush=True)
    for line in sys.stdin:
        if line.strip() == BLAS:
            print(BLAS, json.dumps(surroundings.blas()), flush=True)
            continue
        count, name = line.strip().split(" ", 1)
        start = time.perf_counter()
        tasks[name](int(count))
        print("took", (time.perf_counter() - start) / int(count), flush=True)


class Process:
    """The process of a contender, which is `prepared` for its turns once it is ready.

    Args:
        workload: the name of the workload.
        name: the name of the contender.
        contender: the contender.
    """

    def __init__(self, workload: str, name: str, contender: Contender) -> None:
        self._name = name
        self._errors = tempfile.TemporaryFile()
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.benchmarks", "--work", workload, name],
                env=surroundings.environment(contender.environment),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
            )
        except OSError:
            self._errors.close()
            raise
        self.tasks: list[str] = []

    def prepared(self) -> Process:
        """Wait until it is ready, and know its tasks from then on.

        Raises:
            RuntimeError: if it ends before; the sentence ends with the last line of its errors.
        """
        self.tasks = self._answer("ready")
        return self

    def seconds(self, task: str, count: int) -> float:
        """How long one of `count` runs of a task takes."""
        self._ask(f"{count} {task}")
        return self._answer("took")

    def blas(self) -> dict[str, str]:
        """The BLAS that it has loaded so far, and for which processor its kernels are."""
        self._ask(BLAS)
        return self._answer(BLAS)

    def end(self) -> None:
        """End the process; once is enough."""
        if self._errors.closed:
            return
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _ask(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _answer(self, word: str) -> Any:
        """What stands after `word`; what else is printed is passed over."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith(f"{word} "):
                return json.loads(line.removeprefix(word))
        code = self._process.wait()
        self._errors.seek(0)
        last = self._errors.read().decode(errors="replace").strip().splitlines()[-1:]
        self.end()
        raise RuntimeError(f"{self._name} ended with exit code {code}: {''.join(last)}")


class Paced:
    """A process whose turns last about as long, however quick it is.

    Args:
        process: does its tasks once each here, for the pace; but not those that only compile.
        seconds: of a turn, about; one run of a task at least.
    """

    def __init__(self, process: Any, seconds: float) -> None:
        self._process = process
        self.tasks = [task for task in process.tasks if not task.endswith(FEW)]
        self._runs = {
            task: max(1, round(seconds / process.seconds(task, 1))) for task in self.tasks
        }

    def seconds(self, task: str, count: int) -> float:
        """How long one run takes of `count` turns."""
        return self._process.seconds(task, count * self._runs[task])


def take_turns(
    processes: Mapping[str, Any],
    counts: Mapping[str, int],
    rounds: int,
    rest: float = REST,
    patience: float = math.inf,
) -> dict[str, dict[str, list[float]]]:
    """Let all do each of their tasks once a round.

    Args:
        processes: by name, with `tasks` and `seconds(task, count)`.
        counts: the tasks, and how many runs of each are one turn.
        rounds: how many turns each has.
        rest: seconds of quiet before each turn.
        patience: seconds of work after which one has no more turns; it has one of each task.

    Returns:
        By name and task: the seconds of one run in each round.
    """
    times: dict[str, dict[str, list[float]]] = {
        name: {task: [] for task in counts if task in process.tasks}
        for name, process in processes.items()
    }
    spent = dict.fromkeys(processes, 0.0)
    for _ in range(rounds):
        for task, count in counts.items():
            for name, process in processes.items():
                if task in process.tasks and (spent[name] < patience or not times[name][task]):
                    time.sleep(rest)
                    start = time.perf_counter()
                    times[name][task].append(process.seconds(task, count))
                    spent[name] += time.perf_counter() - start
    return times
