"""What the cockpit shows: the network, its answers, its loss; or one batch forward and back."""

from __future__ import annotations

import numpy as np

from dlcore.plots.scene import (
    Axis,
    Mark,
    Panel,
    Scene,
    edges,
    heat,
    levels,
    line,
    nodes,
    points,
)  # fmt: skip
from dlcore.widgets.cockpit_model import GRADIENTS, CockpitModel

SHOWN = 300  # points of the data; more would hide the colours below them
MANY = 400  # points of a curve; more are closer to each other than a pixel
LETTERS = 12  # of a name beside the network
FORWARD = ("x", "w1", "z1", "h", "w2", "z2", "y")
NOT_YET = "not found yet"


def training(model: CockpitModel) -> Scene:
    """The network, its output over two inputs, and its loss so far."""
    return Scene(
        (network(model), boundary(model), loss(model)), model.report(), 265, weights(model)
    )


def backprop(model: CockpitModel, found: int) -> Scene:
    """The next batch: its values on the way forward, and below each its gradient, once found."""
    flow = model.flow()
    panels = []
    for name in FORWARD:
        panels.append(matrix(name, flow[name]))
        if f"d{name}" in GRADIENTS:
            known = f"d{name}" in GRADIENTS[:found]
            panels.append(matrix(f"d{name}", flow[f"d{name}"], known))
    said = f"forward, from the left: mean loss {float(flow['loss']):.3f}"
    if found:
        said += f"; backward, from the right: {', '.join(GRADIENTS[:found])}"
    return Scene(tuple(panels), said + "; a minus in a cell: below 0", 112, weights(model))


def network(model: CockpitModel) -> Panel:
    """Each weight as an edge, inputs at the left, the output at the right."""
    w1, _, w2, _ = model.weights
    columns = [_spread(len(w1)), _spread(w1.shape[1]), _spread(1)]
    top = max(float(np.abs(w).max()) for w in (w1, w2))
    marks: list[Mark] = []
    for layer, w in enumerate((w1, w2)):
        start, end = columns[layer], columns[layer + 1]
        left, right = np.full(w.size, float(layer)), np.full(w.size, layer + 1.0)
        ups = np.repeat(start, len(end)), np.tile(end, len(start))
        marks.append(edges(left, ups[0], right, ups[1], w.ravel(), f"w{layer + 1}", top))
    words = [_short(name) for name in model.data.names]
    marks.append(nodes(np.zeros(len(words)), columns[0], words, "left"))
    units = [f"h{number}" for number in range(1, w1.shape[1] + 1)]
    marks.append(nodes(np.ones(len(units)), columns[1], units, "right"))
    marks.append(nodes([2.0], columns[2], ["y"], "right"))
    title = f"weights, dashed below 0; largest {top:.2f}"
    across, up = Axis("", -0.95, 2.3), Axis("", -0.06, 1.06)
    return Panel(title, across, up, tuple(marks), 0.95, bare=True)


def boundary(model: CockpitModel) -> Panel:
    """The output over two inputs as colours, the line where it is one half, and the data."""
    places, heights, output = model.boundary()
    first, second = (model.data.names[i] for i in (model.across, model.up))
    x = model.data.x[:SHOWN, [model.across, model.up]]
    t = model.data.t[:SHOWN]
    good, bad = model.data.classes
    marks = (
        heat(output, _edges(places), _edges(heights), 0, 1, "output", smooth=True),
        levels(places, heights, output, [0.5], "output 0.5", "black", "dashed", 2, numbers=False),
        points(x[t == 0, 0], x[t == 0, 1], good, "black", "circle", 2.6),
        points(x[t == 1, 0], x[t == 1, 1], bad, "black", "square", 3, hollow=True),
    )
    limits = (float(places[0]), float(places[-1])), (float(heights[0]), float(heights[-1]))
    return Panel(
        f"the brighter, the more likely {bad}",
        Axis(f"{first} (standard deviations)", *limits[0]),
        Axis(f"{second} (standard deviations)", *limits[1]),
        marks,
        0.82,
    )


def loss(model: CockpitModel) -> Panel:
    """The loss of each batch, and the mean loss of all rows before and after each epoch."""
    count, epochs = len(model.losses), len(model.epoch_losses)
    every, apart = 1 + count // MANY, 1 + epochs // MANY
    batches = points(
        np.arange(1, count + 1, every), model.losses[::every],
        "each batch" if every == 1 else f"one batch of {every}", "grey", size=1.6,
    )  # fmt: skip
    ends = model.steps_per_epoch * np.arange(0, epochs, apart)
    rows = model.epoch_losses[::apart]
    last = max(count, model.steps_per_epoch * (epochs - 1), 20)
    limit = _round_up(last)
    top = 1.25 * max(0.8, *model.epoch_losses) if epochs > 1 else max(1.0, 1.25 * rows[0])
    marks = (
        batches,
        line([0, limit], [np.log(2)] * 2, "always saying 0.5", "blue", "dotted", 1.6),
        line(ends, rows, "all rows", width=2),
        points(ends, rows, "", "orange", size=2.6),
    )
    whole = f"{epochs - 1} epoch" + ("" if epochs == 2 else "s")
    return Panel(
        f"mean loss {model.epoch_losses[-1]:.3f} after {whole}",
        Axis("steps so far (batches)", 0, limit),
        Axis("loss (nats)", 0, _round_up(100 * top) / 100),
        marks,
        0.82,
    )


def matrix(name: str, values: np.ndarray, known: bool = True) -> Panel:
    """The numbers of a table as colours, in a column with what has the same name."""
    rows, columns = values.shape
    size = float(np.abs(values).max()) or 1.0
    across = Axis("column", -0.5, columns - 0.5, _ends(columns))
    down = Axis("unit" if "w" in name else "row", rows - 0.5, -0.5, _ends(rows))
    title = f"{name} [{rows} × {columns}] to ±{size:.2g}" if known else f"{name}: {NOT_YET}"
    place = (-0.5, columns - 0.5), (-0.5, rows - 0.5)
    marks = (heat(values, *place, -size, size, name, "signed"),) if known else ()
    return Panel(title, across, down, marks, 1.3, column=name.removeprefix("d"))


def weights(model: CockpitModel) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """The weights as they are now, a list for each hidden unit."""
    w1, b1, w2, b2 = model.weights
    names = model.data.names
    lists = []
    for unit in range(w1.shape[1]):
        numbers = [*zip(names, w1[:, unit], strict=True), ("b1", b1[unit]), ("w2", w2[unit, 0])]
        lists.append((f"h{unit + 1}", tuple((name, _three(value)) for name, value in numbers)))
    lists.append(("y", (("b2", _three(b2[0])),)))
    return tuple(lists)


def _edges(middles: np.ndarray) -> tuple[float, float]:
    """The outer edges of cells with these middles."""
    half = (middles[1] - middles[0]) / 2
    return float(middles[0] - half), float(middles[-1] + half)


def _three(value: float) -> str:
    return f"{value:.3f}".replace("-", "\N{MINUS SIGN}")


def _short(name: str) -> str:
    return name if len(name) <= LETTERS else name[: LETTERS - 1] + "…"


def _ends(count: int) -> tuple[tuple[float, str], ...]:
    return tuple((float(at), str(at + 1)) for at in sorted({0, count - 1}))


def _round_up(value: float) -> float:
    """The next of 1, 1.5, 2, 3, 5, 7 times a power of ten, so that an axis rarely jumps."""
    power = 10.0 ** np.floor(np.log10(value))
    return float(next(by * power for by in (1, 1.5, 2, 3, 5, 7, 10) if by * power >= value))


def _spread(count: int) -> np.ndarray:
    """Heights of a column of circles, from above to below."""
    if count == 1:
        return np.array([0.5])
    reach = min(1.0, 0.16 * (count - 1))
    return 0.5 + np.linspace(reach / 2, -reach / 2, count)
