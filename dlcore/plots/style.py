"""One look for all figures: colours that everyone can tell apart, also in grey print.

The colours are those of Okabe and Ito, "Color universal design" (2008). Where two curves share an
axis they differ in the kind of line too, so that nothing depends on colour alone.
"""

from __future__ import annotations

from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

Place = Literal["best", "upper left", "upper right", "lower left", "lower right"]
Span = tuple[float, float]

BLUE = "#0072B2"
ORANGE = "#D55E00"
GREEN = "#009E73"
PURPLE = "#CC79A7"
YELLOW = "#E69F00"
INK = "#222222"
GREY = "#8A8A8A"
CYCLE = ((ORANGE, "-"), (BLUE, "--"), (GREEN, "-."), (PURPLE, ":"), (INK, (0, (6, 2))))


def new_figure(columns: int = 1, width: float = 7.2, height: float = 3.4) -> Figure:
    """A white figure with one row of axes, of the given size in inches."""
    if columns == 1:
        layout = ConstrainedLayoutEngine(h_pad=0.1, w_pad=0.06)
        figure = Figure(figsize=(width, height), layout=layout, facecolor="white")
    else:
        # Widgets redraw these: fixed margins take half the time, and the picture does not jump.
        figure = Figure(figsize=(width, height), facecolor="white")
        figure.subplots_adjust(
            left=0.58 / width,
            right=1 - 0.12 / width,
            bottom=0.52 / height,
            top=1 - 0.38 / height,
            wspace=0.62 * columns / (width - 0.7),
        )
    for axes in figure.subplots(1, columns, squeeze=False)[0]:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=9, colors=INK)
    return figure


def label(axes: Axes, title: str, xlabel: str, ylabel: str, legend: Place | None = "best") -> None:
    """Title, axis labels and, unless ``legend`` is None, a legend of what has a label."""
    axes.set_title(title, fontsize=10.5, loc="left", color=INK)
    axes.set_xlabel(xlabel, fontsize=9.5, color=INK)
    axes.set_ylabel(ylabel, fontsize=9.5, color=INK)
    if legend is not None and axes.get_legend_handles_labels()[0]:
        axes.legend(loc=legend, fontsize=8.5, framealpha=0.9, edgecolor="#dddddd")
