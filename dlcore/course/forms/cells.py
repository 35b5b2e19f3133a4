"""A code cell as text that Python can read."""

from __future__ import annotations

import re
from dataclasses import dataclass

MAGIC = re.compile(r"[ \t]*[%!?]")
# Cells that begin with one of these hold Python all the same.
PYTHON_MAGICS = ("%%time", "%%capture", "%%prun")


@dataclass(frozen=True)
class Cell:
    """A code cell: its number among the code cells of its notebook from 1, and its text."""

    number: int
    text: str


def cleaned(source: str) -> str:
    """The text of a cell without what is no Python; every line keeps its number."""
    source = source.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    first = source.lstrip().partition("\n")[0]
    if first.startswith("%%") and not first.startswith(PYTHON_MAGICS):
        return ""  # A cell in another language.
    # Commands of the notebook are no Python; an empty line in their place keeps the numbering.
    return "\n".join("" if MAGIC.match(line) else line for line in source.split("\n"))
