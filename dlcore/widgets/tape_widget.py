"""Lesson 06: one example on its way through a small network and back, step by step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dlcore.plots.scene import Scene
from dlcore.widgets import tape_scene
from dlcore.widgets.controls import Button, Choice, Control, Group, Menu, Note
from dlcore.widgets.shell import Shell
from dlcore.widgets.tape_model import (
    BENDS,
    LAYERS,
    LIMIT,
    LOSSES,
    RATES,
    UNITS,
    TapeModel,
    pretty,
)  # fmt: skip

MEETINGS = ("are added", "overwrite each other")
NUDGES = (0.0, 0.01, 0.1, 0.5)
CHOICES: dict[str, Sequence[Any]] = {
    "layers": LAYERS,
    "units": UNITS,
    "bend": BENDS,
    "loss": LOSSES,
}
LABELS = {
    "layers": "hidden layers",
    "units": "units in each",
    "bend": "bend",
    "loss": "loss",
}


class Tape(Shell):
    """A slider over all steps, forward and back, around a `TapeModel`."""

    def __init__(self, model: TapeModel | None = None) -> None:
        """Show the network before its first step."""
        self.model = model or TapeModel()
        self.number, self.nudge, self.rate = "w1_1", 0, 0
        super().__init__("Backprop, step by step")

    def scene(self) -> Scene:
        """The network up to the position."""
        return tape_scene.scene(self.model)

    def controls(self) -> list[Group]:
        """The position, and the buttons that set it."""
        model = self.model
        label = f"step (at {model.forward_steps} the loss is known)"
        return [
            Group((Control("position", label, 0, len(model.steps), 1),)),
            Group(
                (
                    Button("step", "Step", "One step on"),
                    Button("back", "Back", "One step back"),
                    Button("rewind", "Rewind", "Before the first step, with the same weights"),
                    Button("to_loss", "To the loss", "All steps forward"),
                    Button("to_end", "To the end", "All steps forward and back"),
                )
            ),
        ]

    def below(self) -> list[Group]:
        """The network, its numbers, and what is tried on them."""
        choices = [
            Menu(name, LABELS[name], tuple(map(str, offered))) for name, offered in CHOICES.items()
        ]
        numbers = tuple(map(pretty, self.model.numbers()))
        low = 0.0 if self._is_a_probability() else -LIMIT
        high = 1.0 if self._is_a_probability() else LIMIT
        changes = tuple("not changed" if not by else f"plus {by:g}" for by in NUDGES)
        return [
            Group(
                (
                    *choices,
                    Button("again", "Start again", "The first weights, x and t"),
                )
            ),
            Group(
                (
                    Menu("number", "number", numbers),
                    Menu("nudge", "on trial, the number", changes),
                    Note("tried"),
                )
            ),
            Group((Control("value", "value of the number", low, high, 0.1),)),
            Group(
                (
                    Choice("meeting", "slopes that meet", MEETINGS),
                    Menu("rate", "rate", tuple(f"{rate:g}" for rate in RATES)),
                    Button("take", "Take a step", "Move all weights downhill, by rate × slope"),
                )
            ),
        ]

    def _is_a_probability(self) -> bool:
        """Whether the number is a target that a crossentropy wants from 0 to 1."""
        return self.number == "t" and self.model.loss_name == "crossentropy"

    def values(self) -> dict[str, Any]:
        """Where slider and menus stand; of a menu the number of what is chosen."""
        model = self.model
        chosen = {
            name: offered.index(getattr(model, "loss_name" if name == "loss" else name))
            for name, offered in CHOICES.items()
        }
        looks = {"nudge": self.nudge, "meeting": int(model.overwrite), "rate": self.rate}
        numbers = model.numbers()
        number = {"number": list(numbers).index(self.number), "value": numbers[self.number]}
        return {"position": model.position, **chosen, **number, **looks, "tried": self.tried()}

    def tried(self) -> str:
        """What a small change of the number does, foretold and really."""
        model, by = self.model, NUDGES[self.nudge]
        if not by:
            return ""
        name = pretty(self.number)
        if self.number == "t":
            return "t is what is wanted, and has no slope here; choose x or a weight."
        if not model.complete(self.number):
            return f"The slope of {name} is not complete yet: go on to the end first."
        foretold, really = model.nudged(self.number, by)
        return (
            f"{name} plus {by:g}: the loss changes by {_four(foretold)} as foretold, slope × "
            f"{by:g}, and really by {_four(really)}."
        )

    def take(self, values: Mapping[str, Any]) -> bool:
        """Set the position, the network, a number or what is tried.

        Raises:
            ValueError: for a name that there is not, or a number beyond what is offered.
        """
        model = self.model
        for name, value in values.items():
            offers: dict[str, Any] = {
                "position": range(len(model.steps) + 1),
                "number": range(len(model.numbers())),
                "nudge": range(len(NUDGES)),
                "meeting": range(len(MEETINGS)),
                "rate": range(len(RATES)),
                **{each: range(len(offered)) for each, offered in CHOICES.items()},
            }
            if name == "value" and abs(value) <= LIMIT:
                if self._is_a_probability():
                    value = min(max(value, 0.0), 1.0)
                model.set_number(self.number, value)
            elif name not in offers or value not in offers[name]:
                raise ValueError(f"{name}={value!r} is not offered by {self.name!r}.")
            elif name == "position":
                model.go(int(value))
            elif name == "number":
                self.number = list(model.numbers())[int(value)]
            elif name == "meeting":
                model.set_overwrite(bool(value))
            elif name in CHOICES:
                model.choose(**{name: CHOICES[name][int(value)]})
                if self.number not in model.numbers():
                    self.number = "w1_1"
            else:
                setattr(self, name, int(value))
        return False

    def act(self, name: str, given: Mapping[str, Any]) -> bool:
        """Do what a button asks for."""
        model = self.model
        actions = {
            "step": model.step,
            "back": model.back,
            "rewind": model.rewind,
            "to_loss": lambda: model.go(model.forward_steps),
            "to_end": lambda: model.go(len(model.steps)),
            "take": lambda: model.take_step(RATES[self.rate]),
            "again": model.again,
        }
        if name not in actions:
            return super().act(name, given)
        actions[name]()
        return False

    def __repr__(self) -> str:
        return f"<{self.name}: run this cell to go forward and back through a small network>"


def backprop_tape(model: TapeModel | None = None) -> Tape:
    """The widget of lesson 06, on the network that can be followed in the head by default."""
    return Tape(model)


def _four(value: float) -> str:
    return f"{value + 0.0:.4f}".replace("-", "\N{MINUS SIGN}")
