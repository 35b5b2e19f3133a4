"""The table of a model: its layers, their outputs, their weights."""

from __future__ import annotations

import html
import re
import sys
import textwrap
from collections.abc import Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from dlcore.engine import tree
from dlcore.engine.symbol import Call
from dlcore.layers import Layer
from dlcore.utils.lookup import did_you_mean

if TYPE_CHECKING:
    from dlcore.models.model import Model

_HEADER = ("Layer (type)", "Output Shape", "Param #", "Connected to", "Trainable")
# How wide a column is at least, and on which side its text stands.
_WIDTHS = (31, 22, 13, 22, 9)
_SIDES = (str.ljust, str.ljust, str.rjust, str.ljust, str.center)
# Where the columns end in a table of a given width, as in Keras: without and with connections.
_POSITIONS = {3: (0.45, 0.80, 1.0), 4: (0.3, 0.56, 0.74, 1.0)}
_LEAST = 4  # letters that a column has room for


class Table:
    """The table of a model: titles, and for each layer a row.

    Shapes are known for a model that starts with an Input; else there is a "?". Where the layers
    are no mere chain, a column names the layers whose outputs each one takes.

    Args:
        model: the model.
        expand_nested: whether the layers of a model that is a layer follow it.
        show_trainable: whether a column tells which layers are trained: "Y", "N", and "-" for one
            without weights.
        layer_range: the names of the first and the last layer to show, or patterns for them.

    Raises:
        ValueError: if layer_range is no pair, or a name fits no layer.
    """

    def __init__(
        self,
        model: Model,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        self.connects = _is_branched(model)
        self._trainable = show_trainable
        # Which of the columns there are.
        self.columns = [0, 1, 2, *([3] if self.connects else []), *([4] if show_trainable else [])]
        self.titles = [_HEADER[column] for column in self.columns]
        self.rows = self._of(model, _between(model.layers, layer_range), expand_nested)

    def _of(
        self, model: Model, layers: Sequence[Layer], nested: bool, depth: int = 0
    ) -> list[list[str]]:
        calls = _calls(model)
        branched = self.connects and _is_branched(model)
        found = []
        for layer in layers:
            own = calls.get(id(layer), [])
            count = f"{layer.count_params():,}" if layer.built else "? (not built)"
            shape = ", ".join(dict.fromkeys(_shapes(call.outputs) for call in own)) or "?"
            before = "   " * depth + "└ " if depth else ""
            row = [f"{before}{_visible(layer.name)} ({type(layer).__name__})", shape, count]
            if self.connects:
                known = own if branched else []
                sources = [
                    _visible(s.call.layer.name) for call in known for s in call.symbols if s.call
                ]
                row.append(", ".join(sources) or "-")
            if self._trainable:
                row.append(("Y" if layer.trainable else "N") if layer.weights else "-")
            found.append(row)
            inner: Any = layer
            if nested and hasattr(inner, "calls"):
                found += self._of(inner, inner.layers, nested, depth + 1)
        return found


def _between(layers: list[Layer], layer_range: Sequence[str] | None) -> list[Layer]:
    """The layers from the first that fits a name to the last that fits another."""
    if layer_range is None:
        return layers
    pair = isinstance(layer_range, list | tuple) and len(layer_range) == 2
    if not pair or not all(isinstance(name, str) for name in layer_range):
        raise ValueError(
            f"layer_range is a pair of names, the first and the last layer to show, not "
            f"{layer_range!r}."
        )
    places = []
    for name in layer_range:
        fitting = [i for i, layer in enumerate(layers) if re.match(name, layer.name)]
        if not fitting:
            known = [layer.name for layer in layers]
            hint = did_you_mean(name, known) or f" The layers are {', '.join(known)}."
            raise ValueError(f"layer_range names {name!r}, and no layer is called so.{hint}")
        places.append(fitting)
    first, last = sorted((places[0][0], places[1][-1]))
    return layers[first : last + 1]


def _is_branched(model: Model) -> bool:
    """Whether the layers of a model of symbols are no mere chain."""
    return model.inputs is not None and not hasattr(model, "add") and not _is_chain(model)


def _visible(name: str) -> str:
    """A name with what steers a terminal written out, such as the escape character."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in name)


def _calls(model: Model) -> dict[int, list[Call]]:
    """The calls of each layer in the graph of the model, by the id of the layer."""
    found: dict[int, list[Call]] = {}
    if model.inputs is not None:
        sources = [symbol.call for symbol in model.inputs if symbol.call]
        for call in (*sources, *model.calls):
            found.setdefault(id(call.layer), []).append(call)
    return found


def _is_chain(model: Model) -> bool:
    """Whether each layer is called once, on the output of the one before."""
    inputs = model.inputs or []
    before = inputs
    for call in model.calls:
        if len(before) != 1 or [id(s) for s in call.symbols] != [id(before[0])]:
            return False
        before = tree.leaves(call.outputs)
    return len(inputs) == 1


def _shapes(outputs: Any) -> str:
    return ", ".join(str(symbol.shape) for symbol in tree.leaves(outputs))


def totals(model: Model) -> list[str]:
    """The lines under the table: all weights, those that are trained, those that are not."""
    counts = {
        "Total": model.weights,
        "Trainable": model.trainable_weights,
        "Non-trainable": model.non_trainable_weights,
    }
    lines = []
    for name, variables in counts.items():
        size = sum(v.data.nbytes for v in variables)
        number = sum(v.size for v in variables)
        lines.append(f"{name} params: {number:,} ({_bytes(size)})")
    return lines


def as_text(
    model: Model,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    **chosen: Any,
) -> str:
    """The table in box-drawing characters, as Keras prints it.

    Args:
        model: the model.
        line_length: letters of a line; default: what the longest entries need. In a line that is
            too short for them entries go on in the next.
        positions: where each column ends, as shares of a line or in letters.
        chosen: for `Table`.

    Raises:
        ValueError: if a column would be too narrow, or there are not as many positions as columns.
    """
    table = Table(model, **chosen)
    if line_length is None and positions is None:
        widths = [
            max(_WIDTHS[column], *(len(cell) for cell in cells))
            for column, cells in zip(
                table.columns, zip(table.titles, *table.rows, strict=True), strict=True
            )
        ]
    else:
        widths = _fixed_widths(table, line_length, positions)

    def rule(left: str, middle: str, right: str, dash: str) -> str:
        return left + middle.join(dash * (w + 2) for w in widths) + right

    def lines_of(row: Sequence[str], bar: str) -> list[str]:
        parts = [_wrapped(cell, w) for cell, w in zip(row, widths, strict=True)]
        return [
            bar
            + bar.join(
                f" {_SIDES[column](cell, w)} "
                for column, cell, w in zip(table.columns, cells, widths, strict=True)
            )
            + bar
            for cells in zip_longest(*parts, fillvalue="")
        ]

    title = f'Model: "{_visible(model.name)}"'
    lines = [title, rule("┏", "┳", "┓", "━"), *lines_of(table.titles, "┃")]
    lines.append(rule("┡", "╇", "┩", "━"))
    for i, row in enumerate(table.rows):
        lines += [rule("├", "┼", "┤", "─")] if i else []
        lines += lines_of(row, "│")
    lines.append(rule("└", "┴", "┘", "─"))
    return "\n".join([*lines, *(f" {text}" for text in totals(model))])


def _fixed_widths(
    table: Table, line_length: int | None, positions: Sequence[float] | None
) -> list[int]:
    """How many letters each column has in a line of a given length."""
    count = len(table.columns)
    if positions is None:
        usual = _POSITIONS[3 + table.connects]
        positions = [*(0.9 * end for end in usual), 1.0] if count > len(usual) else usual
    if len(positions) != count:
        raise ValueError(
            f"positions has one number for each of the {count} columns "
            f"({', '.join(table.titles)}), not {len(positions)}."
        )
    shares = positions[-1] <= 1
    length = line_length or (sum(_WIDTHS[c] + 3 for c in table.columns) + 1 if shares else None)
    room = int(length or positions[-1]) - 3 * count - 1
    # Absolute positions are shares of the last.
    ends = [int(room * end / (1 if shares else positions[-1])) for end in positions]
    widths = [end - start for start, end in zip([0, *ends], ends, strict=False)]
    if min(widths) < _LEAST:
        raise ValueError(
            f"A line of {length or int(positions[-1])} letters is too short for the {count} "
            f"columns ({', '.join(table.titles)}); give line_length=80, or leave it out."
        )
    return widths


def _wrapped(cell: str, width: int) -> list[str]:
    """The lines of a cell; words that are too long are cut."""
    return textwrap.wrap(cell, width) or [""]


def as_html(model: Model) -> str:
    """The table for a notebook."""
    table = Table(model)
    left = "style='text-align:left'"
    cells = "".join(
        "<tr>"
        + "".join(f"<td{'' if i == 2 else ' ' + left}>{html.escape(c)}</td>" for i, c in row)
        + "</tr>"
        for row in map(enumerate, table.rows)
    )
    head = "".join(f"<th {left}>{title}</th>" for title in table.titles)
    return (
        f"<b>{html.escape(_visible(model.name))}</b><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{cells}</tbody></table>{'<br>'.join(totals(model))}"
    )


def print_text(text: str) -> None:
    """Print, in plain ASCII where the output cannot show box-drawing characters."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(str.maketrans("┏┳┓┡╇┩├┼┤└┴┘━─┃│", "++++++++++++=-||"))
    print(text)


def _bytes(size: float) -> str:
    for unit in ("B", "KB", "MB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} GB"
