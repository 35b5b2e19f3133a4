"""One number for each channel, whatever the size of a sequence or image."""

from __future__ import annotations

from typing import Any

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.base_pooling import BaseGlobalPooling


class GlobalMaxPooling1D(BaseGlobalPooling):
    """The maximum over all steps, for each channel: `(n, steps, channels)` to `(n, channels)`.

        layer = GlobalMaxPooling1D()
        y = layer(x)                          # (n, 60, 16) -> (n, 16)

    Args:
        data_format: only "channels_last".
        keepdims: whether the output is `(n, 1, channels)`; default False.
        kwargs: those of `Layer`.
    """

    rank = 1

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        self.compute_output_shape(x.shape)
        return ops.max(x, self.axes, self.keepdims)


class GlobalMaxPooling2D(BaseGlobalPooling):
    """The maximum over an image, for each channel: `(n, h, w, c)` to `(n, c)`.

        layer = GlobalMaxPooling2D()
        y = layer(x)                          # (n, 7, 7, 32) -> (n, 32)

    Args:
        data_format: only "channels_last".
        keepdims: whether the output is `(n, 1, 1, c)`; default False.
        kwargs: those of `Layer`.
    """

    rank = 2

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        self.compute_output_shape(x.shape)
        return ops.max(x, self.axes, self.keepdims)


class GlobalAveragePooling1D(BaseGlobalPooling):
    """The mean of all steps, for each channel: `(n, steps, channels)` to `(n, channels)`.

        layer = GlobalAveragePooling1D()
        y = layer(x)                          # (n, 60, 16) -> (n, 16)

    With a mask, as Embedding or Masking give it, only the steps that count are averaged; where none
    counts the mean is 0.

    Args:
        data_format: only "channels_last".
        keepdims: whether the output is `(n, 1, channels)`; default False.
        kwargs: those of `Layer`.
    """

    rank = 1
    supports_masking = True

    def call(self, x: Tensor, mask: Any = None) -> Tensor:  # noqa: D102
        self.compute_output_shape(x.shape)
        if mask is None:
            return ops.mean(x, self.axes, self.keepdims)
        counts = ops.cast(ops.expand_dims(mask, -1), x.dtype)
        total = ops.sum(ops.where(counts, x, 0), self.axes, self.keepdims)
        count = ops.sum(counts, self.axes, self.keepdims)
        return ops.divide(total, ops.maximum(count, 1))

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """No mask: the output has no steps."""


class GlobalAveragePooling2D(BaseGlobalPooling):
    """The mean of an image, for each channel: `(n, h, w, c)` to `(n, c)`.

        layer = GlobalAveragePooling2D()
        y = layer(x)                          # (n, 7, 7, 32) -> (n, 32)

    It takes the place of Flatten and a large Dense (Lin et al. 2014, section 3.2).

    Args:
        data_format: only "channels_last".
        keepdims: whether the output is `(n, 1, 1, c)`; default False.
        kwargs: those of `Layer`.
    """

    rank = 2

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        self.compute_output_shape(x.shape)
        return ops.mean(x, self.axes, self.keepdims)


GlobalMaxPool1D = GlobalMaxPooling1D
GlobalMaxPool2D = GlobalMaxPooling2D
GlobalAvgPool1D = GlobalAveragePooling1D
GlobalAvgPool2D = GlobalAveragePooling2D
