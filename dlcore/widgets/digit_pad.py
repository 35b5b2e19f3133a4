"""The shell of the digit pad: strokes come from the page, a picture and ten bars go back.

What follows from the strokes is in ``digits.py``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcore.plots.scene import Scene
from dlcore.widgets.controls import Button, Group
from dlcore.widgets.digits import DigitModel, Network, scene
from dlcore.widgets.shell import Shell


class DigitPad(Shell):
    """A pad to draw on with mouse, finger, pen or keyboard, and the bars of a network beside it.

    Args:
        network: a trained model; see `DigitModel`.
    """

    def __init__(self, network: Network) -> None:
        """Show an empty pad."""
        self.model = DigitModel(network)
        super().__init__("Digit pad")

    def scene(self) -> Scene:
        """What is drawn, what the network sees, and what it answers."""
        return scene(self.model)

    def controls(self) -> list[Group]:
        """A way to begin anew."""
        return [Group((Button("clear", "Clear", "Take all strokes away"),))]

    def take(self, values: Mapping[str, Any]) -> bool:
        """Draw these strokes in place of the old ones."""
        self.model.update(values["strokes"])
        return False

    def act(self, name: str, given: Mapping[str, Any]) -> bool:
        """Take all strokes away."""
        if name != "clear":
            return super().act(name, given)
        self.model.update([])
        return False

    def __repr__(self) -> str:
        return "<Digit pad: run this cell to draw>"


def digit_pad(network: Network) -> DigitPad:
    """The widget of lesson 00: draw a digit, and see what the network makes of it."""
    return DigitPad(network)
