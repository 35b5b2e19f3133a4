"""Lesson 04: hinges and the curve that they sum to; a function above its slope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.curves import scatter
from dlcore.plots.style import BLUE, CYCLE, GREY, INK, ORANGE, label, new_figure

MONTHS = "month of the year (0 is 1 January)"
DEGREES = "warmest of the day (°C)"


def year(
    x: np.ndarray,
    t: np.ndarray,
    lines: Mapping[str, np.ndarray],
    title: str = "A line misses the seasons",
) -> Figure:
    """The days of the year, measured, and what lines or networks say of them.

    Args:
        x: Times of the year from -1 to 1, shape (n, 1).
        t: Temperatures in tens of °C, shape (n, 1).
        lines: By name, temperatures in tens of °C, each of shape (n, 1).
        title: What there is to see.
    """
    month = 6 * (np.ravel(x) + 1)
    curves = {name: (month, 10 * np.ravel(y)) for name, y in lines.items()}
    return scatter(month, 10 * np.ravel(t), curves, title=title, xlabel=MONTHS, ylabel=DEGREES)


def hinge_sum(
    x: np.ndarray,
    t: np.ndarray,
    start: float,
    slope: float,
    hinges: Sequence[tuple[float, float]],
) -> Figure:
    """The pieces start + slope x and bend relu(x - kink), and their sum over the points.

    Args:
        x: Months since 1 January, shape (n,) or (n, 1).
        t: Temperatures in °C, shape (n,) or (n, 1).
        start: Height of the curve at x = 0, °C.
        slope: Its slope before the first hinge, °C a month.
        hinges: For each hinge its kink (months) and its bend, the change of slope (°C a month).
    """
    x, t = np.ravel(x), np.ravel(t)
    grid = np.linspace(0, 12, 241)
    figure = new_figure(columns=2, width=8.4, height=3.7)
    left, right = figure.axes
    left.axhline(0, color=GREY, linewidth=0.6)
    base = start + slope * grid
    left.plot(grid, base, color=INK, linewidth=1.6, label="start + slope x")
    total = base.copy()
    colours = (CYCLE[1], CYCLE[2], CYCLE[3])
    for number, ((kink, bend), (colour, dashes)) in enumerate(zip(hinges, colours, strict=True), 1):
        piece = bend * np.maximum(grid - kink, 0)
        total += piece
        left.plot(grid, piece, color=colour, linestyle=dashes, lw=2, label=f"hinge {number}")
    left.set(xlim=(0, 12), ylim=(-50, 50))
    label(left, "The pieces", MONTHS, "part of the sum (°C)", legend="lower left")
    right.scatter(x, t, s=7, color=GREY, alpha=0.4, lw=0, label="measured")
    right.plot(grid, total, color=ORANGE, linewidth=2.6, label="sum of the pieces")
    kinks = np.array([kink for kink, _ in hinges])
    right.plot(kinks, np.interp(kinks, grid, total), "o", color=BLUE, ms=6, label="kinks")
    right.set(xlim=(0, 12), ylim=(-5, 38))
    loss = np.mean((np.interp(x, grid, total) - t) ** 2)
    label(right, f"Their sum: mean loss = {loss:.1f} °C²", MONTHS, DEGREES, legend="upper left")
    return figure


def function_and_slope(
    functions: dict[str, tuple[np.ndarray, np.ndarray]], x: np.ndarray
) -> Figure:
    """Functions of one number, and beside them their slopes.

    Args:
        functions: By name, the values and the slopes at x, each of shape (n,).
        x: Where they are taken, shape (n,).
    """
    figure = new_figure(columns=2, width=8.4, height=3.2)
    titles = ("The function", "Its slope")
    for axes, which, title in zip(figure.axes, (0, 1), titles, strict=True):
        axes.axhline(0, color=GREY, linewidth=0.6)
        axes.axvline(0, color=GREY, linewidth=0.6)
        for (name, pair), (colour, dashes) in zip(functions.items(), CYCLE, strict=False):
            axes.plot(x, pair[which], color=colour, linestyle=dashes, linewidth=2.2, label=name)
        label(axes, title, "x (no unit)", ("y", "dy/dx")[which] + " (no unit)", "upper left")
    return figure
