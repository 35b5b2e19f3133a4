"""What people hand to fit as one array: from lists, tables, sparse matrices, arrays of objects.

What cannot be made one is named in a sentence with the mend.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.backends import memory
from dlcore.engine.tensor import Tensor

# A sparse matrix is filled up with zeros if it then has so many numbers at most: 1 GB in float32.
MOST = 1 << 28


def array_of(values: Any, what: str) -> np.ndarray:
    """`values` as an array of numbers, of text, or of another kind that NumPy knows.

    Args:
        values: an array, a tensor, a table, a list, or a sparse matrix of SciPy.
        what: how messages call it, such as "x".

    Raises:
        TypeError: if it holds objects that are no numbers.
        ValueError: if its rows differ in their lengths, or a sparse matrix is too large.
    """
    if isinstance(values, Tensor):
        return memory.to_host(values.data)
    if callable(getattr(values, "toarray", None)) and hasattr(values, "nnz"):
        return _filled_up(values, what)
    try:
        array = np.asarray(values)
    except ValueError:
        # NumPy refuses lists of different lengths.
        raise ValueError(_ragged(values, what)) from None
    return _of_objects(array, what) if array.dtype.kind == "O" else array


def text_message(example: Any, what: str) -> str:
    """What is said of data that hold a text."""
    if what.startswith("y"):
        mend = "number the classes: names, y = np.unique(y, return_inverse=True)"
    else:
        mend = "give each text a number, by layers.StringLookup or TextVectorization"
    return f"{what} holds text such as {str(example)[:30]!r}, where numbers are needed; {mend}."


def _filled_up(matrix: Any, what: str) -> np.ndarray:
    """A sparse matrix with its zeros."""
    rows, columns = matrix.shape[0], int(np.prod(matrix.shape[1:]))
    if rows * columns > MOST:
        raise ValueError(
            f"{what} is a sparse matrix of {rows:,} rows and {columns:,} columns, which takes "
            f"{rows * columns * 4 / 2**30:.1f} GB with its zeros; give it batch by batch, by a "
            "PyDataset or a generator of (x[i : i + 32], y[i : i + 32]) of the matrix in the form "
            "x.tocsr()."
        )
    return np.asarray(matrix.toarray())


def _of_objects(array: np.ndarray, what: str) -> np.ndarray:
    """The numbers in an array of objects, whose entries may be arrays of one shape."""
    if array.ndim == 0:
        kind = type(array.item()).__name__
        raise TypeError(
            f"{what} is an object of the type {kind}, which is no data; give an array, a table or "
            "a list of numbers, one entry for each row."
        )
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        pass
    entries = list(array.reshape(-1))
    if entries and all(_is_row(entry) for entry in entries):
        rows = [array_of(entry, what) for entry in entries]
        if any(row.shape != rows[0].shape for row in rows):
            raise ValueError(_ragged(rows, what))
        # A column cut out of a table has an axis of one column more than it needs.
        shape = array.shape if len(array) < array.size else (len(array),)
        return np.stack(rows).reshape(shape + rows[0].shape)
    for index in np.ndindex(array.shape):
        value = array[index]
        if isinstance(value, str):
            raise TypeError(text_message(value, what))
        if not isinstance(value, int | float | np.number):
            raise TypeError(_other_message(value, index, what))
    raise TypeError(f"{what} holds whole numbers that are too large for a float; scale them.")


def _other_message(value: Any, index: Sequence[int], what: str) -> str:
    """What is said of an entry that is no number."""
    kind = type(value).__name__
    if value is None or kind in ("NAType", "NaTType"):
        told = kind.removesuffix("Type")
        mend = "a gap is written np.nan and has to be filled before training"
    else:
        told = f"{'an' if kind[0] in 'aeiouAEIOU' else 'a'} {kind}"
        mend = "make it a number, or a column for each of its numbers"
    column = f", column {index[1]}" if len(index) > 1 else ""
    return f"{what} holds {told} in row {index[0]}{column}, where a number is needed; {mend}."


def _is_row(value: Any) -> bool:
    """Whether an entry is a row of numbers of its own."""
    return isinstance(value, list | tuple) or bool(getattr(value, "shape", ()))


def _ragged(values: Any, what: str) -> str:
    """What is said of rows of different lengths."""
    lengths = [len(row) if _is_row(row) else 1 for row in values]
    other = next((i for i, n in enumerate(lengths) if n != lengths[0]), None)
    if other is None:
        return (
            f"{what} is ragged: its rows differ in their inner lengths; cut or pad them to one "
            "length."
        )
    return (
        f"{what} is ragged: its rows differ in length, row 0 has {lengths[0]} entries, row "
        f"{other} has {lengths[other]}; cut or pad the rows to one length, as "
        "dlcore.utils.pad_sequences(x, dtype='float32') does."
    )
