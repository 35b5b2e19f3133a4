"""Lesson 14: which pixels made a number behind convolution and pooling, and which hear about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from matplotlib.figure import Figure

from dlcore.backends.numpy.convolution import conv2d, conv2d_grad
from dlcore.backends.numpy.pooling import (
    avg_pool2d,
    avg_pool2d_grad,
    max_pool2d,
    max_pool2d_grad,
)
from dlcore.plots.route import Field, route_scene
from dlcore.plots.scene import Scene
from dlcore.plots.still import still
from dlcore.widgets.bench import Bench
from dlcore.widgets.controls import Button, Choice, Control, Group, Menu

Pooling = Literal["max", "average"]
Source = Literal["the chosen cell", "every cell"]

STACKS = ("conv", "conv, pool", "conv, pool, conv, pool")
POOLINGS: tuple[Pooling, ...] = ("max", "average")
SOURCES: tuple[Source, ...] = ("the chosen cell", "every cell")
# Where ink has paper below it: no weight is 0, and turned by half a turn it is another.
EDGE = np.array([[1.0, 2.0, 1.0], [1.0, 3.0, 1.0], [-2.0, -4.0, -3.0]]) / 4
NOTHING: Field = (0, 0, 0, 0)
MIDDLE = Button("middle", "Middle", "Choose the cell in the middle of the last map")


class RouteModel:
    """A picture on its way through convolution and pooling, and a slope of 1 on its way back.

    Each convolution has one filter of 3 by 3 cells, and a row of zeros around its picture, so that
    its map is as large. There is no bend: what arrives is what the two layers pass on. The second
    pooling always has windows of 2 by 2 side by side.

    Args:
        pictures: ink from 0 to 1, shape (m, h, w).
        digit: which of them, by its number.
        stack: the layers, one of `STACKS`.
        pooling: "max" or "average".
        window: rows and columns of a window of the first pooling, 2 or 3.
        stride: how far its windows stand apart, 1 to 3.
        row: of the chosen cell of the last map; default: in the middle.
        column: of the chosen cell; default: in the middle.
        source: which cells of the last map send a slope of 1, one of `SOURCES`.
        kernel: the filter of each convolution, shape (3, 3); default `EDGE`.
    """

    def __init__(
        self,
        pictures: np.ndarray,
        digit: int = 0,
        stack: str = "conv, pool",
        pooling: Pooling = "max",
        window: int = 2,
        stride: int = 2,
        row: int | None = None,
        column: int | None = None,
        source: Source = "the chosen cell",
        kernel: np.ndarray = EDGE,
    ) -> None:
        """Let the picture through, and the slope back."""
        self.pictures, self.digit, self.stack = np.asarray(pictures, float), digit, stack
        self.pooling, self.window, self.stride, self.source = pooling, window, stride, source
        self._w = np.asarray(kernel, float)[:, :, None, None]
        self.row: int = 0
        self.column: int = 0
        self._run()
        self.to_the_middle()
        self.update(row=self.row if row is None else row)
        self.update(column=self.column if column is None else column)

    @property
    def controls(self) -> tuple[Control, ...]:
        """What becomes a slider each; how many cells there are to choose depends on the layers."""
        rows, columns = self.maps()[-1].shape
        return (
            Control("digit", "digit (number)", 0, len(self.pictures) - 1, 1),
            Control("window", "window of the pooling (cells)", 2, 3, 1),
            Control("stride", "stride of the pooling (cells)", 1, 3, 1),
            Control("row", "row of the chosen cell (from 0)", 0, rows - 1, 1),
            Control("column", "column of the chosen cell (from 0)", 0, columns - 1, 1),
        )

    def update(self, **values: Any) -> None:
        """Set some of the numbers and choices, and run anew; another map begins in its middle."""
        before = self.maps()[-1].shape
        for name, value in values.items():
            words = name in ("stack", "pooling", "source")
            setattr(self, name, value if words else round(value))
        self._run()
        if self.maps()[-1].shape != before:
            self.to_the_middle()
        rows, columns = self.maps()[-1].shape
        self.row, self.column = (
            min(max(at, 0), count - 1) for at, count in ((self.row, rows), (self.column, columns))
        )

    def to_the_middle(self) -> None:
        """Choose the cell in the middle of the last map."""
        self.row, self.column = (count // 2 for count in self.maps()[-1].shape)

    @property
    def layers(self) -> tuple[tuple[str, int, int, int], ...]:
        """The kind of each layer, its window, stride and padding on each side."""
        pools = iter(((self.window, self.stride), (2, 2)))
        return tuple(
            ("conv", 3, 1, 1) if kind == "conv" else ("pool", *next(pools), 0)
            for kind in self.stack.split(", ")
        )

    def names(self) -> list[str]:
        """What each map is, the picture first."""
        found = ["the digit"]
        for kind, window, _, _ in self.layers:
            made = "conv" if kind == "conv" else f"{self.pooling} pool"
            found.append(f"{made} {window} \N{MULTIPLICATION SIGN} {window}")
        return found

    def maps(self) -> list[np.ndarray]:
        """The picture, and what each layer makes of it, arrays of shape (rows, columns)."""
        return [each[0, :, :, 0] for each in self._maps]

    def fields(self) -> list[Field]:
        """What the chosen cell sees of each map: top row, left column, rows and columns."""
        found = [(self.row, self.column, 1, 1)]
        for _, window, stride, padding in reversed(self.layers):
            top, left, rows, columns = found[0]
            size = (rows - 1) * stride + window, (columns - 1) * stride + window
            found.insert(0, (top * stride - padding, left * stride - padding, *size))
        return found

    def field(self) -> Field:
        """What the chosen cell sees of the picture; it may hang over the edge."""
        return self.fields()[0]

    def route(self) -> list[np.ndarray]:
        """The slope for each number of each map, in the order and the shapes of the maps."""
        dy = np.zeros_like(self._maps[-1])
        if self.source == "every cell":
            dy += 1
        else:
            dy[0, self.row, self.column] = 1
        found = [dy]
        for place in reversed(range(len(self.layers))):
            kind, window, stride, padding = self.layers[place]
            x, sizes = self._maps[place], {"strides": (stride, stride), "padding": (padding,) * 4}
            if kind == "conv":
                dy = conv2d_grad(dy, x, self._w, **sizes)[0]
            elif self.pooling == "max":
                dy = max_pool2d_grad(dy, self._winners[place], x)
            else:
                dy = avg_pool2d_grad(dy, x, (window, window), **sizes)
            found.insert(0, dy)
        return [each[0, :, :, 0] for each in found]

    def report(self) -> str:
        """How much the chosen cell sees, and how much of that its slope reaches."""
        slopes, names = self.route(), self.names()
        if self.source == "every cell":
            largest = ", ".join(
                f"{each.max():.3g} {'in' if name == names[0] else 'behind'} {name}"
                for each, name in zip(slopes, names, strict=True)
            )
            return f"every cell of the last map sends 1 \N{MIDDLE DOT} largest slopes: {largest}"
        heard = []
        for slope, field, name in zip(slopes[:-1], self.fields(), names, strict=False):
            cells = "pixels" if name == names[0] else f"cells behind {name}"
            heard.append(f"{np.count_nonzero(slope)} of {inside(field, slope.shape)} {cells}")
        _, _, rows, columns = self.field()
        beyond = rows * columns - inside(self.field(), slopes[0].shape)
        of_them = f", {beyond} of them beyond the edge" if beyond else ""
        return (
            f"it sees {rows} \N{MULTIPLICATION SIGN} {columns} pixels{of_them} \N{MIDDLE DOT} "
            f"a slope reaches {', '.join(heard)}"
        )

    def _run(self) -> None:
        """Calculate all maps."""
        maps = [self.pictures[self.digit][None, :, :, None]]
        self._winners: dict[int, np.ndarray] = {}
        for place, (kind, window, stride, padding) in enumerate(self.layers):
            x, sizes = maps[-1], {"strides": (stride, stride), "padding": (padding,) * 4}
            if kind == "conv":
                maps.append(conv2d(x, self._w, np.zeros(1), **sizes))
            elif self.pooling == "max":
                y, self._winners[place] = max_pool2d(x, (window, window), **sizes)
                maps.append(y)
            else:
                maps.append(avg_pool2d(x, (window, window), **sizes))
        self._maps = maps


def inside(field: Field, shape: tuple[int, ...]) -> int:
    """How many cells of a field lie in a map of this shape."""
    top, left, rows, columns = field
    down = min(top + rows, shape[0]) - max(top, 0)
    across = min(left + columns, shape[1]) - max(left, 0)
    return down * across


def scene(model: RouteModel) -> Scene:
    """All maps, and below each the slopes that arrive there."""
    one = model.source == "the chosen cell"
    fields = model.fields() if one else [NOTHING] * len(model.maps())
    return route_scene(model.maps(), model.route(), fields, model.names(), model.report(), True)


def draw(model: RouteModel) -> Figure:
    """The same as a figure."""
    return still(scene(model))


class RouteBench(Bench):
    """Sliders for the chosen cell and the pooling; a press on the last map chooses a cell too."""

    model: RouteModel
    offers = {"stack": STACKS, "pooling": POOLINGS, "source": SOURCES}

    def __init__(self, model: RouteModel) -> None:
        """Show the model as it stands."""
        super().__init__("The route of a slope", model, scene)

    def controls(self) -> list[Group]:
        """The cell, then what is between it and the picture, and the ways back."""
        digit, window, stride, row, column = self.model.controls
        _, again = super().controls()
        layers = Menu("stack", "layers", STACKS)
        pooling = Choice("pooling", "pooling", POOLINGS)
        source = Choice("source", "a slope of 1 comes from", SOURCES)
        return [
            Group((row, column, digit)),
            Group((layers, window, stride)),
            Group((pooling, source, MIDDLE, *again.controls)),
        ]

    def hidden(self) -> list[str]:
        """Without pooling it has no size; where every cell sends a slope, none is chosen."""
        without = ["pooling", "window", "stride"] if self.model.stack == "conv" else []
        return without + (["row", "column", "middle"] if self.model.source == "every cell" else [])

    def act(self, name: str, given: Mapping[str, Any]) -> bool:
        """Go to the middle, or back to where it began."""
        if name == MIDDLE.name:
            self.model.to_the_middle()
            return False
        if name == "again":  # the layers first: the cell is one of their map
            where = ("row", "column")
            super().take({key: at for key, at in self._start.items() if key not in where})
            super().take({key: self._start[key] for key in where})
            return True
        return super().act(name, given)

    def __repr__(self) -> str:
        return f"<{self.name}: run this cell to choose a cell and see what made it>"


def route_bench(pictures: np.ndarray) -> RouteBench:
    """The widget of lesson 14.

    Args:
        pictures: ink from 0 to 1, shape (m, h, w).
    """
    return RouteBench(RouteModel(pictures))
