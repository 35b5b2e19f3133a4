"""The text that stands for a picture, read off from what the axes really hold.

Kinds, labels, counts, ranges and mean heights, rounded to two digits so that the text is the same
on another machine.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D

COLOURS = "<colorbar>"  # what matplotlib calls the axes of a colour bar


def describe(figure: Figure) -> str:
    """Say in words what a figure shows, one line for each panel and each thing drawn in it."""
    panels = [axes for axes in figure.axes if axes.get_label() != COLOURS]
    lines = []
    for number, axes in enumerate(panels, 1):
        where = "Figure" if len(panels) == 1 else f"Panel {number} of {len(panels)}"
        lines.append(f"{where}: {_title(axes)}")
        lines.append(f"  across: {axes.get_xlabel() or 'no label'}, {_range(axes.get_xlim())}")
        lines.append(f"  up: {axes.get_ylabel() or 'no label'}, {_range(axes.get_ylim())}")
        lines += [f"  {_describe(artist)}" for artist in _drawn(axes)]
    for axes in figure.axes:
        if axes.get_label() == COLOURS:
            lines.append(f"Colours: {axes.get_ylabel()}, {_range(axes.get_ylim())}")
    return "\n".join(lines)


def _title(axes: Axes) -> str:
    titles = [axes.get_title(loc=side) for side in ("left", "center", "right")]
    return " ".join(title for title in titles if title) or "no title"


def _drawn(axes: Axes) -> list[Artist]:
    """What was added to the axes, in the order of drawing, without their frame."""
    artists = [*axes.collections, *axes.images, *axes.patches, *axes.lines, *axes.texts]
    # Where the numbers on contours land depends on the last pixel of the layout: they are left out.
    numbers = {text for c in axes.collections for text in getattr(c, "labelTexts", ())}
    # A line across the whole frame (axhline, axvline) is a mark of the frame, not data.
    frame = {line for line in axes.lines if line.get_transform() != axes.transData}
    hidden = numbers | frame
    return [artist for artist in artists if artist.get_visible() and artist not in hidden]


def _describe(artist: Artist) -> str:
    label = str(artist.get_label())
    name = "" if not label or label.startswith("_") else f" '{label}'"
    if isinstance(artist, Line2D):
        return _points("marks" if artist.get_linestyle() == "None" else "line", name, _xy(artist))
    if isinstance(artist, ContourSet):
        contours: Any = artist  # matplotlib's type stubs leave out zmin and zmax
        heights = _range((contours.zmin, contours.zmax))
        return f"contours{name}: {len(contours.levels)} levels over heights {heights}"
    if isinstance(artist, PathCollection):
        return _points("dots", name, np.ma.getdata(artist.get_offsets()))
    if isinstance(artist, LineCollection):
        lengths = [_length(points) for points in artist.get_segments()]
        mean = f", mean length {_number(float(np.mean(lengths)))}" if lengths else ""
        return f"strokes{name}: {len(lengths)}{mean}"
    if isinstance(artist, AxesImage):
        values = np.asarray(artist.get_array())
        size = " by ".join(str(n) for n in values.shape)
        mean = values.mean(dtype=float)  # in float32 it ends in digits of the machine's
        return f"picture{name}: {size}, values {_range(values)}, mean {_number(mean)}"
    if hasattr(artist, "get_text"):
        return f"text: {' '.join(artist.get_text().split())}"
    return f"{type(artist).__name__}{name}"


def _xy(line: Line2D) -> np.ndarray:
    return np.column_stack([np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata())])


def _length(points: np.ndarray) -> float:
    """The length of a stroke through points, shape (n, 2), along all of its corners."""
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def _points(kind: str, name: str, xy: np.ndarray) -> str:
    if len(xy) == 1:
        return f"{kind}{name} at ({_number(xy[0, 0])}, {_number(xy[0, 1])})"
    text = f"{kind}{name}: {len(xy)} points, across {_range(xy[:, 0])}, up {_range(xy[:, 1])}"
    return f"{text}, mean {_number(np.nanmean(xy[:, 1], dtype=float))}"


def _range(values: np.ndarray | tuple) -> str:
    values = np.asarray(values, float)
    return f"{_number(np.nanmin(values))} to {_number(np.nanmax(values))}"


def _number(value: float) -> str:
    """Two digits, or all of them where the value is a whole number; what is tiny is nought."""
    value = round(float(value), 6)
    if value == round(value) and abs(value) < 1e6:
        return str(round(value))
    return format(float(f"{value:.2g}"), "g")
