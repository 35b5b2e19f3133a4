"""What a hand can set: each control names a number, a choice or a word of the model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Control:
    """A number that a slider sets.

    Args:
        name: what it sets, an attribute of the model.
        label: what stands above the slider, with its unit.
        low: the smallest value.
        high: the largest value.
        step: what one press of an arrow key adds.
    """

    kind: ClassVar[str] = "slider"
    name: str
    label: str
    low: float
    high: float
    step: float


@dataclass(frozen=True)
class Menu:
    """One of a few words, by its number; ``choice`` in place of ``menu`` shows them all at once."""

    kind: ClassVar[str] = "menu"
    name: str
    label: str
    options: tuple[str, ...]


@dataclass(frozen=True)
class Choice(Menu):
    """A menu that lies open."""

    kind: ClassVar[str] = "choice"


@dataclass(frozen=True)
class Button:
    """Something to be done; ``tip`` says what."""

    kind: ClassVar[str] = "button"
    name: str
    label: str
    tip: str


@dataclass(frozen=True)
class Player(Button):
    """Something to be done again and again until it is pressed once more."""

    kind: ClassVar[str] = "player"


@dataclass(frozen=True)
class Text:
    """A field of several lines; ``fixed`` is only for reading and copying."""

    kind: ClassVar[str] = "text"
    name: str
    label: str
    placeholder: str = ""
    rows: int = 6
    fixed: bool = False


@dataclass(frozen=True)
class File:
    """A file whose text is given to the action of this name."""

    kind: ClassVar[str] = "file"
    name: str
    label: str
    accept: str


@dataclass(frozen=True)
class Note:
    """A sentence of the widget between its controls."""

    kind: ClassVar[str] = "note"
    name: str


Any_Control = Control | Menu | Button | Text | File | Note


@dataclass(frozen=True)
class Group:
    """Controls that stand in a row; with a title they lie in a drawer that opens."""

    controls: Sequence[Any_Control]
    title: str = ""


def spec(group: Group) -> dict[str, Any]:
    """The group as plain dicts and lists for the page."""
    controls = [{"kind": control.kind, **asdict(control)} for control in group.controls]
    return {"title": group.title, "controls": controls}
