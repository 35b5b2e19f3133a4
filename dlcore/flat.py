"""All weights of a model in one array: an optimizer then needs one kernel for all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dlcore.tensor import Variable


class Flat:
    """Variables whose arrays are parts of one long array, one after the other.

    Args:
        variables: Distinct variables of one number type. Their values move into the long array;
            each variable's `data` is from now on a view of its part, in its own shape.
    """

    def __init__(self, variables: Sequence[Variable]) -> None:
        self.variables = list(variables)
        self.data = np.concatenate([v.data.reshape(-1) for v in self.variables])
        for variable, part in zip(self.variables, self.parts(self.data), strict=True):
            variable.data = part

    def parts(self, long: np.ndarray) -> list[np.ndarray]:
        """Views of another array of this length, in the shapes of the variables."""
        ends = np.cumsum([variable.size for variable in self.variables])
        pieces = np.split(long, ends[:-1])
        return [p.reshape(v.shape) for p, v in zip(pieces, self.variables, strict=True)]

    def holds(self, variables: Sequence[Variable]) -> bool:
        """Whether these are the variables, in this order, and still the parts of the array."""
        return len(variables) == len(self.variables) and all(
            mine is other and mine.data.base is self.data
            for mine, other in zip(self.variables, variables, strict=True)
        )


def can_be_flat(variables: Sequence[Variable]) -> bool:
    """Whether there are several variables, all distinct and of one floating number type."""
    kinds = {variable.dtype for variable in variables}
    distinct = len({id(variable) for variable in variables}) == len(variables)
    return len(variables) > 1 and distinct and len(kinds) == 1 and kinds.pop().kind == "f"
