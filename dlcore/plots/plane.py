"""Points of two classes in a plane, over the output of a network at every place of it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.style import INK, Span, label, new_figure


def network_on_plane(
    network: Callable[[np.ndarray], np.ndarray],
    x: np.ndarray,
    t: np.ndarray,
    *,
    title: str,
    span: Span = (-0.5, 1.5),
) -> Figure:
    """What a network says everywhere in the plane, and the points that it is to get right.

    Args:
        network: From points, shape (m, 2), to outputs, shape (m, 1).
        x: Points, shape (n, 2).
        t: Their targets, 0 or 1, shape (n,) or (n, 1).
        title: What there is to see.
        span: The part of both axes that is shown.
    """
    side = np.linspace(*span, 81)
    places = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    return plane(x, t, network(places).reshape(81, 81), title=title, span=span)


def plane(
    x: np.ndarray, t: np.ndarray, output: np.ndarray, *, title: str, span: Span = (-0.5, 1.5)
) -> Figure:
    """Contours of an output over the plane, and the points with their targets 0 and 1.

    Args:
        x: Points, shape (n, 2).
        t: Their targets, 0 or 1, shape (n,) or (n, 1).
        output: The network's output on a square grid over ``span``, shape (m, m): rows are x2.
        title: What there is to see.
        span: The part of both axes that is shown.
    """
    figure = new_figure(width=4.6, height=3.7)
    axes = figure.axes[0]
    side = np.linspace(*span, len(output))
    filled = axes.contourf(side, side, output, np.linspace(-1, 1.5, 11), cmap="cividis", alpha=0.75)
    axes.contour(side, side, output, [0.5], colors=INK, linewidths=1.6, linestyles="--")
    for value, marker in ((0, "o"), (1, "s")):
        chosen = x[np.ravel(t) == value]
        fill = "white" if value else INK
        axes.plot(*chosen.T, marker, color=fill, ms=10, mec=INK, mew=1.5, label=f"target {value}")
    figure.colorbar(filled, ax=axes, label="output y", ticks=[-1, -0.5, 0, 0.5, 1, 1.5])
    axes.set(xlim=span, ylim=span, aspect="equal")
    label(axes, title, "x1 (no unit)", "x2 (no unit)", legend="upper left")
    return figure
