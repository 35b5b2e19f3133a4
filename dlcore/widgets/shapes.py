"""Lesson 05: shapes on their way through a network, and what each layer owns."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from dlcore.layers import Dense
from dlcore.plots.scene import Axis, Mark, Panel, Scene, bars, line, points, segments, words
from dlcore.plots.still import still
from dlcore.widgets.bench import Bench
from dlcore.widgets.controls import Control, Group, Menu

INPUTS = 4
MISHAPS = (
    "none",
    "one example without its rows, (4,)",
    "five columns in place of four",
    "rows and columns exchanged",
    "a third axis, (rows, 7, 4)",
)
LAYERS = ("layer 1", "layer 2", "layer 3", "output")
TITLE = "What flows, above the arrows; what each layer owns, below it"

# Places in pixels of a narrow page; on a wide one the gaps grow.
WIDE, HIGH = 480.0, 208.0
BLOCK = 30.0
MIDDLE = 148.0
UNIT = 1.6  # height of a block, for each unit
LEAST = 5.0

Shape = tuple[int, ...]


class ShapeModel:
    """A network of dense layers behind four numbers a row, and an input that goes through it.

    Args:
        rows: of the input.
        units: of the three hidden layers; a layer of 0 units is left out.
        outputs: units of the last layer.
        mishap: what is wrong with the input, a place in `MISHAPS`.
    """

    controls = (
        Control("rows", "rows (examples at once)", 1, 512, 1),
        Control("units1", "layer 1 (units)", 0, 64, 1),
        Control("units2", "layer 2 (units)", 0, 64, 1),
        Control("units3", "layer 3 (units)", 0, 64, 1),
        Control("outputs", "output (units)", 1, 10, 1),
    )

    def __init__(
        self,
        rows: int = 32,
        units: tuple[int, int, int] = (8, 8, 0),
        outputs: int = 3,
        mishap: int = 0,
    ) -> None:
        """Build the network and let the input through."""
        self.rows, self.outputs, self.mishap = rows, outputs, mishap
        self.units1, self.units2, self.units3 = units
        self.update()

    def update(self, **values: float) -> None:
        """Set some of the numbers, and let the input through anew."""
        for name, value in values.items():
            setattr(self, name, int(value))
        self._run()

    @property
    def input_shape(self) -> Shape:
        """The shape of what goes in, mishap and all."""
        return (
            (self.rows, INPUTS), (INPUTS,), (self.rows, INPUTS + 1), (INPUTS, self.rows),
            (self.rows, 7, INPUTS),
        )[self.mishap]  # fmt: skip

    @property
    def layers(self) -> list[tuple[str, int, int]]:
        """Name, inputs and units of each layer that is there."""
        units = (self.units1, self.units2, self.units3, self.outputs)
        there = [(name, each) for name, each in zip(LAYERS, units, strict=True) if each]
        inputs = [INPUTS, *(each for _, each in there)]
        return [(name, i, o) for i, (name, o) in zip(inputs, there, strict=False)]

    def _run(self) -> None:
        """Let zeros through dense layers of the library, which say themselves what does not fit."""
        shape = self.input_shape
        self._trace: list[tuple[str, Shape]] = [("input", shape)]
        self.problem = ""
        for name, inputs, units in self.layers:
            layer = Dense(units, kernel_initializer="zeros", name=name)
            layer.build((None, inputs))
            try:
                shape = _through(layer, shape)
            except ValueError as error:
                self.problem = str(error)
                return
            self._trace.append((name, shape))

    def trace(self) -> list[tuple[str, Shape]]:
        """What flows: the shape of the input, and of what each layer gives, as far as it comes."""
        return list(self._trace)

    def weights(self) -> list[tuple[Shape, Shape, int]]:
        """The shapes of w and b of each layer, and how many numbers they hold."""
        return [((i, o), (o,), (i + 1) * o) for _, i, o in self.layers]

    @property
    def total(self) -> int:
        """How many numbers the network owns."""
        return sum(count for _, _, count in self.weights())

    def report(self) -> str:
        """The total, and what went through or why it did not."""
        first, last = self._trace[0][1], self._trace[-1][1]
        through = self.problem or f"in {first}, out {last}"
        return f"{self.total} weights \N{MIDDLE DOT} {through}"


def _through(layer: Dense, shape: Shape) -> Shape:
    """The shape of what a layer gives for this shape; one row is enough, for all go the same way.

    Raises:
        ValueError: with the sentence of the layer if the shape does not fit.
    """
    if len(shape) < 2 or shape[-1] != layer.kernel.shape[0]:
        return tuple(layer(np.zeros(shape)).shape)
    return (shape[0], *layer(np.zeros((1, *shape[1:]))).shape[1:])


def scene(model: ShapeModel) -> Scene:
    """The shapes on their way, and the shares of the weights."""
    flow = Panel(TITLE, Axis("", 0, WIDE), Axis("", 0, HIGH), _flow(model), HIGH / WIDE, bare=True)
    return Scene((flow, _shares(model)), model.report(), int(WIDE))


def _flow(model: ShapeModel) -> tuple[Mark, ...]:
    layers, trace = model.layers, model.trace()
    gap = (WIDE - BLOCK * len(layers)) / (len(layers) + 1)
    starts = [gap * (k + 1) + BLOCK * k for k in range(len(layers))]
    blocks = [_block(x, units, name) for x, (name, _, units) in zip(starts, layers, strict=True)]
    ends = [*starts, WIDE]
    froms = [0.0, *(x + BLOCK for x in starts)]
    reached = len(trace)
    middles = [(a + b) / 2 for a, b in zip(froms, ends, strict=True)]
    shapes = [str(shape) for _, shape in trace]
    what = ["into " + name for name, _, _ in layers] + ["out of the network"]
    owned = model.weights()
    under = [x + BLOCK / 2 for x in starts]
    level = [MIDDLE] * reached
    fits = [
        (middles[k], f"{shape[-1]} = {layers[k][1]}")
        for k, (_, shape) in enumerate(trace[: len(layers)])
        if not model.problem or k < reached - 1
    ]
    clash = []
    if model.problem:
        shape, inputs = trace[-1][1], layers[reached - 1][1]
        missing = "no rows" if len(shape) < 2 else f"{shape[-1]} \N{NOT EQUAL TO} {inputs}"
        clash = [(middles[reached - 1], missing)]
    return (
        *blocks,
        segments(froms[:reached], level, ends[:reached], level, "", "blue", 1.6),
        points([end - 4 for end in ends[:reached]], level, "", "blue", "diamond", 3.5),
        words(
            middles[:reached], level, shapes, "shapes that flow", strong=True,
            dy=[-14.0] * reached, of=what[:reached],
        ),
        words(
            [x for x, _ in fits], [MIDDLE] * len(fits), [word for _, word in fits],
            "columns that come, rows of w", dy=[13.0] * len(fits),
        ),
        words(
            [x for x, _ in clash], [MIDDLE] * len(clash), [word for _, word in clash],
            "what does not fit", "orange", True, dy=[13.0] * len(clash),
        ),
        _under(under, 62, [name for name, _, _ in layers], "layers"),
        _under(under, 44, [f"w {w}" for w, _, _ in owned], "weights"),
        _under(under, 28, [f"b {b}" for _, b, _ in owned], "biases"),
        _under(under, 10, [str(count) for _, _, count in owned], "numbers owned", strong=True),
    )  # fmt: skip


def _block(start: float, units: int, name: str) -> Mark:
    half = (LEAST + UNIT * units) / 2
    x = [start, start, start + BLOCK, start + BLOCK, start]
    y = [MIDDLE - half, MIDDLE + half, MIDDLE + half, MIDDLE - half, MIDDLE - half]
    return line(x, y, name, "ink", width=2.0)


def _under(x: list[float], up: float, written: list[str], name: str, strong: bool = False) -> Mark:
    return words(x, [up] * len(x), written, name, strong=strong)


def _shares(model: ShapeModel) -> Panel:
    """A bar for each layer: how much of the weights it owns; one that is left out has none."""
    owned = {name: n for (name, _, _), (_, _, n) in zip(model.layers, model.weights(), strict=True)}
    share = [100 * owned.get(name, 0) / model.total for name in LAYERS]
    written = [
        f"{owned[name]} ({part:.0f} %)" if name in owned else "left out"
        for name, part in zip(LAYERS, share, strict=True)
    ]
    at = np.arange(len(LAYERS))
    percents = ((0.0, "0"), (50.0, "50"), (100.0, "100"))
    return Panel(
        f"Their shares of all {model.total} weights",
        Axis("share of the weights (%)", 0, 140, percents),
        Axis("", len(LAYERS) - 0.4, -0.6, tuple((float(k), name) for k, name in enumerate(LAYERS))),
        (bars(at, share, written, int(np.argmax(share)), "share of each layer (%)"),),
        0.4,
    )


def draw(model: ShapeModel) -> Figure:
    """The shapes on their way, and the shares of the weights."""
    return still(scene(model))


class ShapeTracer(Bench):
    """The sliders of a bench, and a menu of mishaps."""

    model: ShapeModel
    offers = {"mishap": range(len(MISHAPS))}

    def __init__(self, model: ShapeModel | None = None) -> None:
        """Show the model as it stands."""
        super().__init__("Shape tracer", model or ShapeModel(), scene)

    def controls(self) -> list[Group]:
        """The sliders, and what may be wrong with the input."""
        sliders, again = super().controls()
        return [sliders, Group((Menu("mishap", "mishap of the input", MISHAPS), *again.controls))]


def shape_tracer(model: ShapeModel | None = None) -> ShapeTracer:
    """The widget of lesson 05, on a network 4, 8, 8, 3 by default."""
    return ShapeTracer(model)
