"""Arguments of the constructor that optimizers refuse, and attributes that would be lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlcore.utils.lookup import arguments_with_bases, did_you_mean, refuse_unknown

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

# What some optimizers have: set on one that has not, it would change nothing.
_OF_OTHERS = frozenset(
    "momentum nesterov rho centered beta_1 beta_2 epsilon amsgrad initial_accumulator_value".split()
)


def refuse_lost(optimizer: Any, name: str) -> None:
    """Raise an AttributeError for an assignment to what is nearly an attribute, or that of others.

    Classes of one's own keep what they like.
    """
    kind = type(optimizer)
    if not kind.__module__.startswith("dlcore."):
        return
    known = arguments_with_bases(kind)
    hint = did_you_mean(name, [*known, "iterations"])
    if not hint and name in _OF_OTHERS | _NOT_OURS.keys():
        hint = f" It has {', '.join(known)}."
    if hint:
        raise AttributeError(
            f"{kind.__name__} has no {name!r}, so that assigning it would change nothing.{hint}"
        )


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
