"""Optimizers as they are written for Keras: a step for each weight, and variables added for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from dlcore import backends, initializers
from dlcore.backends import memory
from dlcore.engine.tensor import Tensor, convert_to_tensor
from dlcore.engine.variable import Variable


class OwnSteps:
    """The part of an optimizer that Keras's optimizers of one's own override or call.

    Variables that are added in `build` are saved with the optimizer:

        class Heavy(Optimizer):
            def build(self, variables):
                super().build(variables)
                self.velocities = self.add_optimizer_variables(variables, "velocity")

            def update_step(self, gradient, variable, learning_rate):
                velocity = self.velocities[self._get_variable_index(variable)]
                self.assign(velocity, 0.9 * velocity - learning_rate * gradient)
                self.assign_add(variable, velocity)
    """

    iterations: Variable = None  # type: ignore[assignment]  # the count of steps
    rate: Variable = None  # type: ignore[assignment]  # of the step that is being taken
    # The variables that were added, each with its first value.
    _added: list[tuple[Variable, np.ndarray]] = []
    _memory: Any

    def update_step(self, gradient: Tensor, variable: Variable, learning_rate: Tensor) -> None:
        """Change one weight by its gradient: here by `update`, at the given rate."""
        own, array = self.rate, convert_to_tensor(gradient, variable.dtype).data
        if learning_rate is not own:
            # A kernel reads the rate; an override may have given another one.
            self.rate = convert_to_tensor(learning_rate, own.dtype)  # type: ignore[assignment]
        try:
            slots = tuple(slot.data for slot in self._memory.of(variable))
            self.update(variable.data, memory.contiguous(array), slots)
        finally:
            self.rate = own

    def update(
        self, weight: np.ndarray, gradient: np.ndarray, slots: tuple[np.ndarray, ...]
    ) -> None:
        """Change a weight, and the arrays kept for it, in place; `rate` is the learning rate."""
        raise NotImplementedError(f"{type(self).__name__} has no update(weight, gradient, slots).")

    def assign(self, array: np.ndarray | Variable, value: Any) -> None:
        """Copy what was calculated into a variable, or an array that `update` was given."""
        if isinstance(array, Variable):
            array.assign(value)
        else:
            backends.call("cast", (array,), (convert_to_tensor(value).data,))

    def assign_add(self, variable: Variable, value: Any) -> None:
        """Add what was calculated to a variable."""
        variable.assign_add(value)

    def assign_sub(self, variable: Variable, value: Any) -> None:
        """Subtract what was calculated from a variable."""
        variable.assign_sub(value)

    def add_variable(
        self,
        shape: Sequence[int],
        initializer: Any = "zeros",
        dtype: Any = None,
        aggregation: str = "none",
        layout: Any = None,
        name: str | None = None,
    ) -> Variable:
        """A variable of the optimizer, which is saved with it; to be called in `build`.

        Args:
            shape: its shape.
            initializer: a name, an Initializer or a function of a shape; default "zeros".
            dtype: default: `floatx()`.
            aggregation: taken for code that sets it.
            layout: the same.
            name: such as "velocity".
        """
        value = initializers.get(initializer)(tuple(shape))
        variable = Variable(value, dtype=dtype, trainable=False, name=name)
        self._added = [*self._added, (variable, variable.data.copy())]
        return variable

    def add_variable_from_reference(
        self, reference_variable: Variable, name: str | None = None, initializer: Any = "zeros"
    ) -> Variable:
        """A variable of the shape and type of a weight."""
        shape, dtype = reference_variable.shape, reference_variable.dtype
        called = f"{reference_variable.name}_{name or 'variable'}"
        return self.add_variable(shape, initializer, dtype, name=called)

    def add_optimizer_variables(
        self, trainable_variables: Iterable[Variable], name: Any, initializer: Any = "zeros"
    ) -> Any:
        """A variable for each weight, in a list; for several names a tuple of such lists."""
        weights = list(trainable_variables)
        if isinstance(name, str):
            return [self.add_variable_from_reference(w, name, initializer) for w in weights]
        starts = initializer if isinstance(initializer, list | tuple) else [initializer] * len(name)
        pairs = zip(name, starts, strict=True)
        return tuple(self.add_optimizer_variables(weights, each, start) for each, start in pairs)

    def _get_variable_index(self, variable: Variable) -> int:
        """The place of a weight among those that the optimizer was built for."""
        for i, weight in enumerate(self._memory.weights):
            if weight is variable:
                return i
        raise ValueError(
            f"The optimizer was not built for the variable {variable.name!r}; write "
            "super().build(variables) in its build."
        )

    def _restore_added(self, copies: Sequence[np.ndarray]) -> None:
        """Go back to copies of the added variables; those made since start afresh."""
        for i, (variable, first) in enumerate(self._added):
            memory.write(variable.data, copies[i] if i < len(copies) else first)
