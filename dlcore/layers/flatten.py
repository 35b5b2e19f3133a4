"""Images to rows of numbers."""

from __future__ import annotations

import math
from typing import Any

from dlcore.engine.ops.axes import reshape
from dlcore.engine.ops.windows import channels_last
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape


class Flatten(Layer):
    """All axes after the first in a row: `(n, 8, 8)` becomes `(n, 64)`, `(n,)` becomes `(n, 1)`.

        layer = Flatten()
        y = layer(x)                          # (n, 8, 8) -> (n, 64)

    Args:
        data_format: only "channels_last".
        kwargs: those of `Layer`.
    """

    def __init__(self, data_format: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.data_format = channels_last(data_format, f"Flatten {self.name!r}")

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        return reshape(x, (x.shape[0], math.prod(x.shape[1:])))

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        sizes = input_shape[1:]
        if None in sizes:
            return (input_shape[0], None)
        return (input_shape[0], math.prod(size for size in sizes if size is not None))
