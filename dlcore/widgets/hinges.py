"""Lesson 04: three hinges on a slope, summed to a curve through the year."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.hinges import hinge_sum
from dlcore.widgets.bench import Bench, Control
from dlcore.widgets.measured import Measured


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

    @property
    def hinges(self) -> list[tuple[float, float]]:
        """Kink and bend of each hinge."""
        return [(self.kink1, self.bend1), (self.kink2, self.bend2), (self.kink3, self.bend3)]

    def outputs(self) -> np.ndarray:
        """The sum of the pieces at each x."""
        y = self.start + self.slope * self.x
        for kink, bend in self.hinges:
            y = y + bend * np.maximum(self.x - kink, 0)
        return y

    def report(self) -> str:
        """The loss, the typical miss and the best loss so far."""
        return (
            f"mean loss {self.loss:.1f} °C² · typical miss {self.loss**0.5:.1f} °C · "
            f"lowest loss so far {self.best:.1f} °C²"
        )


def draw(model: HingeModel) -> Figure:
    """The pieces, and their sum over the points."""
    return hinge_sum(model.x, model.t, model.start, model.slope, model.hinges)


def hinge_builder(x: np.ndarray, t: np.ndarray) -> Bench:
    """The widget of lesson 04 on the points x and t, both of shape (n, 1)."""
    return Bench("Hinge builder", HingeModel(x, t), draw)
