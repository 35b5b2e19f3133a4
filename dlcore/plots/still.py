"""A scene as a matplotlib figure: the picture of a widget where nothing can move."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path as MarkerPath
from matplotlib.patheffects import Normal, Stroke

from dlcore.plots.scene import Axis, Mark, Panel, Scene, photo_pixels
from dlcore.plots.style import BLUE, GREEN, GREY, INK, ORANGE, PURPLE

Look = dict[str, Any]
COLOURS = {
    "ink": INK, "black": INK, "grey": GREY, "orange": ORANGE, "blue": BLUE, "green": GREEN,
    "purple": PURPLE,
}  # fmt: skip
DASHES = {"solid": "-", "dashed": "--", "dotted": ":", "dashdot": "-."}
SHAPES = {"circle": "o", "square": "s", "diamond": "D", "cross": "x"}
RELIEF = ("#08254d", "#2f6aa8", "#808080", "#e69138", "#ffe0b0")  # dark below 0, light above
PALETTES: dict[str, Any] = {
    "bright": "cividis", "signed": "PuOr", "paper": "gray_r", "light": "gray",
    "relief": LinearSegmentedColormap.from_list("relief", RELIEF),
}  # fmt: skip
POINT = 0.75  # of a pixel, which is how matplotlib measures widths
COLUMN, ROW = 3.7, 0.85  # width of a column of panels, and what titles and labels take, in inches


def still(scene: Scene) -> Figure:
    """The scene as a figure: panels beside each other, those of one column above each other."""
    columns = _columns(scene.panels)
    rows = max(len(column) for column in columns)
    small = len(columns) > 4
    width = 1.75 if small else max(COLUMN, scene.least / 96)
    tallest = max(panel.ratio for panel in scene.panels)
    size = (width * len(columns), rows * (width * tallest + ROW))
    figure = Figure(figsize=size, facecolor="white", layout="constrained")
    grid = figure.add_gridspec(rows, len(columns))
    for across, column in enumerate(columns):
        for down, panel in enumerate(column):
            _panel(figure.add_subplot(grid[down, across]), panel, small)
    return figure


def _columns(panels: tuple[Panel, ...]) -> list[list[Panel]]:
    columns: list[list[Panel]] = []
    for panel in panels:
        if panel.column and columns and columns[-1][0].column == panel.column:
            columns[-1].append(panel)
        else:
            columns.append([panel])
    return columns


def _panel(axes: Axes, panel: Panel, small: bool) -> None:
    for mark in panel.marks:
        _DRAW[mark.kind](axes, mark)
    across, up = panel.across, panel.up
    axes.set(xlim=(across.low, across.high), ylim=(up.low, up.high))
    axes.set_title(panel.title, fontsize=9 if small else 10.5, loc="left", color=INK, wrap=True)
    if panel.bare:
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)
    else:
        axes.spines[["top", "right"]].set_visible(False)
        axes.tick_params(labelsize=9, colors=INK)
        _ticks(axes.xaxis, across)
        _ticks(axes.yaxis, up)
    size = 8.5 if small else 9.5
    axes.set_xlabel(across.label, fontsize=size, color=INK)
    axes.set_ylabel(up.label, fontsize=size, color=INK)
    if axes.get_legend_handles_labels()[0] and not panel.bare:
        axes.legend(
            loc="upper center", bbox_to_anchor=(0.5, -0.2), fontsize=8.5, frameon=False, ncols=2
        )


def _ticks(axis: XAxis | YAxis, spec: Axis) -> None:
    if spec.ticks is not None:
        axis.set_ticks([value for value, _ in spec.ticks], labels=[word for _, word in spec.ticks])


def _name(mark: Mark) -> str:
    return mark.name or "_nothing"


def _line(axes: Axes, mark: Mark) -> None:
    data = mark.data
    look: Look = {"color": COLOURS[data["colour"]], "linestyle": DASHES[data["dashes"]]}
    axes.plot(data["x"], data["y"], lw=POINT * data["width"], label=_name(mark), **look)


def _points(axes: Axes, mark: Mark) -> None:
    data, colour = mark.data, COLOURS[mark.data["colour"]]
    fill = "white" if data["hollow"] else colour
    rim = "white" if data["colour"] == "black" and not data["hollow"] else colour
    if isinstance(data["size"], list):
        areas = [(2 * POINT * radius) ** 2 for radius in data["size"]]
        each: Look = {"c": fill, "edgecolors": rim, "linewidths": 0.8, "label": _name(mark)}
        axes.scatter(data["x"], data["y"], areas, marker=SHAPES[data["shape"]], **each)
        return
    size: Look = {"ms": 2 * POINT * data["size"], "mec": rim, "mew": 0.8}
    axes.plot(data["x"], data["y"], SHAPES[data["shape"]], color=fill, label=_name(mark), **size)


def _segments(axes: Axes, mark: Mark) -> None:
    data = mark.data
    if not data["x"]:
        return
    ends = np.array([[data["x"], data["y"]], [data["x2"], data["y2"]]]).transpose(2, 0, 1)
    look: Look = {"colors": COLOURS[data["colour"]], "linewidths": POINT * data["width"]}
    axes.add_collection(LineCollection(list(ends), label=_name(mark), **look))


def _arrow(axes: Axes, mark: Mark) -> None:
    data = mark.data
    start, end = (data["x"][0], data["y"][0]), (data["x2"][0], data["y2"][0])
    look: Look = {"color": COLOURS[data["colour"]], "lw": POINT * data["width"]}
    axes.plot(*zip(start, end, strict=True), label=_name(mark), **look)
    tip: Look = {"arrowstyle": "->", "mutation_scale": 9, "shrinkA": 0, "shrinkB": 0}
    axes.add_patch(FancyArrowPatch(start, end, label="_tip", **tip, **look))


def _levels(axes: Axes, mark: Mark) -> None:
    data, colour = mark.data, COLOURS[mark.data["colour"]]
    gap = [math.nan]  # between one line and the next, so that all are one thing with one name
    x = [value for xs, _ in data["lines"] for value in [*xs, *gap]]
    y = [value for _, ys in data["lines"] for value in [*ys, *gap]]
    look: Look = {"color": colour, "linestyle": DASHES[data["dashes"]]}
    axes.plot(x, y, lw=POINT * data["width"], label=_name(mark), **look)
    for word, x, y in data["written"]:
        ground = {"boxstyle": "round,pad=0.05", "fc": "white", "ec": "none"}
        axes.text(
            x, y, word, fontsize=8, color=colour, ha="center", va="center", bbox=ground,
            clip_on=True,
        )  # fmt: skip


def _heat(axes: Axes, mark: Mark) -> None:
    data = mark.data
    values = np.reshape(data["values"], (data["rows"], data["columns"]))
    axes.imshow(
        values, cmap=PALETTES[data["palette"]], vmin=data["low"], vmax=data["high"],
        extent=(*data["across"], *data["up"]), origin="lower", aspect="auto", label=_name(mark),
        interpolation="bilinear" if data["smooth"] else "nearest",
    )  # fmt: skip
    if data["palette"] == "signed":
        _minuses(axes, values, data)


def _picture(axes: Axes, mark: Mark) -> None:
    data, (low, high) = mark.data, (mark.data["low"], mark.data["high"])
    tones = np.frombuffer(base64.b64decode(data["tones"]), np.uint8)
    values = low + tones.reshape(data["rows"], data["columns"]) / 255 * (high - low)
    axes.imshow(
        values, cmap=PALETTES[data["palette"]], vmin=low, vmax=high, origin="lower",
        extent=(*data["across"], *data["up"]), aspect="auto", label=_name(mark),
        interpolation="nearest",
    )  # fmt: skip


def _cells(axes: Axes, mark: Mark) -> None:
    """Nothing: what is pointed at is framed by another mark."""


def _photo(axes: Axes, mark: Mark) -> None:
    data = mark.data
    axes.imshow(
        photo_pixels(mark), origin="lower", aspect="auto",
        extent=(*data["across"], *data["up"]), interpolation="nearest", label=_name(mark),
    )  # fmt: skip


def _minuses(axes: Axes, values: np.ndarray, data: Mapping[str, Any]) -> None:
    """A minus in each cell below nought: the sign is not told by colour alone.

    It is white where the colour is dark, which the scale decides and not the lowest value.
    """
    across, up = data["across"], data["up"]
    rows, columns = np.nonzero(values < 0)
    x = across[0] + (columns + 0.5) * (across[1] - across[0]) / values.shape[1]
    y = up[0] + (rows + 0.5) * (up[1] - up[0]) / values.shape[0]
    deep = values[rows, columns] < 0.6 * data["low"]
    for chosen, colour in ((deep, "white"), (~deep, INK)):
        if not chosen.any():
            continue
        axes.plot(x[chosen], y[chosen], "_", color=colour, ms=4, mew=0.7, label="_minus")


def _bars(axes: Axes, mark: Mark) -> None:
    data = mark.data
    colours = [ORANGE if at == data["best"] else BLUE for at in range(len(data["at"]))]
    axes.barh(data["at"], data["length"], height=0.62, color=colours, label="_nothing")
    for at, length, word in zip(data["at"], data["length"], data["words"], strict=True):
        side = "left" if length >= 0 else "right"
        axes.text(length, at, f" {word} ", va="center", ha=side, fontsize=8.5, color=INK)


def _edges(axes: Axes, mark: Mark) -> None:
    data = mark.data
    ends = np.array([[data["x"], data["y"]], [data["x2"], data["y2"]]]).transpose(2, 0, 1)
    strength = np.array(data["strength"])
    negative = strength < 0
    for chosen, colour, dashes in ((negative, ORANGE, "--"), (~negative, PURPLE, "-")):
        widths = POINT * (0.6 + 5 * np.abs(strength[chosen]) / data["top"])
        axes.add_collection(
            LineCollection(
                list(ends[chosen]), colors=colour, linewidths=list(widths), linestyles=dashes,
                label=f"{mark.name}, {'below' if dashes == '--' else 'above'} 0",
            )
        )  # fmt: skip


def _nodes(axes: Axes, mark: Mark) -> None:
    data = mark.data
    look: Look = {"ms": 9, "color": "white", "mec": INK, "mew": 1.2, "zorder": 3}
    axes.plot(data["x"], data["y"], "o", label=_name(mark), **look)
    left = data["side"] == "left"
    for x, y, word in zip(data["x"], data["y"], data["words"], strict=True):
        place = (x + (-0.08 if left else 0.08), y)
        ground: Look = {"boxstyle": "round,pad=0.1", "fc": "white", "ec": "none", "alpha": 0.85}
        side: Look = {"ha": "right" if left else "left", "va": "center", "zorder": 4}
        axes.text(*place, word, fontsize=8.5, bbox=ground, **side)


def _boxes(axes: Axes, mark: Mark) -> None:
    data = mark.data
    wide, high = (POINT * each / 2 for each in data["size"])
    look: Look = {"mfc": "white", "mec": COLOURS[data["colour"]], "mew": POINT * data["width"]}
    for aside in dict.fromkeys(data["dx"]):
        # Markers keep their size; one that stands aside is drawn beside its place.
        left, right = POINT * aside - wide, POINT * aside + wide
        corners = [(left, -high), (left, high), (right, high), (right, -high), (left, -high)]
        size = 2 * max(abs(left), abs(right), high)
        here = [i for i, dx in enumerate(data["dx"]) if dx == aside]
        x, y = ([data[axis][i] for i in here] for axis in ("x", "y"))
        shape: Any = MarkerPath(corners)
        axes.plot(x, y, linestyle="None", marker=shape, ms=size, label=_name(mark), **look)


def _words(axes: Axes, mark: Mark) -> None:
    data = mark.data
    look: Look = {"color": COLOURS[data["colour"]], "ha": "center", "va": "center"}
    look |= {"fontweight": "bold" if data["strong"] else "normal", "fontsize": 8.5, "zorder": 4}
    ground = [Stroke(linewidth=2.5, foreground="white"), Normal()]
    columns = (data[each] for each in ("x", "y", "dx", "dy", "words"))
    for x, y, dx, dy, word in zip(*columns, strict=True):
        moved = (POINT * dx, -POINT * dy)
        axes.annotate(word, (x, y), moved, textcoords="offset points", path_effects=ground, **look)


def _handle(axes: Axes, mark: Mark) -> None:
    look: Look = {"color": ORANGE, "ms": 9, "mec": "white", "mew": 1.2}
    axes.plot([mark.data["x"]], [mark.data["y"]], "o", label=_name(mark), zorder=5, **look)


def _brush(axes: Axes, mark: Mark) -> None:
    for stroke in mark.data["strokes"]:
        points = np.asarray([point[:2] for point in stroke], float)
        axes.plot(*points.T, color=INK, lw=9, solid_capstyle="round", solid_joinstyle="round")


_DRAW: dict[str, Callable[[Axes, Mark], None]] = {
    "line": _line, "points": _points, "segments": _segments, "arrow": _arrow, "levels": _levels,
    "heat": _heat, "bars": _bars, "edges": _edges, "nodes": _nodes, "boxes": _boxes,
    "words": _words, "handle": _handle, "brush": _brush,
    "picture": _picture, "photo": _photo, "cells": _cells,
}  # fmt: skip
