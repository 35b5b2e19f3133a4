"""Sequences of different lengths as one array."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.engine.tensor import DType
from dlcore.utils.lookup import one_of
from dlcore.utils.targets import refuse_text

_SIDES = ("pre", "post")


def pad_sequences(
    sequences: Sequence[Any],
    maxlen: int | None = None,
    dtype: DType = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: Any = 0.0,
) -> np.ndarray:
    """Rows of one length: short sequences are filled up, long ones cut.

        pad_sequences([[1], [2, 3], [4, 5, 6]])   # [[0, 0, 1], [0, 2, 3], [4, 5, 6]]

    Args:
        sequences: n sequences, each a list or an array `(length, ...)`.
        maxlen: the length of the rows; default: that of the longest sequence.
        dtype: of the result; default "int32". Fractions need "float32".
        padding: where to fill up: "pre" (default), before the sequence, or "post", after it.
        truncating: where to cut: "pre" (default) keeps the end of a sequence, "post" its start.
        value: what to fill up with; default 0.

    Returns:
        An array `(n, maxlen, ...)`.

    Raises:
        TypeError: if something is no sequence, or text for a dtype of numbers.
        ValueError: if sequences differ in their inner shapes, or an argument is out of range.
    """
    one_of(str(padding), _SIDES, "padding")
    one_of(str(truncating), _SIDES, "truncating")
    if not hasattr(sequences, "__len__"):
        raise TypeError(f"sequences is a list of sequences, not {_described(sequences)}.")
    for number, sequence in enumerate(sequences):
        if not hasattr(sequence, "__len__"):
            raise TypeError(
                f"sequences is a list of sequences, but number {number} is {_described(sequence)}; "
                "for a single sequence write [sequence]."
            )
    if maxlen is None:
        maxlen = max(map(len, sequences), default=0)
    if maxlen < 0:
        raise ValueError(f"maxlen is a length of at least 0, not {maxlen}.")
    first = next((number for number, sequence in enumerate(sequences) if len(sequence)), 0)
    inner = np.asarray(sequences[first]).shape[1:] if len(sequences) else ()
    padded = np.full((len(sequences), maxlen, *inner), value, dtype=dtype)
    for number, sequence in enumerate(sequences):
        if not len(sequence):
            continue
        values = _numbers(sequence, dtype, number)
        if values.shape[1:] != inner:
            raise ValueError(
                f"Sequence {first} has steps of shape {inner}, but sequence {number} of shape "
                f"{values.shape[1:]}; all steps need the same shape."
            )
        length = min(len(values), maxlen)
        kept = values[len(values) - length :] if truncating == "pre" else values[:length]
        start = maxlen - length if padding == "pre" else 0
        padded[number, start : start + length] = kept
    return padded


def _numbers(sequence: Any, dtype: Any, number: int) -> np.ndarray:
    """A sequence as an array of a dtype."""
    if np.dtype(dtype).kind in "fiub":
        mend = "number the words first, or pad them with dtype=object and value=''"
        refuse_text(np.asarray(sequence), f"Sequence {number}", mend)
    return np.asarray(sequence, dtype=dtype)


def _described(thing: Any) -> str:
    return f"the {type(thing).__name__} {thing!r}"
