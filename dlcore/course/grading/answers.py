"""What a child says about a call, turned into an ``Outcome``; nothing of it is taken on trust."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np

from dlcore.course.forms.gathering import Gathered
from dlcore.course.grading.inside.calls import DESCRIBED
from dlcore.course.grading.inside.wire import WireError, decode
from dlcore.course.outcome import Described, Outcome, without_colours

LONGEST_PART = 20  # lines
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
        _place(outcome, answer, gathered)
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
    name, text = (
        str(answer["error"])[:60],
        clean(without_colours(str(answer.get("text", ""))), 2000),
    )
    name = name if name.isidentifier() else "Error"
    bases = answer.get("bases", [])
    kinds = [name, *(bases if isinstance(bases, list) else [])]
    for kind in (NotImplementedError, RecursionError):
        if kind.__name__ in kinds:
            return kind(text)
    if name == "KeyError":
        return KeyError(_Plain(text))
    known: list[Any] = [getattr(builtins, str(each), None) for each in kinds]
    if name == "LinAlgError":
        known[0] = np.linalg.LinAlgError
    for each in known:
        if not isinstance(each, type) or not issubclass(each, Exception):
            continue
        if each.__str__ in (BaseException.__str__, OSError.__str__):
            # One of NumPy's own is, for a rule, what it is derived from.
            return each(text) if each is known[0] else type(name, (each,), {})(text)
    return type(name, (Exception,), {})(text)


class _Plain(str):
    """Text that shows itself without quotes: KeyError shows the repr of what it was given."""

    def __repr__(self) -> str:
        return str(self)


def _place(outcome: Outcome, answer: dict[str, Any], gathered: Gathered) -> None:
    """Where in the candidate's cell it happened: the line, the part of it, the values there."""
    number = answer.get("line", 0)
    if type(number) is not int:
        return
    for piece in gathered.pieces:
        lines = piece.text.split("\n")
        if piece.cell == gathered.candidate.piece.cell and 0 <= number - piece.line < len(lines):
            outcome.line = number, lines[number - piece.line].strip()
            outcome.expression = _part(answer.get("part"), lines, piece.line)
            outcome.values = _values(answer.get("values"))


def _part(places: Any, lines: list[str], above: int) -> str:
    """The text between two places; "" if they are none."""
    if not isinstance(places, list) or len(places) != 4 or not all(type(n) is int for n in places):
        return ""
    first, last, start, end = places
    if not above <= first <= last < above + len(lines) or last - first > LONGEST_PART:
        return ""
    part = [line.encode() for line in lines[first - above : last - above + 1]]
    part[-1] = part[-1][: max(0, end)]
    part[0] = part[0][max(0, start) :]
    return b"\n".join(part).decode(errors="replace")


def _values(described: Any) -> Described:
    """Types and shapes by name, as far as they are such."""
    found: Described = {}
    for name, value in list(described.items())[:DESCRIBED] if isinstance(described, dict) else ():
        if name.isidentifier() and isinstance(value, list) and len(value) == 2:
            kind, shape = value
            sizes = shape if isinstance(shape, list) else []
            fit = len(sizes) <= 64 and all(type(n) is int and 0 <= n < 2**62 for n in sizes)
            if isinstance(kind, str) and kind.isidentifier() and fit:
                found[name[:60]] = (kind[:60], None if shape is None else tuple(sizes))
    return found


def clean(text: str, longest: int, lines: bool = False) -> str:
    """Text without characters that steer a terminal, and not too long."""
    kept = (c if c.isprintable() or (lines and c == "\n") else " " for c in text[:longest])
    return "".join(kept)
