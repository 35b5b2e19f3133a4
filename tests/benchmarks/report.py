"""The whole text of a run: the table, the floor, and the words that say what a figure holds."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Sequence
from pathlib import Path

import dlcore
from tests.benchmarks import crowded, drawn, growth, surroundings
from tests.benchmarks.libraries import PEERS
from tests.benchmarks.run import (
    CONTENDERS,
    FRESH,
    PATIENCE,
    ROW_TURNS,
    WORKLOADS,
    Results,
    columns,
    least_time,
    rows,
)
from tests.benchmarks.table import duration, middle, spread, table, times

PACKAGES = (
    *("numpy", "numba"),
    *("keras", "jax", "tensorflow", "tensorflow-cpu", "torch"),
)
EXPLAINED = (
    "Every figure is the median of {rounds} rounds in which the contenders took turns, each in a "
    "process of its own with the threads that it takes by default; whoever had worked on a model "
    "for {patience:g} s took part in no more of them. One row has turns of its own, up to {often} "
    "times as many. Of fresh processes it is the median of {lives} lives each. All have the same "
    "data, batches and number types, Adam and accuracy. An epoch is `fit` on the whole of the "
    "data, with shuffling and metrics, and a step is an epoch divided by its steps. "
    "`train_on_batch` gets the first batch each time; `predict` and `evaluate` work in batches of "
    "32. PyTorch is eager, with a training loop of its own that "
    "gathers batches by index, and loops without gradients beside it; of its two layouts of "
    "pictures (channels first or last) the faster one counts, line by line, and one row is "
    "predicted in the same way in all three lines. The first fit is from building the model to the "
    "end of three steps. dlcore loads Numba at the first fit and not at the import, so the sum of "
    "the two is the one to compare. An empty cache is that of a machine on which dlcore has never "
    "run; the peers compile anew in every process. The run whose memory is measured trains on 1920 "
    "pictures of noise for an epoch and predicts them. The last column tells how many times as "
    "long (or as large) the best of the others is: where it is below 1, that one is ahead of "
    "dlcore."
)


BRIEF = (
    "the article's MLP, batches of 10: training step",
    "the article's CNN, batches of 32: training step",
    "first fit, the article's CNN, cache empty",
)
"""What the README shows of the table: a small model, a large one, and what it costs."""


def brief(text: str) -> str:
    """The rows of the README, out of the text of a run; all else stands on the page of the run."""
    lines = text.splitlines()
    head = next((n for n, line in enumerate(lines) if line.startswith("| what |")), None)
    rows = [line for line in lines if line.removeprefix("| ").startswith(BRIEF)]
    return "\n".join([*lines[head : head + 2], *rows]) if head is not None else ""


def text(models: Sequence[str], results: Results) -> str:
    """The Markdown of a run."""
    trained = [model for model in models if model in WORKLOADS]
    lines = [row for model in models if model in (*trained, FRESH) for row in rows(model, results)]
    paragraphs = [f"Made by `python -m tests.benchmarks --write` on {machine(results)}."]
    if lines:
        rounds, lives = counted(trained, results), counted([FRESH], results)
        said = EXPLAINED.format(rounds=rounds, lives=lives, patience=PATIENCE, often=ROW_TURNS)
        paragraphs += [table(lines, columns()), said]
    paragraphs += [*absent(results), *floors(trained, results), *parts(results)]
    if crowded.MODEL in models:
        paragraphs.append(crowded.text(results.times[crowded.MODEL]))
    if growth.MODEL in models:
        paragraphs.append(growth.text(results.times[growth.MODEL], drawn.alternatives()))
    paragraphs += took(models, results)
    return "\n\n".join(paragraphs)


def counted(models: Sequence[str], results: Results) -> str:
    """How many times the training of these models was measured, or their lives."""
    found = {
        len(values)
        for model in models
        for tasks in results.times.get(model, {}).values()
        for task, values in tasks.items()
        if task in ("train", "memory")
    }
    return " to ".join(str(count) for count in sorted({min(found), max(found)})) if found else "0"


def took(models: Sequence[str], results: Results) -> list[str]:
    """How long the run was, and each model of it."""
    seconds = {model: results.seconds[model] for model in models if model in results.seconds}
    if not seconds:
        return []
    each = ", ".join(f"{model} {taken:.0f} s" for model, taken in seconds.items())
    return [f"To measure this took {sum(seconds.values()) / 60:.1f} minutes: {each}."]


def machine(results: Results) -> str:
    """Processor, cores, system, the versions of what was compared, and the BLAS beneath dlcore."""
    found = [f"dlcore {dlcore.__version__}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            continue
    if results.blas:
        found.append(surroundings.named(results.blas))
    return (
        f"{processor()}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, {', '.join(found)}"
    )


def processor() -> str:
    """The name of the processor as the system has it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def absent(results: Results) -> list[str]:
    """A sentence on each contender without figures."""
    missing = dict.fromkeys(peer.title for peer in PEERS.values() if not peer.is_here)
    lines = [f"Not installed, so not measured: {', '.join(missing)}."] if missing else []
    for name, reason in results.failed.items():
        lines.append(f"Did not run: {CONTENDERS[name].title} ({reason}).")
    return lines


def floors(models: Sequence[str], results: Results) -> list[str]:
    """The table of least times."""
    lines = [
        "| training step | to compute | to move | least time | the products alone | dlcore "
        "| ÷ least time | ÷ products alone |",
        "| --- |" + " ---: |" * 7,
    ]
    rates: list[tuple[float, float]] = []
    for model in models:
        found = least_time(model, results)
        if found is None:
            continue
        rates.append((found.rate, found.bandwidth))
        cells = [
            WORKLOADS[model].title,
            f"{found.flops / 1e6:.4g} MFLOP",
            f"{found.moved / 1e6:.2g} MB",
            *map(duration, (found.least, found.products, found.step)),
            times(found.step / found.least),
            times(found.step / found.products),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    if not rates:
        return []
    rate, bandwidth = (max(values) / 1e9 for values in zip(*rates, strict=True))
    said = (
        "No program can be faster than its arithmetic. In the same run NumPy multiplied large "
        f"matrices of float32 at {rate:.0f} GFLOP/s and copied at {bandwidth:.1f} GB/s, "
        "on all cores. From this comes the least time of a step, the longer of the two: its matrix "
        "products (convolutions unfolded; those of an LSTM or a GRU step by step) at the full "
        "rate, and the bytes of parameters, gradients, Adam's moments and the batch at the full "
        "bandwidth. The products alone are what NumPy takes for those very products, in their own "
        "shapes, and nothing else."
    )
    return [said, "\n".join(lines)]


def parts(results: Results) -> list[str]:
    """What dlcore's step of the MLP holds beside its kernels."""
    steps = WORKLOADS["mlp"].steps
    names = ("dlcore", "dlcore-program", "dlcore-bare", "dlcore-eager")
    if "mlp" not in results.times:
        return []
    found = [results.median("mlp", name, "train") for name in names]
    if None in found:
        return []
    fit, program, bare, eager = (value / steps for value in found if value is not None)
    return [
        f"A step of the MLP takes {duration(fit)} in `fit`, {duration(program)} as the recorded "
        f"program alone, and {duration(bare)} if the same kernels are called bare, one after the "
        f"other by hand: `fit` takes {times(fit / bare)} times the bare kernels. With "
        f"`run_eagerly=True` it takes {duration(eager)}."
    ]


def spreads(model: str, results: Results) -> str:
    """The medians of a model and how far the rounds lay apart, for whoever watches the run."""
    return "\n".join(
        f"{model}, {name}, {task}: {middle(values):.4g}, {spread(values)}"
        for name, tasks in results.times[model].items()
        for task, values in tasks.items()
    )
