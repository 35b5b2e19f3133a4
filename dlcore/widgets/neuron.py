"""Lesson 01: drag w and b of one linear neuron, and see its line, its misses and its loss."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.neuron import neuron_on_bowl
from dlcore.widgets.bench import Bench, Control
from dlcore.widgets.measured import Measured


class NeuronModel(Measured):
    """One neuron y = x w + b on measured points.

    Args:
        x: Flipper lengths in cm beyond 20 cm, shape (n, 1).
        t: Body masses in kg, shape (n, 1).
        w: Weight, kg for each cm.
        b: Bias, kg.
    """

    controls = (
        Control("w", "weight w (kg per cm)", -1.0, 2.0, 0.05),
        Control("b", "bias b (kg)", 2.0, 6.0, 0.05),
    )

    def __init__(self, x: np.ndarray, t: np.ndarray, w: float = 0.0, b: float = 3.0) -> None:
        """Keep the points and place the neuron."""
        self.w, self.b = w, b
        super().__init__(x, t)

    def outputs(self) -> np.ndarray:
        """The line at each x."""
        return self.x * self.w + self.b

    def report(self) -> str:
        """The loss, the typical miss and the best loss so far."""
        return (
            f"mean loss {self.loss:.3f} kg² · typical miss {self.loss**0.5:.2f} kg · "
            f"lowest loss so far {self.best:.3f} kg²"
        )


def draw(model: NeuronModel) -> Figure:
    """The line with its misses, and the dot on the bowl."""
    return neuron_on_bowl(model.x, model.t, model.w, model.b)


def neuron_bench(x: np.ndarray, t: np.ndarray) -> Bench:
    """The widget of lesson 01 on the points x and t, both of shape (n, 1)."""
    return Bench("Neuron bench", NeuronModel(x, t), draw)
