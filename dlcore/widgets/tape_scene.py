"""What the tape shows: the network with a number on every edge, and the tape below it."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.figure import Figure

from dlcore.plots.scene import Axis, Colour, Mark, Panel, Scene, boxes, segments, words
from dlcore.plots.still import still
from dlcore.widgets.tape_model import Edge, TapeModel, pretty, short

# All places are in pixels of a narrow page; on a wide one the gaps grow, and boxes keep their size.
WIDE = 480.0
HIGH = {1: 312.0, 2: 312.0, 3: 400.0}
UNIT = (44.0, 34.0)  # one half of a hidden unit: z, or h
SIDE = 22.0  # from the middle of a hidden unit to the middle of z or h
ENDS = (46.0, 34.0)  # x, y and the loss
COLUMNS = {1: (26.0, 233.0, 441.0), 2: (26.0, 157.0, 309.0, 441.0)}
MIDDLE = {1: 192.0, 2: 192.0, 3: 226.0}
APART = {1: 0.0, 2: 144.0, 3: 124.0}
OUTPUT, LOSS = 40.0, -94.0  # above the middle
STRIP, CELL = 20.0, (30.0, 24.0)
TITLE = "Numbers, and below them in orange their slopes; in brackets while ways are missing"

Place = tuple[float, float]


def scene(model: TapeModel) -> Scene:
    """The network up to the model's position."""
    return Scene((panel(model, TITLE),), model.report(), int(WIDE))


def panel(model: TapeModel, title: str, margin: float = 0.0) -> Panel:
    """The network and its tape, with a margin at both sides where panels stand side by side."""
    marks = (*_network(model), *_numbers(model), *_tape(model))
    high = HIGH[model.units]
    across = Axis("", -margin, WIDE + margin)
    return Panel(title, across, Axis("", 0, high), marks, high / WIDE, bare=True)


def draw(model: TapeModel, *positions: int) -> Figure:
    """The network as a figure, beside each other at some positions; the model stays where it is."""
    before, panels = model.position, []
    for position in positions or (before,):
        model.go(position)
        panels.append(panel(model, model.report(), margin=10))
    model.go(before)
    return still(Scene(tuple(panels), "", int(WIDE)))


def _places(model: TapeModel) -> dict[str, tuple[float, float, float]]:
    """For each node its place, and how far it stands from it to the side, in pixels."""
    columns, middle = COLUMNS[model.layers], MIDDLE[model.units]
    found = {"x": (columns[0], middle, 0.0)}
    for layer in range(1, model.layers + 1):
        for unit in range(1, model.units + 1):
            up = middle + APART[model.units] * ((model.units + 1) / 2 - unit)
            found[f"z{layer}_{unit}"] = (columns[layer], up, -SIDE)
            found[f"h{layer}_{unit}"] = (columns[layer], up, SIDE)
    found["y"] = (columns[-1], middle + OUTPUT, 0.0)
    return found | {"loss": (columns[-1], middle + LOSS, 0.0)}


def _network(model: TapeModel) -> list[Mark]:
    places, now = _places(model), model.now
    ways = {edge.weight: _way(edge, places) for edge in model.edges}
    down = [((*places["y"][:2],), (*places["loss"][:2],))]
    busy: list[list[tuple[Place, Place]]] = []
    working: list[str] = []
    if now is not None:
        working = [now.node, *(gain.name for gain in now.gains if gain.name in places)]
        if now.kind == "forward" or now.edge:
            into = (edge.weight for edge in model.edges if edge.target == now.node)
            busy = [ways[name] for name in (into if now.kind == "forward" else [now.edge])
                    if name in ways]  # fmt: skip
        if "loss" in working and "y" in working or (now.kind, now.node) == ("forward", "loss"):
            busy.append(down)
    colour: Colour = "orange" if now is not None and now.kind == "backward" else "blue"
    units = [name for name in places if name[0] in "zh"]
    ends = ["x", "y", "loss"]
    return [
        _strokes([*ways.values(), down], "", "grey", 1.2),
        _strokes(busy, "", colour, 4.0),
        _boxes(units, places, UNIT, "grey", 1.2),
        _boxes(ends, places, ENDS, "grey", 1.2),
        _boxes([n for n in units if n in working], places, UNIT, colour, 3.0),
        _boxes([n for n in ends if n in working], places, ENDS, colour, 3.0),
    ]


def _way(edge: Edge, places: dict[str, tuple[float, float, float]]) -> list[tuple[Place, Place]]:
    """The strokes of an edge: level out of a box, across the gap, and level into the next."""
    (x, y, _), (x2, y2, _) = places[edge.source], places[edge.target]
    start, end = x + _half(edge.source), x2 - _half(edge.target)
    return [((x, y), (start, y)), ((start, y), (end, y2)), ((end, y2), (x2, y2))]


def _half(name: str) -> float:
    return UNIT[0] if name[0] in "zh" else ENDS[0] / 2


def _strokes(
    ways: Iterable[list[tuple[Place, Place]]], name: str, colour: Colour, width: float
) -> Mark:
    pairs = [pair for way in ways for pair in way]
    starts, ends = [start for start, _ in pairs], [end for _, end in pairs]
    x, y, x2, y2 = ([place[i] for place in places] for places in (starts, ends) for i in (0, 1))
    return segments(x, y, x2, y2, name, colour, width)


def _boxes(
    names: list[str],
    places: dict[str, tuple[float, float, float]],
    size: tuple[float, float],
    colour: Colour,
    width: float,
) -> Mark:
    x, y, dx = ([places[name][i] for name in names] for i in range(3))
    return boxes(x, y, size, "", colour, width, dx)


class _Written:
    """Words gathered for one mark."""

    def __init__(self) -> None:
        self.rows: list[tuple[float, float, float, float, str, str]] = []

    def put(self, place: Place, dx: float, dy: float, word: str, of: str = "") -> None:
        self.rows.append((*place, dx, dy, word, of))

    def mark(self, name: str, orange: bool = False, strong: bool = False) -> Mark:
        x, y, dx, dy, word, of = map(list, zip(*self.rows, strict=True)) if self.rows else [[]] * 6
        colour = "orange" if orange else "ink"
        return words(x, y, word, name, colour, strong, dx, dy, of)  # type: ignore[arg-type]


def _numbers(model: TapeModel) -> list[Mark]:
    names, weights, values, slopes = _Written(), _Written(), _Written(), _Written()
    places = _places(model)
    for name, (x, y, dx) in places.items():
        value, slope, wide = model.value(name), _slope(model, name), 1.4 * dx
        if name == "loss":
            names.put((x, y), 0, 27, "loss")
            names.put((x, y), 0, 41, f"t {short(model.t)}")
        else:
            names.put((x, y), wide if name != "y" else -14, -25, pretty(name))
        if value is not None:
            values.put((x, y), dx, -8, short(value), pretty(name))
        if slope:
            slopes.put((x, y), dx, 8, slope, pretty(name))
        if name.startswith("h") and value is not None:
            names.put((x, y), 0, -25, f"×{short(model.node(name).local_slopes[0])}")
        if name == "y" or name.startswith("z"):
            bias = f"b{model.layers + 1}" if name == "y" else f"b{name[1:]}"
            weights.put((x, y), -23, 26, f"b {short(model.weights[bias])}", pretty(bias))
            slopes_of_bias = _slope(model, bias)
            if slopes_of_bias:
                slopes.put((x, y), 22, 26, slopes_of_bias, pretty(bias))
    for edge in model.edges:
        place = _on(edge, model, places)
        weights.put(place, 0, -6.5, short(model.weights[edge.weight]), pretty(edge.weight))
        slope = _slope(model, edge.weight)
        if slope:
            slopes.put(place, 0, 6.5, slope, pretty(edge.weight))
    if model.value("loss") is not None:
        place = (places["y"][0], (places["y"][1] + places["loss"][1]) / 2 - 6)
        names.put(place, 0, 0, f"×{short(model.node('loss').local_slopes[0])}")
    return [
        names.mark("written beside"),
        weights.mark("weights"),
        values.mark("values", strong=True),
        slopes.mark("slopes", orange=True, strong=True),
    ]


def _slope(model: TapeModel, name: str) -> str:
    """The slope of a name as it is written: in brackets while ways are missing."""
    slope = model.gradient(name)
    if slope is None:
        return ""
    return short(slope) if model.complete(name) else f"({short(slope)})"


def _on(edge: Edge, model: TapeModel, places: dict[str, tuple[float, float, float]]) -> Place:
    """Where the numbers of an edge stand, so that no two meet."""
    (x, y), (x2, y2) = _way(edge, places)[1]
    if edge.source == "x":
        share = 0.5
    elif edge.target == "y":
        share = 0.42
    else:
        share = {1: 0.5, 2: 2 / 3, 3: 0.75}[model.units]
    return x + share * (x2 - x), y + share * (y2 - y)


def _tape(model: TapeModel) -> list[Mark]:
    """A cell for each node, in the order in which they are calculated, and where the work is."""
    names = [node.name for node in model.nodes]
    pitch = (WIDE - CELL[0] - 4) / (len(names) - 1)
    at = {name: CELL[0] / 2 + 2 + i * pitch for i, name in enumerate(names)}
    waiting, done, back, cursor = _Written(), _Written(), _Written(), _Written()
    for name in names:
        known = model.value(name) is not None and (name != "x" or model.position > 0)
        ready = model.complete(name)
        word = back if ready else done if known else waiting
        word.put((at[name], STRIP), 0, 0, pretty(name))
    busy, now = [], model.now
    if now is not None:
        forward = now.kind == "forward"
        busy = [now.node]
        cursor.put((at[now.node], STRIP), 0, -20, "▸" if forward else "◂")
    colour: Colour = "blue" if now is None or now.kind == "forward" else "orange"
    level = [STRIP] * len(names)
    return [
        boxes([at[name] for name in names], level, CELL, "tape", "grey", 1.2),
        boxes([at[name] for name in busy], level[: len(busy)], CELL, "", colour, 3.0),
        waiting.mark("on the tape, not calculated"),
        done.mark("on the tape, calculated", strong=True),
        back.mark("on the tape, slope complete", orange=True, strong=True),
        cursor.mark("at work"),
    ]
