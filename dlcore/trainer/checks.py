"""Arguments of fit, evaluate and predict, looked at before anything is trained."""

from __future__ import annotations

from typing import Any

import numpy as np


def at_least_one(value: Any, name: str) -> int:
    """`value` as an int.

    Raises:
        TypeError: if it is not a whole number.
        ValueError: if it is below 1.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} is a whole number, not {value!r}.")
    if value < 1:
        raise ValueError(f"{name} must be at least 1, but is {value}.")
    return int(value)


def verbosity(value: Any) -> int:
    """0, 1 or 2; "auto" is 1.

    Raises:
        ValueError: for anything else.
    """
    if isinstance(value, str) and value == "auto":
        return 1
    if value in (0, 1, 2):
        return int(value)
    raise ValueError(f"verbose is 'auto', 0, 1 or 2, not {value!r}.")


def validation(data: Any, share: float) -> tuple[Any, Any, Any] | None:
    """`validation_data` as (x, y, sample_weight), None if there is none.

    Raises:
        ValueError: if it is not a pair or triple, or there is a validation_split as well.
    """
    if share and not 0 < share < 1:
        raise ValueError(f"validation_split lies between 0 and 1, but is {share}; try 0.2.")
    if data is None:
        return None
    if share:
        raise ValueError("Give either validation_data or validation_split, not both.")
    if not isinstance(data, tuple | list) or len(data) not in (2, 3):
        raise ValueError("validation_data is a tuple (x, y) or (x, y, sample_weight).")
    x, y, *weight = data
    return x, y, weight[0] if weight else None


def row_weights(weights: np.ndarray, rows: int) -> np.ndarray:
    """Weights of the shape `(rows,)`.

    Raises:
        ValueError: if they have another shape, or one is negative or not finite.
    """
    if weights.shape == (rows, 1):
        weights = weights[:, 0]
    if weights.shape != (rows,):
        raise ValueError(
            f"sample_weight has one weight for each row, shape ({rows},), but its shape is "
            f"{weights.shape}."
        )
    if not (np.isfinite(weights) & (weights >= 0)).all():
        row = int(np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))[0])
        raise ValueError(
            f"sample_weight holds numbers of at least 0, but row {row} is {weights[row]}."
        )
    return weights


def fitted_inputs(x: np.ndarray, model: Any) -> np.ndarray:
    """Inputs in the shape that the model takes; `(n,)` becomes `(n, 1)`.

    Args:
        x: the inputs.
        model: the model, whose `row_shape` is the shape of one row, None if it is not known.

    Raises:
        ValueError: if the rows have another shape; it names both and the mend.
    """
    row = model.row_shape
    if x.ndim == 1 and row in (None, (1,)):
        return x[:, None]
    if row is None or _fits(x.shape[1:], row):
        return x
    if _fits(x.shape, row):
        mend = "this is one row without its axis of rows: write x[None]"
    elif _fits((*x.shape[1:], 1), row):
        mend = "the pictures lack the axis of channels: write x[..., None]"
    elif x.ndim == 2 and len(row) == 1:
        mend = f"give it {row[0]} columns, or let the model start with {x.shape[1]}"
    else:
        mend = "reshape x, or start the model with the shape of its rows"
    shape = str(row).replace("None", "any")
    raise ValueError(
        f"The model {model.name!r}{_first(model)} takes rows of shape {shape}, but x has shape "
        f"{x.shape}; {mend}."
    )


def _fits(shape: tuple[int, ...], row: tuple[int | None, ...]) -> bool:
    return len(shape) == len(row) and all(
        want is None or size == want for size, want in zip(shape, row, strict=True)
    )


def _first(model: Any) -> str:
    layers = model.layers
    return f", with the first layer {layers[0].name!r}," if layers else ""
