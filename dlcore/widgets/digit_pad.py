"""The shell of the digit pad: strokes come from the page, a picture and ten bars go back.

What the page shows is in ``digit_pad.js``; what follows from the strokes is in ``digits.py``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from dlcore.widgets.digits import DigitModel

_HERE = Path(__file__).parent


class DigitPad(anywidget.AnyWidget):
    """A pad to draw on with mouse, finger or keyboard, and the bars of a network beside it.

    Args:
        network: a trained model; see `DigitModel`.
    """

    _esm = (_HERE / "digit_pad.js").read_text(encoding="utf-8")
    _css = (_HERE / "digit_pad.css").read_text(encoding="utf-8")

    strokes: traitlets.List = traitlets.List().tag(sync=True)
    picture = traitlets.List(traitlets.Int()).tag(sync=True)  # 64 pixels, row by row, 0 to 16
    probabilities = traitlets.List(traitlets.Float()).tag(sync=True)
    answer = traitlets.Unicode().tag(sync=True)

    def __init__(self, network: Any) -> None:
        """Show an empty pad."""
        self.model = DigitModel(network)
        super().__init__(**self._shown())
        self.observe(lambda change: self._drawn(), names="strokes")

    def _drawn(self) -> None:
        self.model.update(self.strokes)
        with self.hold_sync():  # one message to the page, so that picture and bars agree
            for name, value in self._shown().items():
                setattr(self, name, value)

    def _shown(self) -> dict[str, Any]:
        return {
            "picture": self.model.picture.ravel().tolist(),
            "probabilities": self.model.probabilities.tolist(),
            "answer": self.model.report(),
        }

    def __repr__(self) -> str:
        return "<Digit pad: run this cell to draw>"


def digit_pad(network: Any) -> DigitPad:
    """The widget of lesson 00: draw a digit, and see what the network makes of it."""
    return DigitPad(network)
