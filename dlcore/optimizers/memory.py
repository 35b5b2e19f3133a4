"""What an optimizer keeps for each weight, and how weights and all that is kept lie in memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlcore.flat import Flat, can_be_flat
from dlcore.tensor import Variable


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
            first = np.full_like(weight.data, self._first_value)
            made = [Variable(first, False, name, weight.dtype) for name in names]
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

    def copies(self) -> list[np.ndarray]:
        """Copies of all arrays."""
        return [array.data.copy() for _, arrays in self._arrays.values() for array in arrays]

    def restore(self, copies: Sequence[np.ndarray]) -> None:
        """Go back to `copies`; arrays that were made since start afresh."""
        every = [array for _, arrays in self._arrays.values() for array in arrays]
        for i, array in enumerate(every):
            array.data[...] = copies[i] if i < len(copies) else self._first_value

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
        self.gradient = np.zeros_like(self.weight)
        self.parts = flat.parts(self.gradient)
        self.slots = tuple(Flat(slot).data for slot in zip(*kept, strict=True))
        self._flat = flat  # last: whoever breaks off before it begins anew
        return True
