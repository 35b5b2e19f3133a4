"""What the pooling layers share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dlcore.engine.ops.windows import channels_last, padding_named, places, sizes
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape
from dlcore.layers.shape_inference import by, check_axes

Window = int | Sequence[int]


class BasePooling(Layer):
    """Base of the layers that give one number for each window of their input.

    `rank` is the number of axes that the window moves along, `pool` the operation.
    """

    rank = 2
    pool: Callable[..., Tensor]

    def __init__(
        self,
        pool_size: Window = 2,
        strides: Window | None = None,
        padding: str = "valid",
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        owner = f"{type(self).__name__} {self.name!r}"
        self.pool_size = sizes(pool_size, self.rank, f"{owner}: pool_size")
        self.strides = self.pool_size
        if strides is not None:
            self.strides = sizes(strides, self.rank, f"{owner}: strides")
        self.padding = padding_named(padding, owner, ("valid", "same"))
        self.data_format = channels_last(data_format, owner)

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        self.compute_output_shape(input_shape)

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        self.compute_output_shape(x.shape)
        return type(self).pool(x, self.pool_size, self.strides, self.padding)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        check_axes(self.name, self.rank, input_shape)
        space = input_shape[1:-1]
        once = (1,) * self.rank
        found = places(tuple(space), self.pool_size, self.strides, self.padding, once)
        if 0 in found:
            raise ValueError(
                f"The layer {self.name!r} has windows of {by(self.pool_size)}, which do not fit "
                f"into the {by(space)} of its input of shape {input_shape}, so that nothing would "
                "be left; leave it out, or take a smaller pool_size or padding='same'."
            )
        return (input_shape[0], *found, input_shape[-1])


class BaseGlobalPooling(Layer):
    """Base of the layers that give one number for each channel.

    Args:
        data_format: only "channels_last".
        keepdims: whether the axes that are pooled stay, with size 1; default False.
        kwargs: those of `Layer`.
    """

    rank = 2

    def __init__(
        self, data_format: str | None = None, keepdims: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.data_format = channels_last(data_format, f"{type(self).__name__} {self.name!r}")
        self.keepdims = bool(keepdims)

    @property
    def axes(self) -> tuple[int, ...]:
        """The axes that are pooled."""
        return tuple(range(1, self.rank + 1))

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        self.compute_output_shape(input_shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        check_axes(self.name, self.rank, input_shape)
        kept = (1,) * self.rank if self.keepdims else ()
        return (input_shape[0], *kept, input_shape[-1])
