"""The tables of a run, and what the README says of the GPU.

python -m tests.benchmarks.cuda.report FILE     keeps a run as the recorded one, writes the README
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks import table
from tests.benchmarks.cuda import record

RECORDED = Path(__file__).with_name("recorded.json")
README = Path(__file__).resolve().parents[3] / "README.md"
START, END = "<!-- cuda -->", "<!-- /cuda -->"
UNMEASURED = (
    "It has not been measured on a GPU: what the simulator lacks, such as the graph, and all speed "
    "are untested, and whether it is faster than your processor you have to try."
)
NAMES = ("dlcore, graph", "dlcore, list", "PyTorch", "torch.compile", "JAX")

Facts = Sequence[dict[str, Any]]


def text(facts: Facts) -> str:
    """All tables of a run, the failures last."""
    wrong = failures(facts)
    parts = [
        made(facts),
        steps(facts),
        kernels(facts),
        f"{len(wrong)} failures{':' if wrong else ''}",
        *wrong,
    ]
    return "\n\n".join(part for part in parts if part)


def readme(facts: Facts) -> str:
    """What the README says of measurements: a table, or that there is none."""
    return f"{made(facts)}\n\n{steps(facts)}" if facts else UNMEASURED


def made(facts: Facts) -> str:
    """A sentence on the machine and the date."""
    known = {name: value for fact in facts for name, value in fact.items()}
    versions = known.get("versions", {})
    shown = ("numba", "numba-cuda", "torch", "jax")
    parts = [
        "Numba's simulator" if known.get("simulated") else known.get("gpu", "an unknown GPU"),
        *(["CUDA " + _cuda(known["cuda_of_driver"])] if "cuda_of_driver" in known else []),
        *(f"{name} {versions[name]}" for name in shown if name in versions),
    ]
    said = f"Recorded by `python -m tests.benchmarks --cuda` on {known.get('date', 'no date')}"
    return f"{said}: {', '.join(parts)}."


def _cuda(number: int) -> str:
    return f"{number // 1000}.{number % 1000 // 10}"


def steps(facts: Facts) -> str:
    """The table of training steps; a column for each that was timed."""
    found: dict[tuple[str, int], dict[str, str]] = {}
    for fact in facts:
        if "by" in fact:
            told = "ran" if fact["us"] is None else table.duration(fact["us"] / 1e6)
            found.setdefault((fact["net"], fact["batch"]), {})[fact["by"]] = told
    names = [name for name in NAMES if any(name in row for row in found.values())]
    if not found:
        return ""
    lines = [f"| training step | {' | '.join(names)} |", "| --- |" + " ---: |" * len(names)]
    for (net, batch), row in found.items():
        cells = [row.get(name, table.NONE) for name in names]
        lines.append(f"| {net}, batches of {batch} | {' | '.join(cells)} |")
    return "\n".join(lines)


def kernels(facts: Facts) -> str:
    """The table of kernels, with what share of the best of this GPU each reaches."""
    copy = max((f["gb_s"] or 0 for f in facts if "copy_megabytes" in f), default=0)
    product = {f["torch_matmul"]: f["tflop_s"] for f in facts if "torch_matmul" in f}
    conv = {tuple(f["torch_conv2d"]): f["tflop_s"] for f in facts if "torch_conv2d" in f}
    lines = ["| kernel | shapes | µs | reaches | of |", "| --- | --- | ---: | ---: | ---: |"]
    for fact in facts:
        if "kernel" not in fact:
            continue
        shapes, rate, best = fact["shapes"], fact["gb_s"], copy
        unit = "GB/s"
        if fact["tflop_s"]:
            rate, unit, best = fact["tflop_s"], "TFLOP/s", 0
            if fact["kernel"] == "matmul":
                best = product.get(shapes[0][0], 0)
            elif fact["kernel"].startswith("conv2d") and fact["size"] == "large":
                x, w = shapes[-2 if fact["kernel"] == "conv2d_grad" else 0], shapes[-1]
                w = w if len(w) == 4 else shapes[1]
                best = conv.get((x[0], x[1], x[3], w[3]), 0)
        cells = [
            fact["kernel"],
            " ".join("x".join(map(str, shape)) or "1" for shape in shapes),
            table.three(fact["us"]) if fact["us"] else table.NONE,
            f"{table.three(rate)} {unit}" if rate else table.NONE,
            f"{rate / best:.0%}" if rate and best else table.NONE,
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) if len(lines) > 2 else ""


def failures(facts: Facts) -> list[str]:
    """A line for each thing that was wrong."""
    names = ("right", "same_bits", "trains_again", "relu_by_fours", "relu_by_ones")
    lines = []
    for fact in facts:
        if fact.get("failed"):
            lines.append(f"{fact['phase']}, {fact.get('name', 'some')}: {fact['failed']}")
        wrong = [name for name in (*names, "graph_by_driver") if fact.get(name) is False]
        wrong += ["in_a_step"] * (fact.get("in_a_step", 0) != 0)
        if wrong:
            lines.append(f"{fact['phase']}: {', '.join(wrong)}, {fact}")
    return lines


def main(path: Path) -> None:
    """Keep a run as the recorded one, and write the README."""
    facts = record.read(path)
    if not facts or facts[0].get("simulated") or not steps(facts):
        raise SystemExit(f"{path} is no run on a GPU that has timed a training step.")
    if path.resolve() != RECORDED:
        shutil.copyfile(path, RECORDED)
    table.write(readme(facts), README, START, END)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
