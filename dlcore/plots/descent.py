"""Lesson 02: ways down the bowl of the loss, and how the loss falls on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.neuron import bowl, mean_losses
from dlcore.plots.style import CYCLE, INK, Span, label, new_figure

LOSS = "mean loss (kg²)"


def descent_path(
    x: np.ndarray,
    t: np.ndarray,
    runs: Mapping[float, Sequence[tuple[float, float]]],
    w_range: Span = (-2.0, 4.0),
    b_range: Span = (-0.2, 6.0),
) -> Figure:
    """Walks down the bowl of the loss, the first slope of them, and the loss after each step.

    Args:
        x: Flipper lengths in cm beyond 20 cm, shape (n,) or (n, 1).
        t: Body masses in kg, shape (n,) or (n, 1).
        runs: By learning rate, the (w, b) before the first step and after each; at most five.
        w_range: The weights that the bowl shows.
        b_range: The biases that the bowl shows.
    """
    x, t = np.ravel(x), np.ravel(t)
    figure = new_figure(columns=2, width=8.4, height=4.2)
    left, right = figure.axes
    bowl(left, x, t, w_range, b_range)
    for (rate, path), (colour, dashes) in zip(runs.items(), CYCLE, strict=False):
        w, b = np.array(path, float).T
        look: dict[str, Any] = {
            "color": colour,
            "linestyle": dashes,
            "marker": "o",
            "markersize": 3.5,
        }
        left.plot(w, b, linewidth=1.6, label=f"rate {rate:g}", **look)
        right.plot(mean_losses(x, t, w, b), linewidth=1.8, label=f"rate {rate:g}", **look)
    start = np.array(next(iter(runs.values()))[0], float)
    miss = x * start[0] + start[1] - t
    step = -0.1 * np.array([2 * np.mean(miss * x), 2 * np.mean(miss)])
    tip: dict[str, Any] = {
        "marker": (3, 0, np.degrees(np.arctan2(*-step[::-1])) + 90),
        "color": INK,
    }
    ends = np.array([start, start + step]).T
    left.plot(*ends, color=INK, linewidth=2.2, zorder=4, label="against the slope")
    left.plot(*ends[:, 1:], markersize=9, linestyle="None", zorder=4, **tip)
    left.set(xlim=w_range, ylim=b_range, aspect="equal")
    right.set(yscale="log")
    right.yaxis.set_major_formatter("{x:g}")
    label(left, "Down the bowl", "weight w (kg per cm)", "bias b (kg)", "lower right")
    label(right, "The loss on the way", "steps (number)", LOSS, "upper right")
    return figure
