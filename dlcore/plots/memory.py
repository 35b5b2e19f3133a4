"""Lesson 11: accuracy on the rows that a network has seen, and on rows that it has not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from dlcore.plots.scene import Axis, Panel, Scene, line, points
from dlcore.plots.still import still

WIDE = 560  # pixels of the picture, at least


def two_accuracies(
    seen: Sequence[float] | np.ndarray,
    unseen: Sequence[float] | np.ndarray,
    share_right: float,
    title: str = "What it has seen, and what it has not",
) -> Figure:
    """Both accuracies of each epoch, and the best one on the rows that no step has seen.

    Args:
        seen: on the rows of the training, with the labels that it was shown, shape (e,).
        unseen: on other rows, with their right labels, shape (e,).
        share_right: how many of the labels that it was shown are right, a share.
        title: what there is to see.
    """
    return still(memory_scene(np.asarray(seen), np.asarray(unseen), share_right, title))


def memory_scene(
    seen: np.ndarray, unseen: np.ndarray, share_right: float, title: str, said: str = ""
) -> Scene:
    """What ``two_accuracies`` draws, as numbers.

    Args:
        seen: the accuracy on the rows of the training, shape (e,).
        unseen: the accuracy on other rows, shape (e,).
        share_right: how many of the labels that it was shown are right.
        title: what there is to see.
        said: the line below the picture.
    """
    epochs = np.arange(1, len(seen) + 1)
    best = int(np.argmax(unseen))
    level = [share_right, share_right]
    marks = (
        line([0, len(seen)], level, "right labels among the seen", "grey", "dotted", 2.0),
        line(epochs, seen, "rows it has seen", "orange"),
        line(epochs, unseen, "rows it has not seen", "blue", "dashed"),
        points([best + 1], [unseen[best]], "their best epoch", "blue", "diamond", 6),
    )
    across, up = Axis("epoch (number)", 0, len(seen)), Axis("accuracy (share)", 0, 1.02)
    return Scene((Panel(title, across, up, marks, 0.5),), said, WIDE)
