"""Optimizers: how gradients change weights."""

from __future__ import annotations

import functools
import importlib
from typing import Any

from dlcore.optimizers import schedules
from dlcore.optimizers.adagrad import Adagrad
from dlcore.optimizers.adam import Adam
from dlcore.optimizers.adamw import AdamW
from dlcore.optimizers.optimizer import Optimizer
from dlcore.optimizers.rmsprop import RMSprop
from dlcore.optimizers.sgd import SGD
from dlcore.utils.lookup import getter
from dlcore.utils.object_registration import publish, publish_later

__all__ = [
    "SGD",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "Lion",
    "Nadam",
    "Optimizer",
    "RMSprop",
    "get",
    "schedules",
]

# What is seldom asked for, and the file that is loaded then.
_SELDOM = {"Adadelta": "adadelta", "Adamax": "adamax", "Lion": "lion", "Nadam": "nadam"}
# What Keras has and dlcore has not, each with what comes nearest.
_NEAREST = {
    "adafactor": "'adam'",
    "ftrl": "'adagrad'",
    "lamb": "'adamw'",
    "lossscaleoptimizer": "the optimizer itself, since float32 needs no scale,",
    "multioptimizer": "a train_step with two optimizers",
    "muon": "'adamw'",
    "schedulefreeadamw": "'adamw' with a schedule",
}
_NOT_HERE = {
    name: f"Keras has it, dlcore does not; take {nearest} as a substitute."
    for name, nearest in _NEAREST.items()
}


def __getattr__(name: str) -> Any:
    if name not in _SELDOM:
        told = _NOT_HERE.get(name.lower(), "")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}. {told}".rstrip(". "))
    found = getattr(importlib.import_module(f"{__name__}.{_SELDOM[name]}"), name)
    return globals().setdefault(name, found)


def _made(name: str) -> Optimizer:
    return __getattr__(name)()


publish("keras.optimizers", globals(), set(__all__) - _SELDOM.keys())
publish_later("keras.optimizers", _SELDOM, __getattr__)


@getter(
    "optimizer",
    "a name such as 'adam' or an object such as Adam()",
    "keras.optimizers",
    Optimizer,
    {name.lower(): functools.partial(_made, name) for name in _SELDOM},
    not_here=_NOT_HERE,
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
