"""Lesson 07: set logits and a temperature, and see who gets how much of one unit of belief."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.belief import MINUS, a_digit, belief_scene, shares
from dlcore.plots.scene import Scene
from dlcore.plots.still import still
from dlcore.widgets.controls import Button, Control, Group, Menu
from dlcore.widgets.shell import Shell

START = (2.0, 1.0, 0.0, -1.0, -2.0)
REACH, REACH_OF_DIGITS = 6.0, 10.0  # the largest logit: of one's own, and of a digit
OWN = "your own logits"


class BeliefModel:
    """Logits z of one row, its true class, and the outputs y = softmax(z / temperature).

    Args:
        logits: one for each class.
        label: the true class.
        temperature: by which the logits are divided.
        pictures: digits to look at in place of one's own logits, shape (n, 8, 8); default: none.
        logits_of_pictures: what a trained network makes of them, shape (n, 10).
        labels_of_pictures: what they show, shape (n,).
    """

    def __init__(
        self,
        logits: Sequence[float] = START,
        label: int = 0,
        temperature: float = 1.0,
        pictures: np.ndarray | None = None,
        logits_of_pictures: np.ndarray | None = None,
        labels_of_pictures: np.ndarray | None = None,
    ) -> None:
        """Begin with one's own logits."""
        none = np.empty((0, 10))
        self.pictures = np.empty((0, 8, 8)) if pictures is None else pictures
        self._theirs = none if logits_of_pictures is None else logits_of_pictures
        self._true = none if labels_of_pictures is None else labels_of_pictures
        self._start = np.array(logits, float), label, temperature
        self.own, self.own_label, self.temperature = np.array(logits, float), label, temperature
        self.logits, self.label = self.own, label
        self.picture: int | None = None

    @property
    def reach(self) -> float:
        """The largest logit that there is room for."""
        return REACH if self.picture is None else REACH_OF_DIGITS

    @property
    def y(self) -> np.ndarray:
        """The share of each class; they add up to 1."""
        return shares(self.logits, self.temperature)

    @property
    def loss(self) -> float:
        """Minus the logarithm of what the true class gets."""
        z = self.logits / self.temperature
        return float(np.log(np.exp(z - z.max()).sum()) + z.max() - z[self.label])

    @property
    def gradient(self) -> np.ndarray:
        """The slope of the loss with respect to logits / temperature: y - t."""
        found: np.ndarray = self.y - np.eye(len(self.logits))[self.label]
        return found

    def update(self, **values: float) -> None:
        """Set numbers: z0, z1 and so on are one's own logits; label and temperature."""
        for name, value in values.items():
            if name == "temperature":
                self.temperature = value
            elif name == "label":
                self.own_label = int(value)
            else:
                self.own[int(name.removeprefix("z"))] = value
        if self.picture is None:
            self.logits, self.label = self.own, self.own_label

    def shift(self, by: float) -> None:
        """Add the same to all logits, as far as there is room."""
        by = min(by, self.reach - self.logits.max())
        self.logits += max(by, -self.reach - self.logits.min())

    def push(self, rate: float = 1.0) -> None:
        """Take one step of the logits against the slope of the loss."""
        moved = self.logits - rate * self.gradient / self.temperature
        self.logits[:] = np.clip(moved, -self.reach, self.reach)

    def rewind(self) -> None:
        """Go back to where it began; with a picture, to its logits."""
        logits, label, self.temperature = self._start
        if self.picture is None:
            self.own[:], self.own_label = logits, label
        self.from_picture(self.picture)

    def from_picture(self, number: int | None) -> None:
        """Look at the logits of a picture, or with None at one's own."""
        self.picture = number
        if number is None:
            self.logits, self.label = self.own, self.own_label
        else:
            self.logits = np.array(self._theirs[number], float)
            self.label = int(self._true[number])

    def names_of_pictures(self) -> list[str]:
        """What stands in a menu for each picture."""
        return [f"digit {at + 1}: {a_digit(int(true))}" for at, true in enumerate(self._true)]

    def report(self) -> str:
        """What each class gets, and the loss."""
        digits = 3 if len(self.logits) < 8 else 2
        got = " ".join(f"{share:.{digits}f}" for share in self.y)
        at = f"class {self.label}"
        return f"y = {got} · loss {self.loss:.3f} = {MINUS}log of what {at} gets"


def scene(model: BeliefModel) -> Scene:
    """Logits, shares and slopes as bars; with a picture, that too."""
    picture = None if model.picture is None else model.pictures[model.picture]
    return belief_scene(
        model.logits, model.label, model.temperature, model.report(), picture, model.reach
    )


def draw(model: BeliefModel) -> Figure:
    """The same as a figure."""
    return still(scene(model))


class BeliefBench(Shell):
    """Sliders, menus and buttons around a `BeliefModel`, and a picture of it.

    Args:
        model: what is shown.
    """

    def __init__(self, model: BeliefModel) -> None:
        """Show the model as it stands."""
        self.model = model
        self.sliders = [
            Control(f"z{at}", f"z of class {at} (no unit)", -REACH, REACH, 0.1)
            for at in range(len(model.own))
        ]
        self.temperature = Control("temperature", "temperature (no unit)", 0.1, 5.0, 0.1)
        super().__init__("Belief bench")

    def scene(self) -> Scene:
        """The picture of the model."""
        return scene(self.model)

    def controls(self) -> list[Group]:
        """The logits, the temperature, what is true, and what can be done."""
        classes = tuple(f"class {at}" for at in range(len(self.model.own)))
        pictures = (OWN, *self.model.names_of_pictures())
        buttons = (
            Button("push", "Push", "A step of the logits against their slope, with the rate 1"),
            Button("more", "All + 1", "Raise all logits by 1"),
            Button("less", f"All {MINUS} 1", "Lower all logits by 1"),
            Button("rewind", "Rewind", "Back to where it began"),
        )
        menus = (Menu("label", "true class", classes), Menu("picture", "look at", pictures))
        return [Group(self.sliders), Group((self.temperature, *menus)), Group(buttons)]

    def values(self) -> dict[str, Any]:
        """Where sliders and menus stand."""
        model = self.model
        logits = {f"z{at}": float(value) for at, value in enumerate(model.own)}
        chosen = 0 if model.picture is None else model.picture + 1
        return {
            **logits, "temperature": model.temperature, "label": model.own_label, "picture": chosen,
        }  # fmt: skip

    def hidden(self) -> list[str]:
        """A digit has its own logits and its own true class."""
        own = [*(slider.name for slider in self.sliders), "label"]
        return [] if self.model.picture is None else own

    def take(self, values: Mapping[str, Any]) -> bool:
        """Set sliders and menus.

        Raises:
            ValueError: for a name that there is not, or a value beyond what is offered.
        """
        limits = {each.name: each for each in (*self.sliders, self.temperature)}
        offers = {"label": len(self.model.own), "picture": 1 + len(self.model.pictures)}
        for name, value in values.items():
            if name in limits and limits[name].low <= value <= limits[name].high:
                self.model.update(**{name: float(value)})
            elif name == "picture" and value in range(offers[name]):
                self.model.from_picture(value - 1 if value else None)
            elif name == "label" and value in range(offers[name]):
                self.model.update(label=value)
            else:
                raise ValueError(f"{name}={value!r} is not offered in the belief bench.")
        return False

    def act(self, name: str, given: Mapping[str, Any]) -> bool:
        """Do what a button asks for."""
        if name == "push":
            self.model.push()
        elif name in ("more", "less"):
            self.model.shift(1.0 if name == "more" else -1.0)
        elif name == "rewind":
            self.model.rewind()
        else:
            return super().act(name, given)
        return True

    def __repr__(self) -> str:
        return f"<Belief bench: run this cell to set {len(self.sliders)} logits and a temperature>"


def belief_bench(
    pictures: np.ndarray | None = None,
    logits: np.ndarray | None = None,
    labels: np.ndarray | None = None,
) -> BeliefBench:
    """The widget of lesson 07.

    Args:
        pictures: digits to look at, shape (n, 8, 8); default: none.
        logits: what a trained network makes of them, shape (n, 10).
        labels: what they show, shape (n,).
    """
    model = BeliefModel(pictures=pictures, logits_of_pictures=logits, labels_of_pictures=labels)
    return BeliefBench(model)
