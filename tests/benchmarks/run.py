"""One run of the benchmark: every contender that is installed, interleaved, and what came out."""

from __future__ import annotations

import dataclasses
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks import floor
from tests.benchmarks.bare import PARTS
from tests.benchmarks.cnn import CNN, CNN_256
from tests.benchmarks.fashion import FASHION
from tests.benchmarks.fresh import IMPORTS, life
from tests.benchmarks.libraries import OURS, PEERS, Contender
from tests.benchmarks.lstm import LSTM
from tests.benchmarks.mlp import MLP
from tests.benchmarks.table import Row, megabytes, middle
from tests.benchmarks.turns import Process, take_turns
from tests.benchmarks.wider import WIDER

WORKLOADS = {"mlp": MLP, "cnn": CNN, "cnn-256": CNN_256, "fashion": FASHION, "lstm": LSTM} | WIDER
CONTENDERS = OURS | PEERS | PARTS | floor.FLOOR
FRESH = "fresh"  # the last model of the command line: the life of a fresh process
ROW = ("predict row", "predict row as batch", "call row")
CALLS = 60  # predictions of one row, or steps on one batch, in a turn
# Such a turn is over in milliseconds, in which a machine is fast or slow by chance, so there are so
# many times as many; and one row leaves few threads looking for work, so each needs less rest.
ROW_TURNS, ROW_REST = 4, 0.1
PATIENCE = 30.0  # seconds of a contender: the slow ones need no more turns to be told apart

Times = dict[str, dict[str, list[float]]]  # contender -> task -> seconds in each round


def columns() -> list[str]:
    """The titles of the table's columns, ours first."""
    return list(dict.fromkeys(contender.title for contender in (OURS | PEERS).values()))


@dataclass
class Results:
    """What a run has measured, who failed and why, the BLAS that ran, and how long it all took."""

    times: dict[str, Times] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    blas: dict[str, str] = field(default_factory=dict)  # of dlcore's processes, and its kernels
    seconds: dict[str, float] = field(default_factory=dict)  # that each model took

    def keep(self, path: Path) -> None:
        """Write it to a file."""
        path.write_text(json.dumps(dataclasses.asdict(self)), "utf-8")

    @classmethod
    def kept(cls, path: Path) -> Results:
        """What a file holds; nothing if there is none yet."""
        return cls(**json.loads(path.read_text("utf-8"))) if path.exists() else cls()

    def column(self, model: str, task: str, share: float = 1.0) -> dict[str, float]:
        """Medians of a task by title; of contenders that share a column, the fastest."""
        found: dict[str, float] = {}
        for name, contender in (OURS | PEERS).items():
            values = self.times[model].get(name, {}).get(task)
            if values:
                median = middle(values) * share
                found[contender.title] = min(median, found.get(contender.title, median))
        return found

    def median(self, model: str, name: str, task: str) -> float | None:
        """The median of one contender, if it ran."""
        values = self.times[model].get(name, {}).get(task)
        return middle(values) if values else None


def contenders(model: str) -> dict[str, Contender]:
    """The contenders for a workload that are installed."""
    chosen = OURS | PEERS | floor.FLOOR | (PARTS if model == "mlp" else {})
    if WORKLOADS[model].data()[0].ndim < 4:
        chosen.pop("pytorch-channels-last")
    return {name: contender for name, contender in chosen.items() if contender.is_here}


@contextmanager
def started(
    model: str, chosen: Mapping[str, Contender], results: Results
) -> Iterator[dict[str, Process]]:
    """The processes of those contenders that start, ended with the block; why the others do not."""
    processes: dict[str, Process] = {}
    try:
        for name, contender in chosen.items():  # at once: to import and to compile takes long
            processes[name] = Process(model, name, contender)
        for name in chosen:
            try:
                processes[name].prepared()
            except RuntimeError as error:
                results.failed[name] = str(error)
                processes.pop(name).end()
        yield processes
        if "dlcore" in processes:
            results.blas |= processes["dlcore"].blas()
    finally:
        for process in processes.values():
            process.end()


def compare(model: str, rounds: int, results: Results) -> None:
    """Time a workload."""
    counts = {
        "train": WORKLOADS[model].epochs,
        "train on batch": CALLS,
        **dict.fromkeys(("predict many", "evaluate many", "square", "copy"), 1),
    }
    rows = dict.fromkeys(ROW, CALLS)
    with started(model, contenders(model), results) as processes:
        found = take_turns(processes, counts, rounds, patience=PATIENCE)
        short = take_turns(processes, rows, ROW_TURNS * rounds, ROW_REST, PATIENCE)
        results.times[model] = {name: found[name] | short[name] for name in found}


def compare_lives(rounds: int, results: Results) -> None:
    """Measure fresh processes; dlcore has two a round, with an empty cache and with a full one."""
    lives = {name: c for name, c in (OURS | PEERS).items() if name in IMPORTS and c.is_here}
    found: Times = {name: {} for name in lives}
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            cache = {"DLCORE_CACHE_FOLDER": folder}
            for task, value in life("dlcore", cache).items():
                found["dlcore"].setdefault(f"{task}, cold", []).append(value)
            for name, contender in lives.items():
                if name in results.failed:
                    continue
                try:
                    lived = life(name, contender.environment | cache)
                except RuntimeError as error:
                    results.failed[name] = str(error)
                    continue
                for task, value in lived.items():
                    found[name].setdefault(task, []).append(value)
    for name in lives:
        # The peers keep nothing from one process to the next: every life of theirs is a cold one.
        if name != "dlcore" and "first fit" in found[name]:
            found[name]["first fit, cold"] = found[name]["first fit"]
    results.times[FRESH] = found


def rows(model: str, results: Results) -> list[Row]:
    """The lines of the table for a model."""
    if model == FRESH:
        titles = {
            "import": "import",
            "first fit": "first fit, the article's CNN, cache warm",
            "import and fit": "import and first fit together, cache warm",
            "first fit, cold": "first fit, the article's CNN, cache empty",
        }
        found = [Row(title, results.column(FRESH, task)) for task, title in titles.items()]
        memory = results.column(FRESH, "memory")
        return [*found, Row("peak memory of a run of the CNN", memory, megabytes)]
    workload = WORKLOADS[model]
    step = Row(
        f"{workload.title}: training step", results.column(model, "train", 1 / workload.steps)
    )
    found = [step, Row(f"… an epoch ({workload.steps} steps)", results.column(model, "train"))]
    if not workload.single:
        return found[:1]
    titles = {
        "train on batch": "`train_on_batch`",
        "predict row": "`predict(x[:1])`",
        "predict row as batch": "`predict_on_batch(x[:1])`",
        "call row": "`model(x[:1])`",
    }
    if workload.predicts:
        many = f"{workload.predicts:,} rows".replace(",", " ")
        titles |= {"predict many": f"`predict` of {many}", "evaluate many": f"`evaluate` of {many}"}
    rest = [Row(f"… {title}", results.column(model, task)) for task, title in titles.items()]
    return found + rest


@dataclass(frozen=True)
class Floor:
    """What a step must compute and move, the measured rates, and what it took; in SI units."""

    flops: int
    moved: int
    rate: float
    bandwidth: float
    products: float
    step: float

    @property
    def least(self) -> float:
        """Seconds: the longer of computing at the full rate and moving at the full bandwidth."""
        return max(self.flops / self.rate, self.moved / self.bandwidth)


def least_time(model: str, results: Results) -> Floor | None:
    """The floor of a workload, if it and dlcore were measured."""
    import dlcore

    workload = WORKLOADS[model]
    step = results.median(model, "dlcore", "train")
    alone, square, copy = (
        results.median(model, "floor", task) for task in ("train", "square", "copy")
    )
    if step is None or alone is None or square is None or copy is None:
        return None
    network = workload.keras(dlcore)
    return Floor(
        floor.flops(floor.products(network, workload.batch)),
        floor.moved(network, workload.data()[0], workload.batch),
        2 * floor.SQUARE**3 / square,
        2 * floor.COPIED / copy,
        alone,
        step / workload.steps,
    )
