"""Remarks on a card: what is unusual about a function, and does not count against it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.course.compare import as_array
from dlcore.course.trial import Trial


def notes_on(trial: Trial, index: int) -> tuple[str, ...]:
    """What there is to remark on one case that was tried: printing, warnings, dtypes."""
    outcome = trial.outcomes[index]
    notes = []
    if outcome.printed.strip():
        lines = outcome.printed.strip().splitlines()
        more = " ..." if len(lines) > 5 else ""
        notes.append(f"It prints while it runs: {' / '.join(lines[:5])}{more}")
    found = trial.judge(index)
    wrong = found is not None
    # Of what is wrong the case shown has to explain it; what is right is so in all cases.
    those = [outcome] if wrong else trial.outcomes
    warned = next((each.warned for each in those if each.warned), "")
    if warned:
        harmless = "" if wrong else " (harmless here: all results are right)"
        notes.append(f"NumPy warned: {warned}{harmless}.")
    if found is not None and found.kind != "changed" and outcome.changed:
        notes.append(f"{trial.changes(index)}.")
    if outcome.error is not None:
        return tuple(notes)
    several = len(trial.names) > 1 and isinstance(outcome.value, tuple | list)
    results: Sequence[Any] = tuple(outcome.value) if several else (outcome.value,)
    for name, value, right in zip(trial.names, results, trial.expected[index], strict=False):
        notes += _note_on_type(name, value, right, wrong, trial.exercise.float32)
    return tuple(notes)


def _note_on_type(name: str, value: Any, right: Any, wrong: bool, float32: bool) -> list[str]:
    """What is unusual about the type of a result; nothing that hurts nobody."""
    wanted, array = as_array(right), as_array(value)
    if wanted is None or array is None:
        return []
    if wrong and array.dtype.kind in "iub" and wanted.dtype.kind == "f":
        return [f"{name} holds whole numbers ({array.dtype}), not {wanted.dtype}."]
    if isinstance(value, list | tuple) and not isinstance(right, list | tuple):
        return [f"{name} is a Python {type(value).__name__}; a NumPy array calculates faster."]
    if float32 and array.ndim and array.dtype == np.float64 and wanted.dtype == np.float32:
        return [f"{name} is float64 although the input is float32: twice the memory, no gain here."]
    return []
