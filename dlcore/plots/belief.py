"""Lesson 07: how a softmax shares out one unit of belief, and what its loss asks back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from dlcore.backends.numpy.activations import softmax
from dlcore.plots.scene import Axis, Mark, Panel, Scene, bars, heat, line
from dlcore.plots.still import still
from dlcore.plots.style import BLUE, ORANGE, label, new_figure

INK = 16  # the darkest pixel of a digit
MINUS = "\N{MINUS SIGN}"


def shares(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """The outputs y = softmax(logits / temperature) of one row, shape (k,)."""
    y: np.ndarray = softmax(np.asarray(logits, float)[None] / temperature)[0]
    return y


def a_digit(number: int) -> str:
    """The digit with its article: an 8, a 9."""
    return f"an {number}" if number == 8 else f"a {number}"


def belief(logits: Sequence[float], label: int = 0, temperature: float = 1.0) -> Figure:
    """Logits, the outputs that the softmax makes of them, and the slope y - t.

    Args:
        logits: one for each class, k in number.
        label: the true class, 0 to k - 1.
        temperature: by which the logits are divided.
    """
    return still(belief_scene(np.asarray(logits, float), label, temperature))


def belief_scene(
    logits: np.ndarray,
    label: int,
    temperature: float,
    said: str = "",
    picture: np.ndarray | None = None,
    reach: float = 6.0,
) -> Scene:
    """What ``belief`` draws, as numbers.

    Args:
        logits: one for each class, shape (k,).
        label: the true class.
        temperature: by which the logits are divided.
        said: the line below the pictures.
        picture: the digit that the logits belong to, ink from 0 to 16, shape (8, 8).
        reach: the largest logit that there is room for.
    """
    y = shares(logits, temperature)
    slope = y - np.eye(len(y))[label]
    of = "" if temperature == 1 else f" / {temperature:.1f}"
    panels = (
        _bars("logits z", "logit (no unit)", logits, label, -1.8 * reach, 1.8 * reach, 1),
        _bars(f"y = softmax(z{of})", "share (sum 1)", y, label, 0, 1.5, 3),
        _bars(f"y {MINUS} t", "slope (sum 0)", slope, label, -2.3, 2.3, 2),
    )
    if picture is None:
        return Scene(panels, said, least=150)
    return Scene((_picture(picture, label), *panels), said, least=240)


def beliefs(pictures: np.ndarray, y: np.ndarray, labels: np.ndarray) -> Figure:
    """Digits in a row, and below each what was said of it: a bar for each class.

    Args:
        pictures: ink from 0 to 16, shape (n, 8, 8).
        y: the share of each class, shape (n, 10).
        labels: the true class of each, shape (n,).
    """
    count, classes = y.shape
    figure = new_figure(columns=count, width=8.4, height=3.4)
    for axes, picture, shares_, true in zip(figure.axes, pictures, y, labels, strict=True):
        inset = axes.inset_axes((0.2, 1.04, 0.6, 0.6))
        inset.imshow(picture, cmap="gray_r", vmin=0, vmax=INK)
        inset.set(xticks=[], yticks=[])
        colours = [ORANGE if each == true else BLUE for each in range(classes)]
        axes.vlines(np.arange(classes), 0, shares_, colors=colours, lw=7)
        axes.set(xlim=(-0.7, classes - 0.3), ylim=(0, 1), xticks=range(classes))
        axes.tick_params(labelsize=8)
        title = f"{true}, read as {np.argmax(shares_)}"
        label(axes, title, "class (number)", "share (of one unit)", None)
        axes.set_title(title, fontsize=10.5, loc="left", y=1.64)  # above the digit
    figure.subplots_adjust(top=0.56, wspace=0.45)
    return figure


def _bars(
    title: str, across: str, values: np.ndarray, true: int, low: float, high: float, digits: int
) -> Panel:
    at = np.arange(len(values))
    words = [f"{value + 0.0:.{digits}f}".replace("-", MINUS) for value in values.round(digits)]
    zero: Mark = line([0, 0], [-0.5, len(values) - 0.5], "", "grey", "solid", 1)
    marks = (bars(at, values, words, true, title, "the true class"), zero)
    ticks = tuple((float(each), str(each)) for each in at)
    step = 1.0 if high < 3 else 5.0 if high < 12 else 10.0
    ends = tuple((each, f"{each:g}".replace("-", MINUS)) for each in (-step, 0.0, step))
    shown = tuple(each for each in ends if low <= each[0])
    return Panel(
        title,
        Axis(across, low, high, shown),
        Axis(f"class ({true} is true)", len(values) - 0.4, -0.6, ticks),
        marks,
        max(0.9, 0.11 * len(values)),
    )


def _picture(picture: np.ndarray, true: int) -> Panel:
    ink = heat(np.asarray(picture, float), (-0.5, 7.5), (-0.5, 7.5), 0, INK, "ink", "paper")
    across, up = Axis("", -0.5, 7.5), Axis("", 7.5, -0.5)
    return Panel(a_digit(true), across, up, (ink,), 1.0, bare=True)
