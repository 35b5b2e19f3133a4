"""What a cell found, by one call: a few numbers with their names, and figures below them."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.show import show


def report(*parts: Figure | str, **numbers: Any) -> None:
    """Print numbers by their names, a line each, and show figures.

    ::

        report(figure, rows=342, mean_loss=(0.1549, "kg²"))

    prints ``rows: 342`` and ``mean loss: 0.155 kg²``.

    Args:
        parts: Figures, shown after the numbers, and sentences, printed before them.
        numbers: By name; an underscore is a space, and a point between two digits. The name of a
            shape stays as it is. Fractions are rounded to three digits, truths
            are yes or no, and a pair of a number and a text is a number with its unit.
    """
    for part in parts:
        if isinstance(part, str):
            print(part)
    for name, value in numbers.items():
        print(f"{title(name, value)}: {worded(value)}")
    for part in parts:
        if isinstance(part, Figure):
            show(part)


def title(name: str, value: Any) -> str:
    """The name of a number as a report prints it."""
    if isinstance(value, tuple) and all(isinstance(each, int) for each in value):
        return name
    return re.sub(r"(?<=\d)_(?=\d)", ".", name).replace("_", " ")


def worded(value: Any) -> str:
    """A value as a report prints it."""
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[1], str):
        return f"{worded(value[0])} {value[1]}"
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        text = f"{float(value) + 0.0:.3g}"
        return text if "e" not in text else f"{float(value):,.0f}"
    if isinstance(value, np.ndarray):
        if value.dtype.kind == "f":
            value = value.round(2) + 0.0
        return np.array2string(value, separator=" ", threshold=40)
    return str(value)
