"""Lesson 09: how the losses of several trainings fell, and the rate of each step of a schedule."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dlcore.plots.curves import curves


def epoch_losses(runs: Mapping[str, Sequence[float]]) -> Figure:
    """The loss of each epoch of several trainings.

    Args:
        runs: By name, the losses as `fit` returns them in its history; at most five.
    """
    series = {name: (1 + np.arange(len(run)), np.asarray(run)) for name, run in runs.items()}
    title, up = "The race on the real loss", "mean loss (nats)"
    figure = curves(series, title=title, xlabel="epoch (number)", ylabel=up)
    figure.axes[0].xaxis.set_major_locator(MaxNLocator(8, integer=True))
    return figure


def rate_curve(step: np.ndarray, rate: np.ndarray) -> Figure:
    """The learning rate over the steps.

    Args:
        step: The numbers of the steps, shape (n,).
        rate: The rate of each, shape (n,).
    """
    series = {"rate": (step, rate)}
    title, up = "The rate of each step", "learning rate (a number)"
    return curves(series, title=title, xlabel="step (number)", ylabel=up)
