"""The pictures of the growth, drawn from figures that are kept."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import growth, run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PICTURES = {
    "growth-dense.svg": ("width", "batch", "depth"),
    "growth-sequence.svg": ("lstm", "loop"),
}
WIDE, HIGH = 9.0, 3.3  # inches: as wide as a page
TICKS = {1e-6: "1 µs", 1e-5: "10 µs", 1e-4: "0.1 ms", 1e-3: "1 ms", 1e-2: "10 ms", 0.1: "0.1 s"}
TICKS |= {1.0: "1 s", 10.0: "10 s"}
MARKS = ("o", "s", "^")
# Letters as outlines look the same everywhere; with the salt the same figures give the same file.
SETTINGS = {"svg.fonttype": "path", "svg.hashsalt": "growth"}


def alternatives() -> dict[str, str]:
    """What stands for each picture where it cannot be seen."""
    said = {}
    for path, names in PICTURES.items():
        axes = [growth.AXES[name] for name in names]
        panels = [f"{each.title}, {each.batches}, against {each.size}" for each in axes]
        said[path] = f"How long a training step takes: {'; '.join(panels)}"
    return said


def picture(names: tuple[str, ...], found: run.Times) -> Figure:
    """A panel for each axis, with the same seconds in all of them."""
    from dlcore.plots.style import INK, label, new_figure

    figure = new_figure(len(names), WIDE, HIGH)
    figure.set_layout_engine("constrained", w_pad=0.1)
    lines = {name: growth.medians(name, found) for name in names}
    seconds = [s for by in lines.values() for times in by.values() for s in times.values()]
    low, high = min(seconds, default=1e-3) / 1.7, max(seconds, default=1e-3) * 1.7
    shown = {at: words for at, words in TICKS.items() if low <= at <= high}
    for name, axes in zip(names, figure.axes, strict=True):
        axis, first = growth.AXES[name], name == names[0]
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.set_ylim(low, high)
        _draw(axes, lines[name])
        axes.set_xticks(axis.sizes, labels=list(map(str, axis.sizes)))
        axes.set_xticks([], minor=True)
        axes.set_yticks(list(shown), labels=[*shown.values()] if first else [""] * len(shown))
        if first:
            axes.yaxis.set_minor_formatter("")
            axes.tick_params(axis="y", which="minor", colors=INK)
        else:
            axes.set_yticks([], minor=True)
        axes.grid(axis="y", color="#e4e4e4", linewidth=0.8)
        title = f"{axis.title},\n{axis.batches}"
        label(axes, title, axis.size, "one training step" if first else "", None)
        if first:
            axes.legend(loc="upper left", fontsize=8.5, frameon=False)
    return figure


def _draw(axes: Axes, lines: dict[str, dict[int, float]]) -> None:
    from dlcore.plots.style import CYCLE

    styles = dict(zip(growth.CONTENDERS, zip(CYCLE, MARKS, strict=False), strict=True))
    for name, times in lines.items():
        (colour, kind), mark = styles[name]
        axes.plot(
            list(times), list(times.values()), linestyle=kind, color=colour, marker=mark,
            markersize=4, linewidth=1.6, label=run.CONTENDERS[name].title,
        )  # fmt: skip


def write(found: run.Times, folder: Path) -> None:
    """Write the pictures into a folder, which is made if there is none."""
    from matplotlib import rc_context

    folder.mkdir(parents=True, exist_ok=True)
    for path, names in PICTURES.items():
        text = io.StringIO()
        with rc_context(SETTINGS):
            picture(names, found).savefig(text, format="svg", metadata={"Date": None})
        lines = [line.rstrip() for line in text.getvalue().splitlines()]
        (folder / path).write_text("\n".join([*lines, ""]), "utf-8")
