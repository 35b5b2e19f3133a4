"""How a training step grows: against width, batch, depth and the length of a sequence.

One size changes, all else stays. The contenders take turns at each size.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.benchmarks import run
from tests.benchmarks.libraries import Tasks
from tests.benchmarks.table import Row, middle, table
from tests.benchmarks.turns import FEW, Paced, take_turns
from tests.benchmarks.wider import compiled, lstm, mlp, noise
from tests.benchmarks.workload import Workload

MODEL = "growth"
CONTENDERS = ("dlcore", "keras-jax", "pytorch")
TURN = 0.1  # seconds; a turn is as many epochs as fill them
REST = 0.1
PATIENCE = 90.0  # seconds for all of it; each size is measured once at least
ROWS = 4096  # of an epoch of the dense networks, but for the widest


def loop(units: int, steps: int, inputs: int, batch: int, count: int) -> Workload:
    """A recurrent layer of one's own: a loop over time, written with operations."""

    def keras(library: Any, **options: Any) -> Any:
        layers, ops = library.layers, library.ops

        class Loop(layers.Layer):
            def build(self, shape: Any) -> None:
                self.kernel = self.add_weight(shape=(inputs, units))
                self.recurrent_kernel = self.add_weight(shape=(units, units))
                self.bias = self.add_weight(shape=(units,), initializer="zeros")

            def call(self, x: Any) -> Any:
                h = ops.tanh(ops.matmul(x[:, 0], self.kernel) + self.bias)
                for t in range(1, steps):
                    of_input = ops.matmul(x[:, t], self.kernel) + self.bias
                    h = ops.tanh(of_input + ops.matmul(h, self.recurrent_kernel))
                return h

        stack = [library.Input((steps, inputs)), Loop(), layers.Dense(10, activation="softmax")]
        return compiled(library, stack, **options)

    def pytorch() -> Any:
        from torch import nn

        class Loop(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.of_input = nn.Linear(inputs, units)
                self.of_state = nn.Linear(units, units, bias=False)
                self.dense = nn.Linear(units, 10)

            def forward(self, x: Any) -> Any:
                h = self.of_input(x[:, 0]).tanh()
                for t in range(1, steps):
                    h = (self.of_input(x[:, t]) + self.of_state(h)).tanh()
                return self.dense(h)

        return Loop()

    def data() -> tuple[np.ndarray, np.ndarray]:
        return noise(count * batch, steps, inputs)

    title = f"a loop of {units} units over {steps} steps of {inputs}, batches of {batch}"
    return Workload(title, batch, data, keras, pytorch, single=False)


@dataclass(frozen=True)
class Axis:
    """What grows.

    Args:
        title: the model; what grows is n.
        batches: the rows of a step.
        size: what n is.
        sizes: each n, in their order.
        workload: the model of an n.
    """

    title: str
    batches: str
    size: str
    sizes: tuple[int, ...]
    workload: Callable[[int], Workload]


def _wide(units: int) -> Workload:
    return mlp(784, units, units, 10, batch=64, steps=64 if units <= 512 else 16)


def _by_batch(rows: int) -> Workload:
    return mlp(784, 256, 256, 10, batch=rows, steps=ROWS // rows)


def _deep(layers: int) -> Workload:
    return mlp(784, *[128] * layers, 10, batch=64, steps=64)


LENGTHS = (5, 10, 20, 40, 80)
AXES = {
    "width": Axis(
        "MLP 784-n-n-10",
        "batches of 64",
        "units n of a layer",
        (64, 128, 256, 512, 1024, 2048),
        _wide,
    ),
    "batch": Axis(
        "MLP 784-256-256-10",
        "batches of n",
        "rows n of a batch",
        (8, 16, 32, 64, 128, 256, 512),
        _by_batch,
    ),
    "depth": Axis(
        "MLP with n layers of 128", "batches of 64", "hidden layers n", (1, 2, 4, 8, 16), _deep
    ),
    "lstm": Axis(
        "LSTM(64) over n steps",
        "batches of 32",
        "steps n of a sequence",
        LENGTHS,
        lambda n: lstm(64, n, inputs=16, batch=32, count=32),
    ),
    "loop": Axis(
        "a loop of operations over n steps, 64 units",
        "batches of 32",
        "steps n of a sequence",
        LENGTHS,
        lambda n: loop(64, n, inputs=16, batch=32, count=32),
    ),
}


def workloads() -> dict[str, Workload]:
    """All of them, by axis and size."""
    return {f"{name} {n}": axis.workload(n) for name, axis in AXES.items() for n in axis.sizes}


def tasks(name: str) -> Tasks:
    """In the process of a contender: it only trains, a model of each size."""
    found: Tasks = {}
    for task, workload in workloads().items():
        made = run.CONTENDERS[name].tasks(workload)
        found |= {f"{task}{FEW}": made["train few"], task: made["train"]}
    return found


def compare(rounds: int, results: run.Results) -> None:
    """Time a training step of every size."""
    here = {name: c for name in CONTENDERS if (c := run.CONTENDERS[name]).is_here}
    with run.started(MODEL, here, results) as processes:
        paced = {name: Paced(process, TURN) for name, process in processes.items()}
        times = take_turns(paced, dict.fromkeys(workloads(), 1), rounds, REST, PATIENCE)
    steps = {task: workload.steps for task, workload in workloads().items()}
    results.times[MODEL] = {
        name: {task: [epoch / steps[task] for epoch in each] for task, each in by_task.items()}
        for name, by_task in times.items()
    }


def medians(name: str, found: run.Times) -> dict[str, dict[int, float]]:
    """The seconds of a step along an axis: by contender and size, of those that were measured."""
    return {
        contender: {
            n: middle(tasks[f"{name} {n}"]) for n in AXES[name].sizes if f"{name} {n}" in tasks
        }
        for contender in CONTENDERS
        if (tasks := found.get(contender))
    }


def rows(name: str, found: run.Times) -> list[Row]:
    """The two ends of an axis."""
    axis, by_contender = AXES[name], medians(name, found)
    lines = []
    for n, of in ((axis.sizes[0], f"{axis.title}, {axis.batches}:"), (axis.sizes[-1], "…")):
        figures = {
            run.CONTENDERS[contender].title: times[n]
            for contender, times in by_contender.items()
            if n in times
        }
        lines.append(Row(f"{of} n = {n}", figures))
    return lines


def text(found: run.Times, pictures: dict[str, str]) -> str:
    """The part of the page, with the pictures by what they show."""
    said = (
        "A training step against one size of the model or of its data, while all else stays; both "
        "axes go by powers. Of the peers these are PyTorch and Keras on JAX. Each point is the "
        f"median of {counted(found)} turns, and a turn is as many epochs as fill {TURN:g} s. The "
        "data is noise, all else is as above. The loop is a layer of one's own that is written "
        "with `ops` (in PyTorch as a module), step by step. The table has both ends of each line."
    )
    shown = [f"![{alt}]({path})" for path, alt in pictures.items()]
    columns = [run.CONTENDERS[name].title for name in CONTENDERS]
    lines = [row for name in AXES for row in rows(name, found)]
    return "\n\n".join(
        ["## How a step grows", said, *shown, table(lines, columns, "training step")]
    )


def counted(found: run.Times) -> int:
    """How many turns there were."""
    return max((len(each) for tasks in found.values() for each in tasks.values()), default=0)
