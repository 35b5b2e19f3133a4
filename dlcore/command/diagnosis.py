"""What a check of `dlcore doctor` finds. Only the standard library is imported here."""

from __future__ import annotations

import sys
from dataclasses import dataclass

OK, NOTE, BROKEN = "ok", "note", "broken"


@dataclass(frozen=True)
class Finding:
    """One line of the table: `state` is "ok", "note" (works without) or "broken"."""

    topic: str
    state: str
    text: str
    mend: str = ""


def pip() -> str:
    """How this Python's pip is called."""
    return f"{sys.executable} -m pip"
