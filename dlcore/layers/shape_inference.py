"""Shapes: read off data, checked, and found out by a trial on zeros."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from dlcore.engine import tree
from dlcore.engine.symbol import Shape, SymbolicTensor
from dlcore.engine.tensor import Tensor, no_grad
from dlcore.utils import size_limits


def shapes_of(structure: Any, open_rows: bool = False) -> Any:
    """The shapes in a structure of tensors, arrays or symbols.

    Args:
        structure: one of them, or lists, tuples and dicts of them.
        open_rows: whether the first size, the number of rows, is left open as None.
    """

    def shape(leaf: Any) -> Any:
        sizes = getattr(leaf, "shape", None)
        if sizes is None:
            return None
        return (None, *sizes[1:]) if open_rows and len(sizes) else tuple(sizes)

    return tree.transform(shape, structure)


def is_shape(value: Any) -> bool:
    """Whether a value is a shape, and not a list or tuple of shapes."""
    return isinstance(value, tuple) and all(
        size is None or isinstance(size, int | np.integer) for size in value
    )


def fits(shape: Any, wanted: Shape) -> bool:
    """Whether an array can be of both shapes; None stands for any size."""
    return len(shape) == len(wanted) and all(
        size == other or size is None or other is None
        for size, other in zip(shape, wanted, strict=True)
    )


def symbols_of(shapes: Any, dtype: str) -> Any:
    """New symbols in the structure of some shapes."""
    if is_shape(shapes):
        return SymbolicTensor(shapes, dtype)
    if isinstance(shapes, dict):
        return {key: symbols_of(shape, dtype) for key, shape in shapes.items()}
    return type(shapes)(symbols_of(shape, dtype) for shape in shapes)


def inferred(function: Callable[[Any], Any], given: Any) -> Any:
    """The symbols that a function gives for symbols, found out by calling it on zeros.

    It is called twice, with 8 and with 13 in place of every size that is not known; a size of the
    outputs that changes is not known either. Where a symbol stands for numbers with a mask, the
    zeros have one of ones, so that a layer is told as much as when the model runs.

    Args:
        function: takes the structure with tensors in place of the symbols.
        given: a structure of symbols, with anything else beside them.
    """
    found = []
    for size in (8, 13):
        # Zeros may be divided by one another here; only the shapes are looked at.
        with no_grad(), trial(), np.errstate(all="ignore"):
            found.append(function(tree.transform(functools.partial(_zeros, size), given)))
    first, second = (tree.leaves(outputs) for outputs in found)
    symbols: list[SymbolicTensor | None] = []
    for a, b in zip(first, second, strict=True):
        if a is None:
            symbols.append(None)
            continue
        symbol = SymbolicTensor(_common(a.shape, b.shape), str(np.dtype(a.dtype)))
        if getattr(a, "mask", None) is not None:
            symbol.mask_shape = _common(a.mask.shape, b.mask.shape)
        symbols.append(symbol)
    return tree.replaced(found[0], symbols)


def _common(shape: Shape, other: Shape) -> Shape:
    """A shape with None for the sizes that differ."""
    return tuple(m if m == n else None for m, n in zip(shape, other, strict=True))


@contextmanager
def trial() -> Iterator[list[tuple[Any, Tensor]]]:
    """Call layers for the shapes of their outputs alone: they keep no state of it.

    Gives a list to which a layer that can only take some numbers, and has a method
    `check_inputs(array, what)`, adds itself with the input that it was called on.
    """
    before = on_trial()
    notes: list[tuple[Any, Tensor]] = []
    _trials.notes = notes
    try:
        yield notes
    finally:
        _trials.notes = before


def on_trial() -> list[tuple[Any, Tensor]] | None:
    """The list of the `trial` that is going on; None outside of one."""
    return getattr(_trials, "notes", None)


_trials = threading.local()


def stands_for_text(tensor: Tensor) -> bool:
    """Whether a tensor stands for texts in a trial: no Tensor holds any."""
    return tensor.name == _TEXT


# The name of such a tensor.
_TEXT = "in place of text"


def shape_tuple(shape: Any, what: str) -> Shape:
    """A shape without the number of rows, as a tuple.

    Raises:
        ValueError: if it is not a sequence of positive whole numbers (or None).
    """
    if isinstance(shape, int | np.integer):
        raise ValueError(f"{what} is a tuple: write {what}=({shape},) instead of {what}={shape}.")
    sizes = tuple(shape)
    for size in sizes:
        whole = isinstance(size, int | np.integer) and not isinstance(size, bool)
        if size is not None and not (whole and size > 0):
            raise ValueError(f"{what} holds positive whole numbers, but is {sizes}.")
    return tuple(None if size is None else int(size) for size in sizes)


def read_shape(value: Any) -> Any:
    """A shape, or a list of them, from the lists of a JSON file; None stays None.

    Raises:
        ValueError: if it is something else.
    """
    if value is None:
        return None
    if isinstance(value, dict):
        return {key: read_shape(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        if all(n is None or (type(n) is int and n > 0) for n in value):
            return tuple(value)
        if all(isinstance(part, list | tuple) for part in value):
            return [read_shape(part) for part in value]
    raise ValueError(f"A shape is described by a list of whole numbers, not by {value!r:.60}.")


def positive(value: Any, what: str, layer: str) -> int:
    """`value` as an int; a ValueError names the layer if it is not a whole number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{layer}: {what} is a whole number of at least 1, not {value!r}.")
    return int(value)


def check_axes(name: str, rank: int, shape: Shape) -> None:
    """Refuse what are no sequences (rank 1) or images (rank 2) with an axis of channels.

    Raises:
        ValueError: if the number of axes is another.
    """
    if len(shape) == rank + 2:
        return
    takes = "sequences of shape (n, steps, channels)"
    if rank == 2:
        takes = "images of shape (n, height, width, channels)"
    mend = ""
    if len(shape) == rank + 1:
        mend = "; add the axis of channels by x[..., None]"
    elif rank == 1 and len(shape) == 4:
        mend = "; for images there are the layers with 2D in their name"
    raise ValueError(f"The layer {name!r} takes {takes}, but was given shape {shape}{mend}.")


def by(sizes: Sequence[int | None]) -> str:
    """`3 by 4`, the way people speak of the sizes of an image."""
    return " by ".join("any number" if size is None else str(size) for size in sizes)


def _zeros(unknown: int, leaf: Any) -> Any:
    """A tensor of zeros for a symbol; anything else as it is."""
    if not isinstance(leaf, SymbolicTensor):
        return leaf
    sizes = [unknown if n is None else n for n in leaf.shape]
    size_limits.refuse_giant(sizes)
    if leaf.dtype == "string":
        return Tensor(np.zeros(sizes, np.int8), name=_TEXT)
    tensor = Tensor(np.zeros(sizes, leaf.dtype))
    if leaf.mask_shape is not None:
        of_mask = [unknown if n is None else n for n in leaf.mask_shape]
        tensor.mask = Tensor(np.ones(of_mask, "float32"))
    return tensor
