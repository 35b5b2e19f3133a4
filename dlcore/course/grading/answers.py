"""What a child says about a call, turned into an ``Outcome``; nothing of it is taken on trust."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from dlcore.course.forms.gathering import Gathered
from dlcore.course.grading.inside.wire import WireError, decode
from dlcore.course.outcome import Outcome

GARBLED = "What it sent back is no data: it interfered with the marking, and got no marks for it."


class Tampered(Exception):
    """The submission reached for something outside, or sent what is no data."""


def outcome_of(answer: dict[str, Any], gathered: Gathered) -> Outcome:
    """An answer of the child as an outcome; every part of it is checked.

    Raises:
        Tampered: if it is none.
    """
    changed, printed = answer.get("changed", []), answer.get("printed", "")
    warned = answer.get("warned", "")
    if not isinstance(printed, str) or not isinstance(warned, str) or not _numbers(changed):
        raise Tampered(GARBLED)
    outcome = Outcome(printed=clean(printed, 2000, True), warned=clean(warned, 300))
    outcome.random = answer.get("random") is True
    if "error" in answer:
        outcome.error = _error(answer)
        outcome.line = _line(answer, gathered)
        return outcome
    try:
        outcome.value = decode(answer.get("value"))
    except WireError:
        raise Tampered(GARBLED) from None
    outcome.changed = tuple(changed)
    return outcome


def _numbers(values: Any) -> bool:
    return isinstance(values, list) and all(type(v) is int and 0 <= v < 20 for v in values)


def _error(answer: dict[str, Any]) -> BaseException:
    """An error of the named type, or of one that looks like it in a sentence."""
    name, text = str(answer["error"])[:60], clean(str(answer.get("text", "")), 2000)
    name = name if name.isidentifier() else "Error"
    bases = answer.get("bases", [])
    kinds = [name, *(bases if isinstance(bases, list) else [])]
    for kind in (NotImplementedError, RecursionError):
        if kind.__name__ in kinds:
            return kind(text)
    if name == "KeyError":
        return KeyError(_Plain(text))
    known = np.linalg.LinAlgError if name == "LinAlgError" else getattr(builtins, name, None)
    if isinstance(known, type) and issubclass(known, Exception):
        if known.__str__ in (BaseException.__str__, OSError.__str__):
            return known(text)
    return type(name, (Exception,), {})(text)


class _Plain(str):
    """Text that shows itself without quotes: KeyError shows the repr of what it was given."""

    def __repr__(self) -> str:
        return str(self)


def _line(answer: dict[str, Any], gathered: Gathered) -> tuple[int, str]:
    """Number and text of the last line of the candidate's cell that was under way."""
    places = answer.get("places", [])
    piece = gathered.candidate.piece
    lines = piece.text.split("\n")
    for place in reversed(places if isinstance(places, list) else []):
        if isinstance(place, list) and len(place) == 2 and place[0] == f"<cell {piece.cell}>":
            number = place[1]
            if type(number) is int and 0 <= number - piece.line < len(lines):
                return number, lines[number - piece.line].strip()
    return 0, ""


def clean(text: str, longest: int, lines: bool = False) -> str:
    """Text without characters that steer a terminal, and not too long."""
    kept = (c if c.isprintable() or (lines and c == "\n") else " " for c in text[:longest])
    return "".join(kept)
