"""Tensors cut into parts and put together."""

from __future__ import annotations

import builtins
from collections.abc import Sequence

import numpy as np

from dlcore.backends import call, compute, memory
from dlcore.engine.ops.axes import box, reshape, take
from dlcore.engine.tensor import Backward, Tensor, TensorLike, convert_to_tensor, pair, result


def slice(x: TensorLike, start_indices: Sequence[int], shape: Sequence[int]) -> Tensor:
    """The part of x that starts at the given positions and has the given sizes.

    Args:
        x: A tensor of any shape.
        start_indices: One position for each axis, from 0.
        shape: One size for each axis.
    """
    x = convert_to_tensor(x)
    sizes = tuple(map(int, shape))
    return box(x, tuple(map(int, start_indices)), sizes, sizes)


def concatenate(xs: Sequence[TensorLike], axis: int = -1) -> Tensor:
    """The tensors one after the other along an axis, the last by default.

    Raises:
        ValueError: if there are none, or they differ in another axis.
    """
    tensors = [convert_to_tensor(x) for x in xs]
    if not tensors:
        raise ValueError("concatenate takes a list of at least one tensor.")
    for i in range(1, len(tensors)):
        tensors[0], tensors[i] = pair(tensors[0], tensors[i])
    tensors = [pair(tensors[0], tensor)[1] for tensor in tensors]
    first = tensors[0]
    if not -first.ndim <= axis < first.ndim:
        raise ValueError(f"There is no axis {axis} in an array of {first.ndim} axes.")
    axis %= first.ndim
    for tensor in tensors:
        if tensor.shape[:axis] + tensor.shape[axis + 1 :] != (
            first.shape[:axis] + first.shape[axis + 1 :]
        ):
            raise ValueError(
                f"Tensors of the shapes {first.shape} and {tensor.shape} cannot be joined along "
                f"axis {axis}: all other sizes must be alike."
            )
    shape = list(first.shape)
    shape[axis] = builtins.sum(tensor.shape[axis] for tensor in tensors)
    y = memory.empty(shape, first.dtype)
    places = []
    start = 0
    for tensor in tensors:
        places.append((0,) * axis + (start,) + (0,) * (first.ndim - axis - 1))
        call("insert", (y,), (memory.contiguous(tensor.data),), {"starts": places[-1]})
        start += tensor.shape[axis]

    def backward(dy: np.ndarray) -> list[np.ndarray | None]:
        return [
            compute("extract", dy, starts=place, sizes=tensor.shape)
            if tensor.requires_grad
            else None
            for place, tensor in zip(places, tensors, strict=True)
        ]

    return result(y, tensors, backward)


def stack(xs: Sequence[TensorLike], axis: int = 0) -> Tensor:
    """Tensors of one shape side by side, along a new axis."""
    tensors = [convert_to_tensor(x) for x in xs]
    expanded = [reshape(t, np.expand_dims(memory.outline(t.data), axis).shape) for t in tensors]
    return concatenate(expanded, axis)


def split(x: TensorLike, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """The tensor in parts along an axis: a number of equal parts, or cut at the given positions.

    Raises:
        ValueError: if the axis cannot be cut into so many equal parts.
    """
    x = convert_to_tensor(x)
    size = x.shape[axis]
    if isinstance(indices_or_sections, int | np.integer):
        if size % indices_or_sections:
            raise ValueError(
                f"An axis of size {size} cannot be cut into {indices_or_sections} equal parts."
            )
        step = size // indices_or_sections
        cuts = list(range(step, size, step))
    else:
        cuts = [int(cut) for cut in indices_or_sections]
    parts = []
    for start, stop in zip([0, *cuts], [*cuts, size], strict=True):
        starts, sizes = [0] * x.ndim, list(x.shape)
        starts[axis], sizes[axis] = start, stop - start
        parts.append(slice(x, starts, sizes))
    return parts


def repeat(x: TensorLike, repeats: int, axis: int = 0) -> Tensor:
    """Each entry along an axis several times, one after the other."""
    size = convert_to_tensor(x).shape[axis]
    return take(x, np.repeat(np.arange(size), repeats), axis)


def tile(x: TensorLike, repeats: Sequence[int]) -> Tensor:
    """The whole tensor several times along each axis."""
    y = convert_to_tensor(x)
    for axis, count in enumerate(repeats):
        if count != 1:
            y = take(y, np.tile(np.arange(y.shape[axis]), count), axis)
    return y


def flip(x: TensorLike, axis: int | None = None) -> Tensor:
    """The entries in reverse order, along one axis or along all."""
    y = convert_to_tensor(x)
    for i in range(y.ndim) if axis is None else (axis,):
        y = _flipped(y, i)
    return y


def _flipped(x: Tensor, axis: int) -> Tensor:
    order = np.arange(x.shape[axis])[::-1].copy()
    # The way back is the same turn; that of `take` would add up row by row.
    back: Backward = lambda dy: [take(Tensor(dy), order, axis).data]  # noqa: E731
    return result(take(Tensor(x.data), order, axis).data, [x], back)


def pad(x: TensorLike, pad_width: Sequence[Sequence[int]], constant_values: float = 0.0) -> Tensor:
    """The tensor with more entries of one value before and after, along each axis.

    Args:
        x: A tensor of any shape.
        pad_width: A pair (before, after) for each axis.
        constant_values: The value; default 0.
    """
    x = convert_to_tensor(x)
    starts = tuple(int(before) for before, _ in pad_width)
    widths = zip(x.shape, pad_width, strict=True)
    y = memory.full([n + before + after for n, (before, after) in widths], constant_values, x.dtype)
    call("insert", (y,), (memory.contiguous(x.data),), {"starts": starts})
    return result(y, [x], lambda dy: [compute("extract", dy, starts=starts, sizes=x.shape)])
