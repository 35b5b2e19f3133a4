"""class_weight: which class each label of the targets is of, and the weight of that class."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcore.trainer.advice.agreement import distributions
from dlcore.trainer.advice.run import warn

Shape = tuple[int, ...]

# So many classes a message lists at most.
_SHOWN = 8


def weight_table(weights: Any) -> dict[float, float]:
    """The weights by class, looked at.

    Args:
        weights: such as {0: 1.0, 1: 2.5}.

    Raises:
        TypeError: if it is no dict from class numbers to weights.
        ValueError: if a weight is negative or not finite.
    """
    if not isinstance(weights, Mapping):
        raise TypeError(
            f"class_weight is a dict from class numbers to weights, such as {{0: 1.0, 1: 2.5}}, "
            f"not {weights!r}."
        )
    for label, weight in weights.items():
        if isinstance(label, str):
            raise TypeError(
                f"class_weight names the class {label!r} by text; give its number, as in y."
            )
        for what, value in (("a class", label), ("the weight of class {}", weight)):
            if not isinstance(value, int | float | np.number):
                raise TypeError(
                    f"class_weight holds numbers, such as {{0: 1.0, 1: 2.5}}, but "
                    f"{what.format(label)} is {value!r}."
                )
        if not 0 <= weight < math.inf:
            raise ValueError(
                f"class_weight holds numbers of at least 0, but class {label} has {weight}."
            )
    return {float(label): float(weight) for label, weight in weights.items()}


def classes_of(y: np.ndarray, row: Shape | None = None, axis: int = -1) -> np.ndarray:
    """The class of each label: one a row, or one a step of a sequence, as there are losses.

    Args:
        y: class numbers in the shape of the outputs without their axis of classes, or with an
            axis of size 1 in its place; else one number for each class, of which one is 1 and the
            others are 0 (or -1), or which are shares that add up to 1: then the largest counts.
            A share of one unit, such as 0.9, is the class that is nearest.
        row: shape of one row of outputs; None if it is not known.
        axis: that of the classes in the outputs.

    Raises:
        ValueError: if a row has no one class; it names it and the mend.
    """
    spread = y.ndim > 1 if row is None else y.ndim == len(row) + 1 and bool(row)
    if not spread:
        return _numbers(y)
    if y.shape[axis] == 1:
        return _numbers(y.squeeze(axis))
    _refuse_several(y, axis)
    return y.argmax(axis=axis)


def class_weights(
    classes: np.ndarray, table: Mapping[float, float], ignored: int | None = None
) -> np.ndarray:
    """The weight of each class number, in their shape; 1 for a class without one.

    Args:
        classes: class numbers, `(n,)` or `(n, steps)`.
        table: from `weight_table`.
        ignored: a class whose losses do not count, and which needs no weight.
    """
    kinds, inverse = np.unique(classes, return_inverse=True)
    missing = [f"{c:g}" for c in kinds if float(c) not in table and c != ignored]
    if missing:
        more = ", …" if len(missing) > _SHOWN else ""
        missing = missing[:_SHOWN]
        warn(
            f"class_weight has no entry for class {', '.join(missing)}{more}, whose rows count "
            f"with weight 1; add {', '.join(f'{c}: 1.0' for c in missing)}{more} to it to silence "
            "this."
        )
    found = np.array([table.get(float(c), 1.0) for c in kinds])
    return found[inverse].reshape(classes.shape)


def _numbers(y: np.ndarray) -> np.ndarray:
    """Class numbers; a fraction from 0 to 1 is the share of class 1."""
    fractions = y != np.floor(y)
    if not fractions.any():
        return y
    wrong = fractions & ((y < 0) | (y > 1))
    if wrong.any():
        place = tuple(np.argwhere(wrong)[0])
        raise ValueError(
            f"class_weight weighs rows by their class, but row {place[0]} of y holds "
            f"{y[place]:g}, which is no class number; give each row its weight by sample_weight."
        )
    return np.round(y)


def _refuse_several(y: np.ndarray, axis: int) -> None:
    """Raise a ValueError if a row marks no class or several: its weight would be a chance one."""
    total = y.sum(axis=axis)
    sides = np.isin(y, (-1, 1)).all(axis=axis) & (total == 2 - y.shape[axis])
    wrong = ~(distributions(y, axis) | sides)
    if not wrong.any():
        return
    place = tuple(np.argwhere(wrong)[0])
    label = np.moveaxis(y, axis, -1)[place]
    shown = ", ".join(f"{one:g}" for one in label[:_SHOWN]) + (", …" if len(label) > _SHOWN else "")
    step = f", step {place[1]}," if len(place) > 1 else ""
    raise ValueError(
        f"class_weight weighs rows by their one class, but row {place[0]}{step} of y is [{shown}], "
        f"which is not one class out of {len(label)}; leave class_weight out and give each row "
        "its weight by sample_weight."
    )
