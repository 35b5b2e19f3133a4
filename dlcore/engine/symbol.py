"""Symbolic tensors: a shape that stands for data to come, as `Input` gives it.

A layer that is called on one computes nothing: it notes the call, and gives the symbols of its
outputs. `Model(inputs, outputs)` finds its way through these notes. An operation of `dlcore.ops` is
noted as a layer as well: by the layer that gave the symbol.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dlcore.engine import tree
from dlcore.engine.operators import Operators
from dlcore.engine.tensor import Tensor

Shape = tuple[int | None, ...]


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a layer on symbols.

    The arguments are kept with the symbols in their places; `outputs` is the structure of symbols
    that the call gave, and `number` counts the calls of its layer from 0.
    """

    layer: Any
    number: int
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    outputs: Any

    @functools.cached_property
    def symbols(self) -> list[SymbolicTensor]:
        """The symbols among the arguments, from left to right."""
        found = tree.leaves((self.args, self.kwargs))
        return [leaf for leaf in found if isinstance(leaf, SymbolicTensor)]

    @functools.cached_property
    def alone(self) -> tuple[SymbolicTensor, SymbolicTensor] | None:
        """The symbol that it was called on and that which it gave, if there is nothing else."""
        match (*self.args, self.outputs):
            case (SymbolicTensor() as taken, SymbolicTensor() as given) if not self.kwargs:
                return taken, given
        return None


class SymbolicTensor(Operators):
    """The shape and dtype of a tensor to come.

    Args:
        shape: with None for a size that is not known yet, such as the number of rows.
        dtype: of its numbers; default "float32".
        name: for messages.
    """

    def __init__(self, shape: Shape, dtype: str = "float32", name: str = "") -> None:
        self.shape = tuple(shape)
        self.dtype = str(dtype)
        self.name = name
        self.call: Call | None = None  # the call that this is an output of
        self.position = 0  # its place among the leaves of that call's outputs
        self.mask_shape: Shape | None = None  # of the mask that its numbers will have, if any

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    def __repr__(self) -> str:
        return f"<SymbolicTensor {self.name!r} shape={self.shape} dtype={self.dtype}>"

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError(
            f"A symbolic tensor of shape {self.shape} has no values yet: NumPy cannot compute with "
            "it. Use an operation of dlcore.ops, or a layer."
        )

    def __bool__(self) -> bool:
        raise TypeError(
            f"A symbolic tensor of shape {self.shape} has no value yet, so that nothing can depend "
            "on it: == compares the numbers to come; whether two are the same is told by `is`."
        )

    def __float__(self) -> float:
        raise self._no_number("no number")

    def __int__(self) -> int:
        raise self._no_number("no number")

    def __round__(self, digits: int | None = None) -> Any:
        raise self._no_number("no number")

    def __format__(self, form: str) -> str:
        if not form:
            return str(self)
        raise self._no_number(f"nothing to write as {form!r}")

    def _no_number(self, what: str) -> TypeError:
        return TypeError(
            f"A symbolic tensor of shape {self.shape} has no values yet, so that it is {what}; "
            "what the model gives for data has some."
        )

    def __iter__(self) -> Any:
        raise TypeError(f"A symbolic tensor of shape {self.shape} cannot be gone through.")


def first_symbol(*structures: Any) -> SymbolicTensor | None:
    """The first symbolic tensor among the leaves; None if there is none."""
    for value in structures:
        if isinstance(value, SymbolicTensor):
            return value
        if isinstance(value, _NESTED) and value:
            found = first_symbol(*(value.values() if isinstance(value, dict) else value))
            if found is not None:
                return found
    return None


_NESTED = (list, tuple, dict)  # made once: each operation asks


def takes_symbols(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make an operation of one that can also be called on symbolic tensors."""

    @functools.wraps(function)
    def operation(*args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and isinstance(args[0], Tensor):
            return function(*args)  # such as an activation, of which every layer has one
        symbol = first_symbol(*args, *kwargs.values())
        if symbol is None:
            return function(*args, **kwargs)
        assert symbol.call is not None
        return symbol.call.layer._note_operation(operation, args, kwargs)

    return operation
