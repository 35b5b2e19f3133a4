"""The shell that all widgets stand on: what a hand does comes in, what is to be seen goes out.

The picture is a scene (``dlcore.plots.scene``): numbers and words. Python makes it from the model,
the page draws it, and only what has changed travels between the two. The page asks at most once a
frame and always with the latest values, so that it never falls behind a hand; with them it sends
those that the hand has passed since, so that a quick model shows the way as well as its end.
"""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from dlcore.plots.scene import Scene, as_json, in_words
from dlcore.widgets.controls import Group, spec

STILL = "A still picture. To move it, run this cell in a trusted notebook with a running kernel."
SWIFT = 0.008  # s for a picture on the way of a hand: what takes longer shows where the hand is
_PAGE = Path(__file__).parent / "page"
_FILES = [path.read_text(encoding="utf-8") for path in sorted(_PAGE.glob("*.js"))]


class Shell(anywidget.AnyWidget):
    """A widget without its matter: what it shows and obeys is in the six methods below.

    Args:
        name: what it is called, for a screen reader and where it cannot be shown.
    """

    _esm = "\n".join(_FILES)
    _css = (_PAGE / "page.css").read_text(encoding="utf-8")

    key = traitlets.Unicode().tag(sync=True)  # by it all views of one widget find each other
    shown = traitlets.Dict().tag(sync=True)

    def __init__(self, name: str) -> None:
        """Show the model as it stands."""
        self.name, self._still = name, ""
        self._latest: dict[str, Any] = {}
        self.changes()
        super().__init__(key=uuid.uuid4().hex)
        self.on_msg(lambda _, content, buffers: self.asked(content))

    def scene(self) -> Scene:
        """What is to be seen now."""
        raise NotImplementedError

    def controls(self) -> Sequence[Group]:
        """The controls above the picture."""
        return ()

    def below(self) -> Sequence[Group]:
        """The controls below the picture."""
        return ()

    def values(self) -> dict[str, Any]:
        """What the controls show, by name."""
        return {}

    def take(self, values: Mapping[str, Any]) -> bool:
        """Set what a hand has set; True stops a player."""
        raise NotImplementedError

    def act(self, name: str, given: Mapping[str, Any]) -> bool:
        """Do what a button asks for; True stops a player."""
        raise ValueError(f"{self.name} has no button {name!r}.")

    def hidden(self) -> list[str]:
        """The names of controls that have no use now."""
        return []

    def figure(self) -> Any:
        """The picture as a matplotlib figure, where nothing can move."""
        from dlcore.plots.still import still

        return still(self.scene())

    def asked(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Answer a question of the page, and send the answer.

        Args:
            question: its ``number``; ``through``, a list of what a hand has set on its way, and
                ``set``, where it is now, values by name; ``action``, the name of a button or
                None; and what is ``given`` with it.

        Returns:
            The answer: its number; ``changes`` from picture to picture, those on the way in a list
            of their own; whether a player has to ``halt``; ``trouble``, in a sentence.
        """
        answer: dict[str, Any] = {"number": question.get("number"), "halt": False, "trouble": ""}
        on_the_way = answer["through"] = []
        try:
            began = time.perf_counter()
            for values in question.get("through", ()):
                if time.perf_counter() - began > SWIFT * (1 + len(on_the_way)):
                    break  # the hand is elsewhere by now: where it is counts
                answer["halt"] = self.take(values) or answer["halt"]
                on_the_way.append(self.changes())
            if question.get("set"):
                answer["halt"] = self.take(question["set"]) or answer["halt"]
            if question.get("action"):
                done = self.act(question["action"], question.get("given") or {})
                answer["halt"] = answer["halt"] or done
        except Exception as error:  # in a callback of a message it would be lost in a log
            answer |= {"halt": True, "trouble": f"{type(error).__name__}: {error}"}
        answer["changes"] = self.changes()
        self.send(answer)
        return answer

    def changes(self) -> list[list[Any]]:
        """What is shown otherwise since it was last asked: pairs of a path and its new value."""
        before, self._latest = self._latest, self._now()
        return differences(before, self._latest)

    def refresh(self) -> None:
        """Show what a program has changed in the model."""
        self.send({"number": None, "changes": self.changes()})

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """The state for a page that is new to the widget."""
        state: dict[str, Any] = super().get_state(key=key, drop_defaults=drop_defaults)
        if "shown" in state:
            state["shown"] = self._latest
        return state

    def _now(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "controls": [spec(group) for group in self.controls()],
            "below": [spec(group) for group in self.below()],
            "values": self.values(),
            "hidden": self.hidden(),
            "scene": as_json(self.scene()),
            "still": self._still,
        }

    def _ipython_display_(self) -> None:
        """A still picture for pages that cannot move, and the widget, which hides it.

        A page without a kernel, an untrusted notebook or a printed one leaves out the widget or
        shows an error in its place; the picture above it says so.
        """
        from IPython.display import display

        from dlcore.plots.show import SEEN, picture_of

        figure = self.figure()
        figure.suptitle(STILL, x=0.01, ha="left", fontsize=9)
        text = f"{self.name}. {STILL}\n{in_words(self.scene())}"
        picture, look = picture_of(figure, text, SEEN)
        display(picture, metadata=look, raw=True)
        written = base64.b64encode(picture["image/png"]).decode()
        self._still = written[len(written) // 2 :][:60]  # by it the page knows the picture again
        self.changes()
        self.send_state("shown")
        bundle: Any = self._repr_mimebundle_()
        data, metadata = bundle if isinstance(bundle, tuple) else (bundle, {})
        display({**data, "text/plain": repr(self)}, metadata=metadata, raw=True)

    def __repr__(self) -> str:
        return f"<{self.name}: run this cell to use it>"


def differences(before: Any, after: Any) -> list[list[Any]]:
    """Where two trees of dicts and lists differ, as pairs of a path and the value after.

    A list whose length has changed, and a list of numbers, count as one value.
    """
    if before == after:
        return []
    if isinstance(before, dict) and isinstance(after, dict) and before.keys() == after.keys():
        keys: Any = after.keys()
    elif _are_trees(before) and _are_trees(after) and len(before) == len(after):
        keys = range(len(after))
    else:
        return [[[], after]]
    return [
        [[key, *path], value]
        for key in keys
        for path, value in differences(before[key], after[key])
    ]


def _are_trees(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)
