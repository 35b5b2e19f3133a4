"""What of dlcore's training step is not kernels: the step without `fit`, and without a program.

Each contender here only trains.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.benchmarks.libraries import Contender, Tasks, in_keras_names
from tests.benchmarks.workload import Workload


def recorded(workload: Workload) -> Any:
    """The program that a fit recorded for its full batches."""
    import dlcore
    from dlcore.engine.program import Program

    made: list[Any] = []
    start = Program.__init__

    def remembered(self: Any, *arguments: Any) -> None:
        start(self, *arguments)
        made.append(self)

    Program.__init__ = remembered  # type: ignore[method-assign]
    try:
        in_keras_names(dlcore, workload)["train"](1)
    finally:
        Program.__init__ = start  # type: ignore[method-assign]
    assert made[0].replayed
    return made[0]


def program(workload: Workload) -> Tasks:
    """Only the program: forward, loss, backward and update of one batch, without fit around it."""
    made, steps = recorded(workload), workload.steps

    def train(epochs: int) -> None:
        for _ in range(epochs * steps):
            made.run()

    return {"train": train}


def kernels(workload: Workload) -> Tasks:
    """The same kernels, called one after the other by hand: what any program must cost."""
    calls, steps = recorded(workload).calls(), workload.steps
    names = {f"f{i}": call[0] for i, call in enumerate(calls)}
    names |= {f"a{i}_{j}": a for i, call in enumerate(calls) for j, a in enumerate(call[1])}
    lines = [
        f"        f{i}({', '.join(f'a{i}_{j}' for j in range(len(arguments)))})"
        for i, (_, arguments) in enumerate(calls)
    ]
    source = f"def train(count, {', '.join(names)}):\n    for _ in range(count):\n"
    scope: dict[str, Any] = {}
    exec(source + "\n".join(lines), scope)
    return {"train": lambda epochs: scope["train"](epochs * steps, **names)}


def eager(workload: Workload) -> Tasks:
    """dlcore's fit without a program."""
    import dlcore

    return in_keras_names(dlcore, replace(workload, single=False), run_eagerly=True)


PARTS: dict[str, Contender] = {
    "dlcore-bare": Contender(kernels, "dlcore, its kernels called bare"),
    "dlcore-program": Contender(program, "dlcore, the recorded program"),
    "dlcore-eager": Contender(eager, "dlcore, run_eagerly=True"),
}
