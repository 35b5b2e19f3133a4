"""Optimizers: how gradients change weights."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from dlcore import backends
from dlcore.flat import Flat, can_be_flat
from dlcore.tensor import Variable
from dlcore.utils.config import Configurable
from dlcore.utils.lookup import find, helpful_arguments
from dlcore.utils.serialization import deserialize_keras_object

_ONE = np.ones((), np.int64)


class Optimizer(Configurable):
    """Base of the optimizers.

    A subclass says how many arrays it keeps for each weight (`slots`) and writes
    `update(weight, gradient, slots)`, which changes the weight in place. If it treats each number
    by itself (`elementwise`), all weights are laid into one array and updated at once.

    The learning rate and the step count live in arrays of no axes, which the kernels read: they
    can change without anything else being built anew.

    Args:
        learning_rate: a positive number; assign `optimizer.learning_rate = 0.01` to change it.
        name: default: from the name of the class.
    """

    slots = 0
    elementwise = False

    def __init__(self, learning_rate: float, name: str) -> None:
        self.name = name
        self._learning_rate = Variable(
            np.float64(_rate(learning_rate)), trainable=False, name="learning_rate"
        )
        self.iterations = Variable(np.int64(0), trainable=False, name="iterations")
        self._state: dict[int, tuple[Variable, tuple[np.ndarray, ...]]] = {}
        self._flat: Flat | None = None

    @property
    def learning_rate(self) -> Variable:
        """The learning rate; `float(optimizer.learning_rate)` is the number."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self._learning_rate.assign(_rate(value))

    def build(self, variables: Iterable[Variable]) -> None:
        """Lay the weights into one array, and make the arrays that are kept for each.

        `apply` does it where it is due; before a step is recorded it must have been done.
        """
        variables = list(variables)
        if not self._lay_flat(variables):
            for variable in variables:
                self._slots_of(variable)

    def apply(self, gradients: Sequence[np.ndarray | None], variables: Sequence[Variable]) -> None:
        """Take one step: change each variable by its gradient.

        Args:
            gradients: one array of the shape of each variable; None leaves the variable as it is.
            variables: the weights.
        """
        count = self.iterations.data
        backends.call("binary", (count,), (count, _ONE), {"op": "add"})
        if not any(g is None for g in gradients) and self._lay_flat(variables):
            for part, gradient in zip(self._flat_parts, gradients, strict=True):
                backends.call("cast", (part,), (gradient,))  # type: ignore[arg-type]
            self.update(self._flat.data, self._flat_gradient, self._flat_slots)  # type: ignore
            return
        for gradient, variable in zip(gradients, variables, strict=True):
            if gradient is not None:
                self.update(variable.data, gradient, self._slots_of(variable))

    def apply_gradients(self, pairs: Iterable[tuple[np.ndarray | None, Variable]]) -> None:
        """Take one step from pairs `(gradient, variable)`."""
        gradients, variables = zip(*pairs, strict=True)
        self.apply(gradients, variables)

    def prepare(self, variables: Sequence[Variable]) -> None:
        """`build`, if there are variables for which nothing is kept yet."""
        if any(id(variable) not in self._state for variable in variables):
            self.build(variables)

    def state_of(self, variables: Sequence[Variable]) -> list[np.ndarray]:
        """The step count, the learning rate, and the arrays kept for the variables: no copies.

        The order is that of Keras's `optimizer.variables`; before `build` there are the first two.
        """
        known = [self._state[id(v)][1] for v in variables if id(v) in self._state]
        kept = [a for arrays in known for a in arrays] if len(known) == len(variables) else []
        return [self.iterations.data, self._learning_rate.data, *kept]

    def get_state(self) -> list[np.ndarray]:
        """A copy of the step count and of the arrays that are kept for the weights."""
        kept = [array for _, arrays in self._state.values() for array in arrays]
        return [array.copy() for array in (self.iterations.data, *kept)]

    def set_state(self, state: Sequence[np.ndarray]) -> None:
        """Go back to a state of `get_state`; arrays that were made since start from zero."""
        kept = [array for _, arrays in self._state.values() for array in arrays]
        for i, array in enumerate((self.iterations.data, *kept)):
            array[...] = state[i] if i < len(state) else 0

    def update(
        self, weight: np.ndarray, gradient: np.ndarray, slots: tuple[np.ndarray, ...]
    ) -> None:
        """Change a weight in place."""
        raise NotImplementedError(f"{type(self).__name__} has no update.")

    def _lay_flat(self, variables: Sequence[Variable]) -> bool:
        """Lay the weights, and what is kept for them, into long arrays; False if they cannot be."""
        if not self.elementwise:
            return False
        if self._flat is not None and self._flat.holds(variables):
            return True
        if not can_be_flat(variables):
            return False
        kept = [self._slots_of(variable) for variable in variables]
        self._flat = flat = Flat(variables)
        self._flat_gradient = np.zeros_like(flat.data)
        self._flat_parts = flat.parts(self._flat_gradient)
        self._flat_slots = tuple(
            np.concatenate([arrays[i].reshape(-1) for arrays in kept]) for i in range(self.slots)
        )
        parts = [flat.parts(slot) for slot in self._flat_slots]
        for i, variable in enumerate(variables):
            self._state[id(variable)] = (variable, tuple(slot[i] for slot in parts))
        return True

    def _slots_of(self, variable: Variable) -> tuple[np.ndarray, ...]:
        known = self._state.get(id(variable))
        if known is None:
            arrays = tuple(np.zeros_like(variable.data) for _ in range(self.slots))
            # The variable is kept beside its arrays, so that its id stays its own.
            known = self._state[id(variable)] = (variable, arrays)
        return known[1]


class SGD(Optimizer):
    """Gradient descent, `w <- w - learning_rate dw`, or with momentum.

    With momentum each weight has a velocity: `v <- momentum v - learning_rate dw`, `w <- w + v`;
    with Nesterov's form `w <- w + momentum v - learning_rate dw`.

    Args:
        learning_rate: default 0.01.
        momentum: from 0 (default: none) to below 1.
        nesterov: default False.
        name: default "SGD".
    """

    elementwise = True

    @helpful_arguments
    def __init__(
        self,
        learning_rate: float = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        name: str = "SGD",
    ) -> None:
        super().__init__(learning_rate, name)
        _in_unit_interval("momentum", momentum)
        self.momentum = float(momentum)
        self.nesterov = bool(nesterov)
        self.slots = 1 if self.momentum else 0

    def update(  # noqa: D102
        self, weight: np.ndarray, gradient: np.ndarray, slots: tuple[np.ndarray, ...]
    ) -> None:
        rate = self._learning_rate.data
        if not self.momentum:
            backends.call("sgd_update", (weight,), (gradient, rate))
            return
        attributes = {"momentum": self.momentum, "nesterov": self.nesterov}
        backends.call("momentum_update", (weight, *slots), (gradient, rate), attributes)


class Adam(Optimizer):
    """Steps scaled by running means of the gradient and of its square (Kingma and Ba 2015).

    `m <- b1 m + (1 - b1) dw`, `v <- b2 v + (1 - b2) dw^2`, then at step t
    `w <- w - learning_rate sqrt(1 - b2^t) / (1 - b1^t) m / (sqrt(v) + epsilon)`.
    As in Keras, epsilon is added to `sqrt(v)` before the correction for the first steps.

    Args:
        learning_rate: default 0.001.
        beta_1: b1, how much of m is kept; default 0.9.
        beta_2: b2, how much of v is kept; default 0.999.
        epsilon: keeps the division possible; default 1e-7.
        name: default "adam".
    """

    slots = 2
    elementwise = True

    @helpful_arguments
    def __init__(
        self,
        learning_rate: float = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        name: str = "adam",
    ) -> None:
        super().__init__(learning_rate, name)
        _in_unit_interval("beta_1", beta_1)
        _in_unit_interval("beta_2", beta_2)
        self.beta_1, self.beta_2, self.epsilon = float(beta_1), float(beta_2), float(epsilon)
        self._attributes = {
            "beta_1": self.beta_1,
            "beta_2": self.beta_2,
            "epsilon": self.epsilon,
        }

    def update(  # noqa: D102
        self, weight: np.ndarray, gradient: np.ndarray, slots: tuple[np.ndarray, ...]
    ) -> None:
        numbers = (gradient, self._learning_rate.data, self.iterations.data)
        backends.call("adam_update", (weight, *slots), numbers, self._attributes)


def _rate(value: Any) -> float:
    rate = float(value)
    if not rate >= 0 or rate == float("inf"):
        raise ValueError(f"learning_rate is a positive number, not {rate}; try 0.001.")
    return rate


def _in_unit_interval(name: str, value: float) -> None:
    if not 0 <= value < 1:
        raise ValueError(f"{name} lies in [0, 1), but is {value}; try 0.9.")


_BY_NAME: dict[str, type[Optimizer]] = {"adam": Adam, "Adam": Adam, "sgd": SGD, "SGD": SGD}


def get(identifier: Any) -> Optimizer:
    """The optimizer meant by a name, a class or an optimizer (returned as it is).

    Raises:
        ValueError: if there is no optimizer of that name.
        TypeError: if it is none of these.
    """
    if isinstance(identifier, dict):
        identifier = deserialize_keras_object(identifier)
    if isinstance(identifier, str):
        return find(identifier, _BY_NAME, "optimizer")()  # type: ignore[call-arg]
    if isinstance(identifier, Optimizer):
        return identifier
    if isinstance(identifier, type) and issubclass(identifier, Optimizer):
        return identifier()  # type: ignore[call-arg]
    raise TypeError(
        f"An optimizer is a name such as 'adam' or an object such as Adam(), not "
        f"{type(identifier).__name__}."
    )
