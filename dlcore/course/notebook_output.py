"""Putting a card on the page, and under a wrong one the button that gives a hint."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any


def show(html: str, text: str) -> None:
    """A card in a notebook; its text elsewhere."""
    if "IPython" in sys.modules:
        from IPython.core.getipython import get_ipython

        if get_ipython() is not None:
            from IPython.display import display

            display({"text/html": html, "text/plain": text}, raw=True)
            return
    print(text)


def has_kernel() -> bool:
    """Whether there is a notebook behind this process, which may have buttons."""
    if "IPython" not in sys.modules:
        return False
    from IPython.core.getipython import get_ipython

    return getattr(get_ipython(), "kernel", None) is not None


def hint_button(call: str, label: str, press: Callable[[], tuple[str, str]]) -> bool:
    """Offer a hint below a card, one click away.

    A page that cannot show buttons shows ``call`` instead, the line of code that does the same.

    Args:
        call: as in ``hint("04.relu")``.
        label: on the button.
        press: takes the next hint; gives its card and the next label, which is empty for none.

    Returns:
        Whether there is a button; without a notebook or without ipywidgets there is none.
    """
    if not has_kernel():
        return False
    try:
        import ipywidgets as widgets
    except ImportError:
        return False
    from IPython.display import display

    button = widgets.Button(description=label, layout=widgets.Layout(width="auto"))
    cards = widgets.VBox()

    def pressed(_: Any) -> None:
        card, following = press()
        cards.children = (*cards.children, widgets.HTML(card))
        button.description = following
        if not following:
            button.layout.display = "none"

    button.on_click(pressed)
    box = widgets.VBox([button, cards])
    box.layout.align_items = "flex-start"
    view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
    display(
        {"application/vnd.jupyter.widget-view+json": view, "text/plain": call},
        raw=True,
    )
    return True
