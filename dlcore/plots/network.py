"""A network as circles and coloured edges, and one batch on its way forward and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import CenteredNorm
from matplotlib.figure import Figure

from dlcore.plots.style import INK, label, new_figure

COLOURS = "PuOr"  # orange below nought, purple above, and pale where a weight hardly counts
FORWARD = ("x", "w1", "z1", "h", "w2", "z2", "y")


def network(weights: Sequence[np.ndarray], names: Sequence[str]) -> Figure:
    """A network with one hidden layer: each weight an edge, its colour and width say how strong.

    Args:
        weights: w1 (i, h), b1 (h,), w2 (h, 1) and b2 (1,).
        names: Of the inputs.
    """
    figure = new_figure(width=5.0, height=3.8)
    network_on(figure.axes[0], weights, names)
    return figure


def network_on(axes: Axes, weights: Sequence[np.ndarray], names: Sequence[str]) -> None:
    """Draw `network` into axes that are there."""
    w1, _, w2, _ = weights
    columns = [_spread(len(names)), _spread(w1.shape[1]), _spread(1)]
    largest = max(float(np.abs(w).max()) for w in (w1, w2))
    for layer, w in enumerate((w1, w2)):
        ends = [
            ((layer, start), (layer + 1, end))
            for start in columns[layer]
            for end in columns[layer + 1]
        ]
        strength = w.ravel()
        axes.add_collection(
            LineCollection(
                ends,
                array=strength,
                cmap=COLOURS,
                norm=CenteredNorm(0, largest or 1),
                linewidths=0.4 + 4.0 * np.abs(strength) / (largest or 1),
                label=f"w{layer + 1}, mean size {np.abs(w).mean():.2f}",
            )
        )
    for layer, heights in enumerate(columns):
        axes.plot(
            [layer] * len(heights), heights, "o", ms=9, color="white", mec=INK, mew=1.2, zorder=3
        )
    for name, height in zip(names, columns[0], strict=True):
        axes.text(-0.08, height, name, ha="right", va="center", fontsize=8.5)
    for number, height in enumerate(columns[1], 1):
        # On a pale ground and above the edges, which would hide it.
        ground = {"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.85}
        place = (1.07, height)
        axes.text(*place, f"h{number}", va="center", fontsize=8, bbox=ground, zorder=4)
    axes.text(2.08, columns[2][0], "y", ha="left", va="center", fontsize=9.5)
    axes.set(xlim=(-0.75, 2.25), ylim=(-0.08, 1.1), xticks=[], yticks=[])
    axes.spines[["left", "bottom"]].set_visible(False)
    title = f"orange below 0, purple above; largest weight {largest:.2f}"
    label(axes, title, "layer (from left to right)", "unit (from above)", legend=None)


def backprop(flow: Mapping[str, np.ndarray], found: int = 6) -> Figure:
    """One batch: above its values on the way forward, below them the gradients found so far.

    Args:
        flow: The values x, z1, h, z2 and y, the weights w1 and w2, the mean loss, and the
            gradients dy, dz2, dw2, dh, dz1, dw1, each of the shape of what stands above it.
        found: How many gradients backprop has found, 0 to 6, in the order just given.
    """
    order = ("dy", "dz2", "dw2", "dh", "dz1", "dw1")
    figure = Figure(figsize=(11.2, 5.0), facecolor="white")
    # Fixed margins: constrained layout would take four times as long for so many panels.
    figure.subplots_adjust(left=0.05, right=0.99, bottom=0.1, top=0.83, wspace=0.5, hspace=0.72)
    grid = figure.add_gridspec(2, len(FORWARD))
    for column, name in enumerate(FORWARD):
        _panel(figure.add_subplot(grid[0, column]), name, flow[name])
        if f"d{name}" in order[:found]:
            _panel(figure.add_subplot(grid[1, column]), f"d{name}", flow[f"d{name}"])
    now = f"; backward, from the right: {', '.join(order[:found])}" if found else ""
    figure.suptitle(
        f"Forward, from the left: mean loss {float(flow['loss']):.3f}{now}",
        fontsize=10.5,
        x=0.01,
        ha="left",
        color=INK,
    )
    return figure


def _panel(axes: Axes, name: str, values: np.ndarray) -> None:
    size = float(np.abs(values).max())
    picture = axes.imshow(
        values, cmap=COLOURS, norm=CenteredNorm(0, size or 1), aspect="auto", label=name
    )
    picture.set_interpolation("nearest")
    rows = "from unit (number)" if "w" in name else "row of the batch (number)"
    axes.tick_params(labelsize=7.5)
    for axis, count in zip((axes.yaxis, axes.xaxis), values.shape, strict=True):
        axis.set_ticks(sorted({0, count - 1}))
    shape = " × ".join(str(n) for n in values.shape)
    label(axes, f"{name}  [{shape}]\nto ±{size:.2g}", "column (number)", rows, legend=None)
    axes.title.set_fontsize(9)
    axes.xaxis.label.set_fontsize(8)
    axes.yaxis.label.set_fontsize(8)


def _spread(count: int) -> np.ndarray:
    """Heights of a column of circles, from above to below."""
    if count == 1:
        return np.array([0.5])
    reach = min(1.0, 0.16 * (count - 1))
    return 0.5 + np.linspace(reach / 2, -reach / 2, count)
