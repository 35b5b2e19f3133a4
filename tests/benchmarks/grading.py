"""How long marking a class takes: ``python -m tests.benchmarks.grading``.

A class is made up: every student hands in a notebook of one lesson with five exercises. Most
answers are right or known mistakes; a tenth loops for ever or is compiled by Numba. The command is
run as a teacher would, in a process of its own, on two cores where the system can say so. Printed
are the time, the memory of the command itself and of everything together, and how the marks came
out, beside what had to come out.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from collections import Counter
from pathlib import Path

from dlcore.course.registry import registry
from tests.course.grading.classroom import IMPORTS, answer, notebook

LESSON = "04"
GOAL_SECONDS = 600.0
SLOW_SHARE = 0.1
WRONG_SHARE = 0.15
COMPILED = "from numba import njit\n\n"


def looping(exercise):
    """An answer that never comes to an end."""
    head = answer(exercise).split("\n")
    at = next(n for n, line in enumerate(head) if line.startswith("def "))
    return "\n".join(head[: at + 1]) + "\n    while True:\n        pass\n"


def compiled(exercise):
    """The same function compiled by Numba: loops over the numbers of its arrays."""
    body = {
        "relu": "max(x[n, k], 0)",
        "relu_grad": "dy[n, k] if y[n, k] > 0 else 0",
        "tanh": "np.tanh(x[n, k])",
        "tanh_grad": "dy[n, k] * (1 - y[n, k] ** 2)",
        "leaky_relu": "x[n, k] if x[n, k] > 0 else negative_slope * x[n, k]",
    }[exercise.name]
    arguments = {"leaky_relu": "x, negative_slope=0.2"}.get(exercise.name)
    arguments = arguments or ("dy, y" if exercise.name.endswith("_grad") else "x")
    first = arguments.split(",")[0]
    return COMPILED + (
        f'@exercise("{exercise.id}")\n@njit\ndef {exercise.name}({arguments}):\n'
        f"    out = np.zeros_like({first})\n    for n in range({first}.shape[0]):\n"
        f"        for k in range({first}.shape[1]):\n            out[n, k] = {body}\n"
        "    return out\n"
    )


def make_class(folder: Path, students: int) -> dict[tuple[str, str], str]:
    """Write the notebooks; the status that each answer has to get."""
    chance = random.Random(300)
    exercises = [e for e in registry().all() if e.lesson == LESSON]
    expected = {}
    slow = 0
    for number in range(students):
        name, cells = f"student{number:03d}", [IMPORTS]
        for exercise in exercises:
            kind = chance.random()
            if kind < SLOW_SHARE:
                slow += 1
                text, status = (
                    (looping(exercise), "wrong") if slow % 2 else (compiled(exercise), "right")
                )
            elif kind < SLOW_SHARE + WRONG_SHARE:
                text, status = answer(exercise, chance.choice(exercise.wrong).function), "wrong"
            else:
                text, status = answer(exercise), "right"
            cells.append(f"# {name}\n{text}")
            expected[name, exercise.id] = status
        (folder / name).mkdir(parents=True)
        (folder / name / f"{LESSON}.ipynb").write_text(notebook(*cells), encoding="utf-8")
    return expected


class Memory(threading.Thread):
    """Samples what a process and all its descendants hold; 0 where there is no /proc."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.own, self.whole, self.done = pid, 0, 0, threading.Event()

    def run(self) -> None:
        """Until it is done."""
        while not self.done.wait(0.25):
            held = _held()
            below = {self.pid}
            for pid, (parent, _) in sorted(held.items()):
                if parent in below:
                    below.add(pid)
            self.own = max(self.own, held.get(self.pid, (0, 0))[1])
            self.whole = max(self.whole, sum(held[pid][1] for pid in below if pid in held))


def _held() -> dict[int, tuple[int, int]]:
    """(parent, bytes in memory) of every process."""
    page = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
    held = {}
    for path in Path("/proc").glob("[0-9]*/stat") if Path("/proc").is_dir() else ():
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        held[int(path.parent.name)] = int(fields[1]), int(fields[21]) * page
    return held


def run(students: int, jobs: int, cores: int) -> dict[str, object]:
    """Make a class and mark it; what was measured."""
    with tempfile.TemporaryDirectory(prefix="dlcore-class-") as place:
        folder = Path(place) / "class"
        expected = make_class(folder, students)
        program = [sys.executable, "-m", "dlcore.command.cli"]
        command = [*program, "grade", str(folder), "--jobs", str(jobs)]
        start = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        if hasattr(os, "sched_setaffinity"):
            some = sorted(os.sched_getaffinity(0))[:cores]
            os.sched_setaffinity(process.pid, some)
        memory = Memory(process.pid)
        memory.start()
        said, _ = process.communicate()
        seconds = time.perf_counter() - start
        memory.done.set()
        memory.join()
        with open(Path(f"{folder}-marks") / "details.csv", encoding="utf-8", newline="") as file:
            found = {(r["student"], r["exercise"]): r for r in csv.DictReader(file)}
    off = {k: found[k]["found"] for k, status in expected.items() if found[k]["status"] != status}
    return {
        "students": students, "answers": len(expected), "jobs": jobs, "seconds": round(seconds, 1),
        "seconds for 300": round(seconds * 300 / students, 1),
        "megabytes of the command": memory.own >> 20, "megabytes of all": memory.whole >> 20,
        "status": process.returncode, "marks": dict(Counter(r["status"] for r in found.values())),
        "stopped": sum(r["kind"] == "time" for r in found.values()),
        "not as they should be": {" ".join(k): text for k, text in off.items()}, "said": said,
    }  # fmt: skip


def main() -> int:
    """Measure, print, and say whether the goal was reached."""
    parser = argparse.ArgumentParser(description=textwrap.dedent(__doc__ or "").split("\n")[0])
    parser.add_argument("--students", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--cores", type=int, default=2)
    options = parser.parse_args()
    found = run(options.students, options.jobs, options.cores)
    said = found.pop("said")
    print(said)
    print(json.dumps(found, indent=1))
    reached = float(str(found["seconds for 300"])) < GOAL_SECONDS
    reached = reached and not found["not as they should be"]
    print(f"The goal of {GOAL_SECONDS:g} s for 300 is {'' if reached else 'not '}reached.")
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
