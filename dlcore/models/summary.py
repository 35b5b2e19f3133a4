"""The table of a model: its layers, their outputs, their weights."""

from __future__ import annotations

import html
import sys
from typing import TYPE_CHECKING, Any

from dlcore.engine import tree
from dlcore.engine.symbol import Call

if TYPE_CHECKING:
    from dlcore.models.model import Model

_HEADER = ("Layer (type)", "Output Shape", "Param #", "Connected to")
# How wide a column is at least, and on which side its text stands.
_WIDTHS = (31, 22, 13, 22)


def rows(model: Model) -> list[tuple[str, ...]]:
    """For each layer its name and type, the shape of its output and its number of weights.

    Shapes are known for a model that starts with an Input; else there is a "?". Where the layers
    are no mere chain, there is a fourth entry: the layers whose outputs each one takes.
    """
    calls = _calls(model)
    branched = model.inputs is not None and not hasattr(model, "add") and not _is_chain(model)
    table: list[tuple[str, ...]] = []
    for layer in model.layers:
        own = calls.get(id(layer), [])
        count = f"{layer.count_params():,}" if layer.built else "? (not built)"
        shape = ", ".join(dict.fromkeys(_shapes(call.outputs) for call in own)) or "?"
        row = (f"{layer.name} ({type(layer).__name__})", shape, count)
        if branched:
            sources = [s.call.layer.name for call in own for s in call.symbols if s.call]
            row = (*row, ", ".join(sources) or "-")  # type: ignore[assignment]
        table.append(row)
    return table


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


def as_text(model: Model) -> str:
    """The table in box-drawing characters, as Keras prints it."""
    table = rows(model)
    count = len(table[0]) if table else 3
    widths = [
        max(_WIDTHS[i], *(len(row[i]) for row in (_HEADER[:count], *table))) for i in range(count)
    ]

    def rule(left: str, middle: str, right: str, dash: str) -> str:
        return left + middle.join(dash * (w + 2) for w in widths) + right

    def line(row: tuple[str, ...], bar: str) -> str:
        # Numbers stand to the right, everything else to the left.
        cells = [
            cell.rjust(w) if i == 2 else cell.ljust(w)
            for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        ]
        return bar + bar.join(f" {cell} " for cell in cells) + bar

    lines = [f'Model: "{model.name}"', rule("┏", "┳", "┓", "━"), line(_HEADER[:count], "┃")]
    lines.append(rule("┡", "╇", "┩", "━"))
    for i, row in enumerate(table):
        lines += [rule("├", "┼", "┤", "─")] if i else []
        lines.append(line(row, "│"))
    lines.append(rule("└", "┴", "┘", "─"))
    return "\n".join([*lines, *(f" {text}" for text in totals(model))])


def as_html(model: Model) -> str:
    """The table for a notebook."""
    table = rows(model)
    left = "style='text-align:left'"
    cells = "".join(
        "<tr>"
        + "".join(f"<td{'' if i == 2 else ' ' + left}>{html.escape(c)}</td>" for i, c in row)
        + "</tr>"
        for row in map(enumerate, table)
    )
    titles = _HEADER[: len(table[0]) if table else 3]
    head = "".join(f"<th {left}>{title}</th>" for title in titles)
    return (
        f"<b>{html.escape(model.name)}</b><table><thead><tr>{head}</tr></thead>"
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
