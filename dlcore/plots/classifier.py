"""Lesson 08: where a classifier changes its mind, and how its loss fell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dlcore.datasets import credit
from dlcore.plots.curves import curves
from dlcore.plots.style import BLUE, GREY, INK, ORANGE, label, new_figure

SHOWN = 300  # points of the data; more would hide the colours below them
LEVELS = np.linspace(0, 1, 11)


def boundary(
    across: np.ndarray,
    up: np.ndarray,
    output: np.ndarray,
    x: np.ndarray,
    t: np.ndarray,
    *,
    names: tuple[str, str],
    classes: tuple[str, str] = ("0", "1"),
) -> Figure:
    """The output over two inputs as colours, the line where it is one half, and the data.

    Args:
        across: Places of the first input, shape (m,).
        up: Places of the second input, shape (k,).
        output: Probabilities of target 1, shape (k, m).
        x: The two inputs of the data, shape (n, 2); the first 300 rows are drawn.
        t: Their targets 0 and 1, shape (n,).
        names: The two inputs.
        classes: The words for target 0 and for target 1.
    """
    figure = new_figure(width=5.4, height=3.8)
    boundary_on(figure.axes[0], across, up, output, x, t, names, classes)
    return figure


def credit_map(
    places: Sequence[np.ndarray], x: np.ndarray, t: np.ndarray, shown: Sequence[int]
) -> Figure:
    """``boundary`` for two inputs of the credit data.

    Args:
        places: Of both inputs, and the output there, as the cockpit's ``boundary`` gives them.
        x: The clients, shape (n, 8).
        t: 1 for bad and 0 for good, shape (n, 1).
        shown: The numbers of the two inputs, the one across and the one up.
    """
    across, up, output = places
    first, second = (credit.feature_names[i] for i in shown)
    pair, classes = x[:, list(shown)], ("good", "bad")
    return boundary(across, up, output, pair, t, names=(first, second), classes=classes)


def two_losses(history: Mapping[str, Sequence[float]]) -> Figure:
    """The loss after each epoch, on the rows of the training and on unseen ones.

    Args:
        history: As ``fit`` returns it with ``validation_data``: "loss" and "val_loss".
    """
    epoch = np.arange(1, len(history["loss"]) + 1)
    both = {
        "training rows": (epoch, np.asarray(history["loss"])),
        "unseen rows": (epoch, np.asarray(history["val_loss"])),
    }
    return curves(both, title="Two losses", xlabel="epoch (number)", ylabel="mean loss (nats)")


def loss_history(losses: Sequence[float], epoch_losses: Sequence[float], steps: int) -> Figure:
    """The loss of each batch, and the mean loss of all rows before and after each epoch.

    Args:
        losses: Of each batch, in the order of the steps.
        epoch_losses: Of all rows, at the start and after each whole epoch.
        steps: Batches in an epoch.
    """
    figure = new_figure(width=5.4, height=3.4)
    loss_on(figure.axes[0], losses, epoch_losses, steps)
    return figure


def boundary_on(
    axes: Axes,
    across: np.ndarray,
    up: np.ndarray,
    output: np.ndarray,
    x: np.ndarray,
    t: np.ndarray,
    names: tuple[str, str],
    classes: tuple[str, str],
) -> None:
    """Draw `boundary` into axes that are there."""
    axes.contourf(across, up, output, LEVELS, cmap="cividis", alpha=0.7)
    if output.min() < 0.5 < output.max():
        axes.contour(across, up, output, [0.5], colors=INK, linewidths=1.8, linestyles="--")
    x, t = x[:SHOWN], np.ravel(t)[:SHOWN]
    for value, marker in ((0, "o"), (1, "s")):
        fill = "white" if value else INK
        points = x[t == value]
        size = 4.2 if value else 3.4
        axes.plot(*points.T, marker, color=fill, ms=size, mec=INK, mew=0.7, label=classes[value])
    axes.set(xlim=(across[0], across[-1]), ylim=(up[0], up[-1]))
    first, second = (f"{name} (standard deviations)" for name in names)
    title = f"the brighter, the more likely {classes[1]}; dashed: 0.5"
    label(axes, title, first, second, legend="upper right")


def loss_on(axes: Axes, losses: Sequence[float], epoch_losses: Sequence[float], steps: int) -> None:
    """Draw `loss_history` into axes that are there."""
    if len(losses):
        count = np.arange(1, len(losses) + 1)
        size = 2.5 if len(losses) > 50 else 6
        axes.plot(count, losses, ".", color=GREY, ms=size, alpha=0.6, label="each batch")
    ends = steps * np.arange(len(epoch_losses))
    axes.plot(ends, epoch_losses, "-o", color=ORANGE, ms=3.5, lw=1.8, label="all rows")
    axes.axhline(np.log(2), color=BLUE, linewidth=1.0, linestyle=":", label="always saying 0.5")
    top = max(0.8, *epoch_losses) if len(epoch_losses) > 1 else max(0.8, epoch_losses[0])
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.set(xlim=(0, max(len(losses), ends[-1], 20)), ylim=(0, 1.25 * top))
    whole = len(epoch_losses) - 1
    epochs = "1 epoch" if whole == 1 else f"{whole} epochs"
    title = f"mean loss {epoch_losses[-1]:.3f} after {epochs}"
    label(axes, title, "steps so far (batches)", "loss (nats)", legend="lower left")
