"""Lesson 01: one linear neuron as a line over the points, and as a dot on the bowl of its loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlcore.plots.curves import scatter
from dlcore.plots.style import BLUE, GREY, INK, ORANGE, Span, label, new_figure

FLIPPER = "flipper length beyond 20 cm (cm)"
MASS = "body mass (kg)"
LEVELS = (0.2, 0.3, 0.5, 1, 2, 4, 8, 16, 32)


def neuron_on_bowl(
    x: np.ndarray,
    t: np.ndarray,
    w: float,
    b: float,
    w_range: Span = (-1.0, 2.0),
    b_range: Span = (2.0, 6.0),
) -> Figure:
    """The line y = x w + b with its misses, and beside it where (w, b) lies on the loss.

    Args:
        x: Flipper lengths in cm beyond 20 cm, shape (n,) or (n, 1).
        t: Body masses in kg, shape (n,) or (n, 1).
        w: Weight, kg for each cm.
        b: Bias, kg: the mass at a flipper of 20 cm.
        w_range: The weights that the bowl shows.
        b_range: The biases that the bowl shows.
    """
    x, t = np.ravel(x), np.ravel(t)
    y = x * w + b
    figure = new_figure(columns=2, width=8.4, height=3.7)
    left, right = figure.axes
    left.vlines(x, y, t, color=BLUE, linewidth=1.0, alpha=0.55, label="miss, y \N{MINUS SIGN} t")
    left.scatter(x, t, s=16, color=INK, zorder=3, label="penguin, t")
    ends = np.array([-3.2, 3.4])
    left.plot(ends, ends * w + b, color=ORANGE, linewidth=2.4, label="neuron, y = x w + b")
    left.set(xlim=(-3.2, 3.4), ylim=(1.8, 7.2))
    label(left, f"w = {w:.2f}, b = {b:.2f}", FLIPPER, MASS, legend="upper left")
    bowl(right, x, t, w_range, b_range)
    right.plot([w], [b], "o", color=ORANGE, markersize=9, markeredgecolor="white", label="now")
    loss = float(np.mean((y - t) ** 2))
    label(right, f"mean loss = {loss:.2f} kg²", "weight w (kg per cm)", "bias b (kg)", None)
    return figure


def penguin_cloud(x: np.ndarray, t: np.ndarray, y: np.ndarray | None = None) -> Figure:
    """The penguins, and the line of a neuron over them once there is one.

    Args:
        x: Flipper lengths in cm beyond 20 cm, shape (n,) or (n, 1).
        t: Body masses in kg, shape (n,) or (n, 1).
        y: What a neuron says of each, kg, shape (n,) or (n, 1).
    """
    if y is None:
        return scatter(x, t, title="Longer flippers, heavier penguins", xlabel=FLIPPER, ylabel=MASS)
    line = {"the neuron": (x, y)}
    return scatter(x, t, line, title="What the neuron says", xlabel=FLIPPER, ylabel=MASS)


def search_path(
    x: np.ndarray,
    t: np.ndarray,
    tried: Sequence[tuple[float, float]],
    kept: Sequence[tuple[float, float]],
) -> Figure:
    """The bowl of the loss with the points (w, b) that a search tried, and those that it kept.

    Args:
        x: Flipper lengths in cm beyond 20 cm, shape (n,) or (n, 1).
        t: Body masses in kg, shape (n,) or (n, 1).
        tried: Every (w, b) whose loss was computed.
        kept: The (w, b) that lowered it, in order, the start first.
    """
    figure = new_figure(width=6.4, height=3.7)
    axes = figure.axes[0]
    steps, all_tried = np.array(kept, float), np.array(tried, float)
    bowl(axes, np.ravel(x), np.ravel(t), (-0.7, 1.4), (-0.5, 5.2))
    axes.scatter(all_tried[:, 0], all_tried[:, 1], s=12, color=GREY, lw=0, label="tried", zorder=2)
    axes.plot(*steps.T, "-o", color=ORANGE, markersize=4, linewidth=1.6, label="kept")
    label(axes, "Down the bowl by trying", "weight w (kg per cm)", "bias b (kg)", "lower right")
    return figure


def mean_losses(x: np.ndarray, t: np.ndarray, w: np.ndarray, b: np.ndarray) -> np.ndarray:
    """mean((x w + b - t)^2) for every w and b, written out so that a whole grid costs six means."""
    heights: np.ndarray = (
        w**2 * np.mean(x**2)
        + 2 * w * b * np.mean(x)
        + b**2
        - 2 * w * np.mean(x * t)
        - 2 * b * np.mean(t)
        + np.mean(t**2)
    )
    return heights


def bowl(axes: Axes, x: np.ndarray, t: np.ndarray, w_range: Span, b_range: Span) -> None:
    """Contours of the mean loss over a part of the plane of w and b."""
    w, b = np.meshgrid(np.linspace(*w_range, 61), np.linspace(*b_range, 61))
    loss = mean_losses(x, t, w, b)
    lines = axes.contour(w, b, loss, LEVELS, colors=BLUE, linewidths=0.9, alpha=0.8)
    axes.clabel(lines, fontsize=7.5, fmt="%g")
    axes.set(xlim=w_range, ylim=b_range)
