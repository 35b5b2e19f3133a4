"""Lesson 15: what a trained network takes for what, and what has to change in a picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dlcore.datasets import fashion_small
from dlcore.plots.errors import (
    ACROSS,
    DOWN,
    MINUS,
    confusion_panel,
    outputs_panel,
    picture_panel,
    pictures_panel,
)
from dlcore.plots.scene import Panel, Scene
from dlcore.plots.still import still
from dlcore.utils import confusion_matrix
from dlcore.widgets.bench import Bench
from dlcore.widgets.controls import Control, Group, Menu

SHOWN = ACROSS * DOWN  # pictures of a cell at most
FAR = 6  # pixels of the longest shift
FILLS = (0.0, 0.5)
FILL_WORDS = ("0, the ground", "0.5, grey")
CHANGES = "down", "right", "turn", "cover"
WHERE = "at_down", "at_right"


class ErrorModel:
    """A trained network, what it says of each picture, and one picture that can be changed.

    Args:
        network: its ``predict(x, verbose=0)`` gives a row of outputs for each picture.
        x: grey pictures from 0, the ground, to 1, shape (n, h, w, 1).
        labels: their classes, shape (n,).
        names: of the classes; default: those of fashion_small.
    """

    def __init__(
        self,
        network: Any,
        x: np.ndarray,
        labels: np.ndarray,
        names: Sequence[str] = fashion_small.class_names,
    ) -> None:
        """Ask the network once about all pictures, and begin with the most frequent mistake."""
        self.network, self.x, self.labels, self.names = network, x, labels, tuple(names)
        self.y = np.asarray(network.predict(x, verbose=0))
        self.said = self.y.argmax(axis=1)
        self._matrix = confusion_matrix(labels, self.said, len(self.names))
        wrong = self._matrix * (1 - np.eye(len(self.names), dtype=int))
        self.row, self.column = (int(each) for each in np.divmod(wrong.argmax(), len(self.names)))
        self.chosen = 1
        self.down = self.right = self.turn = self.cover = 0
        self.at_down, self.at_right = (size // 2 for size in x.shape[1:3])
        self.fill = FILLS[0]
        self._answered: tuple[Any, np.ndarray] | None = None  # the last outputs, and of what
        height, width = x.shape[1:3]
        self.controls = (
            Control("chosen", "picture (number)", 1, SHOWN, 1),
            Control("down", "down (pixels)", -FAR, FAR, 1),
            Control("right", "right (pixels)", -FAR, FAR, 1),
            Control("turn", "turn (degrees)", -45, 45, 1),
            Control("cover", "cover (pixels)", 0, 14, 1),
            Control("at_down", "cover's place, down", 0, height - 1, 1),
            Control("at_right", "cover's place, right", 0, width - 1, 1),
        )

    @property
    def at(self) -> tuple[int, int]:
        """The middle of the cover: how far down, and how far to the right."""
        return self.at_down, self.at_right

    def update(self, **values: float) -> None:
        """Set some of the numbers; with another cell its first picture is chosen."""
        cell = self.row, self.column
        for name, value in values.items():
            setattr(self, name, float(value) if name == "fill" else round(value))
        if cell != (self.row, self.column) and "chosen" not in values:
            self.chosen = 1
        self.chosen = max(1, min(self.chosen, len(self.members()), SHOWN))

    def matrix(self) -> np.ndarray:
        """How many of each class (a row) were called what (a column), shape (k, k)."""
        return self._matrix

    def members(self) -> np.ndarray:
        """The places of the pictures in the chosen cell, those with the surest answers first."""
        places = np.flatnonzero((self.labels == self.row) & (self.said == self.column))
        found: np.ndarray = places[np.argsort(-self.y[places, self.column], kind="stable")]
        return found

    @property
    def place(self) -> int | None:
        """The place of the chosen picture in the data; None in an empty cell."""
        members = self.members()
        return int(members[self.chosen - 1]) if len(members) else None

    def picture(self) -> np.ndarray:
        """The chosen picture as it has been changed, shape (h, w); all 0 in an empty cell."""
        if self.place is None:
            return np.zeros(self.x.shape[1:3], np.float32)
        picture = moved(self.x[self.place, :, :, 0], self.down, self.right)
        return covered(turned(picture, self.turn), self.cover, self.at, self.fill)

    def outputs(self) -> np.ndarray:
        """What the network says of it as it is now, shape (k,); all 0 in an empty cell."""
        if self.place is None:
            return np.zeros(len(self.names))
        asked = (self.place, *(getattr(self, name) for name in (*CHANGES, *WHERE, "fill")))
        if self._answered is None or self._answered[0] != asked:
            picture = self.picture()[None, :, :, None]
            self._answered = asked, np.asarray(self.network.predict(picture, verbose=0))[0]
        return self._answered[1]

    @property
    def changed(self) -> bool:
        """Whether the picture is another than that of the data."""
        return any(getattr(self, name) for name in CHANGES)

    def report(self) -> str:
        """How many are in the cell, and what is said of the chosen one, before and now."""
        count, place = self._matrix[self.row, self.column], self.place
        line = f"{self.title}: {count}"
        if place is None:
            return line
        before = self.y[place, self.column]
        line += f" \N{MIDDLE DOT} picture {place} of the data: {percent(before)} sure"
        if not self.changed:
            return line
        y = self.outputs()
        best = int(y.argmax())
        verdict = "still" if best == self.column else "now"
        return f"{line} \N{MIDDLE DOT} changed: {verdict} {self.names[best]}, {percent(y[best])}"

    @property
    def title(self) -> str:
        """What the chosen cell holds."""
        true, said = self.names[self.row], self.names[self.column]
        return f"{true}, rightly called so" if true == said else f"{true} taken for {said}"


def percent(share: float) -> str:
    """A share in whole hundredths."""
    return f"{100 * share:.0f} %"


def moved(picture: np.ndarray, down: int, right: int) -> np.ndarray:
    """The picture [h, w] moved by whole pixels; zeros come in."""
    height, width = picture.shape
    found = np.zeros_like(picture)
    found[max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = picture[
        max(-down, 0) : height - max(down, 0), max(-right, 0) : width - max(right, 0)
    ]
    return found


def turned(picture: np.ndarray, degrees: float) -> np.ndarray:
    """The picture [h, w] turned clockwise about its middle, between pixels by their weights."""
    if not degrees:
        return picture
    height, width = picture.shape
    angle = np.deg2rad(degrees)
    y, x = np.mgrid[:height, :width] - np.array([(height - 1) / 2, (width - 1) / 2])[:, None, None]
    # Where each pixel comes from; the axis down makes a clockwise turn of a positive angle.
    from_y = np.cos(angle) * y - np.sin(angle) * x + (height - 1) / 2
    from_x = np.sin(angle) * y + np.cos(angle) * x + (width - 1) / 2
    wide = np.pad(picture, 1)  # one row of ground around it, for the pixels at its edge
    from_y, from_x = np.clip(from_y + 1, 0, height + 1), np.clip(from_x + 1, 0, width + 1)
    top, left = np.minimum(from_y.astype(int), height), np.minimum(from_x.astype(int), width)
    dy, dx = from_y - top, from_x - left
    upper = (1 - dx) * wide[top, left] + dx * wide[top, left + 1]
    lower = (1 - dx) * wide[top + 1, left] + dx * wide[top + 1, left + 1]
    found: np.ndarray = ((1 - dy) * upper + dy * lower).astype(picture.dtype)
    return found


def covered(picture: np.ndarray, size: int, at: tuple[int, int], fill: float) -> np.ndarray:
    """The picture [h, w] with a square of ``size`` pixels, its middle ``at`` (down, right)."""
    found = picture.copy()
    top, left = (place - size // 2 for place in at)
    found[max(top, 0) : max(top + size, 0), max(left, 0) : max(left + size, 0)] = fill
    return found


def scene(model: ErrorModel) -> Scene:
    """The matrix, the pictures of the chosen cell, the chosen one large, and its outputs."""
    return Scene((*_cell(model), *_chosen(model)), model.report(), 252)


def _cell(model: ErrorModel) -> tuple[Panel, Panel]:
    members = model.members()[:SHOWN]
    written = [percent(each) for each in model.y[members, model.column]]
    matrix = confusion_panel(model.matrix(), model.names, (model.row, model.column))
    title, chosen = f"{model.title}, the surest first", model.chosen - 1
    pictures = model.x[members, :, :, 0]
    return matrix, pictures_panel(pictures, written, title, chosen, down=DOWN)


def _chosen(model: ErrorModel) -> tuple[Panel, Panel]:
    cover = model.at if model.cover and model.place is not None else None
    words = [_signed(model.down, "down"), _signed(model.right, "right"), _signed(model.turn, "°")]
    how = ", ".join(word for word in words if word) or "as it is"
    picture = picture_panel(model.picture(), f"Picture {model.chosen}, {how}", cover)
    y = model.outputs()
    best = f"Called {model.names[int(y.argmax())]}" if model.place is not None else "Nothing here"
    return picture, outputs_panel(y, model.names, model.row, best)


def _signed(value: int, what: str) -> str:
    if not value:
        return ""
    number = f"{value}".replace("-", MINUS)
    return number + what if what == "°" else f"{number} {what}"


def draw(model: ErrorModel) -> Figure:
    """The same as a figure."""
    return still(scene(model))


class ErrorBrowser(Bench):
    """Two menus or a click for the cell, sliders for the picture and what is done to it."""

    model: ErrorModel

    def __init__(self, model: ErrorModel) -> None:
        """Show the model as it stands."""
        classes = range(len(model.names))
        self.offers = {"row": classes, "column": classes, "fill": FILLS}
        self._kept: tuple[Any, tuple[Panel, Panel]] | None = None
        super().__init__("Error browser", model, scene)

    def scene(self) -> Scene:
        """The picture of the model; what no slider of the picture moves is kept."""
        model = self.model
        key = model.row, model.column, model.chosen
        if self._kept is None or self._kept[0] != key:
            self._kept = key, _cell(model)
        return Scene((*self._kept[1], *_chosen(model)), model.report(), 252)

    def controls(self) -> list[Group]:
        """The cell, the picture in it, what is done to it, and the way back."""
        sliders, again = super().controls()
        chosen, down, right, turn, cover, *at = sliders.controls
        cell = (
            Menu("row", "true class", self.model.names),
            Menu("column", "called", self.model.names),
        )
        fill = Menu("fill", "cover with", FILL_WORDS)
        return [
            Group((*cell, fill, *again.controls)),
            Group((chosen, down, right, turn, cover, *at)),
        ]

    def hidden(self) -> list[str]:
        """Without a cover it has no place."""
        return [] if self.model.cover else [*WHERE, "fill"]

    def take(self, values: Mapping[str, Any]) -> bool:
        """Set numbers; of the cover's place the nearest pixel counts, of a place the last picture.

        Raises:
            ValueError: for a name or a value that is not offered.
        """
        wanted = dict(values)
        for name in WHERE:
            if name in wanted:
                wanted[name] = round(wanted[name])
        if {"across", "below"} & set(wanted):
            # A key moves one of them, and the page tells only what is another.
            below, across = divmod(self.model.chosen - 1, ACROSS)
            place = ACROSS * wanted.pop("below", below) + wanted.pop("across", across)
            last = min(SHOWN, len(self.model.members()))
            wanted["chosen"] = max(1, min(place + 1, last))
        return super().take(wanted)

    def __repr__(self) -> str:
        return "<Error browser: run this cell to choose mistakes, and to move, turn and cover them>"


def error_browser(
    network: Any,
    x: np.ndarray,
    labels: np.ndarray,
    names: Sequence[str] = fashion_small.class_names,
) -> ErrorBrowser:
    """The widget of lesson 15.

    Args:
        network: a trained model.
        x: grey pictures from 0 to 1 that it has not seen, shape (n, h, w, 1).
        labels: their classes, shape (n,).
        names: of the classes; default: those of fashion_small.
    """
    return ErrorBrowser(ErrorModel(network, x, labels, names))
