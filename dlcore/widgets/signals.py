"""Lesson 10: signals on their way through many layers, and slopes on their way back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from matplotlib.figure import Figure

from dlcore.backends.numba.blas import single_threaded_blas
from dlcore.plots.scene import Axis, Mark, Panel, Scene, heat, line
from dlcore.plots.still import still
from dlcore.widgets.bench import Bench
from dlcore.widgets.controls import Control, Group, Menu

Start = Literal["std 0.01", "std 0.05", "std 0.2", "glorot", "he"]
Bend = Literal["relu", "tanh"]
Which = Literal["signal", "slope"]

STARTS: tuple[Start, ...] = ("std 0.01", "std 0.05", "std 0.2", "glorot", "he")
BENDS: tuple[Bend, ...] = ("relu", "tanh")
WITHOUT_OR_WITH = ("without", "with")
STRIPS: tuple[tuple[str, Which], ...] = (("Signal h", "signal"), ("Slope dz", "slope"))
WIDTH = 100  # neurons in each layer
EPSILON = 1e-3  # that of the library's BatchNormalization

# A strip: cells of a quarter from -3 to 3; what lies beyond is counted in the outermost.
EDGE, CELL = 3.0, 0.25
CELLS = 1 + 2 * round(EDGE / CELL)
NOUGHT = -4.0  # where the exact zeros are drawn, below the cells
TONES = 12  # of grey
SHARES = (
    (-EDGE, "\N{LESS-THAN OR EQUAL TO} \N{MINUS SIGN}3"), (0.0, "0"),
    (EDGE, "\N{GREATER-THAN OR EQUAL TO} 3"), (NOUGHT, "is 0"),
)  # fmt: skip
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Passed:
    """A layer that the signal has gone through.

    Args:
        h: its outputs, shape (rows, WIDTH).
        w: its weights, shape (inputs, WIDTH), with 32 bits as all that serves on the way back.
        local: the local slopes of its bend, shape of h.
        normal: what batch normalisation made of z, same shape; None without it.
        inverse: 1 by the deviation of each column, shape (WIDTH,).
        size: the root mean square of h.
        shares: of h, as `_shares` counts them.
    """

    h: np.ndarray
    w: np.ndarray
    local: np.ndarray
    normal: np.ndarray | None
    inverse: np.ndarray
    size: float
    shares: np.ndarray


class SignalModel:
    """Rows on their way through layers of 100 neurons with random weights, and slopes back.

    The weights of a layer are the same in every model with the same start. Numbers of size 1 come
    back from above. The signal is calculated with 64 bits, since it may become very small. The way
    back is gone anew for each depth, many times a second under a hand: it has 32 bits, and a factor
    of its own for slopes that become very small or large.

    Args:
        x: the rows, shape (n, inputs).
        start: how the weights are drawn, one of `STARTS`: normal of this deviation, or as Glorot's
            or He's rule says.
        activation: the bend of every layer, "relu" or "tanh".
        batch_norm: whether each layer normalises its z, with gamma 1 and beta 0.
        depth: how many layers there are.
    """

    controls = (Control("depth", "depth (layers)", 1, 50, 1),)

    def __init__(
        self,
        x: np.ndarray,
        start: Start = "glorot",
        activation: Bend = "relu",
        batch_norm: bool = False,
        depth: int = 20,
    ) -> None:
        """Let the rows through, and the slopes back."""
        self.x = np.asarray(x, float)
        self.start, self.activation, self.batch_norm = start, activation, batch_norm
        self.depth = depth
        above = np.random.default_rng(1).normal(size=(len(self.x), WIDTH))
        self._above = above.astype(np.float32)
        self._passed: list[Passed] = []
        self._ways_back: dict[int, list[tuple[float, np.ndarray]]] = {}  # by the depth
        self._run()

    def update(self, **values: Any) -> None:
        """Set some of depth, start, activation and batch_norm, and run anew."""
        for name, value in values.items():
            setattr(self, name, int(value) if name == "depth" else value)
        if set(values) - {"depth"}:
            self._passed, self._ways_back = [], {}
        self._run()

    def signals(self) -> list[np.ndarray]:
        """What comes out of each layer, arrays of shape (n, 100)."""
        return [layer.h for layer in self._passed[: self.depth]]

    def sizes(self) -> np.ndarray:
        """The root mean square of the signal behind each layer, shape (depth,)."""
        return np.array([layer.size for layer in self._passed[: self.depth]])

    def slopes(self) -> np.ndarray:
        """The root mean square of the slope at the z of each layer, shape (depth,)."""
        return np.array([size for size, _ in self._back])

    def shares(self, of: Which) -> np.ndarray:
        """How many of 1 lie where: a row for each cell, and last the exact zeros.

        Returns:
            Shape (CELLS + 1, depth); each column adds up to 1.
        """
        passed = self._passed[: self.depth]
        columns = (
            [layer.shares for layer in passed] if of == "signal" else [s for _, s in self._back]
        )
        return np.stack(columns, axis=1)

    def report(self) -> str:
        """The sizes at both ends."""
        sizes, slopes = self.sizes(), self.slopes()
        return (
            f"signal: {number(sizes[0])} behind layer 1, {number(sizes[-1])} behind layer "
            f"{self.depth} \N{MIDDLE DOT} slope: {number(slopes[-1])} in layer {self.depth}, "
            f"{number(slopes[0])} back in layer 1"
        )

    def _run(self) -> None:
        """Go on to the depth that is wanted, and back from there."""
        with single_threaded_blas():  # products this small only wait for a second thread
            while len(self._passed) < self.depth:
                self._passed.append(self._layer(len(self._passed)))
            if self.depth not in self._ways_back:
                self._ways_back[self.depth] = self._way_back()

    @property
    def _back(self) -> list[tuple[float, np.ndarray]]:
        return self._ways_back[self.depth]

    def _way_back(self) -> list[tuple[float, np.ndarray]]:
        """For each layer the size of the slopes at z, and their shares."""
        found = []
        dy, factor = self._above, 1.0  # the slopes are dy times the factor
        for layer in reversed(self._passed[: self.depth]):
            dz = dy * layer.local
            size = _size(dz)
            found.append((factor * size, _shares(dz, factor)))
            if size and not 1e-6 < size < 1e6:
                dz, factor = dz / np.float32(size), factor * size
            if layer.normal is not None:
                along = np.mean(dz * layer.normal, axis=0)
                dz = layer.inverse * (dz - dz.mean(axis=0) - layer.normal * along)
            dy = dz @ layer.w.T
        return found[::-1]

    def _layer(self, place: int) -> Passed:
        h = self._passed[-1].h if place else self.x
        w = _weights(self.start, h.shape[1], place)
        z, normal, inverse = h @ w, None, np.ones(WIDTH)
        if self.batch_norm:
            inverse = 1 / np.sqrt(z.var(axis=0) + EPSILON)
            z = normal = (z - z.mean(axis=0)) * inverse
        if self.activation == "relu":
            h = np.maximum(z, 0)
            local = (z > 0).astype(float)
        else:
            h = np.tanh(z)
            local = 1 - h**2
        return Passed(
            h,
            w.astype(np.float32),
            local.astype(np.float32),
            None if normal is None else normal.astype(np.float32),
            inverse.astype(np.float32),
            _size(h),
            _shares(h),
        )


def _weights(start: Start, inputs: int, place: int) -> np.ndarray:
    """The weights of a layer, shape (inputs, WIDTH); the same at every call."""
    rng = np.random.default_rng([0, place])
    if start == "glorot":
        limit = np.sqrt(6 / (inputs + WIDTH))
        return rng.uniform(-limit, limit, (inputs, WIDTH))
    deviation = np.sqrt(2 / inputs) if start == "he" else float(start.removeprefix("std "))
    return rng.normal(0, deviation, (inputs, WIDTH))


def _size(values: np.ndarray) -> float:
    """The root mean square, also of numbers whose squares are too small to be told from 0."""
    row = values.ravel()
    largest = max(float(row.max()), -float(row.min()))
    if 1e-100 < largest < 1e100:
        return float(np.sqrt(row @ row / row.size))
    return largest * float(np.sqrt(np.mean((row / largest) ** 2))) if largest else 0.0


def _shares(values: np.ndarray, factor: float = 1.0) -> np.ndarray:
    """The share of the values in each cell of a strip, and of the exact zeros, shape (CELLS + 1,).

    The zeros are counted last, and in no cell.

    Args:
        values: any numbers.
        factor: what they are multiplied with first.
    """
    middle = CELLS // 2 + 0.5
    places = values * values.dtype.type(
        factor / CELL
    )  # of a whole strip many times in a drag: one array is enough
    places += middle
    np.minimum(places, middle + EDGE / CELL, out=places)
    np.maximum(places, middle - EDGE / CELL, out=places)
    found = np.bincount(places.astype(np.int16).ravel(), minlength=CELLS + 1)
    zeros = values.size - np.count_nonzero(values)
    found[CELLS // 2] -= zeros
    found[CELLS] += zeros
    shares: np.ndarray = found / values.size
    return shares


def number(value: float) -> str:
    """A number with two digits; a very small or large one as a power of ten."""
    if value == 0 or 0.0005 <= abs(value) < 100_000:
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2g}"
    digits, power = f"{value:.1e}".split("e")
    return f"{digits} \N{MULTIPLICATION SIGN} 10{str(int(power)).translate(RAISED)}"


def scene(model: SignalModel) -> Scene:
    """The strips of the signal and of its slopes, and the sizes of both."""
    return Scene((*_strips(model), _sizes(model)), model.report(), 300)


def draw(*models: SignalModel) -> Figure:
    """The same for several models beside each other, their sizes on one axis."""
    panels = [
        replace(panel, title=f"{panel.title}: {_name(model)}", column=str(place))
        for place, model in enumerate(models)
        for panel in (*_strips(model), _sizes(model, models))
    ]
    return still(Scene(tuple(panels), "", 300))


def _name(model: SignalModel) -> str:
    normalised = ", batch norm" if model.batch_norm else ""
    return f"{model.start}, {model.activation}{normalised}"


def _across(model: SignalModel) -> Axis:
    step = 1 if model.depth <= 10 else 5 if model.depth <= 25 else 10
    places = [1, *range(step, model.depth + 1, step)] if step > 1 else range(1, model.depth + 1)
    ticks = tuple((float(place), str(place)) for place in places)
    return Axis("layer (number)", 0.5, model.depth + 0.5, ticks)


def _strips(model: SignalModel) -> list[Panel]:
    up = Axis("value (no unit)", NOUGHT - CELL, EDGE + CELL / 2, SHARES)
    return [
        Panel(title, _across(model), up, _strip(model.shares(of)), 0.42, column="strips")
        for title, of in STRIPS
    ]


def _strip(shares: np.ndarray) -> tuple[Mark, ...]:
    """Grey as the root of the share, so that a few in a hundred are seen too."""
    tones = np.ceil(TONES * np.sqrt(shares)) / TONES
    tones[shares < 0.0005] = 0
    layers = (0.5, shares.shape[1] + 0.5)
    return (
        heat(tones[:-1], layers, (-EDGE - CELL / 2, EDGE + CELL / 2), 0, 1, "share", "paper"),
        heat(tones[-1:], layers, (NOUGHT - CELL, NOUGHT + CELL), 0, 1, "exact zeros", "paper"),
    )


def _powers(model: SignalModel) -> tuple[np.ndarray, np.ndarray]:
    """The sizes of the signal and of the slopes as powers of ten, shape (depth,) each."""
    signal, slope = (np.log10(np.maximum(each, 1e-300)) for each in (model.sizes(), model.slopes()))
    return signal, slope


def _sizes(model: SignalModel, shown: Sequence[SignalModel] = ()) -> Panel:
    """The sizes as powers of ten: 0.7 to the twentieth and 1 fit on one axis.

    Args:
        model: whose sizes are drawn.
        shown: the models for which the axis has room; by default this one.
    """
    layers = np.arange(1, model.depth + 1)
    signal, slope = _powers(model)
    all_of_them = np.concatenate([each for one in shown or (model,) for each in _powers(one)])
    low, high = int(np.floor(all_of_them.min())), int(np.ceil(all_of_them.max()))
    low, high = min(-3, low), max(3, high)
    step = next(each for each in (1, 2, 5, 10, 20) if (high - low) / each <= 8 or each == 20)
    powers = range(step * int(np.ceil(low / step)), high + 1, step)
    ticks = tuple((float(power), f"10{str(power).translate(RAISED)}") for power in powers)
    dots = layers if model.depth > 1 else np.array([0.75, 1.25])
    if model.depth == 1:
        signal, slope = signal.repeat(2), slope.repeat(2)
    marks = (
        line([0.5, model.depth + 0.5], [0, 0], "size 1", "grey", "dotted", 1.2),
        line(dots, signal, "signal", "orange"),
        line(dots, slope, "slope, on its way back", "blue", "dashed"),
    )
    return Panel("Sizes", _across(model), Axis("size (no unit)", low, high, ticks), marks, 0.72)


class SignalStrip(Bench):
    """A slider for the depth, and menus for start, activation and batch normalisation."""

    model: SignalModel
    offers = {"start": STARTS, "activation": BENDS, "batch_norm": (False, True)}

    def __init__(self, model: SignalModel) -> None:
        """Show the model as it stands."""
        super().__init__("Signals through depth", model, scene)

    def controls(self) -> list[Group]:
        """The slider and the menus."""
        menus = (
            Menu("start", "first weights", STARTS),
            Menu("activation", "activation", BENDS),
            Menu("batch_norm", "batch normalisation", WITHOUT_OR_WITH),
        )
        return [Group((*self.model.controls, *menus))]

    def __repr__(self) -> str:
        return f"<{self.name}: run this cell to choose depth, first weights and activation>"


def signal_strip(x: np.ndarray) -> SignalStrip:
    """The widget of lesson 10 on the rows x, shape (n, inputs)."""
    return SignalStrip(SignalModel(x))
