"""Arguments of fit, evaluate and predict, looked at before anything is trained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore.utils.py_dataset import PyDataset


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


def not_negative(value: Any, name: str) -> int:
    """`value` as an int of at least 0.

    Raises:
        TypeError: if it is not a whole number.
        ValueError: if it is negative.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} is a whole number, not {value!r}.")
    if value < 0:
        raise ValueError(f"{name} must be at least 0, but is {value}.")
    return int(value)


def frequency(value: Any) -> Callable[[int], bool]:
    """After which epochs, counted from 1, there is a validation.

    Raises:
        TypeError, ValueError: if it is neither a whole number of at least 1 nor a list of epochs.
    """
    if isinstance(value, list | tuple | set):
        return frozenset(value).__contains__
    every = at_least_one(value, "validation_freq")
    return lambda epoch: epoch % every == 0


def callbacks(given: Any) -> list[Any]:
    """Callbacks as a list: one may come alone."""
    if given is None:
        return []
    return list(given) if isinstance(given, list | tuple) else [given]


def validation(data: Any, share: float) -> Any:
    """`validation_data` as (x, y, sample_weight), or what gives batches; None if there is none.

    Raises:
        ValueError: if it is not a pair or triple, or there is a validation_split as well.
    """
    if share and not 0 < share < 1:
        raise ValueError(f"validation_split lies between 0 and 1, but is {share}; try 0.2.")
    if data is None:
        return None
    if share:
        raise ValueError("Give either validation_data or validation_split, not both.")
    if is_stream(data):
        return data
    if not isinstance(data, tuple | list) or not 1 <= len(data) <= 3:
        raise ValueError(
            "validation_data is a tuple (x, y) or (x, y, sample_weight): write "
            "validation_data=(x_val, y_val)."
        )
    x, y, weight = (*data, None, None)[:3]
    return x, y, weight


def is_stream(x: Any) -> bool:
    """Whether x gives batches one by one: a PyDataset, a generator or another iterable."""
    if isinstance(x, PyDataset):
        return True
    if isinstance(x, list | tuple | dict | str | bytes) or hasattr(x, "shape"):
        return False
    return hasattr(x, "__iter__") and not hasattr(x, "__array__")


def row_weights(
    weights: np.ndarray, losses: tuple[int, ...], what: str = "sample_weight"
) -> np.ndarray:
    """Weights with as many axes as the losses: `(n,)`, or for sequences `(n, 1)` or `(n, steps)`.

    Args:
        weights: one a row, or one a row and step.
        losses: shape of the losses, `(n,)` or `(n, steps, …)`.
        what: how messages call them.

    Raises:
        ValueError: if they have another shape, or one is negative or not finite.
    """
    n = losses[0]
    given = weights.shape
    if weights.shape in ((n, 1), (*losses, 1)):
        weights = weights[..., 0]
    if weights.shape not in (losses[: weights.ndim], losses[:1]) or weights.ndim > len(losses):
        steps = f" or {losses}" if len(losses) > 1 else ""
        raise ValueError(
            f"{what} has one weight for each row, shape ({n},){steps}, but its shape is {given}."
        )
    right = np.isfinite(weights) & (weights >= 0)
    if not right.all():
        first = np.argwhere(~right)[0]
        raise ValueError(
            f"{what} holds numbers of at least 0, but row {first[0]} is {weights[tuple(first)]}."
        )
    return weights.reshape(weights.shape + (1,) * (len(losses) - weights.ndim))


def fitted_inputs(
    x: np.ndarray, model: Any, row: tuple[int | None, ...] | None, what: str = "x"
) -> np.ndarray:
    """Inputs in the shape that the model takes; `(n,)` becomes `(n, 1)`.

    Args:
        x: the inputs.
        model: the model, for its name.
        row: the shape of one row, None if it is not known.
        what: how messages call x.

    Raises:
        ValueError: if the rows have another shape; it names both and the mend.
    """
    if x.ndim == 1 and row in (None, (1,), (None,)):
        return x[:, None]
    if row is None or _fits(x.shape[1:], row):
        return x
    if _fits(x.shape, row):
        mend = "this is one row without its axis of rows: write x[None]"
    elif _fits((*x.shape[1:], 1), row):
        mend = "the pictures lack the axis of channels: write x[..., None]"
    elif x.ndim == 2 and len(row) == 1:
        mend = f"give it {row[0]} columns, or start the model with Input(({x.shape[1]},))"
    else:
        mend = "reshape x, or start the model with the shape of its rows"
    shape = str(row).replace("None", "any")
    raise ValueError(
        f"The model {model.name!r}{'' if '[' in what else _first(model)} takes rows of shape "
        f"{shape}, but {what} has shape {x.shape}; {mend}."
    )


def _fits(shape: tuple[int, ...], row: tuple[int | None, ...]) -> bool:
    return len(shape) == len(row) and all(
        want is None or size == want for size, want in zip(shape, row, strict=True)
    )


def _first(model: Any) -> str:
    layers = [layer for layer in model.layers if type(layer).__name__ != "InputLayer"]
    return f", with the first layer {layers[0].name!r}," if layers else ""
