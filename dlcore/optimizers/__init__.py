"""Optimizers: how gradients change weights."""

from __future__ import annotations

from typing import Any

from dlcore.optimizers import schedules
from dlcore.optimizers.adagrad import Adagrad
from dlcore.optimizers.adam import Adam
from dlcore.optimizers.adamw import AdamW
from dlcore.optimizers.base import Optimizer
from dlcore.optimizers.rmsprop import RMSprop
from dlcore.optimizers.sgd import SGD
from dlcore.utils.lookup import find
from dlcore.utils.registry import publish
from dlcore.utils.serialization import deserialize_keras_object

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "get", "schedules"]

_BY_NAME: dict[str, type[Optimizer]] = {
    kind.__name__.lower(): kind for kind in (Adagrad, Adam, AdamW, RMSprop, SGD)
}


def get(identifier: Any) -> Optimizer:
    """The optimizer meant by a name, a class, an optimizer (returned as it is) or a description.

    Names may be written in small or capital letters: "RMSprop" or "rmsprop".

    Raises:
        ValueError: if there is no optimizer of that name.
        TypeError: if it is none of these.
    """
    if isinstance(identifier, str):
        known = _BY_NAME.get(identifier.lower())
        return (known or find(identifier, _BY_NAME, "optimizer"))()
    if isinstance(identifier, dict):
        identifier = deserialize_keras_object({"module": "keras.optimizers", **identifier})
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, Optimizer):
        return identifier()
    raise TypeError(
        f"An optimizer is a name such as 'adam' or an object such as Adam(), not "
        f"{type(identifier).__name__}."
    )


publish("keras.optimizers", globals(), __all__)
