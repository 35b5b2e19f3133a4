"""A model as a diagram in SVG: a box for each call of a layer, an arrow for each tensor."""

from __future__ import annotations

import html
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from dlcore.engine import tree
from dlcore.utils.layered_layout import Layout, Point, lay_out
from dlcore.utils.lookup import one_of

_LETTER = 7.3  # how wide a letter of the font is, in pixels
_LINE, _PAD, _TITLE, _EDGE = 19.0, 10.0, 26.0, 16.0
_FONT = "ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
_HEAD, _INPUT, _INK = "#33415c", "#6b7a99", "#1f2937"
_GROUND = "#f4f6fa"
_TRAINED, _FROZEN = "#1a7f37", "#b42318"


class ModelDiagram:
    """The picture of a model, which a notebook shows.

    Args:
        data: the picture in SVG.
        described: what is in it, in words.
    """

    def __init__(self, data: str, described: str) -> None:
        self.data, self.described = data, described

    def _repr_svg_(self) -> str:
        return self.data

    def __repr__(self) -> str:
        return f"<{self.described}>"


def plot_model(
    model: Any,
    to_file: str | os.PathLike[str] | None = "model.svg",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    splines: str = "ortho",
) -> ModelDiagram:
    """Draw the layers of a model and what flows between them.

        a, b = Input((4,), name="a"), Input((2,), name="b")
        h = Dense(8, activation="relu")(a)
        y = Dense(1)(Concatenate()([h, b]))
        plot_model(Model([a, b], y), "two_roads.svg", show_shapes=True)

    Neither Graphviz nor pydot is needed. As the value of a cell, a notebook shows the picture.
    A layer that is called twice has two boxes, since different tensors flow through them.

    Args:
        model: a built model. One that is a class of its own is a single box.
        to_file: where to write the picture, which ends in .svg; default "model.svg". None: nothing
            is written.
        show_shapes: whether the boxes tell shapes; default False.
        show_dtype: whether they tell the dtype of the outputs; default False.
        show_layer_names: whether they tell the names of the layers; default False.
        rankdir: "TB" (default), from top to bottom, or "LR", from left to right.
        expand_nested: whether the layers of a model that is a layer are drawn; default False.
        dpi: taken for code that sets it; an SVG is sharp in any size.
        show_layer_activations: whether they tell the activation, where there is one; default
            False.
        show_trainable: whether they tell if their weights are trained; default False.
        splines: taken for code that sets it.

    Raises:
        ValueError: the model is not built, or the ending is another.
    """
    one_of(rankdir, ("TB", "LR"), "rankdir")
    if to_file is not None and not os.fspath(to_file).lower().endswith(".svg"):
        raise ValueError(
            f"plot_model writes SVG, which browsers and word processors show, not "
            f"{os.fspath(to_file)!r}; write to_file='model.svg'."
        )
    if not getattr(model, "built", False):
        raise ValueError(
            f"The model {getattr(model, 'name', model)!r} is not built yet; call it on a batch, or "
            "begin it with an Input."
        )
    box = partial(
        _box,
        shapes=show_shapes,
        dtype=show_dtype,
        names=show_layer_names,
        activations=show_layer_activations,
        trainable=show_trainable,
    )
    graph = _graph_of(model, box, expand_nested)
    drawn = _Drawing(rankdir == "LR").whole(graph, _visible(model.name))
    count = len(graph.boxes)
    where = f", in {os.fspath(to_file)}" if to_file is not None else ""
    if to_file is not None:
        Path(to_file).write_text(drawn, "utf-8")
    boxes = "box" if count == 1 else "boxes"
    return ModelDiagram(drawn, f"diagram of the model {model.name!r}: {count} {boxes}{where}")


def model_to_dot(*_: Any, **__: Any) -> NoReturn:
    """Not here: dlcore draws without Graphviz, by `plot_model`.

    Raises:
        NotImplementedError: always.
    """
    raise NotImplementedError(
        "model_to_dot gives an object of pydot, which dlcore does not use; "
        "plot_model(model, 'model.svg') draws the model itself."
    )


@dataclass
class _Box:
    """A box: a title and lines of text, each with its colour; or a model with boxes in it."""

    title: str
    colour: str
    lines: list[tuple[str, str]]
    inside: _Graph | None = None


@dataclass
class _Graph:
    """Boxes, and arrows: from an output of one (box, number) to an input of another.

    Where a model is drawn as boxes, `entries` are those that its inputs are, and `exits` those
    that give its outputs.
    """

    boxes: list[_Box]
    arrows: list[tuple[tuple[int, int], tuple[int, int]]]
    entries: list[int]
    exits: list[tuple[int, int]]


def _graph_of(model: Any, box: Callable[..., _Box], nested: bool) -> _Graph:
    graph = _Graph([], [], [], [])
    if getattr(model, "inputs", None) is None:
        graph.boxes.append(box(model, [], []))
        return graph
    is_chain = hasattr(model, "add")  # a Sequential has no box for its input
    made: dict[int, tuple[int, int]] = {}
    for symbol in model.inputs:
        if not is_chain:
            source = symbol.call.layer if symbol.call and not symbol.call.symbols else None
            made[id(symbol)] = (len(graph.boxes), 0)
            graph.entries.append(len(graph.boxes))
            graph.boxes.append(box(source, [], [symbol], symbol.name))
    for call in model.calls:
        number = len(graph.boxes)
        outputs = tree.leaves(call.outputs)
        drawn = box(call.layer, call.symbols, outputs, times=call.number)
        if nested and hasattr(call.layer, "calls") and call.layer.inputs is not None:
            drawn.inside = _graph_of(call.layer, box, nested)
        graph.boxes.append(drawn)
        for place, symbol in enumerate(call.symbols):
            if id(symbol) in made:
                graph.arrows.append((made[id(symbol)], (number, place)))
            else:
                graph.entries.append(number)
        for place, symbol in enumerate(outputs):
            made[id(symbol)] = (number, place)
    graph.exits = [made[id(symbol)] for symbol in model.outputs if id(symbol) in made]
    return graph


def _box(
    layer: Any,
    inputs: list[Any],
    outputs: list[Any],
    name: str = "",
    times: int = 0,
    *,
    shapes: bool,
    dtype: bool,
    names: bool,
    activations: bool,
    trainable: bool,
) -> _Box:
    """The box of a call; of an Input with no layer, by its name."""
    kind = type(layer).__name__ if layer is not None else "Input"
    name = _visible(layer.name if layer is not None else name)
    title = f"{name} ({kind})" if names else kind
    is_input = not inputs and kind in ("Input", "InputLayer")
    lines = []
    activation = getattr(layer, "activation", None)
    if activations and activation is not None:
        called = getattr(activation, "__name__", None) or type(activation).__name__
        lines.append((f"activation {called}", _INK))
    if shapes:
        lines += [] if is_input else [(f"in  {_shapes(inputs)}", _INK)]
        lines.append((f"out {_shapes(outputs)}", _INK))
    if dtype:
        types = ", ".join(dict.fromkeys(str(symbol.dtype) for symbol in outputs)) or "?"
        lines.append((f"dtype {types}", _INK))
    if trainable and layer is not None and layer.weights:
        lines.append(("trained", _TRAINED) if layer.trainable else ("not trained", _FROZEN))
    if times:
        title += f", call {times + 1}"
    return _Box(title, _INPUT if is_input else _HEAD, lines)


def _shapes(symbols: list[Any]) -> str:
    return ", ".join(str(symbol.shape) for symbol in symbols) or "?"


def _visible(name: str) -> str:
    """A name with what a picture cannot show written out, such as the escape character."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in name)


@dataclass
class _Placed:
    """A graph with places: how large it is, and what lies where in it."""

    size: Point
    layout: Layout
    inner: dict[int, _Placed]  # the graphs in boxes
    ends: list[int]  # for each exit the number of the way that leads out


class _Drawing:
    """Draws a graph; all is reckoned from top to bottom, and turned for `rankdir="LR"`.

    Args:
        sideways: whether the arrows go from left to right.
    """

    def __init__(self, sideways: bool) -> None:
        self.sideways = sideways

    def whole(self, graph: _Graph, name: str) -> str:
        """The picture as a text."""
        placed = self._place(graph, is_inside=False)
        width, height = (round(n + 2 * _EDGE) for n in placed.size)
        parts = [*self._draw(graph, placed, (_EDGE, _EDGE))]
        words = html.escape(f"The model {name}: {_in_words(graph)}")
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
                f'viewBox="0 0 {width} {height}" role="img" font-family="{_FONT}" font-size="12">',
                f"<title>{words}</title>",
                f'<rect width="{width}" height="{height}" fill="white"/>',
                *parts,
                "</svg>\n",
            ]
        )

    def _turned(self, point: Point) -> Point:
        return (point[1], point[0]) if self.sideways else point

    def _place(self, graph: _Graph, is_inside: bool) -> _Placed:
        inner = {
            n: self._place(box.inside, is_inside=True)
            for n, box in enumerate(graph.boxes)
            if box.inside is not None
        }
        sizes = [
            _around(inner[n].size, box) if n in inner else _size(box)
            for n, box in enumerate(graph.boxes)
        ]
        edges = [(start[0], end[0]) for start, end in graph.arrows]
        exits = graph.exits if is_inside else []
        ends = [len(edges) + n for n in range(len(exits))]
        # Where an output leaves a model that is a box, nothing may lie in its way.
        last = list(range(len(sizes), len(sizes) + len(exits)))
        edges += [(start[0], n) for start, n in zip(exits, last, strict=True)]
        layout = lay_out(
            [self._turned(size) for size in [*sizes, *((2.0, 2.0) for _ in last)]],
            edges,
            first=graph.entries if is_inside else (),
            last=last,
        )
        turned = Layout(
            [self._turned(point) for point in layout.middles],
            [[self._turned(point) for point in way] for way in layout.ways],
            self._turned(layout.size),
        )
        return _Placed(turned.size, turned, inner, ends)

    def _draw(self, graph: _Graph, placed: _Placed, at: Point) -> Iterator[str]:
        titles = []
        for n, box in enumerate(graph.boxes):
            middle = placed.layout.middles[n]
            middle = (middle[0] + at[0], middle[1] + at[1])
            if n in placed.inner:
                frame, title = _frame(box, _around(placed.inner[n].size, box), middle)
                yield frame
                titles.append(title)
                assert box.inside is not None
                yield from self._draw(box.inside, placed.inner[n], self._corner(placed, n, at))
            else:
                yield from _filled(box, middle)
        for (start, end), way in zip(graph.arrows, placed.layout.ways, strict=False):
            points = [(x + at[0], y + at[1]) for x, y in way]
            head = self._way_out(graph, placed, start, at)
            tail = self._way_in(graph, placed, end, at)
            yield from self._arrow([*(head or points[:1]), *points[1:-1], *(tail or points[-1:])])
        yield from titles  # over the arrows that come in beside them

    def _corner(self, placed: _Placed, n: int, at: Point) -> Point:
        """Where the graph in a box begins."""
        middle, size = placed.layout.middles[n], placed.inner[n].size
        return (
            at[0] + middle[0] - size[0] / 2,
            at[1] + middle[1] - size[1] / 2 + _TITLE / 2,
        )

    def _way_out(
        self, graph: _Graph, placed: _Placed, start: tuple[int, int], at: Point
    ) -> list[Point]:
        """From the box in a box that gives an output to the edge of the outer one."""
        box, number = start
        inside = graph.boxes[box].inside
        if inside is None or not inside.exits:
            return []
        inner, corner = placed.inner[box], self._corner(placed, box, at)
        number = min(number, len(inside.exits) - 1)
        way = [(x + corner[0], y + corner[1]) for x, y in inner.layout.ways[inner.ends[number]]]
        return (self._way_out(inside, inner, inside.exits[number], corner) or way[:1]) + way[1:]

    def _way_in(
        self, graph: _Graph, placed: _Placed, end: tuple[int, int], at: Point
    ) -> list[Point]:
        """The place where an input of a model in a box is taken."""
        box, number = end
        inside = graph.boxes[box].inside
        if inside is None or not inside.entries:
            return []
        inner, corner = placed.inner[box], self._corner(placed, box, at)
        entry = inside.entries[min(number, len(inside.entries) - 1)]
        deeper = self._way_in(inside, inner, (entry, 0), corner)
        if deeper:
            return deeper
        x, y = inner.layout.middles[entry]
        width, height = _size(inside.boxes[entry])
        x, y = (x - width / 2, y) if self.sideways else (x, y - height / 2)
        return [(x + corner[0], y + corner[1])]

    def _arrow(self, points: list[Point]) -> Iterator[str]:
        path = [f"M{_n(points[0])}"]
        for (x, y), (u, v) in zip(points, points[1:], strict=False):
            if abs(x - u) < 0.5 or abs(y - v) < 0.5:
                path.append(f"L{_n((u, v))}")
            elif self.sideways:
                path.append(f"C{_n(((x + u) / 2, y))} {_n(((x + u) / 2, v))} {_n((u, v))}")
            else:
                path.append(f"C{_n((x, (y + v) / 2))} {_n((u, (y + v) / 2))} {_n((u, v))}")
        x, y = points[-1]
        corners = [(x, y), (x - 8, y - 4), (x - 8, y + 4)]
        if not self.sideways:
            corners = [(x, y), (x - 4, y - 8), (x + 4, y - 8)]
        yield f'<path d="{" ".join(path)}" fill="none" stroke="{_INK}" stroke-width="1.2"/>'
        yield f'<polygon points="{" ".join(map(_n, corners))}" fill="{_INK}"/>'


def _size(box: _Box) -> Point:
    letters = max(len(text) for text in [box.title, *(text for text, _ in box.lines)])
    return (
        letters * _LETTER + 2 * _PAD,
        _TITLE + (len(box.lines) * _LINE + _PAD if box.lines else 0),
    )


def _around(size: Point, box: _Box) -> Point:
    """How large a box around a graph is."""
    return max(size[0], len(box.title) * _LETTER) + 2 * _PAD, size[1] + _TITLE + 2 * _PAD


def _filled(box: _Box, middle: Point) -> Iterator[str]:
    width, height = _size(box)
    x, y = middle[0] - width / 2, middle[1] - height / 2
    place = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}"'
    yield f'<rect {place} height="{height:.1f}" rx="4" fill="white" stroke="{box.colour}"/>'
    yield f'<rect {place} height="{_TITLE}" rx="4" fill="{box.colour}"/>'
    yield _text(box.title, middle[0], y + _TITLE / 2 + 4, "white", bold=True)
    for number, (text, colour) in enumerate(box.lines):
        yield _text(text, middle[0], y + _TITLE + (number + 1) * _LINE, colour)


def _frame(box: _Box, size: Point, middle: Point) -> tuple[str, str]:
    """The frame around the boxes of a model, and its title."""
    x, y = middle[0] - size[0] / 2, middle[1] - size[1] / 2
    frame = (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{size[0]:.1f}" height="{size[1]:.1f}" rx="6" '
        f'fill="{_GROUND}" stroke="{box.colour}" stroke-dasharray="5 4"/>'
    )
    title = _text(box.title, x + _PAD, y + _TITLE / 2 + 4, box.colour, bold=True, anchor="start")
    return frame, title.replace(
        "<text", f'<text stroke="{_GROUND}" stroke-width="6" paint-order="stroke"', 1
    )


def _text(
    text: str, x: float, y: float, colour: str, bold: bool = False, anchor: str = "middle"
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{weight} '
        f'xml:space="preserve">{html.escape(text)}</text>'
    )


def _n(point: Point) -> str:
    return f"{point[0]:.1f},{point[1]:.1f}"


def _in_words(graph: _Graph) -> str:
    """The boxes, each with those that it takes from."""
    said = []
    for n, box in enumerate(graph.boxes):
        sources = [graph.boxes[start[0]].title for start, end in graph.arrows if end[0] == n]
        said.append(box.title + (f" of {', '.join(sources)}" if sources else ""))
        if box.inside is not None:
            said[-1] += f" ({_in_words(box.inside)})"
    return "; ".join(said)
