"""Time dlcore beside its peers, and print the figures as Markdown."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks import crowded, drawn, growth, libraries, report, run, table, turns
from tests.benchmarks.cuda import run as gpu

PAGE = Path(__file__).resolve().with_name("README.md")
README = Path(__file__).resolve().parents[2] / "README.md"
OTHERS = {
    run.FRESH: "import, first fit and memory",
    crowded.MODEL: "training while every core is busy",
    growth.MODEL: "training against the sizes of a model, with pictures",
}
MODELS = (*run.WORKLOADS, *OTHERS)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    others = ", ".join(f"{name} ({what})" for name, what in OTHERS.items())
    made = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    made.add_argument(
        "models",
        nargs="*",
        metavar="MODEL",
        help=f"{', '.join(run.WORKLOADS)}, {others}; default: all",
    )
    made.add_argument("--rounds", type=int, default=5, help="turns of each (default: 5)")
    made.add_argument("--lives", type=int, default=3, help="fresh processes of each (default: 3)")
    made.add_argument(
        "--results", type=Path, metavar="FILE", help="keep the times here, and report on all of it"
    )
    made.add_argument(
        "--kept", action="store_true", help="measure nothing, report on what --results holds"
    )
    made.add_argument(
        "--plots", type=Path, metavar="FOLDER", help="draw the pictures of the growth here"
    )
    made.add_argument(
        "--write",
        action="store_true",
        help="put the text into the page of the benchmarks, the pictures beside it, and three rows "
        "of it into the README",
    )
    on = made.add_argument_group("on a GPU")
    on.add_argument("--cuda", action="store_true", help="try and time the backend cuda instead")
    on.add_argument("--simulated", action="store_true", help="… on Numba's simulator, sizes cut")
    on.add_argument("--minutes", type=float, default=8, help="… in so many (default: 8)")
    on.add_argument("--out", type=Path, default=Path(), help="… the folder of cuda.json")
    on.add_argument("--phases", nargs="+", default=[], choices=list(gpu.PHASES), help="… these")
    made.add_argument("--work", nargs=2, help=argparse.SUPPRESS)
    return made


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """The options of a command line; ends the program where they do not fit."""
    made = parser()
    found = made.parse_args(arguments)
    unknown = [model for model in found.models if model not in MODELS]
    if unknown:
        made.error(f"there is no model {unknown[0]!r}; choose from {', '.join(MODELS)}")
    if found.kept and (found.results is None or not found.results.exists()):
        made.error("--kept needs --results, with a file that is there")
    if min(found.rounds, found.lives) < 1:
        made.error("--rounds and --lives must be at least 1")
    found.models = [model for model in MODELS if model in found.models or not found.models]
    return found


def tasks(model: str, name: str) -> libraries.Tasks:
    """What a contender does in its process."""
    for other in (crowded, growth):
        if model == other.MODEL:
            return other.tasks(name)
    return run.CONTENDERS[name].tasks(run.WORKLOADS[model])


def main(arguments: Sequence[str]) -> None:
    """Run the command line."""
    chosen = options(arguments)
    if chosen.work:
        return turns.work(tasks(*chosen.work))
    if chosen.cuda:
        sys.exit(bool(gpu.main(chosen.minutes, chosen.out, chosen.simulated, chosen.phases)))
    results = run.Results.kept(chosen.results) if chosen.results else run.Results()
    for model in () if chosen.kept else chosen.models:
        start = time.perf_counter()
        if model == run.FRESH:
            run.compare_lives(chosen.lives, results)
        elif model == crowded.MODEL:
            crowded.compare(results)
        elif model == growth.MODEL:
            growth.compare(chosen.rounds, results)
        else:
            run.compare(model, chosen.rounds, results)
        results.seconds[model] = time.perf_counter() - start
        if chosen.results:  # at once: who ends a long run keeps what is there
            results.keep(chosen.results)
        print(report.spreads(model, results), file=sys.stderr)
        print(f"{model} took {results.seconds[model]:.0f} s", file=sys.stderr, flush=True)
    timed = [model for model in MODELS if model in results.times]
    text = report.text(timed, results)
    print(text)
    if growth.MODEL in timed:
        for folder in filter(None, (chosen.plots, PAGE.parent if chosen.write else None)):
            drawn.write(results.times[growth.MODEL], folder)
    if chosen.write:
        table.write(text, PAGE)
        if brief := report.brief(text):
            table.write(brief, README)


if __name__ == "__main__":
    main(sys.argv[1:])
