"""The figures as Markdown, and the place in a page where they stand."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

START, END = "<!-- benchmarks -->", "<!-- /benchmarks -->"
NONE = "–"


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them, with three digits: 12.3 µs, 4.56 ms, 1.20 s."""
    for factor, unit in ((1e6, "µs"), (1e3, "ms")):
        if seconds * factor < 999.5:
            return f"{three(seconds * factor)} {unit}"
    return f"{three(seconds)} s"


def three(number: float) -> str:
    """A number with three digits, or all before the point if they are more."""
    decimals = 2 if number < 9.995 else 1 if number < 99.95 else 0
    return f"{number:.{decimals}f}"


def megabytes(count: float) -> str:
    """Bytes as millions of bytes."""
    return f"{count / 1e6:.0f} MB"


def times(ratio: float) -> str:
    """A ratio, with two digits or all before the point."""
    return f"{ratio:.2f}" if ratio < 9.95 else f"{ratio:.0f}"


@dataclass(frozen=True)
class Row:
    """A line of the table.

    Args:
        title: what is measured.
        figures: by column; a column that is missing is empty.
        show: gives a figure as words; default: as seconds.
    """

    title: str
    figures: Mapping[str, float]
    show: Callable[[float], str] = duration

    def text(self, column: str) -> str:
        """The figure of a column."""
        if column not in self.figures:
            return NONE
        return self.show(self.figures[column])

    def ratio(self, ours: str) -> str:
        """How many times as much as ours the least of the others is."""
        others = [figure for column, figure in self.figures.items() if column != ours]
        if not others or ours not in self.figures:
            return NONE
        return times(min(others) / self.figures[ours])


def table(rows: Sequence[Row], columns: Sequence[str], what: str = "what") -> str:
    """The rows as a Markdown table; the first column is ours, the last the ratio of the best peer.

    Args:
        rows: the lines.
        columns: the titles of the contenders.
        what: the title of the first column.
    """
    ours = columns[0]
    lines = [
        f"| {what} | {' | '.join(columns)} | best of the others ÷ {ours} |",
        "| --- |" + " ---: |" * (len(columns) + 1),
    ]
    for row in rows:
        cells = [row.title, *(row.text(column) for column in columns), row.ratio(ours)]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def middle(values: Sequence[float]) -> float:
    """The median."""
    return statistics.median(values)


def spread(values: Sequence[float]) -> str:
    """The least and the greatest, beside the median, in percent."""
    low, high = (100 * (f(values) / middle(values) - 1) for f in (min, max))
    return f"{low:+.0f} % to {high:+.0f} %"


def write(text: str, path: Path, start: str = START, end: str = END) -> None:
    """Put a text between the two markers of a file, in place of what stands there.

    Raises:
        ValueError: if the file does not have each marker once, in their order.
    """
    content = path.read_text("utf-8")
    before, begun, rest = content.partition(start)
    _, ended, after = rest.partition(end)
    if not (begun and ended) or start in after or end in before + after:
        raise ValueError(f"{path} must have the line {start} once and below it {end} once.")
    path.write_text(f"{before}{start}\n{text.strip()}\n{end}{after}", "utf-8")
