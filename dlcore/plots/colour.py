"""Lesson 13: pictures in colour, in rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.style import label, new_figure


def colour_rows(rows: Mapping[str, np.ndarray], labels: Sequence[object]) -> Figure:
    """Rows of small pictures in colour, each column with its label below.

    Args:
        rows: by its name, the pictures of each row, [n, h, w, 3] from -1 to 1.
        labels: what stands below each column, n in number.
    """
    strips = [_strip(np.asarray(pictures)) for pictures in rows.values()]
    count, height, width = next(iter(rows.values())).shape[:3]
    figure = new_figure(width=8.4, height=0.6 + 0.95 * len(strips))
    axes = figure.axes[0]
    axes.imshow(np.concatenate(strips)[:-2], label=" and ".join(rows))
    centres = np.arange(count) * (width + 2) + (width - 1) / 2
    middles = np.arange(len(strips)) * (height + 2) + (height - 1) / 2
    axes.set(xticks=centres, xticklabels=[str(each) for each in labels])
    axes.set(yticks=middles, yticklabels=list(rows))
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    title = f"The same {count} pictures, {' and '.join(rows)}"
    label(axes, title, "shape (its name)", "pixels (order)", None)
    return figure


def _strip(pictures: np.ndarray) -> np.ndarray:
    """Pictures beside each other with white between and below, from 0 to 1."""
    count, height, width, colours = pictures.shape
    apart = np.ones((count, height + 2, width + 2, colours))
    apart[:, :height, :width] = np.clip((pictures + 1) / 2, 0, 1)
    return np.concatenate(list(apart), axis=1)[:, :-2]
