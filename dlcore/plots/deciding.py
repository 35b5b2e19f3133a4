"""Lesson 03: a neuron that says how likely something is, and what a threshold makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from dlcore.backends.numpy.activations import sigmoid
from dlcore.backends.numpy.losses import binary_crossentropy
from dlcore.plots.scene import Axis, Mark, Panel, Scene, heat, line, points
from dlcore.plots.still import still
from dlcore.plots.style import CYCLE, GREY, label, new_figure

SPAN = 3.0  # how far the picture goes, in standard deviations, to each side
GRID = np.linspace(-SPAN, SPAN, 61)
PLACES = np.stack(np.meshgrid(GRID, GRID), axis=-1).reshape(-1, 2)
DOT, PER_LOSS = 1.2, 3.4  # radius of a dot: of one that costs nothing, and what a loss of 1 adds
SQUARE = np.sqrt(np.pi) / 2  # half the side of a square as large as a circle of radius 1
DEPTH, MASS = "bill depth (standard deviations)", "body mass (standard deviations)"


def weights(angle: float, steepness: float, shift: float) -> tuple[np.ndarray, float]:
    """Weights w (2, 1) and bias b of a neuron with two inputs.

    Args:
        angle: the direction in which its output rises, in degrees from the first axis.
        steepness: the length of w.
        shift: how far in that direction the output is one half.
    """
    across, up = _direction(angle)
    return steepness * np.array([[across], [up]]), -steepness * shift


def roc(score: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """False and true positive rates at every threshold there is, from the highest down.

    Scores that differ by less than 1e-9 count as the same: that much is rounding.

    Args:
        score: the larger, the more likely 1, shape (n,) or (n, 1).
        t: targets 0 and 1, shape (n,) or (n, 1).

    Returns:
        The share of the zeros, and the share of the ones, above each threshold.
    """
    score, t = np.ravel(score).round(9), np.ravel(t)
    order = np.argsort(-score, kind="stable")
    last = np.append(np.diff(score[order]) != 0, True)  # of those with the same score
    tp, fp = np.cumsum(t[order])[last], np.cumsum(1 - t[order])[last]
    return np.append(0, fp) / fp[-1], np.append(0, tp) / tp[-1]


def area(score: np.ndarray, t: np.ndarray) -> float:
    """The area under the curve of ``roc``: how often a 1 has a larger score than a 0."""
    across, up = roc(score, t)
    return float(np.sum(np.diff(across) * (up[1:] + up[:-1]) / 2))


def deciding(
    x: np.ndarray,
    t: np.ndarray,
    angle: float = 0.0,
    steepness: float = 1.0,
    shift: float = 0.0,
    threshold: float = 0.5,
) -> Figure:
    """A neuron over the penguins, the loss of each of them, and its ROC curve.

    Args:
        x: bill depth and body mass, mean 0 and spread 1, shape (n, 2).
        t: 1 for a male and 0 for a female, shape (n, 1).
        angle: the direction in which the output rises, in degrees.
        steepness: how fast it rises.
        shift: how far in that direction it is one half.
        threshold: what an output has to be above to be called male.
    """
    return still(deciding_scene(x, t, angle, steepness, shift, threshold))


def deciding_scene(
    x: np.ndarray,
    t: np.ndarray,
    angle: float,
    steepness: float,
    shift: float,
    threshold: float,
    said: str = "",
    over: tuple[Mark, ...] = (),
) -> Scene:
    """What ``deciding`` draws, as numbers.

    Args:
        x: bill depth and body mass, shape (n, 2).
        t: 1 for a male and 0 for a female, shape (n, 1).
        angle: the direction in which the output rises, in degrees.
        steepness: how fast it rises.
        shift: how far in that direction it is one half.
        threshold: what an output has to be above to be called male.
        said: the line below the pictures.
        over: further marks of the left picture.
    """
    w, b = weights(angle, steepness, shift)
    z = x @ w + b
    y = sigmoid(z)
    losses = binary_crossentropy(y, t)
    male = np.ravel(t) == 1
    size = DOT + PER_LOSS * np.sqrt(losses)
    far = shift + float(np.log(threshold / (1 - threshold))) / steepness
    ends = _chord(angle, far)
    ground = sigmoid(PLACES @ w + b).reshape(len(GRID), -1).round(2)  # finer than an eye tells
    half = (GRID[1] - GRID[0]) / 2
    edge = (-SPAN - half, SPAN + half)
    marks = (
        heat(ground, edge, edge, 0, 1, "output y"),
        points(x[~male, 0], x[~male, 1], "female, t = 0", "black", "circle", size[~male]),
        points(x[male, 0], x[male, 1], "male, t = 1", "black", "square", SQUARE * size[male], True),
        line(ends[0], ends[1], "y = threshold", "black", "dashed", 2),
    )
    right = np.mean((y > threshold) == (t == 1))
    left = Panel(
        f"loss {losses.mean():.3f}, accuracy {right:.3f}",
        Axis(DEPTH, -SPAN, SPAN), Axis(MASS, -SPAN, SPAN), (*marks, *over), 0.88,
    )  # fmt: skip
    # By z, not by y: far out y is exactly 1, and the order would be lost.
    return Scene((left, _roc_panel(z, y, t, threshold, "females", "males")), said)


def roc_curve(y: np.ndarray, t: np.ndarray, threshold: float = 0.5) -> Figure:
    """The ROC curve of a neuron on the credit data.

    Args:
        y: the probability of bad, shape (n, 1).
        t: 1 for bad and 0 for good, shape (n, 1).
        threshold: the one that is marked on the curve.
    """
    return still(Scene((_roc_panel(y, y, t, threshold, "good clients", "bad clients"),), ""))


def losses_and_slopes(losses: Mapping[str, tuple[np.ndarray, np.ndarray]], z: np.ndarray) -> Figure:
    """Losses of a row whose target is 1, over z, and beside them their slopes.

    Args:
        losses: by name, the loss and its slope at z, each of n numbers.
        z: what the neuron gives before it is squeezed, shape (n,) or (n, 1).
    """
    figure = new_figure(columns=2, width=8.4, height=3.0)
    titles = ("What a row with target 1 costs", "The slope of that at z")
    for axes, which, title in zip(figure.axes, (0, 1), titles, strict=True):
        axes.axhline(0, color=GREY, linewidth=0.6)
        for (name, pair), (colour, dashes) in zip(losses.items(), CYCLE, strict=False):
            look: dict[str, Any] = {"color": colour, "linestyle": dashes, "linewidth": 2.2}
            axes.plot(np.ravel(z), np.ravel(pair[which]), label=name, **look)
        up = ("loss (nats, or squared)", "slope (per unit of z)")[which]
        label(axes, title, "z (no unit)", up, None if which else "upper right")
    return figure


def _roc_panel(
    score: np.ndarray, y: np.ndarray, t: np.ndarray, threshold: float, zeros: str, ones: str
) -> Panel:
    called = y > threshold
    now = float(np.mean(called[t == 0])), float(np.mean(called[t == 1]))
    ends = np.array([0.0, 1.0])
    marks = (
        line(ends, ends, "guessing", "grey", "dotted", 1.6),
        line(*roc(score, t), "every threshold", "blue"),
        points([now[0]], [now[1]], f"threshold {threshold:.2f}", "orange", size=6),
    )
    return Panel(
        f"area under the curve {area(score, t):.3f}",
        Axis(f"false positive rate (share of the {zeros})", 0, 1),
        Axis(f"true positive rate (share of the {ones})", 0, 1),
        marks,
        0.88,
    )


def _direction(angle: float) -> np.ndarray:
    turned = np.deg2rad(angle)
    return np.array([np.cos(turned), np.sin(turned)])


def _chord(angle: float, far: float) -> np.ndarray:
    """The piece inside of the picture of the line that is ``far`` away in a direction.

    Its ends, shape (2, 2), across and up; without any columns if the line passes by.
    """
    direction = _direction(angle)
    along = np.array([-direction[1], direction[0]])
    low, high = -np.inf, np.inf
    for middle, step in zip(far * direction, along, strict=True):
        if abs(step) < 1e-9:
            if abs(middle) > SPAN:
                return np.zeros((2, 0))
            continue
        ends = sorted(((-SPAN - middle) / step, (SPAN - middle) / step))
        low, high = max(low, ends[0]), min(high, ends[1])
    if low >= high:
        return np.zeros((2, 0))
    return (far * direction + np.outer([low, high], along)).T
