"""The table of a model: its layers, their outputs, their weights."""

from __future__ import annotations

import html
import sys
from typing import Any

_HEADER = ("Layer (type)", "Output Shape", "Param #")


def rows(model: Any) -> list[tuple[str, str, str]]:
    """For each layer its name and type, the shape of its output and its number of weights.

    Shapes are known for a Sequential model that is built; else there is a "?".
    """
    shape = getattr(model, "input_shape", None)
    table = []
    for layer in model.layers:
        shape = None if shape is None else layer.compute_output_shape(shape)
        count = f"{layer.count_params():,}" if layer.built else "? (not built)"
        described = "?" if shape is None else str(tuple(shape))
        table.append((f"{layer.name} ({type(layer).__name__})", described, count))
    return table


def totals(model: Any) -> list[str]:
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


def as_text(model: Any) -> str:
    """The table in box-drawing characters, as Keras prints it."""
    table = rows(model)
    widths = [max(len(row[i]) for row in (_HEADER, *table)) for i in range(3)]
    widths = [max(*pair) for pair in zip(widths, (31, 22, 13), strict=True)]

    def rule(left: str, middle: str, right: str, dash: str) -> str:
        return left + middle.join(dash * (w + 2) for w in widths) + right

    def line(row: tuple[str, ...], bar: str) -> str:
        name, shape, count = row
        cells = (name.ljust(widths[0]), shape.ljust(widths[1]), count.rjust(widths[2]))
        return bar + bar.join(f" {cell} " for cell in cells) + bar

    lines = [f'Model: "{model.name}"', rule("┏", "┳", "┓", "━"), line(_HEADER, "┃")]
    lines.append(rule("┡", "╇", "┩", "━"))
    for i, row in enumerate(table):
        lines += [rule("├", "┼", "┤", "─")] if i else []
        lines.append(line(row, "│"))
    lines.append(rule("└", "┴", "┘", "─"))
    return "\n".join([*lines, *(f" {text}" for text in totals(model))])


def as_html(model: Any) -> str:
    """The table for a notebook."""
    cells = "".join(
        "<tr>" + "".join(f"<td style='text-align:left'>{html.escape(c)}</td>" for c in row[:2])
        + f"<td>{html.escape(row[2])}</td></tr>"
        for row in rows(model)
    )  # fmt: skip
    head = "".join(f"<th style='text-align:left'>{title}</th>" for title in _HEADER)
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
