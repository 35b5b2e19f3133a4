"""A bench: sliders that set the numbers of a model, and a picture that follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from dlcore.plots.scene import Scene
from dlcore.widgets.controls import Button, Control, Group
from dlcore.widgets.shell import Shell

AGAIN = Button("again", "Start again", "Put all sliders back to where they began")


class Model(Protocol):
    """What a bench needs of a model."""

    @property
    def controls(self) -> Sequence[Control]:
        """What becomes a slider each."""

    def update(self, **values: Any) -> None:
        """Set some of the numbers."""

    def report(self) -> str:
        """What follows from the numbers, in one line."""


Shown = TypeVar("Shown", bound=Model)


class Bench(Shell):
    """Sliders above a picture, a line of text between them.

    Args:
        name: what the widget is called.
        model: its `controls` become sliders, from its present values.
        picture: the scene of the model.

    Attributes:
        offers: for each menu or choice, by what it sets, the values of the model that it offers.
    """

    offers: Mapping[str, Sequence[Any]] = {}

    def __init__(self, name: str, model: Shown, picture: Callable[[Shown], Scene]) -> None:
        """Show the model as it stands."""
        self.model: Model = model
        self._picture: Callable[[Any], Scene] = picture
        self._start = self.values()
        super().__init__(name)

    def scene(self) -> Scene:
        """The picture of the model."""
        return self._picture(self.model)

    def controls(self) -> list[Group]:
        """A slider for each control of the model, and the way back."""
        return [Group(self.model.controls), Group((AGAIN,))]

    def values(self) -> dict[str, float]:
        """Where the sliders stand; of a menu the number of what is chosen."""
        sliders = {each.name: float(getattr(self.model, each.name)) for each in self.model.controls}
        menus = {
            name: offer.index(getattr(self.model, name)) for name, offer in self.offers.items()
        }
        return sliders | menus

    def take(self, values: Mapping[str, Any]) -> bool:
        """Set numbers of the model, and what menus offer.

        Raises:
            ValueError: for a name that no control has, a value beyond the ends of its slider, or
                one that is not offered.
        """
        limits = {control.name: control for control in self.model.controls}
        wanted = dict(values)
        for name, value in values.items():
            if name in self.offers:
                offer = self.offers[name]
                if value not in range(len(offer)):
                    raise ValueError(f"{name}={value!r} is not offered; there are {len(offer)}.")
                wanted[name] = offer[int(value)]
                continue
            if name not in limits:
                raise ValueError(f"{self.name} has no slider {name!r}; choose of {list(limits)}.")
            control = limits[name]
            if not control.low <= value <= control.high:
                raise ValueError(
                    f"{control.label} is {value}; it goes from {control.low} to {control.high}."
                )
        if wanted:
            self.model.update(**wanted)
        return False

    def act(self, name: str, given: Mapping[str, Any]) -> bool:
        """Put everything back to where it began."""
        if name != AGAIN.name:
            return super().act(name, given)
        self.take(self._start)
        return True

    def __repr__(self) -> str:
        count = len(self.model.controls)
        return f"<{self.name}: run this cell to get {count} sliders>"
