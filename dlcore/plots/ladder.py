"""Lesson 12: how long the same product takes in different ways, on an axis of powers of ten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.scene import Axis, Panel, Scene, bars, words
from dlcore.plots.still import still
from dlcore.plots.style import CYCLE, label, new_figure

LEAST, MOST = -7, 2  # powers of ten: from 0.1 µs to 100 s
TICKS = ((-7, "0.1 µs"), (-6, "1 µs"), (-5, "10 µs"), (-4, "0.1 ms"), (-3, "1 ms"),
         (-2, "10 ms"), (-1, "0.1 s"), (0, "1 s"), (1, "10 s"), (2, "100 s"))  # fmt: skip


def in_words(seconds: float) -> str:
    """A time with two or three digits and its unit, such as "0.94 ms"."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= 0.1 * size or unit == "µs":
            number = seconds / size
            return f"{number:.{0 if number >= 10 else 1 if number >= 1 else 2}f} {unit}"
    raise AssertionError


def ladder_scene(times: Mapping[str, float], title: str, said: str = "") -> Scene:
    """What ``ladder`` draws, as numbers.

    Args:
        times: seconds by the name of what took them, the lowest rung first.
        title: what was measured, where and when.
        said: the line below the picture.
    """
    at = np.arange(len(times))
    seconds = np.array(list(times.values()))
    length = np.clip(np.log10(seconds) - LEAST, 0.02, MOST - LEAST)
    nothing = [""] * len(times)  # the times are words of their own, so that all of them are said
    said_times = [in_words(each) for each in seconds]
    beside = [6 + 3.4 * len(each) for each in said_times]
    marks = (
        bars(at, length, nothing, int(seconds.argmin()), "time of one product", "the fastest"),
        words(length, at, said_times, "times", dx=beside, of=list(times)),
    )
    across = Axis(
        "time (each mark 100 times the one before)",
        0,
        MOST - LEAST,
        tuple((float(power - LEAST), word) for power, word in TICKS[::2]),
    )
    names = tuple((float(number), name) for number, name in enumerate(times))
    up = Axis("way (fastest in orange)", len(times) - 0.4, -0.6, names)
    return Scene((Panel(title, across, up, marks, 0.44),), said, least=600)


def ladder(times: Mapping[str, float], title: str) -> Figure:
    """How long each way took: a bar for each, on an axis of powers of ten.

    Args:
        times: seconds by the name of what took them, the lowest rung first.
        title: what was measured, where and when.
    """
    return still(ladder_scene(times, title))


def ladder_by_size(
    times: Mapping[int, Mapping[str, float]], names: tuple[str, ...], title: str
) -> Figure:
    """How the time of a product of two square matrices grows with their size, both by tens.

    Args:
        times: by the size n, seconds by the name of what took them.
        names: those that get a line, five at most.
        title: where and when it was measured.
    """
    figure = new_figure(width=7.2, height=3.9)
    (axes,) = figure.axes
    sizes = sorted(times)
    for name, (colour, dashes) in zip(names, CYCLE, strict=False):
        look: dict[str, Any] = {"color": colour, "linestyle": dashes, "linewidth": 2.2}
        axes.plot(sizes, [times[size][name] for size in sizes], label=name, **look)
    axes.set(xscale="log", yscale="log", ylim=(10.0**LEAST, 10.0**MOST))
    axes.set_xticks(sizes, labels=[str(size) for size in sizes], minor=False)
    axes.set_xticks([], minor=True)
    axes.set_yticks([10.0**power for power, _ in TICKS], labels=[word for _, word in TICKS])
    across, up = "size n (rows and columns)", "time of one product (units at the marks)"
    label(axes, title, across, up, None)
    # Long enough for the dashes to be told apart without their colours.
    axes.legend(loc="upper left", fontsize=8.5, framealpha=0.9, edgecolor="#dddddd", handlelength=4)
    return figure
