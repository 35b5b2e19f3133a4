"""The base of the optimizers: a step, its rate and count, and what is kept for each weight."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from dlcore import backends
from dlcore.backends.memory import full, given, lives, write
from dlcore.engine import ops
from dlcore.engine.tensor import Tensor, TensorLike, no_grad
from dlcore.engine.variable import Flat, Variable, can_be_flat
from dlcore.optimizers.arguments import refuse_lost, refuse_others
from dlcore.optimizers.clipping import clip_by_global_norm, clip_by_norm, clip_by_value
from dlcore.optimizers.own_steps import OwnSteps
from dlcore.optimizers.schedules import LearningRateSchedule
from dlcore.optimizers.weight_decay import let_decay
from dlcore.utils import lookup
from dlcore.utils.config import Configurable
from dlcore.utils.lookup import automatic_name, not_negative, number, positive, snake_case
from dlcore.utils.serialization import serialize_value

# A number, also one in an array or a tensor, or what gives it step by step.
Rate: TypeAlias = "TensorLike | LearningRateSchedule"

_ONE = np.ones((), np.int64)


class Optimizer(OwnSteps, Configurable):
    """Base of the optimizers.

    A step takes the gradients, clips them if that is asked for, lets the weights decay if that
    is, changes each weight by `update`, and brings it back to its constraint if it has one. An
    optimizer of your own writes `update`, and says in `slots` what it keeps for each weight:

        class SignDescent(Optimizer):
            elementwise = True   # each number by itself: all weights then lie in one array

            def update(self, weight, gradient, slots):
                step = self.rate * ops.sign(gradient)
                self.assign(weight, Tensor(weight) - step)

    One written for Keras, with `update_step(gradient, variable, learning_rate)` and a `build` that
    adds variables, serves as well.

    Rate and step count lie in arrays of no axes, which the kernels read: they may well change.

    Args:
        learning_rate: a number from 0 up, or a schedule such as `ExponentialDecay`. Assign
            `optimizer.learning_rate = 0.01` to change it.
        weight_decay: before a step each weight loses `learning_rate * weight_decay` times itself
            (Loshchilov and Hutter 2019, algorithm 2); default None, as 0.
        clipnorm: the maximum norm of the gradient of one weight; default None.
        clipvalue: the maximum magnitude of one number of a gradient; default None.
        global_clipnorm: the maximum norm of all gradients together; default None. At most one of
            these three can be given.
        name: default: the class in snake case, then with a number: adam, adam_1, …

    Raises:
        TypeError: for an argument that there is not, or one that is no number.
        ValueError: if a number is out of its range.
    """

    # Names of the arrays kept for each weight, in groups: in a file the groups follow one another,
    # and in a group the arrays of the first weight are followed by those of the second.
    slots: tuple[tuple[str, ...], ...] = ()
    # What they are filled with at first.
    first_value = 0.0
    elementwise = False

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        weight_decay: float | None = None,
        clipnorm: float | None = None,
        clipvalue: float | None = None,
        global_clipnorm: float | None = None,
        name: str | None = None,
        **kwargs: Any,
    ) -> None:
        if kwargs:
            refuse_others(type(self), kwargs)
        bounds = {"clipnorm": clipnorm, "clipvalue": clipvalue, "global_clipnorm": global_clipnorm}
        chosen = {name: positive(name, v) for name, v in bounds.items() if v is not None}
        if len(chosen) > 1:
            raise ValueError(
                f"Gradients are clipped in one way, but {' and '.join(chosen)} are given: keep one."
            )
        self.clipnorm, self.clipvalue, self.global_clipnorm = map(chosen.get, bounds)
        if weight_decay is not None:
            weight_decay = not_negative("weight_decay", weight_decay, advice=0.004)
        self.weight_decay = weight_decay
        self.name = name or automatic_name(snake_case(type(self).__name__))
        self.iterations = Variable(np.int64(0), trainable=False, name="iteration")
        # The rate of the step that is being taken, for `update`.
        self.rate = Variable(np.float64(0), trainable=False, name="learning_rate")
        self._schedule: LearningRateSchedule | None = None
        self.learning_rate = learning_rate
        self._undecayed: tuple[list[Variable], list[str]] = ([], [])

    def __setattr__(self, name: str, value: Any) -> None:
        kind = type(self)
        if not (name[0] == "_" or hasattr(kind, name) or name in lookup.arguments_with_bases(kind)):
            refuse_lost(self, name)
        super().__setattr__(name, value)

    @property
    def learning_rate(self) -> Tensor:
        """The rate of the next step; `float(optimizer.learning_rate)` is the number."""
        return self.rate if self._schedule is None else self._scheduled(self._schedule)

    @learning_rate.setter
    def learning_rate(self, value: Rate) -> None:
        if isinstance(value, LearningRateSchedule):
            self._schedule = value
            return
        if callable(value):
            raise TypeError(
                f"learning_rate is a number or a schedule such as ExponentialDecay, not {value!r}; "
                "a function of the epoch is for the callback LearningRateScheduler."
            )
        if self._schedule is not None:
            raise TypeError(
                f"The learning rate follows the schedule {type(self._schedule).__name__}, so no "
                "number can be assigned to it; give the optimizer a number, such as "
                "learning_rate=0.001, and assign or use a callback then."
            )
        rate = number("learning_rate", value)
        if rate < 0:
            raise ValueError(f"learning_rate is a positive number, not {rate:g}; try 0.001.")
        self.rate.assign(rate)

    @property
    def built(self) -> bool:
        """Whether there are weights for which arrays are kept."""
        return bool(self._memory.weights)

    def build(self, variables: Iterable[Variable]) -> None:
        """Lay the weights into one array, and make the arrays that are kept for each.

        `apply` does it where it is due; before a step is recorded it must have been done.
        """
        variables = list(variables)
        for variable in variables:
            self._memory.of(variable)
        self._lie_flat(variables)

    def prepare(self, variables: Sequence[Variable]) -> bool:
        """`build`, if there are variables for which nothing is kept yet; whether they lie flat."""
        if not self._memory.knows(variables):
            self.build(variables)
        return self._lie_flat(variables)

    def apply(self, gradients: Sequence[Any], variables: Sequence[Variable] | None = None) -> None:
        """Take one step: change each variable by its gradient.

        Args:
            gradients: one array (or Tensor) of the shape of each variable; None leaves the
                variable as it is.
            variables: the weights; default: those of `build`.

        Raises:
            ValueError: if numbers or shapes do not fit, or every gradient is None.
        """
        if variables is None:
            variables = self._memory.weights
        pairs = paired(gradients, variables, self.name)
        if not pairs:
            return
        lie_flat = self.prepare(variables)
        if self._schedule is not None:
            backends.call("cast", (self.rate.data,), (self._scheduled(self._schedule).data,))
        count = self.iterations.data
        backends.call("binary", (count,), (count, _ONE), {"op": "add"})
        arrays, weights = [g for g, _ in pairs], [v for _, v in pairs]
        if self.clipnorm is not None:
            arrays = [clip_by_norm(gradient, self.clipnorm) for gradient in arrays]
        memory = self._memory
        flat = lie_flat and len(pairs) == len(gradients)
        if flat:
            for part, gradient in zip(memory.parts, arrays, strict=True):
                backends.call("cast", (part,), (gradient,))
            arrays = [memory.gradient]
        if self.clipvalue is not None:
            arrays = [clip_by_value(gradient, self.clipvalue) for gradient in arrays]
        if self.global_clipnorm is not None:
            arrays = clip_by_global_norm(arrays, self.global_clipnorm)
        if self.weight_decay:
            decaying = [weight.data for weight in weights if self._decays(weight)]
            whole = flat and len(decaying) == len(weights)
            let_decay([memory.weight] if whole else decaying, self.rate, self.weight_decay)
        with no_grad():
            if flat:
                self.update(memory.weight, arrays[0], memory.slots)
            else:
                for gradient, weight in zip(arrays, weights, strict=True):
                    self.update_step(Tensor(gradient), weight, self.rate)
            for weight in weights:
                if weight.constraint is not None:
                    weight.assign(weight.constraint(weight))

    def apply_gradients(self, pairs: Iterable[tuple[Any, Variable]]) -> Variable:
        """Take one step from pairs `(gradient, variable)`; returns the count of steps."""
        pairs = list(pairs)
        self.apply([gradient for gradient, _ in pairs], [variable for _, variable in pairs])
        return self.iterations

    def exclude_from_weight_decay(
        self,
        var_list: Iterable[Variable] | None = None,
        var_names: Iterable[str] | None = None,
    ) -> None:
        """Leave weights out of the weight decay; to be called before the first step.

        Args:
            var_list: the variables.
            var_names: patterns (regular expressions) that are searched for in the names of the
                variables: `["bias", "gamma", "beta"]`.

        Raises:
            ValueError: after the first step.
        """
        if self.built:
            raise ValueError(
                f"The optimizer {self.name!r} has begun its work: call exclude_from_weight_decay "
                "before fit, or make a new optimizer."
            )
        self._undecayed = (list(var_list or ()), list(var_names or ()))

    @property
    def variables(self) -> list[Variable]:
        """All that changes from step to step, in the order of Keras.

        The step count, the learning rate (unless it follows a schedule), and what is kept for
        each weight.
        """
        return self._listed(self._memory.weights)

    def state_of(self, variables: Sequence[Variable]) -> list[np.ndarray]:
        """The arrays of `variables` for these weights: no copies; before `build` none of weights.

        This is what a file of weights holds.
        """
        known = variables if self._memory.knows(variables) else ()
        return [variable.data for variable in self._listed(known)]

    def get_state(self) -> list[np.ndarray]:
        """A copy of the step count and of the arrays that are kept for the weights."""
        return [array.copy() for array in self.current_state()]

    def current_state(self) -> list[np.ndarray]:
        """What `get_state` copies: these arrays change with the next step."""
        return [self.iterations.data, *self._memory.arrays(), *(v.data for v, _ in self._added)]

    def set_state(self, state: Sequence[np.ndarray]) -> None:
        """Go back to a state of `get_state`; arrays that were made since start afresh."""
        self.iterations.assign(state[0])
        self._restore_added(state[1 + self._memory.restore(state[1:]) :])

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an optimizer like this one, as plain data."""
        given = self.rate if self._schedule is None else self._schedule
        return super().get_config() | {"learning_rate": serialize_value(given)}

    @cached_property
    def _memory(self) -> Memory:
        # Made at its first use: by then the constructor of a subclass has settled its slots.
        return Memory(self.slots, self.first_value)

    def _lie_flat(self, variables: Sequence[Variable]) -> bool:
        usual = type(self).update_step is OwnSteps.update_step
        return usual and self.elementwise and self._memory.lie_flat(variables)

    def _listed(self, variables: Sequence[Variable]) -> list[Variable]:
        first = [self.iterations] if self._schedule else [self.iterations, self.rate]
        return [*first, *self._memory.listed(variables), *(v for v, _ in self._added)]

    def _scheduled(self, schedule: LearningRateSchedule) -> Tensor:
        with no_grad():
            rate = ops.convert_to_tensor(schedule(self.iterations))
        if rate.shape != ():
            raise ValueError(
                f"The schedule {type(schedule).__name__} returned an array of shape {rate.shape} "
                "for one step; it must return one number, the learning rate."
            )
        return rate

    def _decays(self, weight: Variable) -> bool:
        variables, patterns = self._undecayed
        named = any(re.search(pattern, weight.name) for pattern in patterns)
        return not named and not any(weight is variable for variable in variables)


class Memory:
    """The arrays that an optimizer keeps for each weight.

    Args:
        groups: names of the arrays; in the order of Keras's files the groups follow one another,
            and in a group the arrays of the first weight are followed by those of the second.
        first_value: what they are filled with at first.
    """

    def __init__(self, groups: Sequence[Sequence[str]], first_value: float) -> None:
        self._groups = groups
        self._first_value = first_value
        # By the id of the weight; it is kept beside its arrays, so that its id stays its own.
        self._arrays: dict[int, tuple[Variable, tuple[Variable, ...]]] = {}
        self._flat: Flat | None = None
        lives(self, "weight", "gradient", "parts", "slots")

    @property
    def weights(self) -> list[Variable]:
        """The weights that something is kept for, in the order in which they came."""
        return [weight for weight, _ in self._arrays.values()]

    def knows(self, weights: Sequence[Variable]) -> bool:
        """Whether there are arrays for all of these weights."""
        return all(id(weight) in self._arrays for weight in weights)

    def of(self, weight: Variable) -> tuple[Variable, ...]:
        """The arrays of a weight; they are made if there are none."""
        if id(weight) not in self._arrays:
            names = [f"{weight.name}_{name}" for group in self._groups for name in group]
            first = np.full(weight.shape, self._first_value, weight.dtype)
            made = [Variable(first, None, weight.dtype, False, name=name) for name in names]
            self._arrays[id(weight)] = (weight, tuple(made))
        return self._arrays[id(weight)][1]

    def listed(self, weights: Sequence[Variable]) -> list[Variable]:
        """The arrays of these weights in the order of Keras's files."""
        result: list[Variable] = []
        first = 0
        for group in self._groups:
            last = first + len(group)
            result += [array for weight in weights for array in self.of(weight)[first:last]]
            first = last
        return result

    def arrays(self) -> list[np.ndarray]:
        """All arrays."""
        return [array.data for _, arrays in self._arrays.values() for array in arrays]

    def restore(self, copies: Sequence[np.ndarray]) -> int:
        """Go back to `copies`; arrays that were made since start afresh. Gives their number."""
        every = self.arrays()
        for i, array in enumerate(every):
            write(array, copies[i] if i < len(copies) else self._first_value)
        return len(every)

    def lie_flat(self, weights: Sequence[Variable]) -> bool:
        """Lay these weights, and what is kept for them, into long arrays; False if it cannot be.

        Then `weight`, `gradient` and `slots` are the long arrays, and `parts` are views of the
        gradient in the shapes of the weights.
        """
        if self._flat is not None and self._flat.holds(weights):
            return True
        if not can_be_flat(weights):
            return False
        kept = [self.of(weight) for weight in weights]
        flat = Flat(weights)
        self.weight = flat.data
        self.gradient = full(self.weight.shape, 0, self.weight.dtype)
        self.parts = flat.parts(self.gradient)
        self.slots = tuple(Flat(slot).data for slot in zip(*kept, strict=True))
        self._flat = flat  # last: whoever breaks off before it begins anew
        return True


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
        array = gradient.data if isinstance(gradient, Tensor) else given(gradient)
        if array.shape != variable.shape:
            raise ValueError(
                f"The gradient of {variable.name!r} has shape {array.shape}, but the variable has "
                f"shape {variable.shape}."
            )
        pairs.append((array, variable))
    if variables and not pairs:
        raise ValueError("Every gradient is None: the loss depends on none of the variables.")
    return pairs
