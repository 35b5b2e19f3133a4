"""Optimizers: how gradients change weights."""

from __future__ import annotations

from typing import Any

from dlcore.optimizers import schedules
from dlcore.optimizers.adagrad import Adagrad
from dlcore.optimizers.adam import Adam
from dlcore.optimizers.adamw import AdamW
from dlcore.optimizers.optimizer import Optimizer
from dlcore.optimizers.rmsprop import RMSprop
from dlcore.optimizers.sgd import SGD
from dlcore.utils.lookup import getter
from dlcore.utils.object_registration import publish

__all__ = ["SGD", "Adagrad", "Adam", "AdamW", "Optimizer", "RMSprop", "get", "schedules"]

publish("keras.optimizers", globals(), __all__)


@getter(
    "optimizer",
    "a name such as 'adam' or an object such as Adam()",
    "keras.optimizers",
    Optimizer,
    any_case=True,
    function=None,
)
def get(identifier: Any) -> Optimizer:  # type: ignore[empty-body]
    """The optimizer meant by a name, a class, an optimizer (returned as it is) or a description.

    Names may be written in small or capital letters: "RMSprop" or "rmsprop".

    Raises:
        ValueError: if there is no optimizer of that name.
        TypeError: if it is none of these.
    """


def __dir__() -> list[str]:
    return sorted(__all__)
