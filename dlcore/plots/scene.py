"""A picture as numbers: panels with axes, and marks in them. A page draws it, and matplotlib too.

A widget says what is to be seen in these words. ``still`` makes a figure of them, the page of the
widget draws them anew at every touch, and ``in_words`` says them to those who see neither.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np

# Ink is the colour of the letters of a page; black is dark on every page, for use on a heat map.
Colour = Literal["ink", "black", "grey", "orange", "blue", "green", "purple"]
Dashes = Literal["solid", "dashed", "dotted", "dashdot"]
Shape = Literal["circle", "square", "diamond", "cross"]
Palette = Literal["bright", "signed", "paper", "light", "relief"]
Numbers = np.ndarray | Sequence[float]


@dataclass(frozen=True)
class Axis:
    """One axis of a panel.

    Args:
        label: what is measured, with its unit.
        low: the value at the left, or below.
        high: the value at the right, or above; smaller than ``low`` for an axis that runs back.
        ticks: the values that are written, with their words; default: round numbers.
    """

    label: str
    low: float
    high: float
    ticks: tuple[tuple[float, str], ...] | None = None


@dataclass(frozen=True)
class Mark:
    """Something drawn in a panel; made by the functions of this file, never by hand.

    Args:
        kind: which function made it.
        name: what it is called in the legend and in words; nothing if empty.
        data: its numbers and its look, as plain lists and words.
    """

    kind: str
    name: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Panel:
    """A pair of axes with marks.

    Args:
        title: what there is to see.
        across: the horizontal axis.
        up: the vertical axis.
        marks: what is drawn, the lowest first.
        ratio: height by width.
        bare: whether it goes without a frame and without numbers at its axes.
        column: panels that follow each other with the same word here stand above each other.
    """

    title: str
    across: Axis
    up: Axis
    marks: tuple[Mark, ...]
    ratio: float = 0.72
    bare: bool = False
    column: str = ""


@dataclass(frozen=True)
class Scene:
    """All that a widget shows at one moment.

    Args:
        panels: the pictures.
        said: what follows from the numbers, in one line.
        least: the width in pixels below which panels rather stand below each other.
        lists: numbers to be read: for each list its title and its names with values.
    """

    panels: tuple[Panel, ...]
    said: str
    least: int = 270
    lists: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = field(default=())


def line(
    x: Numbers,
    y: Numbers,
    name: str = "",
    colour: Colour = "orange",
    dashes: Dashes = "solid",
    width: float = 2.4,
) -> Mark:
    """A line through the points x, y, both of shape (n,)."""
    look = dict(colour=colour, dashes=dashes, width=width)
    return Mark("line", name, {"x": plain(x), "y": plain(y), **look})


def points(
    x: Numbers,
    y: Numbers,
    name: str = "",
    colour: Colour = "ink",
    shape: Shape = "circle",
    size: float | Numbers = 4.0,
    hollow: bool = False,
) -> Mark:
    """Points x, y, both of shape (n,); ``size`` is the radius in pixels, of all or of each."""
    radius = size if isinstance(size, float | int) else plain(size)
    look = dict(colour=colour, shape=shape, size=radius, hollow=hollow)
    return Mark("points", name, {"x": plain(x), "y": plain(y), **look})


def segments(
    x: Numbers,
    y: Numbers,
    x2: Numbers,
    y2: Numbers,
    name: str = "",
    colour: Colour = "blue",
    width: float = 1.2,
) -> Mark:
    """Straight strokes from x, y to x2, y2, each of shape (n,)."""
    ends = {"x": plain(x), "y": plain(y), "x2": plain(x2), "y2": plain(y2)}
    return Mark("segments", name, {**ends, "colour": colour, "width": width})


def arrow(
    x: float,
    y: float,
    x2: float,
    y2: float,
    name: str = "",
    colour: Colour = "ink",
    width: float = 2.0,
) -> Mark:
    """An arrow from x, y to x2, y2."""
    ends = {"x": plain([x]), "y": plain([y]), "x2": plain([x2]), "y2": plain([y2])}
    return Mark("arrow", name, {**ends, "colour": colour, "width": width})


def levels(
    x: Numbers,
    y: Numbers,
    heights: np.ndarray,
    at: Sequence[float],
    name: str = "",
    colour: Colour = "blue",
    dashes: Dashes = "solid",
    width: float = 1.2,
    numbers: bool = True,
) -> Mark:
    """Lines of equal height, as on a map.

    Args:
        x: places across, shape (m,).
        y: places up, shape (k,).
        heights: the height at each place, shape (k, m).
        at: the heights that get a line.
        name: in the legend.
        colour: of all lines.
        dashes: of all lines.
        width: in pixels.
        numbers: whether the height is written on each line.
    """
    from contourpy import contour_generator

    generator = contour_generator(np.asarray(x), np.asarray(y), np.asarray(heights))
    found: list[tuple[float, Any]] = [
        (height, each) for height in at for each in generator.lines(height) if len(each) > 2
    ]
    lines = [[plain(each[:, 0]), plain(each[:, 1])] for _, each in found]
    inner = [(height, _lowest(each)) for height, each in found if numbers]
    written = [[f"{height:g}", *plain(place)] for height, place in inner if _is_inside(place, x, y)]
    data = {"lines": lines, "at": plain(at), "written": written}
    return Mark("levels", name, {**data, "colour": colour, "dashes": dashes, "width": width})


def heat(
    values: np.ndarray,
    across: tuple[float, float],
    up: tuple[float, float],
    low: float,
    high: float,
    name: str = "",
    palette: Palette = "bright",
    smooth: bool = False,
) -> Mark:
    """A rectangle of colours.

    Args:
        values: one for each cell, shape (rows, columns), the first row at ``up[0]``.
        across: the left edge of the first column and the right edge of the last.
        up: the outer edges of the first and the last row.
        low: the value of the first colour of the palette.
        high: the value of its last colour.
        name: in the legend.
        palette: bright runs from dark blue to yellow, signed from orange by pale to purple, paper
            from the ground of the page to its ink, light from black to white, relief from dark
            blue by grey to light orange.
        smooth: whether the colours between cells run into each other.
    """
    rows, columns = np.shape(values)
    place = {"across": plain(across), "up": plain(up), "low": float(low), "high": float(high)}
    size = {"rows": rows, "columns": columns, "values": plain(np.ravel(values))}
    return Mark("heat", name, {**place, **size, "palette": palette, "smooth": smooth})


def picture(
    values: np.ndarray,
    across: tuple[float, float],
    up: tuple[float, float],
    low: float,
    high: float,
    name: str = "",
    palette: Palette = "light",
) -> Mark:
    """A rectangle of many colours: as `heat`, for thousands of cells that change under a hand.

    Each value travels as one of 256 tones, which no eye tells from the value itself. The arguments
    are those of `heat`.
    """
    rows, columns = np.shape(values)
    least, most = float(np.min(values)), float(np.max(values))
    by = 255 / (high - low)
    tones = np.asarray(values, np.float32) * np.float32(by) + np.float32(0.5 - low * by)
    np.clip(tones, 0, 255, out=tones)
    place = {"across": plain(across), "up": plain(up), "low": float(low), "high": float(high)}
    written = base64.b64encode(tones.astype(np.uint8).tobytes()).decode()
    size = {"rows": rows, "columns": columns, "tones": written}
    return Mark(
        "picture", name, {**place, **size, "range": plain([least, most]), "palette": palette}
    )


def cells(
    counts: tuple[int, int],
    at: tuple[int, int],
    first: tuple[float, float],
    step: tuple[float, float],
    sets: tuple[str, str] = ("", ""),
    paints: str = "",
    values: Sequence[float] = (),
    pen: float = 0.0,
    name: str = "",
) -> Mark:
    """Cells that a hand points at, or paints; its panel takes mouse, finger and keyboard.

    The cell that is pointed at is framed by another mark.

    Args:
        counts: how many rows and columns there are.
        at: the row and column of the cell that is pointed at.
        first: where the middle of the first cell lies, across and up.
        step: how far the middle of the next one is, across and up.
        sets: the names under which the model takes row and column; default: it is not told.
        paints: the name under which the model takes all values, if the hand paints; default: none.
        values: those of the cells, row by row, if they can be painted.
        pen: the value that is painted.
        name: of the cells, in words.
    """
    data = {"counts": list(counts), "at": list(at), "first": plain(first), "step": plain(step)}
    more = {"sets": list(sets), "paints": paints, "values": list(values), "pen": float(pen)}
    return Mark("cells", name, {**data, **more})


def photo(
    pixels: np.ndarray, across: tuple[float, float], up: tuple[float, float], name: str = ""
) -> Mark:
    """A picture in its own colours, the same on light and on dark pages.

    Args:
        pixels: red, green and blue from 0 to 255, shape (rows, columns, 3), the first row at
            ``up[0]``.
        across: the left edge of the first column and the right edge of the last.
        up: the outer edges of the first and the last row.
        name: in words.
    """
    colours = np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
    rows, columns = colours.shape[:2]
    place = {"across": plain(across), "up": plain(up), "rows": rows, "columns": columns}
    written = base64.b64encode(colours.tobytes()).decode()
    return Mark("photo", name, {**place, "colours": written})


def photo_pixels(mark: Mark) -> np.ndarray:
    """The pixels of a `photo`, as uint8 of shape (rows, columns, 3)."""
    data = mark.data
    colours = np.frombuffer(base64.b64decode(data["colours"]), np.uint8)
    return colours.reshape(data["rows"], data["columns"], 3)


def bars(
    at: Numbers,
    length: Numbers,
    words: Sequence[str],
    best: int | None,
    name: str,
    best_is: str = "the longest",
) -> Mark:
    """Bars from nought to the right, or to the left, with words at their ends.

    Args:
        at: the heights at which they lie, shape (n,).
        length: of each; below nought it goes to the left.
        words: what stands at the end of each.
        best: the one that is set apart, by its number; None for none.
        name: of all of them.
        best_is: what the one that is set apart is.
    """
    data = {"at": plain(at), "length": plain(length), "words": list(words)}
    return Mark("bars", name, {**data, "best": best, "best_is": best_is})


def edges(
    x: Numbers, y: Numbers, x2: Numbers, y2: Numbers, strength: Numbers, name: str, top: float
) -> Mark:
    """Edges of a network: the wider, the stronger; below nought orange and dashed, else purple.

    Args:
        x: where they start, across, shape (n,).
        y: where they start, up.
        x2: where they end, across.
        y2: where they end, up.
        strength: of each, shape (n,).
        name: in words.
        top: the strength that is drawn with the greatest width.
    """
    ends = {"x": plain(x), "y": plain(y), "x2": plain(x2), "y2": plain(y2)}
    return Mark("edges", name, {**ends, "strength": plain(strength), "top": float(top) or 1.0})


def nodes(
    x: Numbers, y: Numbers, words: Sequence[str], side: Literal["left", "right"], name: str = ""
) -> Mark:
    """Units of a network: circles with words at one side."""
    return Mark("nodes", name, {"x": plain(x), "y": plain(y), "words": list(words), "side": side})


def boxes(
    x: Numbers,
    y: Numbers,
    size: tuple[float, float],
    name: str = "",
    colour: Colour = "grey",
    width: float = 1.2,
    dx: Numbers = (),
) -> Mark:
    """Boxes to write in, of one size on every page.

    Args:
        x: their middles across, shape (n,).
        y: their middles up.
        size: width and height in pixels.
        name: in words.
        colour: of the border.
        width: of the border, in pixels.
        dx: pixels that each stands further to the right; default: none.
    """
    place = {"x": plain(x), "y": plain(y), "dx": plain(dx) or [0.0] * len(x)}
    look = {"size": plain(size), "colour": colour, "width": width}
    return Mark("boxes", name, {**place, **look})


def words(
    x: Numbers,
    y: Numbers,
    written: Sequence[str],
    name: str = "",
    colour: Literal["ink", "orange"] = "ink",
    strong: bool = False,
    dx: Numbers = (),
    dy: Numbers = (),
    of: Sequence[str] = (),
) -> Mark:
    """Words and numbers at places of a picture.

    Args:
        x: their middles across, shape (n,).
        y: their middles up.
        written: what stands there.
        name: in words.
        colour: of the letters.
        strong: whether the letters are bold.
        dx: pixels that each stands further to the right; default: none.
        dy: pixels that each stands further down; default: none.
        of: what each is the number of, for those who do not see where it stands.
    """
    place = {"x": plain(x), "y": plain(y)}
    moved = {"dx": plain(dx) or [0.0] * len(x), "dy": plain(dy) or [0.0] * len(x)}
    look = {"colour": colour, "strong": strong, "of": list(of)}
    return Mark("words", name, {**place, **moved, "words": list(written), **look})


def handle(
    x: Any,
    y: Any,
    sets: Mapping[str, tuple[str, float, float]],
    name: str,
) -> Mark:
    """A place that a hand can drag.

    Args:
        x: across.
        y: up.
        sets: for each number of the model that it sets: which coordinate of the hand counts, and
            the factor and the summand that make the number of it.
        name: in the legend.
    """
    return Mark("handle", name, {"x": float(x), "y": float(y), "sets": _lists(sets)})


def brush(strokes: Sequence[Any], sets: str, pen: float, name: str = "") -> Mark:
    """A sheet to draw on; its panel has axes from 0 to 1, the upper edge at 0.

    Args:
        strokes: each a list of points [x, y] or [x, y, width].
        sets: the name under which the model takes the strokes.
        pen: how wide a stroke of width 1 is, as a share of the sheet.
        name: of the sheet, in words.
    """
    return Mark("brush", name, {"strokes": list(strokes), "sets": sets, "pen": pen})


def as_json(scene: Scene) -> dict[str, Any]:
    """The scene as plain dicts, lists, numbers and words."""
    shown = {"said": scene.said, "least": scene.least, "words": in_words(scene)}
    lists = [{"title": title, "rows": [list(row) for row in rows]} for title, rows in scene.lists]
    return {**shown, "lists": lists, "panels": [_panel(panel) for panel in scene.panels]}


def in_words(scene: Scene) -> str:
    """The scene for those who do not see it, a line for each panel and each thing in it."""
    lines = []
    for number, panel in enumerate(scene.panels, 1):
        lines.append(f"Picture {number} of {len(scene.panels)}: {panel.title}")
        if not panel.bare:
            for where, axis in (("across", panel.across), ("up", panel.up)):
                lines.append(f"  {where}: {axis.label}, {_short(axis.low)} to {_short(axis.high)}")
        lines += [f"  {words}" for mark in panel.marks if (words := _in_words(mark))]
    return "\n".join(lines)


def plain(values: Numbers) -> list[float]:
    """A list of numbers of four digits behind the point, which is finer than a pixel."""
    found: list[float] = np.round(np.asarray(values, float), 4).ravel().tolist()
    return found


def _panel(panel: Panel) -> dict[str, Any]:
    marks = [{"kind": mark.kind, "name": mark.name, **mark.data} for mark in panel.marks]
    look = {"ratio": panel.ratio, "bare": panel.bare, "column": panel.column}
    axes = {"across": asdict(panel.across), "up": asdict(panel.up)}
    return {"title": panel.title, **axes, **look, "marks": marks}


def _lists(sets: Mapping[str, tuple[str, float, float]]) -> dict[str, list[Any]]:
    return {name: [axis, float(by), float(plus)] for name, (axis, by, plus) in sets.items()}


def _lowest(points: np.ndarray) -> np.ndarray:
    """The lowest point of a line, where a number on it hides least."""
    place: np.ndarray = points[np.argmin(points[:, 1])]
    return place


def _is_inside(place: np.ndarray, x: Numbers, y: Numbers) -> bool:
    """Whether a number at this place stays clear of the edges."""
    shares = [(value - min(axis)) / np.ptp(axis) for value, axis in zip(place, (x, y), strict=True)]
    return all(0.05 < share < 0.95 for share in shares)


def _in_words(mark: Mark) -> str:
    data, name = mark.data, f" '{mark.name}'" if mark.name else ""
    if mark.kind == "brush":
        return f"sheet{name}: {len(data['strokes'])} strokes"
    if mark.kind == "heat":
        size = f"{data['rows']} by {data['columns']}"
        return f"colours{name}: {size}, values {_range(data['values'])}"
    if mark.kind == "picture":
        size = f"{data['rows']} by {data['columns']}"
        return f"picture{name}: {size}, values {_range(data['range'])}"
    if mark.kind == "cells":
        (rows, columns), (row, column) = data["counts"], data["at"]
        where = "to paint" if data["paints"] else f"to point at, now row {row}, column {column}"
        return f"cells{name}: {rows} by {columns}, {where}"
    if mark.kind == "photo":
        means = photo_pixels(mark).mean(axis=(0, 1))
        red, green, blue = (f"{each:.0f}" for each in means)
        size = f"{data['rows']} by {data['columns']}"
        return f"photo{name}: {size}, mean red {red}, green {green}, blue {blue}"
    if mark.kind == "levels":
        return f"lines of equal height{name}: {', '.join(_short(each) for each in data['at'])}"
    if mark.kind == "bars":
        best = data["best"]
        apart = "" if best is None else f", {data['best_is']} at {_short(data['at'][best])}"
        return f"bars{name}: {len(data['at'])}{apart}, lengths {_range(data['length'])}"
    if mark.kind == "edges":
        return f"edges{name}: {len(data['x'])}, strengths {_range(data['strength'])}"
    if mark.kind == "nodes":
        return f"units{name}: {', '.join(data['words'])}"
    if mark.kind == "boxes" or (mark.kind == "segments" and not data["x"]):
        return ""  # what stands in boxes is said
    if mark.kind == "words":
        of = data["of"] or [""] * len(data["words"])
        pairs = zip(of, data["words"], strict=True)
        said = ", ".join(f"{what} {word}".strip() for what, word in pairs)
        return f"{mark.name or 'words'}: {said}" if said else ""
    if mark.kind == "handle":
        return f"to drag{name}: at ({_short(data['x'])}, {_short(data['y'])})"
    if mark.kind == "arrow":
        x, y, x2, y2 = (_short(data[key][0]) for key in ("x", "y", "x2", "y2"))
        return f"arrow{name}: from ({x}, {y}) to ({x2}, {y2})"
    if len(data["x"]) == 1:
        return f"{mark.kind}{name} at ({_short(data['x'][0])}, {_short(data['y'][0])})"
    across, up = _range(data["x"]), _range([*data["y"], *data.get("y2", ())])
    each = data.get("size")
    sizes = f", sizes {_range(each)}" if isinstance(each, list) else ""
    return f"{mark.kind}{name}: {len(data['x'])}, across {across}, up {up}{sizes}"


def _range(values: Sequence[float]) -> str:
    return f"{_short(min(values))} to {_short(max(values))}" if len(values) else "none"


def _short(value: float) -> str:
    return f"{round(float(value), 2) + 0.0:g}".replace("-", "\N{MINUS SIGN}")
