"""The shell of a widget: sliders that set a model, and a picture and a line of text that follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import ipywidgets
from matplotlib.figure import Figure

from dlcore.plots.show import png

DPI = 96  # one dot a pixel of the page: half the drawing time of a printed figure


@dataclass(frozen=True)
class Control:
    """A number of the model that a slider sets.

    Args:
        name: The attribute of the model.
        label: What stands beside the slider, with its unit.
        low: The smallest value.
        high: The largest value.
        step: What one press of an arrow key adds.
    """

    name: str
    label: str
    low: float
    high: float
    step: float


class Model(Protocol):
    """What the shell needs of a model."""

    controls: Sequence[Control]

    def update(self, **values: float) -> None:
        """Set some of the numbers."""

    def report(self) -> str:
        """What follows from the numbers, in one line."""


class Bench(ipywidgets.VBox):
    """Sliders above a picture above a line of text.

    A slider sends its values while it is dragged. The page holds them back while the kernel is
    busy and then sends the latest, so the picture follows as fast as it can be drawn.

    Args:
        name: What the widget is called where it cannot be shown.
        model: Its `controls` become sliders, two in a row, from its present values.
        draw: The picture of the model.
    """

    def __init__(self, name: str, model: Any, draw: Callable[[Any], Figure]) -> None:
        """Build the sliders and draw the first picture."""
        self._name, self.model, self._draw = name, model, draw
        self._start = {control.name: getattr(model, control.name) for control in model.controls}
        self._quiet = False
        self.sliders = {control.name: _slider(control, model) for control in model.controls}
        for key, slider in self.sliders.items():
            slider.observe(lambda change, key=key: self._moved(key, change["new"]), names="value")
        # No tooltip: with one, the view of an Image fails (ipywidgets 8.1).
        self.picture = ipywidgets.Image(format="png")
        self.picture.layout = ipywidgets.Layout(max_width="100%", align_self="flex-start")
        self.text = ipywidgets.HTML()
        self.reset = ipywidgets.Button(
            description="Start again", tooltip="Put all sliders back to where they began"
        )
        self.reset.on_click(lambda _: self.start_again())
        sliders = list(self.sliders.values())
        rows = [ipywidgets.HBox(sliders[i : i + 2]) for i in range(0, len(sliders), 2)]
        below = ipywidgets.HBox([self.reset, self.text])
        super().__init__([*rows, self.picture, below])
        self.add_class("dlcore-bench")
        self._redraw()

    def start_again(self) -> None:
        """Put every slider back, with one drawing for all."""
        self._quiet = True
        try:
            for key, value in self._start.items():
                self.sliders[key].value = value
        finally:
            self._quiet = False
        self._redraw()

    def _moved(self, key: str, value: float) -> None:
        self.model.update(**{key: value})
        if not self._quiet:
            self._redraw()

    def _redraw(self) -> None:
        self.picture.value = png(self._draw(self.model), DPI)
        self.text.value = f"<span role='status'>{self.model.report()}</span>"

    def __repr__(self) -> str:
        return f"<{self._name}: run this cell to get {len(self.sliders)} sliders>"


def _slider(control: Control, model: Any) -> ipywidgets.FloatSlider:
    digits = len(f"{control.step:g}".partition(".")[2])
    return ipywidgets.FloatSlider(
        value=getattr(model, control.name),
        min=control.low,
        max=control.high,
        step=control.step,
        description=control.label,
        readout_format=f".{digits}f",
        continuous_update=True,
        style={"description_width": "145px"},
        layout=ipywidgets.Layout(width="405px"),
    )
