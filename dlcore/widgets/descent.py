"""Lesson 02: a ball on the bowl of the loss, which takes steps against the slope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.neuron import LEVELS, mean_losses
from dlcore.plots.scene import (
    Axis,
    Dashes,
    Mark,
    Panel,
    Scene,
    arrow,
    handle,
    levels,
    line,
    points,
)  # fmt: skip
from dlcore.plots.still import still
from dlcore.widgets.bench import Bench
from dlcore.widgets.controls import Button, Control, Group, Menu

ORIGINS = (20, 17)  # cm: where the flippers are counted from
TOO_HIGH = 1e6  # kg²: a walk that gets here climbs for ever
MANY = 1000  # steps: a walk that has not arrived by then is left alone
KEPT: tuple[Dashes, ...] = ("dashed", "dotted", "dashdot")  # one earlier walk for each
W, B = (-2.0, 4.0), (-0.2, 6.0)  # what the map shows; one kg is as long as one kg per cm
LOSS = "mean loss (kg²)"
POWERS = "mean loss (kg², ×10 at each mark)"


@dataclass(frozen=True)
class Walk:
    """A walk as it is kept: from where, how, and the loss before the first step and after each."""

    start: tuple[float, float]
    learning_rate: float
    losses: tuple[float, ...]


class DescentModel:
    """A neuron y = x w + b that walks down the bowl of its mean loss.

    A new choice goes back to the start, so that two choices are compared from one place.

    Args:
        x: Flipper lengths in cm beyond 20 cm, shape (n, 1).
        t: Body masses in kg, shape (n, 1).
        choices: `learning_rate`, `start_w`, `start_b`, and `origin`, the number of one of
            `ORIGINS`.
    """

    controls = (
        Control("learning_rate", "learning rate (a number)", 0.005, 0.6, 0.005),
        Control("start_w", "start: w (kg per cm)", *W, 0.1),
        Control("start_b", "start: b (kg)", 0.0, 6.0, 0.1),
    )

    def __init__(self, x: np.ndarray, t: np.ndarray, **choices: float) -> None:
        """Keep the points and put the ball to its start."""
        self.flippers, self.t = np.ravel(x).astype(float), np.ravel(t).astype(float)
        self.learning_rate, self.start_w, self.start_b = 0.1, 0.0, 0.0
        self.path: list[tuple[float, float]] = []
        self._set_origin(0)
        self.update(**choices)

    def update(self, **choices: float) -> None:
        """Set some of the choices, and rewind."""
        choices = dict(choices)
        self._keep()
        if "origin" in choices:
            self._set_origin(int(choices.pop("origin")))
        for name, value in choices.items():
            setattr(self, name, value)
        self.rewind()

    def rewind(self) -> None:
        """Put the ball back to the start; what it has walked is kept in `earlier`."""
        self._keep()
        self.w, self.b = self.start_w, self.start_b
        self.path, self.losses = [(self.w, self.b)], [self.loss]
        self.trouble = ""

    def step(self, count: int = 1) -> None:
        """Take steps against the slope; stops, and says why in `trouble`, if they lead nowhere."""
        for _ in range(count):
            if self.trouble:
                return
            dw, db = self.gradient()
            self.w -= self.learning_rate * dw
            self.b -= self.learning_rate * db
            self.path.append((self.w, self.b))
            self.losses.append(self.loss)
            if self.loss > TOO_HIGH:
                self.exploded = True
                self.trouble = "the loss has passed 1,000,000 kg², so the walk stops"
            elif self.steps == MANY:
                self.trouble = f"{MANY} steps are enough here"

    def gradient(self) -> tuple[float, float]:
        """The slope of the mean loss where the ball is, for w and for b."""
        miss = self.x * self.w + self.b - self.t
        return float(2 * np.mean(miss * self.x)), float(2 * np.mean(miss))

    @property
    def loss(self) -> float:
        """The mean loss where the ball is, kg²."""
        return float(np.mean((self.x * self.w + self.b - self.t) ** 2))

    @property
    def steps(self) -> int:
        """How many steps the ball has taken."""
        return len(self.path) - 1

    @property
    def limit(self) -> float:
        """The learning rate from which on steps lead up: 2 by the largest curvature."""
        return float(2 / np.linalg.eigvalsh(self._curvature())[-1])

    @property
    def lowest(self) -> float:
        """The mean loss at the bottom of the bowl, kg²."""
        slope = np.array([2 * np.mean(self.x * self.t), 2 * np.mean(self.t)])
        w, b = np.linalg.solve(self._curvature(), slope)
        return float(np.mean((self.x * w + b - self.t) ** 2))

    def report(self) -> str:
        """Where the ball is, how steep it is there, and how long the next step will be."""
        dw, db = self.gradient()
        said = (
            f"after {steps_in_words(self.steps)}: mean loss {number(self.loss)} kg² "
            f"· slope: dw {number(dw)}, db {number(db)} "
            f"· next step {number(self.learning_rate * np.hypot(dw, db))} long"
        )
        if self.trouble:
            said += f" · {self.trouble}"
        if self.exploded:
            said += f" · the edge of this bowl: rate {self.limit:.3f}"
        return said

    def _set_origin(self, origin: int) -> None:
        """Count the flippers from another length; walks on the other bowl are forgotten."""
        self.origin = origin
        self.x = self.flippers + ORIGINS[0] - ORIGINS[origin]
        self.earlier: list[Walk] = []
        self.exploded = False
        across, up = np.linspace(*W, 181), np.linspace(*B, 181)
        heights = mean_losses(self.x, self.t, *np.meshgrid(across, up))
        self.bowl = levels(across, up, heights, (*LEVELS, 64, 128, 256), LOSS)
        self.path = []

    def _keep(self) -> None:
        """Keep the walk that ends, in place of a shorter one of the same kind."""
        if len(self.path) < 2:
            return
        now = Walk(self.path[0], self.learning_rate, tuple(self.losses))
        others = [
            each
            for each in self.earlier
            if (each.start, each.learning_rate) != (now.start, now.learning_rate)
        ]
        self.earlier = [*others, now][-len(KEPT) :]
        self.path = []

    def _curvature(self) -> np.ndarray:
        """How fast the slopes change with w and b, shape (2, 2)."""
        return 2 * np.array([[np.mean(self.x**2), np.mean(self.x)], [np.mean(self.x), 1.0]])


def number(value: float) -> str:
    """A number with three digits, or whole with commas where it is large."""
    text = f"{value:,.0f}" if abs(value) >= 1000 else f"{value + 0.0:.3g}"
    return text.replace("-", "\N{MINUS SIGN}")


def steps_in_words(count: int) -> str:
    """So many steps."""
    return f"{count} step{'s' * (count != 1)}"


def scene(model: DescentModel) -> Scene:
    """The ball on the contours with its way, and the loss after each step."""
    return Scene((_map(model), _losses(model)), model.report(), 300)


def _map(model: DescentModel) -> Panel:
    (w, b), (dw, db), rate = (model.w, model.b), model.gradient(), model.learning_rate
    ways = np.array(model.path)
    marks = (
        model.bowl,
        line(ways[:, 0], ways[:, 1], "", width=1.6),
        points(ways[:, 0], ways[:, 1], "after each step", "orange", size=2.6),
        arrow(w, b, w - rate * dw, b - rate * db, "next step, against the slope"),
        points([w], [b], "ball", "ink", size=5),
        handle(
            model.start_w, model.start_b,
            {"start_w": ("x", 1, 0), "start_b": ("y", 1, 0)}, "start; drag it",
        ),
    )  # fmt: skip
    inside = W[0] <= w <= W[1] and B[0] <= b <= B[1]
    title = f"w = {number(w)}, b = {number(b)}" + ("" if inside else ", outside of the picture")
    return Panel(title, Axis("weight w (kg per cm)", *W), Axis("bias b (kg)", *B), marks, 1.0)


def _losses(model: DescentModel) -> Panel:
    """The losses as powers of ten: a walk that climbs and one that arrives fit on one axis."""
    runs = [walk.losses for walk in model.earlier]
    last = max(20, *(len(losses) - 1 for losses in [*runs, model.losses]))
    last = next(each for each in (20, 50, 100, 200, 500, MANY) if each >= last)
    highest = max(max(losses) for losses in [*runs, model.losses])
    top = max(2, int(np.ceil(np.log10(highest))))
    marks: list[Mark] = [
        line([0, last], np.log10([model.lowest] * 2), "at the bottom", "blue", width=1.2)
    ]
    for walk, dashes in zip(model.earlier, KEPT, strict=False):
        steps = np.arange(len(walk.losses))
        name = f"earlier, rate {walk.learning_rate:.3f}"
        marks.append(line(steps, np.log10(walk.losses), name, "grey", dashes, 1.8))
    steps, losses = np.arange(model.steps + 1), np.log10(model.losses)
    marks += [
        line(steps, losses, f"this walk, rate {model.learning_rate:.3f}", width=2),
        points(steps, losses, "", "orange", size=2.6),
    ]
    ticks = tuple(
        (float(power), f"{10.0**power:,.{int(power < 0)}f}") for power in range(-1, top + 1)
    )
    return Panel(
        f"mean loss = {number(model.loss)} kg² after {steps_in_words(model.steps)}",
        Axis("steps (number)", 0, last),
        Axis(POWERS, -1, top, ticks),
        tuple(marks),
        1.0,
    )


def draw(model: DescentModel) -> Figure:
    """The ball on the contours with its way, and the loss after each step."""
    return still(scene(model))


class Descent(Bench):
    """Sliders for rate and start, buttons for the steps, and a menu that makes another bowl."""

    model: DescentModel
    offers = {"origin": range(len(ORIGINS))}

    def __init__(self, x: np.ndarray, t: np.ndarray) -> None:
        """Show the ball at its start."""
        super().__init__("Ball on the bowl", DescentModel(x, t), scene)

    def controls(self) -> list[Group]:
        """A slider for each control of the model; the steps, the way back, and the menu."""
        lengths = tuple(f"{origin} cm" for origin in ORIGINS)
        return [
            Group(self.model.controls),
            Group(
                (
                    Button("step", "Step", "Take one step against the slope"),
                    Button("ten", "10 steps", "Take ten steps against the slope"),
                    Button("rewind", "Rewind", "Put the ball back to its start"),
                    Menu("origin", "flippers counted from", lengths),
                )
            ),
        ]

    def act(self, name: str, given: Mapping[str, Any]) -> bool:
        """Take steps, or go back to the start."""
        steps = {"step": 1, "ten": 10}
        if name in steps:
            self.model.step(steps[name])
            return bool(self.model.trouble)
        if name != "rewind":
            return super().act(name, given)
        self.model.rewind()
        return True


def descent_bench(x: np.ndarray, t: np.ndarray) -> Descent:
    """The widget of lesson 02 on the points x and t, both of shape (n, 1)."""
    return Descent(x, t)
