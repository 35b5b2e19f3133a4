"""Lesson 04: three hinges on a slope, summed to a curve through the year."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.hinges import DEGREES, MONTHS
from dlcore.plots.scene import Axis, Colour, Dashes, Panel, Scene, handle, line, points
from dlcore.plots.still import still
from dlcore.widgets.bench import Bench
from dlcore.widgets.controls import Control
from dlcore.widgets.measured import Measured

LOOKS: tuple[tuple[Colour, Dashes], ...] = (
    ("blue", "dashed"), ("green", "dashdot"), ("purple", "dotted"),
)  # fmt: skip
YEAR = 12.0  # months
TICKS = tuple((float(month), str(month)) for month in range(0, 13, 2))


class HingeModel(Measured):
    """The curve start + slope x + sum of bend relu(x - kink) on measured points.

    Args:
        x: Months since 1 January, shape (n, 1).
        t: Temperatures in °C, shape (n, 1).
    """

    controls = (
        Control("start", "start (°C)", -10.0, 30.0, 0.5),
        Control("slope", "slope (°C a month)", -5.0, 5.0, 0.1),
        Control("kink1", "kink 1 (month)", 0.0, 12.0, 0.1),
        Control("bend1", "bend 1 (°C a month)", -10.0, 10.0, 0.1),
        Control("kink2", "kink 2 (month)", 0.0, 12.0, 0.1),
        Control("bend2", "bend 2 (°C a month)", -10.0, 10.0, 0.1),
        Control("kink3", "kink 3 (month)", 0.0, 12.0, 0.1),
        Control("bend3", "bend 3 (°C a month)", -10.0, 10.0, 0.1),
    )

    def __init__(self, x: np.ndarray, t: np.ndarray) -> None:
        """Keep the points; the curve starts as a straight line, since no hinge bends it yet."""
        self.start, self.slope = 14.0, 0.4
        self.kink1, self.kink2, self.kink3 = 3.0, 6.0, 9.0
        self.bend1 = self.bend2 = self.bend3 = 0.0
        super().__init__(x, t)
        self.days = points(self.x, self.t, "measured", "grey", size=1.8)

    @property
    def hinges(self) -> list[tuple[float, float]]:
        """Kink and bend of each hinge."""
        return [(self.kink1, self.bend1), (self.kink2, self.bend2), (self.kink3, self.bend3)]

    def outputs(self) -> np.ndarray:
        """The sum of the pieces at each x."""
        return self.at(self.x)

    def at(self, month: np.ndarray | float) -> np.ndarray:
        """The sum of the pieces at any time of the year."""
        y = self.start + self.slope * np.asarray(month, float)
        for kink, bend in self.hinges:
            y = y + bend * np.maximum(month - kink, 0)
        return y

    def report(self) -> str:
        """The loss, the typical miss and the best loss so far."""
        return (
            f"mean loss {self.loss:.1f} °C² · typical miss {self.loss**0.5:.1f} °C · "
            f"lowest loss so far {self.best:.1f} °C²"
        )


def scene(model: HingeModel) -> Scene:
    """The pieces, and their sum over the points."""
    start, slope = model.start, model.slope
    ends = np.array([0.0, YEAR])
    pieces = [line(ends, start + slope * ends, "start + slope x", "ink", width=1.8)]
    arms = [handle(YEAR, start + slope * YEAR, {"slope": ("y", 1 / YEAR, -start / YEAR)}, "")]
    for number, ((kink, bend), (colour, dashes)) in enumerate(
        zip(model.hinges, LOOKS, strict=True), 1
    ):
        corners = np.array([0.0, kink, YEAR])
        piece = bend * np.maximum(corners - kink, 0)
        pieces.append(line(corners, piece, f"hinge {number}", colour, dashes))
        reach = max(0.6 * (YEAR - kink), 0.1)
        grip = {f"bend{number}": ("y", 1 / reach, 0)}
        arms.append(handle(kink + reach, bend * reach, grip, ""))
    left = Panel(
        "The pieces; drag the dots",
        Axis(MONTHS, 0, YEAR, TICKS), Axis("part of the sum (°C)", -50, 50), (*pieces, *arms),
    )  # fmt: skip
    kinks = sorted(kink for kink, _ in model.hinges)
    corners = np.array([0.0, *kinks, YEAR])
    drags = [handle(0, start, {"start": ("y", 1, 0)}, "drag: start and kinks")] + [
        handle(kink, model.at(kink), {f"kink{number}": ("x", 1, 0)}, "")
        for number, (kink, _) in enumerate(model.hinges, 1)
    ]
    right = Panel(
        f"Their sum: mean loss = {model.loss:.1f} °C²",
        Axis(MONTHS, 0, YEAR, TICKS),
        Axis(DEGREES, -5, 38),
        (model.days, line(corners, model.at(corners), "sum of the pieces"), *drags),
    )
    return Scene((left, right), model.report())


def draw(model: HingeModel) -> Figure:
    """The pieces, and their sum over the points."""
    return still(scene(model))


def hinge_builder(x: np.ndarray, t: np.ndarray) -> Bench:
    """The widget of lesson 04 on the points x and t, both of shape (n, 1)."""
    return Bench("Hinge builder", HingeModel(x, t), scene)
