"""Lesson 14: pictures on their way through convolution and pooling, and a slope on its way back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.scene import Axis, Mark, Palette, Panel, Scene, cells, heat, line
from dlcore.plots.still import still

Field = tuple[int, int, int, int]
PADDING = 0.15  # how dark the ground beyond the edge is, as a share of ink


def route(
    maps: Sequence[np.ndarray],
    slopes: Sequence[np.ndarray],
    fields: Sequence[Field],
    names: Sequence[str],
) -> Figure:
    """Each map with the part that the chosen cell sees, and below it the slopes that arrive there.

    Args:
        maps: the picture first, then what each layer makes of it, each of shape (rows, columns).
        slopes: of the chosen cells for each number of a map, each of the shape of its map.
        fields: for each map the top row, the left column, and how many rows and columns the chosen
            cell sees of it; a field may hang over the edge.
        names: what each map is.
    """
    return still(route_scene(maps, slopes, fields, names))


def route_scene(
    maps: Sequence[np.ndarray],
    slopes: Sequence[np.ndarray],
    fields: Sequence[Field],
    names: Sequence[str],
    said: str = "",
    to_press: bool = False,
) -> Scene:
    """What ``route`` draws, as numbers.

    Args:
        maps: as in ``route``.
        slopes: as in ``route``.
        fields: as in ``route``; where nothing is framed, it has no rows.
        names: as in ``route``.
        said: the line below the picture.
        to_press: whether a hand can choose a cell of the last map.
    """
    panels = []
    steepest = max(float(np.abs(slope).max()) for slope in slopes)
    for place, (values, slope, field, name) in enumerate(
        zip(maps, slopes, fields, names, strict=True)
    ):
        beyond = _beyond(values, field)
        chosen = place == len(maps) - 1
        pressed = (_cells(values, field),) if chosen and to_press and field[2] else ()
        frame = (_frame(field, chosen),) if field[2] else ()
        look: Palette = "signed" if place else "paper"
        picture = _heat(values, "values", float(np.abs(values).max()), look)
        for title, seen, more in (
            (name[0].upper() + name[1:], picture, pressed),
            (f"Slopes: {name}", _heat(slope, "slopes", steepest), ()),
        ):
            marks = (*_padding(values, beyond), seen, *frame, *more)
            ratio = min(1.0, 0.25 * len(maps))  # both rows of a short stack fit on a screen
            panels.append(_panel(title, values, beyond, marks, ratio, str(place)))
    return Scene(tuple(panels), said, 150 if len(maps) > 3 else 210)


def _panel(
    title: str,
    values: np.ndarray,
    beyond: int,
    marks: tuple[Mark, ...],
    ratio: float,
    column: str,
) -> Panel:
    rows, columns = values.shape
    across = Axis("column (cells)", -beyond, columns + beyond)
    up = Axis("row (cells)", rows + beyond, -beyond)
    return Panel(title, across, up, marks, ratio, bare=True, column=column)


def _heat(values: np.ndarray, name: str, top: float, palette: Palette = "signed") -> Mark:
    """Values as colours: ink from 0, or signs around 0, as dark as they can be at ``top``."""
    rows, columns = values.shape
    low = -top if palette == "signed" else 0.0
    return heat(values, (0, columns), (0, rows), low, top or 1.0, name, palette)


def _beyond(values: np.ndarray, field: Field) -> int:
    """How many cells the field reaches over the edge, on its widest side."""
    top, left, rows, columns = field
    if not rows:
        return 0
    return max(0, -top, -left, top + rows - values.shape[0], left + columns - values.shape[1])


def _padding(values: np.ndarray, beyond: int) -> tuple[Mark, ...]:
    """The ground beyond the edge, in grey, if there is any to be seen."""
    if not beyond:
        return ()
    rows, columns = values.shape
    ground = np.full((rows + 2 * beyond, columns + 2 * beyond), PADDING)
    ground[beyond:-beyond, beyond:-beyond] = 0
    across, up = (-beyond, columns + beyond), (-beyond, rows + beyond)
    return (heat(ground, across, up, 0, 1, "padding", "paper"),)


def _frame(field: Field, chosen: bool) -> Mark:
    top, left, rows, columns = field
    x = [left, left + columns, left + columns, left, left]
    y = [top, top, top + rows, top + rows, top]
    return line(x, y, "the chosen cell" if chosen else "what it sees", "green", width=2.6)


def _cells(values: np.ndarray, field: Field) -> Mark:
    """The cells of the last map, of which a hand chooses one."""
    (rows, columns), at, sets = values.shape, field[:2], ("row", "column")
    return cells((rows, columns), at, (0.5, 0.5), (1, 1), sets, name="to choose from")
