"""What optimizers refuse: arguments of the constructor, and gradients that do not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcore.tensor import Tensor, Variable
from dlcore.utils.lookup import arguments_with_bases, positive, refuse_unknown

_NO_MEAN = "dlcore keeps no running mean of the weights"
# What Keras's optimizers take besides: the values that change nothing, and why there are no more.
_NOT_OURS: dict[str, tuple[tuple[Any, ...], str]] = {
    "use_ema": ((None, False), _NO_MEAN),
    "ema_momentum": ((None, 0.99), _NO_MEAN),
    "ema_overwrite_frequency": ((None,), _NO_MEAN),
    "loss_scale_factor": ((None,), "float32, in which dlcore calculates, needs no scaled loss"),
    "gradient_accumulation_steps": ((None,), "dlcore takes a step for each batch"),
    "jit_compile": ((None, False), "the kernels are compiled in any case"),
}


def refuse_others(kind: type, given: Mapping[str, Any]) -> None:
    """Raise a TypeError for an argument that an optimizer does not take.

    Those of Keras that dlcore leaves out may be given with the value that changes nothing.
    """
    for name, value in given.items():
        without_effect, why = _NOT_OURS.get(name, ((), ""))
        if not why:
            refuse_unknown(kind.__name__, [name], arguments_with_bases(kind))
        if not any(value is same or value == same for same in without_effect):
            raise TypeError(f"{kind.__name__} takes no {name}: {why}; leave it out.")


def bounds(**given: float | None) -> dict[str, float | None]:
    """The bounds of the gradient, checked: at most one is given, and it is positive."""
    values = {n: None if v is None else positive(n, v) for n, v in given.items()}
    chosen = [name for name, value in values.items() if value is not None]
    if len(chosen) > 1:
        raise ValueError(
            f"Gradients are clipped in one way, but {' and '.join(chosen)} are given: keep one."
        )
    return values


def paired(
    gradients: Sequence[Any], variables: Sequence[Variable], name: str
) -> list[tuple[np.ndarray, Variable]]:
    """The gradients that are not None, as arrays, each with its variable.

    Raises:
        ValueError: if their number or a shape does not fit, or every gradient is None.
    """
    if len(gradients) != len(variables):
        raise ValueError(
            f"The optimizer {name!r} was given {len(gradients)} gradients for {len(variables)} "
            "variables; it takes one for each, in their order."
        )
    pairs = []
    for gradient, variable in zip(gradients, variables, strict=True):
        if gradient is None:
            continue
        array = gradient.data if isinstance(gradient, Tensor) else np.asarray(gradient)
        if array.shape != variable.shape:
            raise ValueError(
                f"The gradient of {variable.name!r} has shape {array.shape}, but the variable has "
                f"shape {variable.shape}."
            )
        pairs.append((array, variable))
    if variables and not pairs:
        raise ValueError(
            "Every gradient is None: the loss does not depend on any of the variables."
        )
    return pairs
