"""Numbers on another scale."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape


class Rescaling(Layer):
    """`y = scale x + offset`.

        Rescaling(1 / 255)                    # pixels from 0 to 255 to 0 to 1
        Rescaling(1 / 127.5, offset=-1)       # and to -1 to 1

    Args:
        scale: a number, or one for each channel.
        offset: a number, or one for each channel; default 0.
        kwargs: those of `Layer`.
    """

    supports_masking = True

    def __init__(self, scale: Any, offset: Any = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale = scale
        self.offset = offset

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        return x * np.asarray(self.scale, x.dtype) + np.asarray(self.offset, x.dtype)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return input_shape
