"""What a recorded step rests on, and whether all of that is still as it was.

A program that a model keeps from one call to the next is right as long as nothing else changes than
numbers in their arrays, which it reads anew. So all that the step may look at is noted, and
compared by identity before each replay: that is quick, and errs on the safe side.
"""

from __future__ import annotations

from itertools import chain
from operator import is_
from types import BuiltinFunctionType, FunctionType, NoneType
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore.backends import dispatch, memory
from dlcore.engine.symbol import Call, SymbolicTensor
from dlcore.engine.tensor import Tensor
from dlcore.engine.variable import Variable
from dlcore.initializers import Initializer
from dlcore.layers.tracking import all_inside, has_home_here

if TYPE_CHECKING:
    from dlcore.trainer.trainer import Trainer

# What fit and predict leave with a model, and no step looks at; nor at what a model was compiled
# with that is a layer of another one.
_NOT_READ = (
    "history", "stop_training", "interrupted", "has_validation", "resume_at", "data_adapter",
    "_asked", "_kept",
)  # fmt: skip
_NOT_READ_INSIDE = (
    *_NOT_READ, "optimizer", "run_eagerly", "_compile_loss", "_compile_metrics",
    "_compile_arguments",
)  # fmt: skip
_NUMBERS_AND_NAMES = (NoneType, bool, int, float, complex, str, bytes, np.generic, np.dtype)
# What never changes, or was of use before the first step alone.
_SETTLED = (*_NUMBERS_AND_NAMES, type, FunctionType, BuiltinFunctionType, SymbolicTensor, Call,
            Initializer)  # fmt: skip
_CALLED = ("call", "update", "__call__")  # methods that a program may replace in a class


class Basis:
    """The attributes of a model and of what is in it, as they are now.

    Args:
        model: the model.
        whole: whether the step looks at more than layers: at the optimizer, losses and metrics.
    """

    def __init__(self, model: Trainer, whole: bool) -> None:
        layers = all_inside(model)
        # Of models the attributes that a step may read, and the names of those that it does not.
        self._models: list[tuple[dict[str, Any], dict[str, Any], tuple[str, ...]]] = []
        self._holders: list[Any] = []  # lists, and what the dicts hold at any time
        self._variables: dict[int, tuple[Variable, np.ndarray, bool, Any]] = {}
        # Whether all in it is the library's, with numbers that only ever change in place.
        self.is_known = True
        kinds: set[type] = set()
        todo: list[Any] = [*layers]
        seen = set(map(id, todo))
        while todo:
            one = todo.pop()
            in_place: tuple[str, ...] = ()
            values: Any = one
            if not isinstance(one, list | tuple | dict):
                kinds.add(type(one))
                values, in_place = one.__dict__, memory.in_place(one)
            if hasattr(one, "fit"):
                left_out = _NOT_READ if one is model else _NOT_READ_INSIDE
                values = _without(left_out, values)
                self._models.append((one.__dict__, values, left_out))
            elif not isinstance(values, tuple):  # one of those stays as it is
                self._holders.append(values.values() if isinstance(values, dict) else values)
            named = values.items() if isinstance(values, dict) else enumerate(values)
            for name, each in named:
                if isinstance(each, Variable):
                    self._variables[id(each)] = each, each.data, each.trainable, each.constraint
                elif id(each) not in seen and name not in in_place and self._goes_on(each, whole):
                    seen.add(id(each))
                    todo.append(each)
        self._lengths = [*map(len, self._holders)]
        self._values = [*chain.from_iterable(self._holders)]
        # By `dir`, since each class can be called itself.
        methods = ((kind, set(_CALLED).intersection(dir(kind))) for kind in kinds)
        self._methods = [(kind, n, getattr(kind, n)) for kind, names in methods for n in names]
        self._backend = dispatch.choice()

    def _goes_on(self, value: Any, whole: bool) -> bool:
        """Whether a value has attributes or items that are to be looked at as well."""
        if isinstance(value, list | tuple | dict):
            return True
        if isinstance(value, _NUMBERS_AND_NAMES):
            return False
        if isinstance(value, Tensor) or not has_home_here(value):
            self.is_known = False
            return False
        return whole and not isinstance(value, _SETTLED)

    @property
    def arrays(self) -> list[np.ndarray]:
        """The arrays of all variables."""
        return [array for _, array, _, _ in self._variables.values()]

    def holds(self) -> bool:
        """Whether everything is still the same."""
        return (
            all(map(is_, dispatch.choice(), self._backend))
            and all(
                variable.data is array and variable.trainable is can and variable.constraint is back
                for variable, array, can, back in self._variables.values()
            )
            and all(_same(_without(names, now), then) for now, then, names in self._models)
            and [*map(len, self._holders)] == self._lengths
            and all(map(is_, chain.from_iterable(self._holders), self._values))
            and all(getattr(kind, name, None) is method for kind, name, method in self._methods)
        )


def _without(names: tuple[str, ...], attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if name not in names}


def _same(now: dict[str, Any], then: dict[str, Any]) -> bool:
    return len(now) == len(then) and all(now.get(name, now) is then[name] for name in then)
