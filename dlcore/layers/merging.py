"""Layers that put several inputs together number by number: Add, Multiply, Maximum and their kin.

    y = Add()([x, branch])
    y = add([x, branch])        # the same: the function makes the layer and calls it

The inputs have one shape, or shapes that broadcast; an input of fewer axes gets new ones after that
of the rows. Where inputs have masks, the output has one if all have: a step counts where it does in
any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape


class Merge(Layer):
    """Base of the layers here; a subclass writes `merge(xs, masks)` for inputs of equal rank."""

    supports_masking = True
    # How many inputs it takes, if only so many.
    takes: int | None = None

    def build(self, input_shape: Any) -> None:  # noqa: D102
        self.compute_output_shape(input_shape)

    def call(self, xs: Sequence[Tensor], mask: Any = None) -> Tensor:  # noqa: D102
        self.compute_output_shape([x.shape for x in listed(self, xs)])
        rank = max(x.ndim for x in xs)
        masks = [None] * len(xs) if mask is None else mask
        wide = [ops.reshape(x, _widened(x.shape, rank)) for x in xs]
        return self.merge(wide, [m if m is None else _spread(m, x) for m, x in _pairs(masks, wide)])

    def merge(self, xs: list[Tensor], masks: list[Any]) -> Tensor:
        """The output for inputs of the same number of axes, and their masks, each one or None."""
        raise NotImplementedError(f"The layer {self.name!r} has no merge(xs, masks).")

    def compute_output_shape(self, input_shape: Any) -> Shape:  # noqa: D102
        shapes = [tuple(shape) for shape in listed(self, input_shape)]
        if self.takes not in (None, len(shapes)):
            raise ValueError(
                f"The layer {self.name!r} takes {self.takes} inputs, but was given {len(shapes)}."
            )
        rank = max(len(shape) for shape in shapes)
        sizes: list[Any] = []
        for together in zip(*(_widened(shape, rank) for shape in shapes), strict=True):
            known = {size for size in together if size not in (None, 1)}
            if len(known) > 1 or (not sizes and 1 in together and known):
                raise ValueError(
                    f"The layer {self.name!r} takes inputs of one shape, or of shapes that "
                    f"broadcast, but was given {' and '.join(map(str, shapes))}."
                )
            sizes.append(known.pop() if known else None if None in together else 1)
        return tuple(sizes)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:  # noqa: D102
        if mask is None or any(m is None for m in mask):
            return None
        return _any(mask)


class Add(Merge):
    """`y = x1 + x2 + …`, as at the end of a residual branch (He et al. 2016).

        Add()([np.array([[1.0, 5.0]]), np.array([[3.0, 2.0]])])   # [[4, 7]]

    The shapes are equal or broadcast.
    """

    def merge(self, xs: list[Tensor], masks: list[Any]) -> Tensor:  # noqa: D102
        return _in_turn(ops.add, xs)


class Subtract(Merge):
    """`y = x1 - x2`.

        Subtract()([np.array([[1.0, 5.0]]), np.array([[3.0, 2.0]])])   # [[-2, 3]]

    The shapes are equal or broadcast.
    """

    takes = 2

    def merge(self, xs: list[Tensor], masks: list[Any]) -> Tensor:  # noqa: D102
        return ops.subtract(*xs)


class Average(Merge):
    """The mean of the inputs.

        Average()([np.array([[1.0, 5.0]]), np.array([[3.0, 2.0]])])   # [[2, 3.5]]

    The shapes are equal or broadcast.
    """

    def merge(self, xs: list[Tensor], masks: list[Any]) -> Tensor:  # noqa: D102
        return _in_turn(ops.add, xs) / len(xs)


class Multiply(Merge):
    """`y = x1 x2 …`; a masked step counts as 1, and gives 0 where all inputs are masked.

        Multiply()([np.array([[1.0, 5.0]]), np.array([[3.0, 2.0]])])   # [[3, 10]]

    The shapes are equal or broadcast.
    """

    def merge(self, xs: list[Tensor], masks: list[Any]) -> Tensor:  # noqa: D102
        y = _in_turn(
            ops.multiply, [x if m is None else ops.where(m, x, 1.0) for m, x in _pairs(masks, xs)]
        )
        return y if any(m is None for m in masks) else ops.where(_any(masks), y, 0.0)


class Maximum(Merge):
    """The maximum of the inputs, number by number; a masked step leaves it to the others.

        Maximum()([np.array([[1.0, 5.0]]), np.array([[3.0, 2.0]])])   # [[3, 5]]

    The shapes are equal or broadcast.
    """

    def merge(self, xs: list[Tensor], masks: list[Any]) -> Tensor:  # noqa: D102
        return _extreme(ops.maximum, xs, masks)


class Minimum(Merge):
    """The minimum of the inputs, number by number; a masked step leaves it to the others.

        Minimum()([np.array([[1.0, 5.0]]), np.array([[3.0, 2.0]])])   # [[1, 2]]

    The shapes are equal or broadcast.
    """

    def merge(self, xs: list[Tensor], masks: list[Any]) -> Tensor:  # noqa: D102
        return _extreme(ops.minimum, xs, masks)


def add(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """What a new layer `Add` gives for a list of inputs; `kwargs` are those of the layer."""
    return Add(**kwargs)(inputs)


def subtract(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """What a new layer `Subtract` gives for a list of inputs; `kwargs` are those of the layer."""
    return Subtract(**kwargs)(inputs)


def average(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """What a new layer `Average` gives for a list of inputs; `kwargs` are those of the layer."""
    return Average(**kwargs)(inputs)


def multiply(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """What a new layer `Multiply` gives for a list of inputs; `kwargs` are those of the layer."""
    return Multiply(**kwargs)(inputs)


def maximum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """What a new layer `Maximum` gives for a list of inputs; `kwargs` are those of the layer."""
    return Maximum(**kwargs)(inputs)


def minimum(inputs: Sequence[Any], **kwargs: Any) -> Any:
    """What a new layer `Minimum` gives for a list of inputs; `kwargs` are those of the layer."""
    return Minimum(**kwargs)(inputs)


def listed(layer: Layer, inputs: Any) -> Sequence[Any]:
    """The inputs, or their shapes, of a layer that takes several.

    Raises:
        ValueError: if they are no list.
    """
    if not isinstance(inputs, list | tuple) or not inputs or not hasattr(inputs[0], "__len__"):
        found = f"shape {inputs}" if isinstance(inputs, tuple) else f"a {type(inputs).__name__}"
        kind = type(layer).__name__
        raise ValueError(
            f"The layer {layer.name!r} takes a list of inputs, as in {kind}()([a, b]), but was "
            f"given {found}."
        )
    return inputs


def _in_turn(function: Callable[..., Tensor], xs: list[Tensor]) -> Tensor:
    y = xs[0]
    for x in xs[1:]:
        y = function(y, x)
    return y


def _extreme(function: Callable[..., Tensor], xs: list[Tensor], masks: list[Any]) -> Tensor:
    y, known = xs[0], masks[0]
    for mask, x in _pairs(masks[1:], xs[1:]):
        if mask is not None:
            x = ops.where(mask, x, y)
        if known is not None:
            y = ops.where(known, y, x)
        known = None if known is None or mask is None else ops.logical_or(known, mask)
        y = function(y, x)
    return y


def _any(masks: Sequence[Any]) -> Any:
    """1 where any of the masks is."""
    return _in_turn(ops.logical_or, list(masks))


def _spread(mask: Any, x: Tensor) -> Tensor:
    """A mask of steps with further axes of size 1, as many as the input has."""
    mask = ops.convert_to_tensor(mask)
    return ops.reshape(mask, mask.shape + (1,) * (x.ndim - mask.ndim))


def _widened(shape: Any, rank: int) -> tuple[Any, ...]:
    """A shape with axes of size 1 after that of the rows."""
    return (*shape[:1], *(1,) * (rank - len(shape)), *shape[1:])


def _pairs(masks: Sequence[Any], xs: Sequence[Tensor]) -> list[tuple[Any, Tensor]]:
    return list(zip(masks, xs, strict=True))
