"""Points and curves in one pair of axes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlcore.plots.style import CYCLE, GREY, label, new_figure

Curve = tuple[np.ndarray, np.ndarray]


def scatter(
    x: np.ndarray,
    t: np.ndarray,
    curves: Mapping[str, Curve] | None = None,
    *,
    title: str,
    xlabel: str,
    ylabel: str,
    points: str = "measured",
) -> Figure:
    """Measured points, and curves (name -> x, y) over them.

    Args:
        x: Positions, shape (n,) or (n, 1).
        t: Measured values, shape (n,) or (n, 1).
        curves: By name, the x and y of each curve, drawn in the order of x.
        title: What there is to see.
        xlabel: What x is, with its unit.
        ylabel: What t is, with its unit.
        points: The name of the points in the legend.
    """
    figure = new_figure()
    axes = figure.axes[0]
    x, t = np.ravel(x), np.ravel(t)
    axes.scatter(x, t, s=9 if len(x) > 500 else 14, color=GREY, alpha=0.45, lw=0, label=points)
    _draw(axes, curves or {})
    label(axes, title, xlabel, ylabel, legend="best" if curves else None)
    return figure


def curves(
    series: Mapping[str, Sequence[float] | Curve], *, title: str, xlabel: str, ylabel: str
) -> Figure:
    """Curves by name: each a row of heights, or its x and y."""
    figure = new_figure()
    axes = figure.axes[0]
    both = {
        name: s if isinstance(s, tuple) else (np.arange(len(s)), np.asarray(s))
        for name, s in series.items()
    }
    _draw(axes, both)
    label(axes, title, xlabel, ylabel)
    return figure


def _draw(axes: Axes, curves: Mapping[str, Curve]) -> None:
    for (name, (x, y)), (colour, dashes) in zip(curves.items(), CYCLE, strict=False):
        x, y = np.ravel(x), np.ravel(y)
        order = np.argsort(x, kind="stable")
        axes.plot(x[order], y[order], color=colour, linestyle=dashes, linewidth=2.2, label=name)
