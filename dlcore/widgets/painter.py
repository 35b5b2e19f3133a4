"""Lesson 13: a kernel to paint, a window to move over a photograph, and what it says there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.scene import (
    Axis,
    Mark,
    Panel,
    Scene,
    cells,
    line,
    picture,
    words,
)  # fmt: skip
from dlcore.plots.still import still
from dlcore.widgets.bench import AGAIN, Bench
from dlcore.widgets.controls import Button, Control, Group, Menu, Text

PHOTOS = ("china", "flower")
SIZES = (3, 5)
PADDINGS = ("valid", "same")
PAINTED = "painted"
PRESETS = (
    "identity", "blur", "edge left\N{EN DASH}right", "edge top\N{EN DASH}bottom", "sharpen",
    "Laplace", "corner", PAINTED,
)  # fmt: skip
LIMIT = 9.0  # of a weight, either way
SCALES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)  # of the filtered picture: one of these in full colour
RING = 9.0  # how far it stands around the window, in pixels of the photograph
WIDE, HIGH = (of(np.linspace(0, 2 * np.pi, 33)) for of in (np.cos, np.sin))
NEAR = 0.05  # as far from 0 as this counts as near
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # how bright red, green and blue look: BT.601


def grey(photo: np.ndarray) -> np.ndarray:
    """How bright each pixel of a photograph [h, w, 3] is, from 0 to 1: float32 [h, w]."""
    light: np.ndarray = photo.astype(np.float32) @ LUMA / np.float32(255)
    return light


def preset(name: str, size: int) -> np.ndarray:
    """A kernel by its name, [size, size]; all but blur and corner are the same at both sizes.

    Args:
        name: one of `PRESETS` but the last.
        size: 3 or 5.
    """
    k = np.zeros((size, size))
    inner = k[size // 2 - 1 : size // 2 + 2, size // 2 - 1 : size // 2 + 2]
    cross = np.array([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]])
    if name == "blur":
        k[:] = 1 / size**2
    elif name == "corner":
        k[0, 0] = 1
    elif name == "identity":
        inner[1, 1] = 1
    elif name == PRESETS[2]:
        inner[:] = np.array([-1.0, 0, 1]) / 3
    elif name == PRESETS[3]:
        inner[:] = np.array([[-1.0], [0], [1]]) / 3
    elif name == "sharpen":
        inner[:] = -cross
        inner[1, 1] = 5
    elif name == "Laplace":
        inner[:] = cross
        inner[1, 1] = -4
    else:
        raise ValueError(f"There is no kernel {name!r}; there are {', '.join(PRESETS[:-1])}.")
    return k


class PainterModel:
    """A photograph in grey, a kernel, and the window that it is looked through.

    Args:
        photos: the photographs by their names, each [h, w, 3] with 256 tones, or [h, w] from 0
            to 1.
        choices: numbers to begin with, as in `update`.
    """

    def __init__(self, photos: Mapping[str, np.ndarray], **choices: Any) -> None:
        """Begin with the identity on the first photograph."""
        self.photos = {
            name: grey(each) if each.ndim == 3 else np.asarray(each, np.float32)
            for name, each in photos.items()
        }
        self.photo, self.padding, self.preset = next(iter(self.photos)), "valid", "identity"
        self.size, self.stride, self.bias, self.pen = 3, 1, 0.0, 1.0
        self.kernel = preset("identity", 3)
        self.row, self.column = 60, 60
        self.update(**choices)

    @property
    def controls(self) -> tuple[Control, ...]:
        """The sliders; how far the window can go depends on size, stride and padding."""
        rows, columns = self._z.shape
        return (
            Control("pen", "weight to paint with", -2, 2, 0.1),
            Control("bias", "bias", -1, 1, 0.05),
            Control("stride", "stride (pixels)", 1, 4, 1),
            Control("row", "row of the window", 0, rows - 1, 1),
            Control("column", "column of the window", 0, columns - 1, 1),
        )

    def update(self, **values: Any) -> None:
        """Set some of photo, size, preset, kernel, typed, padding, stride, bias, pen, row, column.

        Args:
            values: ``kernel`` is [size, size] or as many numbers in a row; ``typed`` is a text of
                it, a row a line.

        Raises:
            ValueError: for a text that is no kernel, or a weight beyond 9.
        """
        if "size" in values and values["size"] != self.size:
            self._resize(int(values["size"]))
        for name in ("photo", "padding", "pen", "bias", "stride", "row", "column"):
            if name in values:
                kind = type(getattr(self, name))
                setattr(self, name, kind(values[name]))
        if values.get("preset", PAINTED) != PAINTED:
            self.preset = values["preset"]
            self.kernel = preset(self.preset, self.size)
        if "typed" in values:
            self._paint(parse(values["typed"], self.size))
        if "kernel" in values:
            self._paint(np.reshape(np.asarray(values["kernel"], float), (self.size, self.size)))
        if set(values) - {"row", "column", "pen"} or not hasattr(self, "_z"):
            self._filter()
        rows, columns = self._z.shape
        self.row, self.column = min(self.row, rows - 1), min(self.column, columns - 1)

    def set_weight(self, i: int, j: int, value: float) -> None:
        """Paint one cell."""
        kernel = self.kernel.copy()
        kernel[i, j] = value
        self.update(kernel=kernel)

    def mirror(self) -> None:
        """Turn left and right round."""
        self.update(kernel=self.kernel[:, ::-1])

    def turn(self) -> None:
        """Turn the kernel by a quarter, clockwise."""
        self.update(kernel=np.rot90(self.kernel, -1))

    def filtered(self) -> np.ndarray:
        """The filtered picture, [p, q]."""
        return self._z

    def window(self) -> tuple[np.ndarray, np.ndarray, float]:
        """The pixels under the window, their products with the weights, and the sum with bias."""
        top, left = self.row * self.stride, self.column * self.stride
        pixels = self._x[top : top + self.size, left : left + self.size].astype(float)
        products = pixels * self.kernel
        return pixels, products, float(products.sum() + self.bias)

    def scale(self) -> float:
        """The number that is drawn in full colour: nearly all of the picture lies below it."""
        sizes = np.abs(self._z).ravel()
        high = float(np.partition(sizes, int(0.99 * len(sizes)))[int(0.99 * len(sizes))])
        return next((each for each in SCALES if high <= 1.02 * each), SCALES[-1])

    @property
    def before(self) -> tuple[int, int]:
        """How many rows of zeros stand above the photograph, and columns to its left."""
        return self._before

    def report(self) -> str:
        """What the kernel makes of flat ground, and of the picture."""
        z, total = self._z, float(self.kernel.sum())
        near = np.count_nonzero(np.abs(z) <= NEAR) / z.size
        return (
            f"sum of the kernel {number(total)} \N{MIDDLE DOT} {near:.0%} of the places near 0 "
            f"\N{MIDDLE DOT} {z.shape[0]} by {z.shape[1]} places, from {number(z.min())} to "
            f"{number(z.max())}"
        )

    def typed(self) -> str:
        """The kernel as a text, a row a line."""
        return "\n".join("  ".join(number(each) for each in row) for row in self.kernel)

    def _resize(self, size: int) -> None:
        """Keep a painted kernel in the middle; a preset is taken in its new size."""
        if self.preset != PAINTED:
            self.kernel = preset(self.preset, size)
        elif size > self.size:
            self.kernel = np.pad(self.kernel, (size - self.size) // 2)
        else:
            edge = (self.size - size) // 2
            self.kernel = self.kernel[edge:-edge, edge:-edge].copy()
        self.size = size

    def _paint(self, kernel: np.ndarray) -> None:
        if not (np.abs(kernel) <= LIMIT).all():
            raise ValueError(f"A weight lies beyond {LIMIT:g}; between -9 and 9 there is room.")
        self.kernel = kernel + 0.0  # no -0
        near = [n for n in PRESETS[:-1] if np.allclose(preset(n, self.size), kernel, atol=1e-3)]
        self.preset = near[0] if near else PAINTED

    def _filter(self) -> None:
        """Every window at once: the photograph moved by (i, j) meets the weight of cell (i, j)."""
        x, step, size = self.photos[self.photo], self.stride, self.size
        around = [(0, 0), (0, 0)]
        if self.padding == "same":  # as many places as pixels by the stride, rounded up
            missing = [max((-(-n // step) - 1) * step + size - n, 0) for n in x.shape]
            around = [(each // 2, each - each // 2) for each in missing]
        self._before = around[0][0], around[1][0]
        self._x = x = np.pad(x, around)
        p, q = ((n - size) // step + 1 for n in x.shape)
        z = np.full((p, q), self.bias, np.float32)
        for (i, j), weight in np.ndenumerate(self.kernel):
            if weight:
                z += (
                    np.float32(weight) * x[i : i + p * step : step, j : j + q * step : step][:p, :q]
                )
        self._z = z


def parse(text: str, size: int) -> np.ndarray:
    """A kernel from a text, a row a line: numbers such as -0.5 or 1/3, with spaces between.

    Raises:
        ValueError: if it has not ``size`` rows of ``size`` numbers.
    """
    lines = text.replace("\N{MINUS SIGN}", "-").replace(",", " ").splitlines()
    rows = [each.split() for each in lines if each.strip()]
    if [len(row) for row in rows] != [size] * size:
        raise ValueError(f"A kernel of {size} by {size} has {size} lines of {size} numbers.")
    try:
        return np.array([[float(Fraction(each)) for each in row] for row in rows])
    except (ValueError, ZeroDivisionError):
        raise ValueError("A weight is a number such as 2, -0.5 or 1/3.") from None


def number(value: float) -> str:
    """With two digits behind the point."""
    return f"{round(float(value), 2) + 0.0:.2f}".replace("-", "\N{MINUS SIGN}")


def scene(model: PainterModel) -> Scene:
    """The photograph and what is made of it, the kernel, and the numbers of one window."""
    pictures = [replace(each, column="pictures") for each in (_photo(model), _filtered(model))]
    numbers = [replace(each, column="numbers") for each in _grids(model)]
    return Scene((*pictures, *numbers), model.report(), 260)


def draw(model: PainterModel, other: PainterModel) -> Figure:
    """The same in three columns, and in the last what another model's kernel makes of its photo."""
    panels = (_photo(model), _filtered(model), *_grids(model), _filtered(other))
    columns = [replace(each, column=str(place // 2)) for place, each in enumerate(panels)]
    return still(Scene(tuple(columns), "", 300))


def _grids(model: PainterModel) -> list[Panel]:
    """The kernel, the pixels that it lies on, and their products."""
    pixels, products, total = model.window()
    bias = f" with the bias {number(model.bias)}" if model.bias else ""
    top, left = model.row * model.stride, model.column * model.stride
    where = f"from row {top - model.before[0]}, column {left - model.before[1]}"
    return [
        _grid(f"weights: {model.preset}", model.kernel, "weights", _brush(model)),
        _grid(f"pixels {where}", pixels, "pixels"),
        _grid(f"products; their sum{bias}: {number(total)}", products, "products"),
    ]


def _photo(model: PainterModel) -> Panel:
    """The photograph with its frame of zeros, if there is one; rows and columns are its own."""
    x, (above, before) = model._x, model.before
    h, w = x.shape
    across, up = (-before, w - before), (-above, h - above)
    size, step = model.size, model.stride
    top, left = model.row * step - above, model.column * step - before
    middle = (size - 1) / 2 + 0.5
    marks = (
        picture(x, across, up, 0, 1, f"{model.photo}, in grey"),
        *_frame(left, top, size),
        cells(
            model.filtered().shape, (model.row, model.column),
            (middle - before, middle - above), (step, step), ("row", "column"), name="window",
        ),
    )  # fmt: skip
    return Panel(
        model.photo, Axis("column (pixels)", *across), Axis("row (pixels)", up[1], up[0]), marks,
        h / w,
    )  # fmt: skip


def _filtered(model: PainterModel) -> Panel:
    z, scale = model.filtered(), model.scale()
    p, q = z.shape
    marks = (
        picture(z, (0, q), (0, p), -scale, scale, "z", "relief"),
        *_frame(model.column, model.row, 1),
        cells(z.shape, (model.row, model.column), (0.5, 0.5), (1, 1), ("row", "column"), name="z"),
    )
    here = number(z[model.row, model.column])
    legend = f"column s; 0 is grey, full colour from \N{PLUS-MINUS SIGN}{scale:g} on"
    title = f"{model.preset}: z = {here} here"
    return Panel(title, Axis(legend, 0, q), Axis("row r", p, 0), marks, p / q)


def _frame(left: float, top: float, size: float) -> tuple[Mark, Mark]:
    """The frame of some pixels, and a ring around it that finds the eye."""
    x = [left, left + size, left + size, left, left]
    y = [top, top, top + size, top + size, top]
    across, up = (middle + size / 2 + RING * of for middle, of in ((left, WIDE), (top, HIGH)))
    return line(x, y, "", "orange", width=2.0), line(across, up, "", "orange", "dotted", 2.0)


def _brush(model: PainterModel) -> Mark:
    size, values = model.size, model.kernel.round(4).ravel().tolist()
    return cells(
        (size, size), (0, 0), (0.5, 0.5), (1, 1), paints="kernel", values=values, pen=model.pen,
        name="weights",
    )  # fmt: skip


def _grid(title: str, values: np.ndarray, name: str, *more: Mark) -> Panel:
    """Numbers in their cells."""
    size = len(values)
    rows, columns = (each.ravel() + 0.5 for each in np.indices(values.shape))
    low, high, palette = (0.0, 1.0, "light") if name == "pixels" else (-2.0, 2.0, "relief")
    tones: Any = palette
    marks = (
        picture(values, (0, size), (0, size), low, high, name, tones),
        words(columns, rows, [number(each) for each in values.ravel()], name),
        *more,
    )
    return Panel(title, Axis("", 0, size), Axis("", size, 0), marks, 0.42, bare=True)


class Painter(Bench):
    """Menus for photograph, kernel, size and padding, sliders, and pictures to point at."""

    model: PainterModel
    offers: Mapping[str, Sequence[Any]] = {"preset": PRESETS, "size": SIZES, "padding": PADDINGS}

    def __init__(self, model: PainterModel) -> None:
        """Show the model as it stands."""
        self.offers = {"photo": tuple(model.photos), **type(self).offers}
        super().__init__("Kernel painter", model, scene)

    def controls(self) -> list[Group]:
        """Menus and buttons, and below them the sliders."""
        sizes = tuple(f"{size} by {size}" for size in SIZES)
        menus = (
            Menu("photo", "photograph", tuple(self.model.photos)),
            Menu("preset", "kernel", PRESETS),
            Menu("size", "size of the kernel", sizes),
            Menu("padding", "padding", PADDINGS),
            Button("mirror", "Mirror", "Turn left and right of the kernel round"),
            Button("turn", "Turn", "Turn the kernel by a quarter"),
            AGAIN,
        )
        return [Group(menus), Group(self.model.controls)]

    def below(self) -> list[Group]:
        """The kernel as a text."""
        size = self.model.size
        typed = Text("typed", f"the kernel, {size} lines of {size} numbers", rows=size)
        return [Group((typed,), "Type the weights")]

    def values(self) -> dict[str, Any]:
        """Where menus and sliders stand, and the kernel as a text."""
        return {**super().values(), "typed": self.model.typed()}

    def take(self, values: Mapping[str, Any]) -> bool:
        """Set what a hand has set; of the kernel it gives all weights, or a text."""
        own = {name: values[name] for name in ("kernel", "typed") if name in values}
        rest = {name: value for name, value in values.items() if name not in own}
        rows, columns = self.model.filtered().shape
        for name, count in (("row", rows), ("column", columns)):
            if name in rest:  # the hand may have left before the picture became smaller
                rest[name] = min(rest[name], count - 1)
        if own:
            self.model.update(**own)
        return super().take(rest)

    def act(self, name: str, given: Mapping[str, Any]) -> bool:
        """Mirror or turn the kernel, or put everything back."""
        if name in ("mirror", "turn"):
            getattr(self.model, name)()
            return False
        if name == AGAIN.name:
            self.model.update(size=3, preset="identity", padding="valid", stride=1)
            start = {key: value for key, value in self._start.items() if key != "typed"}
            return bool(self.take(start)) or True
        return super().act(name, given)

    def __repr__(self) -> str:
        return f"<{self.name}: run this cell to paint a kernel>"


def kernel_painter(photos: Mapping[str, np.ndarray]) -> Painter:
    """The widget of lesson 13 on photographs by their names, each [h, w, 3]."""
    return Painter(PainterModel(photos))
