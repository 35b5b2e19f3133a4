"""Lesson 09: plain steps, momentum and Adam race down a ravine."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from dlcore.backends import compute
from dlcore.plots.scene import (
    Axis,
    Colour,
    Dashes,
    Mark,
    Panel,
    Scene,
    Shape,
    handle,
    levels,
    line,
    points,
)  # fmt: skip
from dlcore.plots.still import still
from dlcore.widgets.bench import Bench
from dlcore.widgets.controls import Control

START = (-4.0, 1.0)
LAST = 150  # steps that are raced
GONE = 1e6  # a loss above it: that one has left the ravine
ARRIVED = 0.01  # a loss that counts as the bottom
W1, W2 = (-5.0, 3.0), (-1.6, 1.6)  # what the map shows
HEIGHTS = (0.1, 0.5, 2, 8, 32, 128)
FLOOR = -4  # the lowest loss that the right picture tells apart, as a power of ten
NAMES = {"sgd": "SGD", "momentum": "momentum", "adam": "Adam"}
LOOKS: dict[str, tuple[Colour, Dashes, Shape]] = {
    "sgd": ("purple", "solid", "circle"),  # what can be dragged is orange
    "momentum": ("blue", "dashed", "square"),
    "adam": ("green", "dashdot", "diamond"),
}


class RaceModel:
    """Three walks down the ravine (w1² + steepness w2²) / 2 from one start, each by its own step.

    The steps are the kernels `sgd_update`, `momentum_update` and `adam_update` of the backend, so
    in "mine" they are the learner's.

    Args:
        values: `steepness`, of the second axis; `rate`, of plain steps and of momentum;
            `momentum`; `adam_rate`; and `steps`, how many are shown.
    """

    controls = (
        Control("steepness", "steepness of w2 (times that of w1)", 1, 100, 1),
        Control("rate", "rate of SGD and momentum (a number)", 0.001, 0.05, 0.001),
        Control("momentum", "momentum (share)", 0.0, 0.99, 0.01),
        Control("adam_rate", "rate of Adam (a number)", 0.01, 0.5, 0.01),
        Control("steps", "shown (steps)", 0, LAST, 1),
    )

    def __init__(self, **values: float) -> None:
        """Race with the values of the controls, the default ones where none is given."""
        self.steepness, self.rate, self.momentum, self.adam_rate = 100.0, 0.01, 0.9, 0.1
        self.steps = 40
        self._walked: dict[str, tuple[tuple[float, ...], np.ndarray]] = {}
        self.update(**{"steepness": self.steepness, **values})

    def update(self, **values: float) -> None:
        """Set some of the values."""
        for name, value in values.items():
            setattr(self, name, round(value) if name == "steps" else float(value))
        if "steepness" in values:
            self._draw_ravine()

    def whole_paths(self) -> dict[str, np.ndarray]:
        """By name, (w1, w2) before the first step and after each, as far as the race goes.

        A walk ends before `LAST` steps where its loss has passed a million.
        """
        return {name: self._path(name) for name in NAMES}

    def paths(self) -> dict[str, np.ndarray]:
        """By name, (w1, w2) before the first step and after each that is shown."""
        return {name: path[: self.steps + 1] for name, path in self.whole_paths().items()}

    def losses(self) -> dict[str, np.ndarray]:
        """By name, the loss at each place of `paths`."""
        return {name: self._loss(path) for name, path in self.paths().items()}

    def arrivals(self) -> dict[str, int | None]:
        """By name, after how many steps the loss stays below `ARRIVED`; None if it does not."""
        found: dict[str, int | None] = {}
        for name, path in self.whole_paths().items():
            above = np.nonzero(self._loss(path) >= ARRIVED)[0]
            after = int(above[-1]) + 1
            found[name] = after if after < len(path) else None
        return found

    def report(self) -> str:
        """The losses where the walks stand, and after how many steps they are at the bottom."""
        now = ", ".join(f"{word} {self._stands(name)}" for name, word in NAMES.items())
        at = ", ".join(
            f"{NAMES[name]} {f'after {count}' if count is not None else f'not in {LAST}'}"
            for name, count in self.arrivals().items()
        )
        return f"loss after {self.steps} steps: {now} · below {ARRIVED} for good: {at} steps"

    def _draw_ravine(self) -> None:
        across, up = (_places(*span) for span in (W1, W2))
        heights = self._loss(np.stack(np.meshgrid(across, up), axis=-1))
        name = "equal loss"
        self.ravine = levels(across, up, heights, HEIGHTS, name, "grey", numbers=False)

    def _stands(self, name: str) -> str:
        path = self.paths()[name]
        if len(path) <= self.steps or self._loss(path[-1]) > GONE:
            return "has left the ravine"
        return number(float(self._loss(path[-1])))

    def _loss(self, w: np.ndarray) -> np.ndarray:
        """The height of the ravine at w [..., 2]."""
        height: np.ndarray = (w[..., 0] ** 2 + self.steepness * w[..., 1] ** 2) / 2
        return height

    def _path(self, name: str) -> np.ndarray:
        """The whole walk; it is walked anew only where one of its own values has changed."""
        rates = {"sgd": (self.rate,), "momentum": (self.rate, self.momentum)}
        values = (self.steepness, *rates.get(name, (self.adam_rate,)))
        if name not in self._walked or self._walked[name][0] != values:
            self._walked[name] = values, self._walk(name)
        return self._walked[name][1]

    def _walk(self, name: str) -> np.ndarray:
        w = np.array(START)
        v, m = np.zeros(2), np.zeros(2)
        curvature, path = np.array([1.0, self.steepness]), [w]
        for step in range(1, LAST + 1):
            dw = curvature * w
            if name == "sgd":
                w = compute("sgd_update", w, dw, self.rate)
            elif name == "momentum":
                w, v = compute("momentum_update", w, v, dw, self.rate, momentum=self.momentum)
            else:
                w, m, v = compute("adam_update", w, m, v, dw, self.adam_rate, step)
            path.append(w)
            if self._loss(w) > GONE:
                break
        return np.array(path)


def _places(low: float, high: float) -> np.ndarray:
    """Places from low to high, closer to each other around 0, where the ellipses are small."""
    root = np.linspace(-np.sqrt(-low), np.sqrt(high), 81)
    places: np.ndarray = root * np.abs(root)
    return places


def number(value: float) -> str:
    """A loss with three digits, never with an e."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}" if value >= 1e-4 else "below 0.0001"


def scene(model: RaceModel) -> Scene:
    """The ravine from above with the three paths, and their losses over the steps."""
    return Scene((_map(model), _losses(model)), model.report(), 300)


def _map(model: RaceModel) -> Panel:
    marks: list[Mark] = [model.ravine]
    for name, path in model.paths().items():
        colour, dashes, shape = LOOKS[name]
        marks += [
            line(path[:, 0], path[:, 1], "", colour, dashes, 1.4),
            points(path[:, 0], path[:, 1], "", colour, shape, 2.2),
            points(path[-1:, 0], path[-1:, 1], NAMES[name], colour, shape, 5.0),
        ]
    marks.append(points([0.0], [0.0], "the bottom", "ink", "cross", 5))
    title = f"where they are after {model.steps} steps"
    return Panel(title, Axis("w1 (no unit)", *W1), Axis("w2 (no unit)", *W2), tuple(marks), 0.9)


def _losses(model: RaceModel) -> Panel:
    """The losses as powers of ten: one that climbs and one that arrives fit on one axis."""
    whole = {name: model._loss(path) for name, path in model.whole_paths().items()}
    highest = max(float(losses.max()) for losses in whole.values())
    top = 2 if highest < 100 else 4 if highest < 1e4 else 6
    marks: list[Mark] = [line([model.steps] * 2, [FLOOR, top], "", "ink", "dotted", 1.2)]
    for name, losses in whole.items():
        colour, dashes, shape = LOOKS[name]
        heights = np.clip(np.log10(np.maximum(losses, 1e-9)), FLOOR, top)
        at = min(model.steps, len(heights) - 1)
        marks += [
            line(np.arange(len(heights)), heights, NAMES[name], colour, dashes, 2),
            points([at], heights[[at]], "", colour, shape, 5.0),
        ]
    grip = handle(model.steps, FLOOR, {"steps": ("x", 1, 0)}, "steps shown; drag it")
    powers = range(FLOOR, top + 1, 2)
    ticks = tuple((float(power), f"{10.0**power:,.{max(0, -power)}f}") for power in powers)
    return Panel(
        "the loss after each step",
        Axis("steps (number)", 0, LAST),
        Axis("loss (×100 at each mark)", FLOOR, top, ticks),
        (*marks, grip),
        0.9,
    )


def draw(model: RaceModel) -> Figure:
    """The ravine from above with the three paths, and their losses over the steps."""
    return still(scene(model))


def race_bench() -> Bench:
    """The widget of lesson 09."""
    return Bench("Race down a ravine", RaceModel(), scene)
