"""Lesson 15: which class was taken for which, and the pictures in which it happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.scene import Axis, Mark, Panel, Scene, bars, cells, handle, heat, line, words
from dlcore.plots.still import still

ACROSS, DOWN = 4, 3  # pictures beside and below each other
GAP, FOOT = 3, 9  # pixels between two of them, and below each for a line of words
TONES = 12  # of grey: a page draws each of them once
MINUS = "\N{MINUS SIGN}"


def confusion(matrix: np.ndarray, names: Sequence[str]) -> Figure:
    """How many of each class were called what; the darker, the more mistakes.

    Args:
        matrix: of each class (a row) how many were called each class (a column), shape (k, k).
        names: of the k classes.
    """
    return still(Scene((confusion_panel(np.asarray(matrix), names),), "", 460))


def error_row(pictures: np.ndarray, written: Sequence[str], title: str) -> Figure:
    """Pictures side by side, six in a row at most, with words below each.

    Args:
        pictures: from 0, the ground, to 1, shape (n, h, w).
        written: what stands below each, n in number.
        title: what there is to see.
    """
    across = min(6, len(pictures))
    panel = pictures_panel(np.asarray(pictures), written, title, across=across, gap=14)
    axes = {
        way: replace(getattr(panel, way), label=label)
        for way, label in (("across", "right (pixels)"), ("up", "down (pixels)"))
    }
    return still(Scene((replace(panel, **axes),), "", 150 * across))


def confusion_panel(
    matrix: np.ndarray, names: Sequence[str], chosen: tuple[int, int] | None = None
) -> Panel:
    """What ``confusion`` draws, as numbers.

    Args:
        matrix: of each class (a row) how many were called each class (a column), shape (k, k).
        names: of the k classes.
        chosen: row and column of a cell with a frame around it, where a click chooses another;
            then only mistakes have their counts written.
    """
    count = len(matrix)
    wrong = np.where(np.eye(count, dtype=bool), 0, matrix)
    shade = 0.6 * wrong / max(1, int(wrong.max())) + 0.14 * np.eye(count)
    # Small on a page, where those on the diagonal would stand on their neighbours.
    row, column = (each.tolist() for each in np.nonzero(matrix if chosen is None else wrong))
    where = [f"{names[r]} called {names[c]}" for r, c in zip(row, column, strict=True)]
    numbers = [str(int(matrix[r, c])) for r, c in zip(row, column, strict=True)]
    edge = -0.5, count - 0.5
    marks: list[Mark] = [
        heat(shade, edge, edge, 0, 1, "mistakes", "paper"),
        words(column, row, numbers, "counts", of=where),
    ]
    if chosen is not None:
        r, c = chosen
        marks += [
            _frame(c - 0.5, r - 0.5, c + 0.5, r + 0.5),
            cells((count, count), chosen, (0, 0), (1, 1), ("row", "column"), name="classes"),
        ]
    short = [name.split("/")[0] for name in names]
    return Panel(
        "What was taken for what",
        Axis("called (number of the class)", *edge, tuple((i, str(i)) for i in range(count))),
        Axis(
            "true class (name, number)",
            edge[1],
            edge[0],
            tuple((i, f"{w} {i}") for i, w in enumerate(short)),
        ),
        tuple(marks),
        0.84,
    )


def pictures_panel(
    pictures: np.ndarray,
    written: Sequence[str],
    title: str,
    chosen: int | None = None,
    across: int = ACROSS,
    down: int | None = None,
    gap: int = GAP,
) -> Panel:
    """Pictures in rows with words below each.

    Args:
        pictures: from 0, the ground, to 1, shape (n, h, w).
        written: what stands below each.
        title: what there is to see.
        chosen: the place of one with a frame around it, where a click chooses another.
        across: how many stand in a row.
        down: for how many rows there is room; default: as many as are needed.
        gap: pixels between two of them.
    """
    count, height, width = pictures.shape
    down = down or -(-count // across)
    more = max((each.count("\n") for each in written), default=0)  # lines below the first
    wide, high = width + gap, height + FOOT + 2 * more
    sheet = np.zeros((down * high, across * wide))
    places = [((each // across) * high, (each % across) * wide) for each in range(count)]
    for (top, left), picture in zip(places, pictures, strict=True):
        sheet[top : top + height, left : left + width] = picture
    middles = [left + width / 2 - 0.5 for _, left in places]
    feet = [top + height + 3.5 + 1.4 * more for top, _ in places]
    ends, floor = (-1.5, across * wide - gap + 0.5), (-1.5, down * high + 0.5)
    marks: list[Mark] = [
        heat(tones(sheet), (-0.5, across * wide - 0.5), (-0.5, down * high - 0.5), 0, 1,
             "pictures", "paper"),
        words(middles, feet, written, "below them"),
    ]  # fmt: skip
    if chosen is not None and count:
        top, left = places[chosen]
        marks.append(_frame(left - 1, top - 1, left + width, top + height))
    if chosen is not None:
        at, first = divmod(chosen, across), ((wide - 1) / 2, (high - 1) / 2)
        sets = "below", "across"
        marks.append(cells((down, across), at, first, (wide, high), sets, name="pictures"))
    ratio = (floor[1] - floor[0]) / (ends[1] - ends[0])
    return Panel(title, Axis("", *ends), Axis("", floor[1], floor[0]), tuple(marks), ratio, True)


def picture_panel(picture: np.ndarray, title: str, cover: tuple[float, float] | None) -> Panel:
    """One picture, large; ``cover`` is the middle (down, right) of a square that a hand moves."""
    height, width = picture.shape
    edge_x, edge_y = (-0.5, width - 0.5), (-0.5, height - 0.5)
    marks: list[Mark] = [heat(tones(picture), edge_x, edge_y, 0, 1, "picture", "paper")]
    if cover is not None:
        sets = {"at_right": ("x", 1.0, 0.0), "at_down": ("y", 1.0, 0.0)}
        marks.append(handle(cover[1], cover[0], sets, "the cover; drag it"))
    up = Axis("", edge_y[1], edge_y[0])
    return Panel(title, Axis("", *edge_x), up, tuple(marks), height / width, True)


def outputs_panel(outputs: np.ndarray, names: Sequence[str], true: int, title: str) -> Panel:
    """A bar for each class, the true one set apart."""
    at = np.arange(len(outputs))
    written = [f"{share:.2f}" for share in outputs]
    short = [name.split("/")[0] for name in names]
    return Panel(
        title,
        Axis("output (share, sum 1)", 0, 1.3, ((0, "0"), (0.5, "0.5"), (1, "1"))),
        Axis("class", len(at) - 0.4, -0.6, tuple((i, word) for i, word in enumerate(short))),
        (bars(at, outputs, written, true, "outputs", "the true class"),),
        0.95,
    )


def tones(pictures: np.ndarray) -> np.ndarray:
    """The same in a few tones of grey, as large parts of the page are drawn at once."""
    rounded: np.ndarray = np.round(TONES * np.clip(pictures, 0, 1)) / TONES
    return rounded


def _frame(left: float, top: float, right: float, bottom: float) -> Mark:
    corners = [left, right, right, left, left], [top, top, bottom, bottom, top]
    return line(*corners, "", "orange", "solid", 2.6)
