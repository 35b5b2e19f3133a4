"""What fit is given as x: one array, or several by their places or by their names."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore import tree
from dlcore.layers import InputLayer
from dlcore.tensor import Tensor
from dlcore.trainer.arrays import numbers, refuse_gaps, same_length
from dlcore.trainer.checks import fitted_inputs
from dlcore.utils.lookup import did_you_mean

Shape = tuple[int | None, ...]


class Inputs:
    """The way from x to arrays, one for each input of a model, and from them to its argument.

    A model made of symbols knows its inputs and their names. A Sequential model has one. Any other
    is called on the structure that it is given first: a dict, a list or a tuple of arrays.

    Args:
        model: the model.
        what: what messages add to the name x, such as "of validation_data".
    """

    def __init__(self, model: Any, what: str = "") -> None:
        self.model = model
        self.what = what
        symbols = list(getattr(model, "inputs", None) or ())
        self.names: list[str] = [symbol.name for symbol in symbols]
        self.shapes: list[Shape] = [tuple(symbol.shape[1:]) for symbol in symbols]
        self.types = [symbol.dtype for symbol in symbols]
        self.several = len(symbols) > 1
        self.fixed = bool(symbols) or hasattr(model, "add")
        self._structure: Any = None

    def arrays(self, x: Any) -> list[np.ndarray]:
        """The arrays in x, looked at from all sides.

        Raises:
            TypeError, ValueError: if they are no numbers, have gaps, or do not fit the model.
        """
        values = self._listed(x)
        found = []
        for place, (value, name) in enumerate(values):
            array = numbers(value, name, whole=self._stays_whole(place))
            refuse_gaps(array, name)
            rows = array.shape[1:]
            shape = self.shapes[place] if self.several else self.model.row_shape_for(rows)
            if not self.fixed and len(values) > 1:
                shape = None
            found.append(fitted_inputs(array, self.model, shape, name))
        names = [name for _, name in values]
        same_length(**dict(zip(names, found, strict=True)))
        return found

    def packed(self, tensors: list[Tensor]) -> Any:
        """The argument of the model for tensors in the order of `arrays`."""
        if self._structure is not None:
            return tree.replaced(self._structure, tensors)
        return tensors if self.several else tensors[0]

    def _listed(self, x: Any) -> list[tuple[Any, str]]:
        """The single inputs, each with how messages call it."""
        if self.several:
            return [
                (value, self._label(name))
                for value, name in zip(self._known(x), self.names, strict=True)
            ]
        if self.fixed:
            return [(self._only(x), self._label())]
        if not is_structure(x):
            return [(x, self._label())]
        self._structure = x
        return [(value, self._label(name)) for name, value in paths(x)]

    def _known(self, x: Any) -> list[Any]:
        """The inputs of a model that has several, in its order."""
        names = self.names
        told = f"The model {self.model.name!r} takes {len(names)} inputs ({', '.join(names)})"
        if isinstance(x, dict):
            missing = next((name for name in names if name not in x), None)
            if missing is not None:
                close = did_you_mean(missing, map(str, x)).replace("Did you mean", "Is it")
                raise ValueError(f"{told}, but x has no {missing!r}.{close}")
            return [x[name] for name in names]
        if isinstance(x, list | tuple):
            listed = tree.leaves(x) if is_structure(x) else list(x)
            if len(listed) == len(names):
                return listed
            found = f"a list of {len(x)}"
        else:
            found = f"of shape {np.shape(x)}" if hasattr(x, "shape") else f"a {type(x).__name__}"
        raise ValueError(f"{told}, but x is {found}; give a list of {len(names)} arrays, or a dict "
                         "by these names.")  # fmt: skip

    def _only(self, x: Any) -> Any:
        """The input of a model that has one, also if it comes in a list or a dict."""
        if isinstance(x, dict):
            if len(x) != 1 and not (self.names and self.names[0] in x):
                raise ValueError(
                    f"The model {self.model.name!r} takes one input, but x is a dict of {len(x)}."
                )
            return x[self.names[0]] if self.names and self.names[0] in x else next(iter(x.values()))
        row = self.model.row_shape
        if isinstance(x, list | tuple) and len(x) == 1 and row is not None:
            if np.ndim(x[0]) == len(row) + 1 and hasattr(x[0], "shape"):
                return x[0]
        return x

    def label(self, place: int) -> str:
        """How messages call an input."""
        if self.several:
            return self._label(self.names[place])
        if self._structure is not None:
            return self._label(paths(self._structure)[place][0])
        return self._label()

    def goes_into(self, place: int, layer: Any) -> bool:
        """Whether an input of a model of symbols is one of this layer as well."""
        mine = list(getattr(self.model, "inputs", None) or ())[place : place + 1]
        return any(
            one is symbol for one in mine for call in layer._calls for symbol in call.symbols
        )

    def _label(self, name: Any = None) -> str:
        label = "x" if name is None else f"x[{name!r}]"
        return f"{label} {self.what}".strip()

    def _stays_whole(self, place: int) -> bool:
        """Whether whole numbers are to reach the model as they are."""
        if self.types and not self.types[place].startswith("float"):
            return True
        if self.types and not hasattr(self.model, "add"):
            return False
        return _takes_whole_numbers(self.model)


def is_structure(values: Any) -> bool:
    """Whether a dict, or a list or tuple of whole arrays; a list of numbers is one array."""
    if isinstance(values, dict):
        return True
    if not isinstance(values, list | tuple) or not values:
        return False
    return all(is_structure(value) or np.ndim(getattr(value, "shape", 0)) for value in values)


def paths(structure: Any, before: Any = None) -> list[tuple[Any, Any]]:
    """The leaves with their keys: "a" or 0, and "a.0" inside of another structure."""
    if not is_structure(structure):
        return [(before, structure)]
    pairs = structure.items() if isinstance(structure, dict) else enumerate(structure)
    return [
        leaf
        for key, value in pairs
        for leaf in paths(value, key if before is None else f"{before}.{key}")
    ]


def _takes_whole_numbers(layer: Any) -> bool:
    """Whether a layer, or the first one inside of it, leaves whole numbers as they are."""
    inside = getattr(layer, "layers", None)
    if inside is None:
        return not layer.autocast and not isinstance(layer, InputLayer)
    if hasattr(layer, "add"):
        return bool(inside) and _takes_whole_numbers(inside[0])
    return any(_takes_whole_numbers(one) for one in inside)
