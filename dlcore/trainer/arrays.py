"""What people hand to fit, as arrays of numbers; what cannot be one is named in a sentence."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.tensor import Tensor, floatx


def numbers(values: Any, what: str, whole: bool = False) -> np.ndarray:
    """`values` as a C-contiguous array of floats: from arrays, tensors, tables or lists.

    Args:
        values: the data, the first axis being its rows.
        what: how messages call it, such as "x".
        whole: whether whole numbers stay whole, as int64.

    Raises:
        TypeError: if it holds text or objects.
        ValueError: if it is ragged, a single number or has no rows.
    """
    if values is None:
        raise ValueError(f"{what} is None; give an array or a list of numbers.")
    array = values.data if isinstance(values, Tensor) else _array(values, what)
    if array.dtype.kind == "O":
        array = _from_objects(array, what)
    if array.dtype.kind in "UST":
        raise TypeError(_text_message(array, what))
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{what} holds {array.dtype}, not numbers; make them numbers first.")
    if array.ndim == 0:
        raise ValueError(f"{what} is the single number {array}; give one entry for each row.")
    if array.size == 0:
        raise ValueError(
            f"{what} is empty: its shape is {array.shape}; look at how it was read or filtered."
        )
    if whole and array.dtype.kind in "iu":
        return np.ascontiguousarray(array, dtype=np.int64)
    with np.errstate(over="ignore"):  # what is too large becomes infinite, see refuse_gaps
        return np.ascontiguousarray(array, dtype=floatx())


def refuse_gaps(array: np.ndarray, what: str) -> None:
    """Raise a ValueError if a number is NaN or infinite; it names columns and the first row."""
    if array.dtype.kind != "f":
        return
    finite = np.isfinite(array)
    if finite.all():
        return
    first = np.argwhere(~finite)[0]
    kind = "NaN" if np.isnan(array[tuple(first)]) else "an infinite or too large number"
    row = f"row {first[0]}"
    where = row if array.ndim == 1 else f"column {first[1]}, {row}"
    if array.ndim > 2:
        where = f"{row}, at {tuple(int(i) for i in first[1:])}"
    columns = ""
    if array.ndim == 2:
        broken = np.flatnonzero(~finite.all(axis=0))
        if len(broken) > 1:
            shown = ", ".join(map(str, broken[:8])) + (", …" if len(broken) > 8 else "")
            columns = f"; the columns with gaps are {shown}"
    count = int((~finite.reshape(len(array), -1)).any(axis=1).sum())
    rows = "1 row" if count == 1 else f"{count} rows"
    if kind != "NaN":
        mend = "look for a division by zero or the logarithm of 0 behind it, or"
    elif what.startswith("y"):
        mend = "NaN stands for a missing number, from which nothing can be learnt:"
    else:
        mend = "NaN stands for a missing number; fill the gaps, as with the column's median, or"
    out = "leave those rows out"
    if what in ("x", "y") and array.ndim <= 2:
        every = ".all(axis=1)" if array.ndim == 2 else ""
        out += f": keep = np.isfinite({what}){every}; x, y = x[keep], y[keep]"
    raise ValueError(
        f"{what} holds {kind} in {where} ({rows} of {len(array)}{columns}); {mend} {out}."
    )


def same_length(**arrays: np.ndarray | None) -> None:
    """Raise a ValueError if the arrays differ in their number of rows."""
    lengths = {name: len(array) for name, array in arrays.items() if array is not None}
    if len(set(lengths.values())) > 1:
        parts = " but ".join(f"{name} has {n} rows" for name, n in lengths.items())
        raise ValueError(f"{parts}; each row needs a partner.")


def _array(values: Any, what: str) -> np.ndarray:
    try:
        return np.asarray(values)
    except ValueError:
        # NumPy refuses lists of different lengths.
        lengths = [len(row) if hasattr(row, "__len__") else 1 for row in values]
        other = next((i for i, n in enumerate(lengths) if n != lengths[0]), None)
        if other is None:
            raise ValueError(f"{what} is ragged: its rows differ in their inner shapes.") from None
        raise ValueError(
            f"{what} is ragged: row 0 has {lengths[0]} entries, row {other} has {lengths[other]}; "
            "cut or pad the rows to one length, as dlcore.utils.pad_sequences(x, dtype='float32') "
            "does."
        ) from None


def _from_objects(array: np.ndarray, what: str) -> np.ndarray:
    try:
        return array.astype(np.float64)
    except (TypeError, ValueError):
        pass
    for index in np.ndindex(array.shape):
        value = array[index]
        if isinstance(value, str):
            raise TypeError(_text_message(np.array([value]), what))
        if not isinstance(value, int | float | np.number):
            kind = "None" if value is None else f"a {type(value).__name__}"
            raise TypeError(
                f"{what} holds {kind} in row {index[0]}, where a number is needed; a gap is "
                "written np.nan and has to be filled before training."
            )
    raise TypeError(f"{what} is an array of objects that are not all numbers.")


def _text_message(array: np.ndarray, what: str) -> str:
    example = str(array.reshape(-1)[0])
    if what.startswith("y"):
        mend = "number the classes: names, y = np.unique(y, return_inverse=True)"
    else:
        mend = "give each text a number, or a column of 0 and 1 for each value"
    return f"{what} holds text such as {example[:30]!r}, where numbers are needed; {mend}."
