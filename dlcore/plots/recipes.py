"""Lesson 16: colour pictures in a row, how recipes fared, and two trainings side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.scene import Axis, Colour, Dashes, Mark, Panel, Scene, line, points
from dlcore.plots.still import still
from dlcore.plots.style import label, new_figure

Shares = Mapping[str, tuple[Sequence[float], Sequence[float]]]
Curve = Sequence[float] | np.ndarray
GAP = 2  # pixels between two pictures


def colour_pictures(pictures: np.ndarray, labels: Sequence[str] = (), title: str = "") -> Figure:
    """Small pictures in a row, with a word below each.

    Args:
        pictures: red, green and blue from 0 to 255, shape (n, h, w, 3).
        labels: what stands below, n in number; default: nothing.
        title: what there is to see.
    """
    count, height, width = np.shape(pictures)[:3]
    apart = np.full((count, height, width + GAP, 3), 255, np.uint8)
    apart[:, :, :width] = np.clip(np.rint(pictures), 0, 255)
    figure = new_figure(width=8.4, height=1.6)
    axes = figure.axes[0]
    axes.imshow(np.concatenate(list(apart), axis=1)[:, :-GAP])
    axes.set(xticks=np.arange(count) * (width + GAP) + (width - 1) / 2, yticks=[])
    axes.set_xticklabels([str(each) for each in labels] or [""] * count, fontsize=8)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    below = "class (name)" if len(labels) else "picture (number)"
    label(axes, title or f"{count} pictures", below, "height (pixels)", None)
    return figure


def recipe_shares(shares: Shares, title: str = "What each recipe comes to") -> Figure:
    """A line for each recipe: a dot for each seed, on the pictures it has seen and on others.

    Args:
        shares: by the name of a recipe, the accuracies on the training pictures and on the test
            pictures, one for each seed.
        title: what there is to see.
    """
    names = list(shares)
    marks: list[Mark] = []
    looks: tuple[tuple[str, Colour, bool], ...] = (
        ("training pictures", "orange", True), ("test pictures", "blue", False)
    )  # fmt: skip
    for part, (name, colour, hollow) in enumerate(looks):
        places = [(value, at) for at, each in enumerate(names) for value in shares[each][part]]
        x, y = np.array(places).T
        marks.append(points(x, y, name, colour, "circle", 5.0, hollow))
    ticks = tuple((float(at), name) for at, name in enumerate(names))
    across = Axis("accuracy (share)", 0, 1.02)
    up = Axis("recipe (dots are seeds)", len(names) - 0.5, -0.5, ticks)
    return still(Scene((Panel(title, across, up, tuple(marks), 0.55),), "", 620))


def two_trainings(
    first: tuple[Curve, Curve], second: tuple[Curve, Curve], names: tuple[str, str], title: str = ""
) -> Figure:
    """The accuracies of two trainings, epoch by epoch.

    Args:
        first: on the training and on the test pictures, each of shape (e,).
        second: the same of the other training.
        names: what sets the two apart.
        title: what there is to see.
    """
    colours: tuple[Colour, Colour] = ("orange", "blue")
    parts: tuple[tuple[str, Dashes], ...] = (
        ("training pictures", "solid"), ("test pictures", "dashed")
    )  # fmt: skip
    marks = [
        line(np.arange(1, len(curve) + 1), np.asarray(curve), f"{part}, {name}", colour, dashes)
        for name, colour, pair in zip(names, colours, (first, second), strict=True)
        for (part, dashes), curve in zip(parts, pair, strict=True)
    ]
    longest = max(len(curve) for pair in (first, second) for curve in pair)
    step = math.ceil(longest / 12)
    ticks = tuple((float(each), str(each)) for each in range(step, longest + 1, step))
    across, up = Axis("epoch (number)", 1, longest, ticks), Axis("accuracy (share)", 0, 1)
    return still(Scene((Panel(title, across, up, tuple(marks), 0.5),), "", 560))
