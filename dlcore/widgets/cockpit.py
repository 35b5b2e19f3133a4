"""Lesson 08: the training cockpit, a small network that is trained under your hand."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import ipywidgets
from matplotlib.figure import Figure

from dlcore.plots.classifier import boundary_on, loss_on
from dlcore.plots.network import backprop, network_on
from dlcore.plots.show import png
from dlcore.plots.style import new_figure
from dlcore.widgets.bench import DPI
from dlcore.widgets.cockpit_model import CHOICES, GRADIENTS, CockpitModel
from dlcore.widgets.own_data import Data, credit_data, from_text

TRAINING, BACKPROP = "training", "backprop of the next batch"
PACES = ("1 batch", "10 batches", "1 epoch")
LABELS = {
    "learning_rate": "learning rate",
    "units": "hidden units",
    "activation": "activation",
    "batch_size": "batch size (rows)",
}
WIDE = ipywidgets.Layout(width="205px")  # four of them fit beside each other
STYLE = {"description_width": "115px"}


def draw(model: CockpitModel) -> Figure:
    """The network, its output over two inputs, and its loss so far."""
    figure = new_figure(columns=3, width=11.8, height=3.9)
    figure.subplots_adjust(wspace=0.24)
    left, middle, right = figure.axes
    network_on(left, model.weights, model.data.names)
    shown = [model.across, model.up]
    first, second = (model.data.names[i] for i in shown)
    data = model.data
    boundary_on(middle, *model.boundary(), data.x[:, shown], data.t, (first, second), data.classes)
    loss_on(right, model.losses, model.epoch_losses, model.steps_per_epoch)
    return figure


def weights_html(model: CockpitModel) -> str:
    """The weights as they are now, a row for each hidden unit."""
    w1, b1, w2, _ = model.weights
    head = [*model.data.names, "b1", "w2"]
    rows = [[*w1[:, unit], b1[unit], w2[unit, 0]] for unit in range(w1.shape[1])]
    cell = "<td style='text-align: right; padding: 0 0.6em'>"
    table = "<tr><th></th>" + "".join(f"<th>{escape(str(name))}</th>" for name in head) + "</tr>"
    for number, row in enumerate(rows, 1):
        values = "".join(f"{cell}{value:.3f}</td>" for value in row)
        table += f"<tr><th>h{number}</th>{values}</tr>"
    bias = f"b2 = {float(model.weights[3][0]):.3f}"
    return f"<div style='overflow-x: auto; line-height: 1.35'><table>{table}</table>{bias}</div>"


class Cockpit(ipywidgets.VBox):
    """Buttons and menus around a `CockpitModel`, and a picture of it.

    The player in the page asks for each tick; between two ticks the kernel is free, and nothing
    runs by itself.

    Args:
        data: what to learn from; default: the credit data.
        seed: of the weights and the order of the rows.
    """

    def __init__(self, data: Data | None = None, seed: int = 0) -> None:
        """Build the controls and draw the first picture."""
        self.model = CockpitModel(data, seed)
        self._quiet = False
        self.play = ipywidgets.Play(interval=600, max=1_000_000, show_repeat=False)
        self.play.observe(self._tick, names="value")
        self.pace = ipywidgets.Dropdown(
            options=PACES, value=PACES[2], description="a tick is", layout=WIDE, style=STYLE
        )
        self.one = _button("Step", "Train on the next batch", lambda: self.model.step())
        self.one.on_click(lambda _: self._redraw())
        self.back = _button("Rewind", "Back to the first weights and the first batch", self.rewind)
        self.choices = {name: self._menu(name) for name in CHOICES}
        self.across, self.up = self._feature("across"), self._feature("up")
        self.mode = ipywidgets.ToggleButtons(options=(TRAINING, BACKPROP), value=TRAINING)
        self.mode.style.button_width = "auto"
        self.mode.observe(lambda _: self._redraw(), names="value")
        self.stage = ipywidgets.IntSlider(
            value=len(GRADIENTS), max=len(GRADIENTS), continuous_update=False, style=STYLE,
            description="gradients found",
        )  # fmt: skip
        self.stage.observe(lambda _: self._redraw(), names="value")
        self.picture = ipywidgets.Image(format="png")
        self.picture.layout = ipywidgets.Layout(max_width="100%", align_self="flex-start")
        self.text, self.weights = ipywidgets.HTML(), ipywidgets.HTML()
        drawers = ipywidgets.Accordion([self._own_data(), self._program()])
        drawers.titles = ("Your own data", "As a program")
        self._fill_features()
        super().__init__(
            [
                ipywidgets.HBox([self.play, self.one, self.back, self.pace]),
                ipywidgets.HBox(list(self.choices.values()), layout=_WRAP),
                ipywidgets.HBox([self.across, self.up, self.mode, self.stage], layout=_WRAP),
                self.text, self.picture, self.weights, drawers,
            ]
        )  # fmt: skip
        self.add_class("dlcore-cockpit")
        self._redraw()

    def rewind(self) -> None:
        """Stop, and go back to the first weights and the first batch."""
        self.model.rewind()
        self._restart()

    def use(self, data: Data) -> None:
        """Learn from other data."""
        self.model.use(data)
        self._fill_features()
        self._restart()

    def _restart(self) -> None:
        self._quiet = True
        try:
            self.play.playing, self.play.value = False, 0
        finally:
            self._quiet = False
        self._redraw()

    def _tick(self, change: dict[str, Any]) -> None:
        if self._quiet:
            return
        if change["new"] <= change["old"]:  # the player's stop button puts it to 0
            self.rewind()
            return
        epoch = self.model.steps_per_epoch
        self.model.step({PACES[0]: 1, PACES[1]: 10}.get(self.pace.value, epoch))
        if self.model.trouble:
            self.play.playing = False
        self._redraw()

    def _menu(self, name: str) -> ipywidgets.Dropdown:
        menu = ipywidgets.Dropdown(
            options=CHOICES[name], value=getattr(self.model, name), description=LABELS[name],
            layout=WIDE, style=STYLE,
        )  # fmt: skip

        def chosen(change: dict[str, Any]) -> None:
            self.model.choose(**{name: change["new"]})
            self._restart()

        menu.observe(chosen, names="value")
        return menu

    def _feature(self, name: str) -> ipywidgets.Dropdown:
        menu = ipywidgets.Dropdown(description=name, layout=WIDE, style=STYLE)
        menu.observe(lambda _: self._looked(), names="value")
        return menu

    def _fill_features(self) -> None:
        options = [(name, number) for number, name in enumerate(self.model.data.names)]
        chosen = self.model.across, self.model.up
        self._quiet = True
        try:
            for menu, number in zip((self.across, self.up), chosen, strict=True):
                menu.options = options
                menu.value = number
        finally:
            self._quiet = False

    def _looked(self) -> None:
        if not self._quiet and self.across.value is not None:
            self.model.look_at(self.across.value, self.up.value)
            self._redraw()

    def _own_data(self) -> ipywidgets.VBox:
        self.table = ipywidgets.Textarea(
            placeholder="length,width,kind\n5.1,3.5,big\n…  (names, numbers, and the class last)",
            layout=ipywidgets.Layout(width="98%", height="7em"),
        )
        self.file = ipywidgets.FileUpload(accept=".csv,.txt,.tsv", description="from a CSV file")
        self.file.observe(self._uploaded, names="value")
        self.take = _button("Use this table", "Train on the table above", self._taken)
        self.credit = _button("Credit data", "Back to it", lambda: self.use(credit_data()))
        self.said = ipywidgets.HTML()
        return ipywidgets.VBox(
            [self.table, ipywidgets.HBox([self.take, self.file, self.credit]), self.said]
        )

    def _uploaded(self, change: dict[str, Any]) -> None:
        if change["new"]:
            content = bytes(change["new"][0]["content"])
            self.table.value = content.decode("utf-8-sig", errors="replace")
            self._taken()

    def _taken(self) -> None:
        try:
            self.use(from_text(self.table.value))
        except ValueError as error:
            self.said.value = f"<b>Not used:</b> {escape(str(error))}"
        else:
            data = self.model.data
            names = ", ".join(data.names)
            self.said.value = escape(f"{len(data.x)} rows; inputs {names}; 1 is {data.classes[1]}.")

    def _program(self) -> ipywidgets.VBox:
        self.export = _button(
            "Write the program", "What was trained so far, as code", self._exported
        )
        self.program = ipywidgets.Textarea(layout=ipywidgets.Layout(width="98%", height="19em"))
        return ipywidgets.VBox([self.export, self.program])

    def _exported(self) -> None:
        self.program.value = self.model.export()

    def _redraw(self) -> None:
        looking = self.mode.value == BACKPROP
        self.stage.layout.display = None if looking else "none"
        figure = backprop(self.model.flow(), self.stage.value) if looking else draw(self.model)
        self.picture.value = png(figure, DPI)
        self.text.value = f"<span role='status'>{escape(self.model.report())}</span>"
        self.weights.value = weights_html(self.model)

    def __repr__(self) -> str:
        return "<Training cockpit: run this cell to train a small network by hand>"


_WRAP = ipywidgets.Layout(flex_flow="row wrap", align_items="center")


def _button(text: str, tooltip: str, action: Callable[[], Any]) -> ipywidgets.Button:
    button = ipywidgets.Button(description=text, tooltip=tooltip)
    button.on_click(lambda _: action())
    return button


def training_cockpit(data: Data | None = None, seed: int = 0) -> Cockpit:
    """The widget of lesson 08, on the credit data unless others are given."""
    return Cockpit(data, seed)
