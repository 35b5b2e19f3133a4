"""Variables: tensors that live on between steps, alone or all in one array.

In one array an optimizer needs one kernel for all weights of a model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlcore import backends
from dlcore.backends import memory
from dlcore.engine.tensor import DType, Tensor, TensorLike, floatx


class Variable(Tensor):
    """A tensor that lives on between steps: a weight, or a count that a layer keeps.

    Args:
        initializer: First value, which is copied, in ``floatx()`` unless it holds whole numbers; or
            an initializer, a function of the shape or the name of one, such as "zeros".
        shape: Of what an initializer draws.
        dtype: Of the values, where it is to be another.
        trainable: Whether the optimizer may change it.
        autocast: Taken, as are aggregation and synchronization, for code that sets them.
        name: Such as "kernel".

    Raises:
        TypeError: without a first value, or without the shape that an initializer needs.
        ValueError: if the first value has another shape.
    """

    __slots__ = ("__weakref__", "_trainable", "constraint", "path")

    # The initializer of a name: `dlcore.initializers`, which stands above, sets it.
    initializer_of: Callable[[str], Any] | None = None

    def __init__(
        self,
        initializer: TensorLike | Callable[..., TensorLike] | str | None = None,
        shape: Sequence[int] | None = None,
        dtype: DType | None = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str = "none",
        synchronization: str = "auto",
        name: str | None = None,
    ) -> None:
        array = _first_value(initializer, shape)
        kind = dtype or (floatx() if array.dtype.kind == "f" else array.dtype)
        name = name or "variable"
        super().__init__(memory.copied(np.asarray(array, kind)), trainable, name)
        memory.lives(self, "data", "grad")
        self._trainable = trainable
        # What an optimizer brings it back to after each step: a function of it.
        self.constraint: Callable[[Variable], Any] | None = None
        self.path = name  # a weight's is that of its layer and its name: "dense/kernel"

    @property
    def trainable(self) -> bool:
        """Whether the optimizer may change it; a variable that may not gets no gradient."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = self.requires_grad = bool(value)

    @property
    def value(self) -> np.ndarray:
        """A copy of the value as a NumPy array."""
        return self.numpy()

    def assign(self, value: TensorLike) -> Variable:
        """Copy a new value into the variable's own array.

        In a step that is recorded a kernel does it, so that the replayed step assigns as well.

        Raises:
            ValueError: if its shape is another.
        """
        given = value.data if isinstance(value, Tensor) else value
        value = given if memory.is_array(given) else np.asarray(given)
        if value.shape != self.shape:
            raise ValueError(
                f"The variable {self.name!r} has shape {self.shape}; a value of shape "
                f"{value.shape} cannot be assigned to it."
            )
        if backends.is_recorded():
            backends.call("cast", (self.data,), (memory.contiguous(value).reshape(self.shape),))
        else:
            memory.write(self.data, value)
        return self

    def assign_add(self, value: TensorLike) -> Variable:
        """Add to the variable, in its own array."""
        return self.assign(self._with(value, "add"))

    def assign_sub(self, value: TensorLike) -> Variable:
        """Subtract from the variable, in its own array."""
        return self.assign(self._with(value, "subtract"))

    def _with(self, value: TensorLike, op: str) -> Tensor:
        array = value.data if isinstance(value, Tensor) else np.asarray(value)
        if self.dtype.kind == "f" and not isinstance(value, Tensor):
            array = array.astype(self.dtype)
        return Tensor(backends.compute("binary", self.data, array, op=op))


def _first_value(initializer: Any, shape: Sequence[int] | None) -> np.ndarray:
    """The array that a variable starts with."""
    if isinstance(shape, bool | str):
        raise TypeError(
            f"Variable takes (value, shape, dtype, trainable): say trainable={shape} by its name."
            if isinstance(shape, bool)
            else f"The shape of a variable is a tuple such as (2, 3), not {shape!r}."
        )
    if initializer is None:
        told = "" if shape is None else f'; an initializer for the shape {shape} is "zeros"'
        raise TypeError(f"A Variable needs a first value, or an initializer and a shape{told}.")
    if isinstance(initializer, str):
        if Variable.initializer_of is None:
            raise TypeError("Names of initializers are known once dlcore.initializers is imported.")
        initializer = Variable.initializer_of(initializer)
    sizes = None if shape is None else tuple(shape)
    if callable(initializer) and not isinstance(initializer, Tensor):
        if sizes is None or None in sizes:
            raise TypeError(
                "An initializer needs the whole shape of the variable, such as Variable(shape=(2, "
                f'3), initializer="zeros"), but it is {shape}.'
            )
        return np.asarray(initializer(sizes))
    given = initializer.data if isinstance(initializer, Tensor) else initializer
    array = memory.to_host(given)
    if sizes is not None and sizes != array.shape:
        raise ValueError(f"The value has shape {array.shape}, but shape={sizes} is asked for.")
    return array


class Flat:
    """Variables whose arrays are parts of one long array, one after the other.

    Args:
        variables: Distinct variables of one dtype. Their values move into the long array;
            each variable's `data` is from now on a view of its part, in its own shape.
    """

    def __init__(self, variables: Sequence[Variable]) -> None:
        self.variables = list(variables)
        size = sum(variable.size for variable in self.variables)
        self.data: np.ndarray = memory.empty(size, self.variables[0].dtype)
        for variable, part in zip(self.variables, self.parts(self.data), strict=True):
            memory.write(part, variable.data)
            variable.data = part
        memory.lives(self, "data")

    def parts(self, long: np.ndarray) -> list[np.ndarray]:
        """Views of another array of this length, in the shapes of the variables."""
        parts, start = [], 0
        for variable in self.variables:
            stop = start + variable.size
            parts.append(memory.part(long, start, stop).reshape(variable.shape))
            start = stop
        return parts

    def holds(self, variables: Sequence[Variable]) -> bool:
        """Whether these are the variables, in this order, and still the parts of the array."""
        return len(variables) == len(self.variables) and all(
            own is other and own.data.base is self.data
            for own, other in zip(self.variables, variables, strict=True)
        )


def can_be_flat(variables: Sequence[Variable]) -> bool:
    """Whether there are several variables, all distinct and of one floating dtype."""
    kinds = {variable.dtype for variable in variables}
    distinct = len({id(variable) for variable in variables}) == len(variables)
    return len(variables) > 1 and distinct and len(kinds) == 1 and kinds.pop().kind == "f"
