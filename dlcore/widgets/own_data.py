"""What a classifier learns from: the credit data, or a table that somebody pastes."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

ROWS = 5000
COLUMNS = 20


@dataclass(frozen=True)
class Data:
    """Inputs and targets of a classifier with two classes.

    Args:
        names: of the inputs.
        classes: the words for target 0 and for target 1.
        x: inputs of mean 0 and spread 1, float32, shape (n, i).
        t: targets 0 and 1, float32, shape (n,).
        test: inputs and targets that are never trained on, if there are any.
        program: the lines of a program that make ``x_train`` and ``y_train`` anew.
    """

    names: tuple[str, ...]
    classes: tuple[str, str]
    x: np.ndarray
    t: np.ndarray
    test: tuple[np.ndarray, np.ndarray] | None
    program: str


def credit_data() -> Data:
    """The credit data: eight numbers of a client, good (0) or bad (1)."""
    from dlcore.datasets import credit

    split: Any = credit.load_data()  # a table only with raw=True
    (x, t), test = split
    program = (
        "from dlcore.datasets import credit\n\n(x_train, y_train), (x_test, y_test) = "
        "credit.load_data()\n"
    )
    return Data(credit.feature_names, ("good", "bad"), x, t, test, program)


def from_csv(path: str | Path) -> Data:
    """The table in a file; see ``from_text``."""
    return from_text(Path(path).read_text(encoding="utf-8-sig"))


def from_text(text: str) -> Data:
    """A table as text: a line of names, then numbers, and in the last column one of two classes.

    Columns are parted by commas, semicolons or tabs. A number may have a point or a comma before
    its decimals, as 3.5 or 3,5; between commas, 3,5 needs quotation marks. The class of the first
    row in the order of the alphabet (or of the numbers) is target 0. Each input is shifted and
    scaled to mean 0 and spread 1.

    Raises:
        ValueError: with the line and what is wrong there.
    """
    rows = _cells(text)
    names, rows = rows[0], rows[1:]
    if len(rows) > ROWS or len(names) > COLUMNS + 1:
        raise ValueError(
            f"The table has {len(rows)} rows and {len(names) - 1} inputs; the cockpit takes "
            f"{ROWS} rows and {COLUMNS} inputs at most."
        )
    for number, row in enumerate(rows, 1):
        if len(row) != len(names):
            raise ValueError(
                f"Row {number} has {len(row)} columns, but there are {len(names)} names: "
                f"{', '.join(names)}. In a table that is parted by commas, write 3.5 or "
                '"3,5", not 3,5.'
            )
    x = np.empty((len(rows), len(names) - 1))
    for column, name in enumerate(names[:-1]):
        cells = [row[column] for row in rows]
        _refuse_two_manners(cells, name)
        for number, cell in enumerate(cells):
            x[number, column] = _number(cell, number + 1, name)
    classes = _classes([row[-1] for row in rows], names[-1])
    t = np.array([row[-1] == classes[1] for row in rows], np.float32)
    spread = x.std(axis=0)
    scaled = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1)
    lines = "\n".join(f"    {line + chr(10)!r}" for line in text.strip().splitlines())
    program = (
        f"from dlcore.widgets.own_data import from_text\n\nTABLE = (\n{lines}\n)\n"
        "data = from_text(TABLE)\nx_train, y_train = data.x, data.t\n"
    )
    return Data(tuple(names[:-1]), classes, scaled.astype(np.float32), t, None, program)


def _cells(text: str) -> list[list[str]]:
    lines = [line for line in text.strip().splitlines() if line.strip()]
    if len(lines) < 5:
        raise ValueError(
            "The table is too short: give a line of names and at least four rows; "
            f"lines so far: {len(lines)}."
        )
    separator = _separator(lines)
    rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=separator)]
    if len(rows[0]) < 3:
        raise ValueError(
            f"The first line has {len(rows[0])} names; give at least two inputs and the class, "
            "parted by commas."
        )
    if all(_is_number(cell) for cell in rows[0]):
        raise ValueError("The first line holds only numbers; put a line of names above it.")
    return rows


def _classes(labels: list[str], name: str) -> tuple[str, str]:
    found = sorted(set(labels))
    if len(found) != 2:
        some = ", ".join(found[:4])
        raise ValueError(
            f"The last column, {name}, holds {len(found)} different values ({some}); the cockpit "
            "tells two classes apart."
        )
    return found[0], found[1]


def _separator(lines: list[str]) -> str:
    """What parts the columns: a comma only if it is not the one before decimals."""
    for separator in "\t;":
        if all(separator in line for line in lines):
            return separator
    return max(",;\t", key=lines[0].count)


def _refuse_two_manners(cells: list[str], name: str) -> None:
    """A column with 3.5 and 3,5 is refused: in one of the two manners 1,000 is a thousand."""
    comma = [cell for cell in cells if "," in cell and "." not in cell]
    point = [cell for cell in cells if "." in cell and "," not in cell]
    if comma and point:
        raise ValueError(
            f"Column {name} holds {point[0]!r} and {comma[0]!r}; write all its decimals after a "
            "point, or all after a comma."
        )


def _value(cell: str) -> float:
    """The number in a cell; a single comma stands before decimals, as a point does."""
    if cell.count(",") == 1 and "." not in cell:
        cell = cell.replace(",", ".")
    return float(cell.replace("\N{MINUS SIGN}", "-"))


def _is_number(cell: str) -> bool:
    try:
        return bool(np.isfinite(_value(cell)))
    except ValueError:
        return False


def _number(cell: str, row: int, name: str) -> float:
    if not _is_number(cell):
        raise ValueError(f"Row {row}, column {name} holds {cell!r}, which is not a number.")
    return _value(cell)
