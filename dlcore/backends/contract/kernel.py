"""What a declaration is made of: arrays with named sizes, and the rules for output shapes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

Shape = tuple[int, ...]
ShapeRule = Callable[..., tuple[Shape, ...]]


@dataclass(frozen=True)
class Array:
    """One array of a signature: its name, the names of its sizes (None: any shape), its kind."""

    name: str
    sizes: tuple[str, ...] | None
    integer: bool = False

    def __str__(self) -> str:
        sizes = "*" if self.sizes is None else ",".join(self.sizes)
        return f"{self.name}[{sizes}]" + (":int" if self.integer else "")

    @cached_property
    def factors(self) -> tuple[tuple[int, str], ...]:
        """Number and letter of each size: "4k" is four times k, "k" once, "2" is 2 of no letter."""
        letters = [size.lstrip("0123456789") for size in self.sizes or ()]
        counts = [size.removesuffix(k) for size, k in zip(self.sizes or (), letters, strict=True)]
        return tuple((int(count or 1), k) for count, k in zip(counts, letters, strict=True))

    def shape(self, letters: Mapping[str, int]) -> Shape:
        """Its shape for sizes by their letters."""
        return tuple(count * letters[k] if k else count for count, k in self.factors)


@dataclass(frozen=True)
class Kernel:
    """A declared kernel. ``rule`` gives the output shapes where letters cannot.

    A caller may do without the outputs named in ``optional``. ``choices`` gives, from the shapes of
    the inputs and the attributes, how many values the whole numbers of the last input may have:
    they lie from 0 to one below, else the kernel raises an IndexError.
    """

    name: str
    inputs: tuple[Array, ...]
    outputs: tuple[Array, ...]
    formula: str
    attributes: dict[str, Any] = field(default_factory=dict)
    rule: ShapeRule | None = None
    optional: tuple[str, ...] = ()
    choices: Callable[..., int] | None = None

    @cached_property
    def updates(self) -> tuple[str, ...]:
        """Names of the inputs that are updated in place; they come first among the inputs."""
        given = {array.name for array in self.inputs}
        return tuple(array.name for array in self.outputs if array.name in given)

    @cached_property
    def elementwise(self) -> bool:
        """Whether every array may be seen as one long row: all shapes are ``*`` or ``[]``."""
        return self.rule is None and not any(a.sizes for a in self.inputs + self.outputs)

    @cached_property
    def given(self) -> tuple[Array, ...]:
        """The inputs that are not updated: those that follow the outputs in the other form."""
        return tuple(a for a in self.inputs if a.name not in self.updates)

    @property
    def signature(self) -> str:
        """The declaration as text, as it stands in this file."""
        left, right = (", ".join(map(str, side)) for side in (self.inputs, self.outputs))
        return f"{left} -> {right}"

    def output_shapes(self, shapes: Sequence[Shape], attributes: dict[str, Any]) -> list[Shape]:
        """Shapes of the outputs for inputs of the given shapes.

        Raises:
            ValueError: if the number of inputs, their ranks or their sizes do not fit the contract.
        """
        if len(shapes) != len(self.inputs):
            raise ValueError(
                f"{self.name} takes {len(self.inputs)} arrays ({self.signature}), "
                f"it was given {len(shapes)}."
            )
        if self.rule is not None:
            return list(self.rule(*shapes, **{**self.attributes, **attributes}))
        bound: dict[str, tuple[int, str]] = {}
        whole: tuple[Shape, str] | None = None
        for array, shape in zip(self.inputs, shapes, strict=True):
            if array.sizes is None:
                whole = whole or (shape, array.name)
                if shape != whole[0]:
                    raise ValueError(
                        f"{self.name}: {array.name} has shape {shape}, but {whole[1]} has shape "
                        f"{whole[0]}; the two must be alike."
                    )
                continue
            if len(shape) != len(array.sizes):
                raise ValueError(
                    f"{self.name}: {array.name} has shape {shape}, but needs {len(array.sizes)} "
                    f"axes: {array}."
                )
            for size, letter in zip(shape, array.sizes, strict=True):
                if letter[0].isdigit():
                    continue
                known, owner = bound.setdefault(letter, (size, array.name))
                if size != known:
                    raise ValueError(
                        f"{self.name}: {array.name} has shape {shape}, but its size {letter} is "
                        f"{known} in {owner}; the contract is {self.signature}."
                    )
        letters = {letter: size for letter, (size, _) in bound.items()}
        for array, shape in zip(self.inputs, shapes, strict=True):
            if array.sizes is not None and shape != array.shape(letters):
                raise ValueError(
                    f"{self.name}: {array.name} has shape {shape}, but must have shape "
                    f"{array.shape(letters)}; the contract is {self.signature}."
                )
        result = []
        for array in self.outputs:
            if array.sizes is None:
                assert whole is not None, f"{self.name}: no input gives the shape of {array}"
                result.append(whole[0])
            else:
                result.append(array.shape(letters))
        return result


KERNELS: dict[str, Kernel] = {}

_ARRAY = re.compile(r"(\w+)\[([^\]]*)\](:int)?")


def _arrays(text: str) -> tuple[Array, ...]:
    return tuple(
        Array(name, None if sizes == "*" else tuple(s for s in sizes.split(",") if s), bool(kind))
        for name, sizes, kind in _ARRAY.findall(text)
    )


def declare(
    name: str,
    signature: str,
    formula: str,
    rule: ShapeRule | None = None,
    optional: tuple[str, ...] = (),
    choices: Callable[..., int] | None = None,
    **attributes: Any,
) -> None:
    """Add a kernel to the contract.

    Args:
        name: Its name in every backend.
        signature: Its arrays, as the text at the start of this package explains.
        formula: What it computes.
        rule: Shapes of the outputs from those of the inputs and the attributes, where the letters
            of the signature do not say them.
        optional: Names of outputs that a caller may do without.
        choices: How many values the whole numbers of the last input may have, from the same.
        attributes: Its attributes with their defaults.
    """
    left, right = signature.split(" -> ")
    KERNELS[name] = Kernel(
        name, _arrays(left), _arrays(right), formula, attributes, rule, optional, choices
    )
