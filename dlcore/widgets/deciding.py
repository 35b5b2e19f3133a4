"""Lesson 03: turn the line of a neuron that decides, and see what each penguin costs."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from dlcore.backends.numpy.activations import sigmoid
from dlcore.backends.numpy.losses import binary_crossentropy
from dlcore.plots.deciding import area, deciding_scene, roc, weights
from dlcore.plots.scene import Scene, handle
from dlcore.plots.still import still
from dlcore.widgets.bench import Bench
from dlcore.widgets.controls import Control


class DecidingModel:
    """A neuron y = sigmoid(x w + b) with two inputs, and the threshold above which it says yes.

    Args:
        x: bill depth and body mass, mean 0 and spread 1, shape (n, 2).
        t: 1 for a male and 0 for a female, shape (n, 1).
        angle: the direction in which y rises, in degrees from the first axis.
        steepness: the length of w.
        shift: how far in that direction y is one half.
        threshold: what y has to be above to be called male.
    """

    controls = (
        Control("angle", "angle (degrees)", 0.0, 360.0, 5.0),
        Control("steepness", "steepness (per spread)", 0.2, 20.0, 0.2),
        Control("shift", "shift (standard deviations)", -2.0, 2.0, 0.1),
        Control("threshold", "threshold (probability)", 0.05, 0.95, 0.05),
    )

    def __init__(
        self,
        x: np.ndarray,
        t: np.ndarray,
        angle: float = 0.0,
        steepness: float = 1.0,
        shift: float = 0.0,
        threshold: float = 0.5,
    ) -> None:
        """Keep the penguins and place the neuron."""
        self.x, self.t = x, t
        self.angle, self.steepness, self.shift = angle, steepness, shift
        self.threshold = threshold

    @property
    def w(self) -> np.ndarray:
        """Its weights, shape (2, 1)."""
        return weights(self.angle, self.steepness, self.shift)[0]

    @property
    def b(self) -> float:
        """Its bias."""
        return weights(self.angle, self.steepness, self.shift)[1]

    def outputs(self) -> np.ndarray:
        """The probability of a male for each penguin, shape (n, 1)."""
        y: np.ndarray = sigmoid(self.x @ self.w + self.b)
        return y

    def losses(self) -> np.ndarray:
        """What each penguin costs, shape (n,)."""
        found: np.ndarray = binary_crossentropy(self.outputs(), self.t)
        return found

    @property
    def loss(self) -> float:
        """The mean loss."""
        return float(self.losses().mean())

    @property
    def accuracy(self) -> float:
        """The share of the penguins that are called what they are."""
        return float(np.mean((self.outputs() > self.threshold) == (self.t == 1)))

    @property
    def precision(self) -> float:
        """The share of males among those that are called male; 0 if none is."""
        called = self.outputs() > self.threshold
        return float(self.t[called].mean()) if called.any() else 0.0

    @property
    def recall(self) -> float:
        """The share of the males that are called male."""
        return float(np.mean(self.outputs()[self.t == 1] > self.threshold))

    def roc(self) -> tuple[np.ndarray, np.ndarray]:
        """False and true positive rates at every threshold."""
        return roc(self.x @ self.w + self.b, self.t)

    @property
    def area(self) -> float:
        """How often a male gets a larger output than a female."""
        return area(self.x @ self.w + self.b, self.t)

    def update(self, **values: float) -> None:
        """Set some of the numbers."""
        for name, value in values.items():
            setattr(self, name, value)

    def report(self) -> str:
        """The loss, the largest one, and what the threshold makes of the outputs."""
        return (
            f"mean loss {self.loss:.3f}, the largest {self.losses().max():.1f} · "
            f"accuracy {self.accuracy:.3f} · precision {self.precision:.3f} · "
            f"recall {self.recall:.3f} · area {self.area:.3f}"
        )


def scene(model: DecidingModel) -> Scene:
    """The neuron over the penguins with a dot to drag, and its ROC curve."""
    across, up = np.ravel(model.w) / model.steepness
    # The dot can leave its place only along the direction; the longer of its two parts counts.
    way = ("x", 1 / across, 0.0) if abs(across) >= abs(up) else ("y", 1 / up, 0.0)
    place = model.shift * across, model.shift * up
    dot = handle(*place, {"shift": way}, "here y = 0.5; drag it")
    return deciding_scene(
        model.x, model.t, model.angle, model.steepness, model.shift, model.threshold,
        model.report(), (dot,),
    )  # fmt: skip


def draw(model: DecidingModel) -> Figure:
    """The neuron over the penguins, and its ROC curve."""
    return still(scene(model))


def deciding_bench(x: np.ndarray, t: np.ndarray) -> Bench:
    """The widget of lesson 03 on the points x, shape (n, 2), with their targets t, shape (n, 1)."""
    return Bench("Deciding bench", DecidingModel(x, t), scene)
