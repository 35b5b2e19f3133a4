"""Lesson 08: the training cockpit, a small network that is trained under your hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcore.plots.scene import Scene
from dlcore.widgets import cockpit_scene
from dlcore.widgets.cockpit_model import CHOICES, GRADIENTS, CockpitModel
from dlcore.widgets.controls import (
    Button,
    Choice,
    Control,
    File,
    Group,
    Menu,
    Note,
    Player,
    Text,
)  # fmt: skip
from dlcore.widgets.own_data import Data, credit_data, from_text
from dlcore.widgets.shell import Shell

MODES = ("training", "backprop of the next batch")
BACKPROP = MODES.index("backprop of the next batch")
PACES = ("1 batch", "10 batches", "1 epoch")
LABELS = {
    "learning_rate": "learning rate",
    "units": "hidden units",
    "activation": "activation",
    "batch_size": "batch size (rows)",
}
TABLE = "length,width,kind\n5.1,3.5,big\n…  (names, numbers, and the class last)"


class Cockpit(Shell):
    """Buttons and menus around a `CockpitModel`, and a picture of it.

    The player in the page asks for each tick; between two ticks the kernel is free, and nothing
    runs by itself.

    Args:
        data: what to learn from; default: the credit data.
        seed: of the weights and the order of the rows.
    """

    def __init__(self, data: Data | None = None, seed: int = 0) -> None:
        """Show the network before its first step."""
        self.model = CockpitModel(data, seed)
        self.pace, self.mode, self.found = len(PACES) - 1, 0, 0
        self.table, self.said, self.program = "", "", ""
        super().__init__("Training cockpit")

    def scene(self) -> Scene:
        """The training, or the way of one batch forward and back."""
        if self.mode == BACKPROP:
            return cockpit_scene.backprop(self.model, self.found)
        return cockpit_scene.training(self.model)

    def controls(self) -> list[Group]:
        """The player, the choices, and what is looked at."""
        names = self.model.data.names
        choices = [
            Menu(name, LABELS[name], tuple(map(str, offered))) for name, offered in CHOICES.items()
        ]
        return [
            Group(
                (
                    Player("tick", "Play", "Train, tick by tick"),
                    Button("step", "Step", "Train on the next batch"),
                    Button("rewind", "Rewind", "Back to the first weights and the first batch"),
                    Menu("pace", "a tick is", PACES),
                    *choices,
                )
            ),
            Group(
                (
                    Choice("mode", "look at", MODES),
                    Menu("across", "across", names),
                    Menu("up", "up", names),
                )
            ),
            Group((Control("found", "gradients found", 0, len(GRADIENTS), 1),)),
        ]

    def below(self) -> list[Group]:
        """Drawers for data of one's own and for the training as a program."""
        own = (
            Text("table", "a line of names, then numbers, the class last", TABLE),
            Button("take", "Use this table", "Train on the table above"),
            File("file", "or from a CSV file", ".csv,.txt,.tsv"),
            Button("credit", "Credit data", "Back to the credit data"),
            Note("said"),
        )
        program = (
            Button("export", "Write the program", "What was trained so far, as code"),
            Text("program", "program", rows=17, fixed=True),
        )
        return [Group(own, "Your own data"), Group(program, "As a program")]

    def values(self) -> dict[str, Any]:
        """Where menus and fields stand; of a menu the number of what is chosen."""
        model = self.model
        chosen = {name: offered.index(getattr(model, name)) for name, offered in CHOICES.items()}
        looks = {"mode": self.mode, "across": model.across, "up": model.up, "found": self.found}
        texts = {"table": self.table, "said": self.said, "program": self.program}
        return {"pace": self.pace, **chosen, **looks, **texts}

    def hidden(self) -> list[str]:
        """The controls of the picture that is not shown."""
        return ["across", "up"] if self.mode == BACKPROP else ["found"]

    def take(self, values: Mapping[str, Any]) -> bool:
        """Set menus and fields; a choice of the network stops the player, for it rewinds.

        Raises:
            ValueError: for a name that there is not, or a number beyond what is offered.
        """
        offers = {"pace": PACES, "mode": MODES, "found": (*GRADIENTS, "all"), **CHOICES}
        offers |= dict.fromkeys(("across", "up"), self.model.data.names)
        for name, value in values.items():
            if name == "table":
                self.table = str(value)
                continue
            if name not in offers or value not in range(len(offers[name])):
                raise ValueError(f"{name}={value!r} is not offered in the training cockpit.")
            if name in CHOICES:
                self.model.choose(**{name: CHOICES[name][value]})
            elif name in ("across", "up"):
                setattr(self.model, name, value)
            else:
                setattr(self, name, int(value))
        return any(name in CHOICES for name in values)

    def act(self, name: str, given: Mapping[str, Any]) -> bool:
        """Do what a button asks for; the player stops at a rewind and when the loss breaks."""
        if name in ("tick", "step"):
            ticks = {0: 1, 1: 10, 2: self.model.steps_per_epoch}
            self.model.step(1 if name == "step" else ticks[self.pace])
            return bool(self.model.trouble)
        if name == "rewind":
            self.model.rewind()
        elif name == "take":
            self._use_table()
        elif name == "file":
            self.table = str(given["text"]).removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
            self._use_table()
        elif name == "credit":
            self.model.use(credit_data())
            self.said = ""
        elif name == "export":
            self.program = self.model.export()
            return False
        else:
            return super().act(name, given)
        return True

    def _use_table(self) -> None:
        try:
            data = from_text(self.table)
        except ValueError as error:
            self.said = f"Not used: {error}"
            return
        self.model.use(data)
        names = ", ".join(data.names)
        self.said = f"{len(data.x)} rows; inputs {names}; 1 is {data.classes[1]}."

    def __repr__(self) -> str:
        return "<Training cockpit: run this cell to train a small network by hand>"


def training_cockpit(data: Data | None = None, seed: int = 0) -> Cockpit:
    """The widget of lesson 08, on the credit data unless others are given."""
    return Cockpit(data, seed)
