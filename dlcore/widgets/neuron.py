"""Lesson 01: drag w and b of one linear neuron, and see its line, its misses and its loss."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.neuron import FLIPPER, LEVELS, MASS, mean_losses
from dlcore.plots.scene import Axis, Mark, Panel, Scene, handle, levels, line, points, segments
from dlcore.plots.still import still
from dlcore.widgets.bench import Bench
from dlcore.widgets.controls import Control
from dlcore.widgets.measured import Measured

LEFT, RIGHT = -3.2, 3.4  # flippers that are shown, in cm beyond 20 cm
ARM = 3.0  # where the line is taken to turn it, in the same unit


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
        self.fixed = points(self.x, self.t, "penguin, t"), _bowl(self)

    def outputs(self) -> np.ndarray:
        """The line at each x."""
        return self.x * self.w + self.b

    def report(self) -> str:
        """The loss, the typical miss and the best loss so far."""
        return (
            f"mean loss {self.loss:.3f} kg² · typical miss {self.loss**0.5:.2f} kg · "
            f"lowest loss so far {self.best:.3f} kg²"
        )


def scene(model: NeuronModel) -> Scene:
    """The line with its misses, and the dot on the bowl."""
    w, b = model.w, model.b
    penguins, bowl = model.fixed
    misses = segments(model.x, model.outputs(), model.x, model.t, "miss, y \N{MINUS SIGN} t")
    ends = np.array([LEFT, RIGHT])
    neuron = line(ends, ends * w + b, "neuron, y = x w + b")
    left = Panel(
        f"w = {w:.2f}, b = {b:.2f}".replace("-", "\N{MINUS SIGN}"),
        Axis(FLIPPER, LEFT, RIGHT),
        Axis(MASS, 1.8, 7.2),
        (
            misses, penguins, neuron,
            handle(0, b, {"b": ("y", 1, 0)}, "drag: bias in the middle, weight at the right"),
            handle(ARM, ARM * w + b, {"w": ("y", 1 / ARM, -b / ARM)}, ""),
        ),
    )  # fmt: skip
    w_slider, b_slider = model.controls
    right = Panel(
        f"mean loss = {model.loss:.2f} kg²",
        Axis("weight w (kg per cm)", w_slider.low, w_slider.high),
        Axis("bias b (kg)", b_slider.low, b_slider.high),
        (bowl, handle(w, b, {"w": ("x", 1, 0), "b": ("y", 1, 0)}, "now; drag it")),
    )
    return Scene((left, right), model.report())


def _bowl(model: NeuronModel) -> Mark:
    """Contours of the mean loss, as far as the sliders go."""
    w_slider, b_slider = model.controls
    across = np.linspace(w_slider.low, w_slider.high, 61)
    up = np.linspace(b_slider.low, b_slider.high, 61)
    loss = mean_losses(model.x, model.t, *np.meshgrid(across, up))
    return levels(across, up, loss, LEVELS, "mean loss (kg²)")


def draw(model: NeuronModel) -> Figure:
    """The line with its misses, and the dot on the bowl."""
    return still(scene(model))


def neuron_bench(x: np.ndarray, t: np.ndarray) -> Bench:
    """The widget of lesson 01 on the points x and t, both of shape (n, 1)."""
    return Bench("Neuron bench", NeuronModel(x, t), scene)
