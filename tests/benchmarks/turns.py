"""Contenders in processes of their own, which take turns.

One works while the others wait, and the turn goes round several times, so that whatever else the
machine is doing falls on all of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from typing import Any

from tests.benchmarks import surroundings
from tests.benchmarks.libraries import Contender, Tasks

BLAS = "blas"  # what a process is asked for instead of a task
# The threads of some libraries go on looking for work for a while, on the core of the next in turn.
REST = 0.3


def work(tasks: Tasks) -> None:
    """In the process of a contender: do what each line of the input asks for, and say the time.

    The line `blas` asks for the BLAS that is loaded.
    """
    for name, task in tasks.items():
        if name != "train" or "train few" not in tasks:
            task(1)  # compile, and read what lies on disk
    print("ready", *(name.replace(" ", "-") for name in tasks), flush=True)
    for line in sys.stdin:
        if line.strip() == BLAS:
            print(BLAS, json.dumps(surroundings.blas()), flush=True)
            continue
        name, count = line.split()
        task = tasks[name.replace("-", " ")]
        start = time.perf_counter()
        task(int(count))
        print("took", (time.perf_counter() - start) / int(count), flush=True)


class Process:
    """The process of a contender, ready for its turns.

    Args:
        workload: the name of the workload.
        name: the name of the contender.
        contender: the contender.

    Raises:
        RuntimeError: if it does not start; the sentence ends with the last line of its errors.
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
        self.tasks = [name.replace("-", " ") for name in self._answer("ready")]

    def seconds(self, task: str, count: int) -> float:
        """How long one of `count` runs of a task takes."""
        self._ask(f"{task.replace(' ', '-')} {count}")
        return float(self._answer("took")[0])

    def blas(self) -> dict[str, str]:
        """The BLAS that it has loaded so far, and for which processor its kernels are."""
        self._ask(BLAS)
        return json.loads(" ".join(self._answer(BLAS)))

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

    def _answer(self, word: str) -> list[str]:
        """The words after `word`; what else is printed is passed over."""
        assert self._process.stdout is not None
        for line in self._process.stdout:
            words = line.split()
            if words[:1] == [word]:
                return words[1:]
        code = self._process.wait()
        self._errors.seek(0)
        last = self._errors.read().decode(errors="replace").strip().splitlines()[-1:]
        self.end()
        raise RuntimeError(f"{self._name} ended with exit code {code}: {''.join(last)}")


def take_turns(
    processes: Mapping[str, Any], counts: Mapping[str, int], rounds: int, rest: float = REST
) -> dict[str, dict[str, list[float]]]:
    """Let all do each of their tasks once a round.

    Args:
        processes: by name, with `tasks` and `seconds(task, count)`.
        counts: the tasks, and how many runs of each are one turn.
        rounds: how many turns each has.
        rest: seconds of quiet before each turn.

    Returns:
        By name and task: the seconds of one run in each round.
    """
    times: dict[str, dict[str, list[float]]] = {
        name: {task: [] for task in counts if task in process.tasks}
        for name, process in processes.items()
    }
    for _ in range(rounds):
        for task, count in counts.items():
            for name, process in processes.items():
                if task in process.tasks:
                    time.sleep(rest)
                    times[name][task].append(process.seconds(task, count))
    return times
