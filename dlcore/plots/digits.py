"""Lesson 00: a drawn digit, the picture that the network sees, and its ten bars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.style import BLUE, INK, ORANGE, label, new_figure


def drawn_digit(
    strokes: Sequence[Sequence[Sequence[float]] | np.ndarray],
    picture: np.ndarray,
    probabilities: np.ndarray,
) -> Figure:
    """What was drawn, what the network sees of it, and what it answers.

    Args:
        strokes: each a list of points [x, y] from 0 to 1, y downwards.
        picture: the ink of each pixel, 0 to 16, shape (8, 8).
        probabilities: one for each digit, shape (10,); all 0 while nothing is drawn.
    """
    figure = new_figure(columns=3, width=8.4, height=2.9)
    left, middle, right = figure.axes
    for stroke in strokes:
        points = np.asarray(stroke, float).reshape(-1, 2)
        left.plot(*points.T, color=INK, lw=9, solid_capstyle="round", solid_joinstyle="round")
    left.set(xlim=(0, 1), ylim=(1, 0), aspect="equal")
    label(left, "What is drawn", "across (share of the pad)", "down (share of the pad)", None)
    middle.imshow(np.asarray(picture), cmap="gray_r", vmin=0, vmax=16)
    middle.spines[:].set_visible(True)
    label(middle, "What the network sees", "across (pixels)", "down (pixels)", None)
    answer = int(np.argmax(probabilities))
    colours = [ORANGE if digit == answer else BLUE for digit in range(10)]
    right.hlines(np.arange(10), 0, 100 * np.asarray(probabilities), colors=colours, lw=9)
    right.set(xlim=(0, 100), ylim=(9.6, -0.6), yticks=range(10))
    title = f"Its answer: {answer}" if np.any(probabilities) else "No answer yet"
    label(right, title, "probability (%)", "digit (0 to 9)", None)
    return figure


def one_of_each(pictures: np.ndarray, labels: np.ndarray) -> Figure:
    """The first picture of each digit, in a row.

    Args:
        pictures: ink from 0 to 16, shape (n, 8, 8).
        labels: the digit of each, shape (n,).
    """
    first = [int(np.argmax(labels == digit)) for digit in np.unique(labels)]
    return picture_row(pictures[first], labels[first].tolist())


def picture_row(pictures: np.ndarray, labels: Sequence[object]) -> Figure:
    """Small pictures in a row, each with its label below.

    Args:
        pictures: ink from 0 to 16, shape (n, 8, 8).
        labels: what stands below each of them, n in number.
    """
    pictures = np.asarray(pictures)
    count, height, width = pictures.shape
    apart = np.zeros((count, height, width + 2), pictures.dtype)  # two white columns after each
    apart[:, :, :width] = pictures
    figure = new_figure(width=8.4, height=1.7)
    axes = figure.axes[0]
    axes.imshow(np.concatenate(list(apart), axis=1)[:, :-2], cmap="gray_r", vmin=0, vmax=16)
    centres = np.arange(count) * (width + 2) + (width - 1) / 2
    axes.set(xticks=centres, xticklabels=[str(each) for each in labels], yticks=[0, height - 1])
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)
    label(axes, f"{count} pictures", "label (digit)", "down (pixels)", None)
    return figure
