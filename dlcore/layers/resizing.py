"""Images brought to one size: Resizing and CenterCrop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore.engine import ops
from dlcore.engine.ops.windows import channels_last
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape, positive
from dlcore.utils.lookup import one_of


def _cubic(x: np.ndarray) -> np.ndarray:
    """Keys 1981, equation 4: a curve through the pixels."""
    near, far = ((1.5 * x - 2.5) * x) * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2
    return np.where(x < 1, near, np.where(x < 2, far, 0))


# How much of a pixel is taken at a distance from it, in pixels.
_WEIGHTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "bilinear": lambda x: np.maximum(0, 1 - x),
    "bicubic": _cubic,
    "lanczos3": lambda x: np.where(x < 3, np.sinc(x) * np.sinc(x / 3), 0),
    "lanczos5": lambda x: np.where(x < 5, np.sinc(x) * np.sinc(x / 5), 0),
}


class _OfOneSize(Layer):
    """Base of those that give images of `height` and `width`, of a batch or of one image."""

    def __init__(self, height: int, width: int, data_format: str | None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        owner = f"{type(self).__name__} {self.name!r}"
        self.height = positive(height, "height", owner)
        self.width = positive(width, "width", owner)
        self.data_format = channels_last(data_format, owner)

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        self.compute_output_shape(x.shape)
        return self.sized(x) if x.ndim == 4 else self.sized(ops.expand_dims(x, 0))[0]

    def sized(self, x: Tensor) -> Tensor:
        """A batch of images of the size; what a subclass writes."""
        raise NotImplementedError(f"The layer {self.name!r} has no sized(x).")

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        if len(input_shape) not in (3, 4):
            raise ValueError(
                f"The layer {self.name!r} takes images of shape (n, height, width, channels), or "
                f"one of shape (height, width, channels), but was given shape {input_shape}; "
                "x[..., None] gives grey images their axis of channels."
            )
        return (*input_shape[:-3], self.height, self.width, input_shape[-1])


class Resizing(_OfOneSize):
    """Images stretched to one height and width.

        y = Resizing(24, 32)(x)               # (n, 50, 60, 3) -> (n, 24, 32, 3)

    The middle of a new pixel lies somewhere among the old ones, whose values are weighed by their
    distance. Whole numbers become the dtype of the layer, and are not rounded.

    Args:
        height: rows of the output.
        width: columns of the output.
        interpolation: "bilinear" (default), on the straight line between two pixels; "nearest", one
            pixel; "bicubic" (Keys 1981), "lanczos3" or "lanczos5", on a smooth curve.
        crop_to_aspect_ratio: whether so much is cut off, at both sides alike, that nothing is
            stretched more in one direction; default False.
        pad_to_aspect_ratio: whether for that end `fill_value` is put at both sides; default False.
        fill_mode: only "constant".
        fill_value: default 0.
        antialias: whether smaller images take the mean of what falls together, instead of leaving
            pixels out; default False.
        data_format: only "channels_last".
        kwargs: those of `Layer`.

    Raises:
        ValueError: if a size is below 1, there is no such interpolation or fill mode, images are to
            be both cropped and padded, or the input is none.
    """

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool = False,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(height, width, data_format, **kwargs)
        self.interpolation = one_of(interpolation, ("nearest", *_WEIGHTS), "interpolation")
        self.crop_to_aspect_ratio = bool(crop_to_aspect_ratio)
        self.pad_to_aspect_ratio = bool(pad_to_aspect_ratio)
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            raise ValueError(
                f"Resizing {self.name!r}: images keep their proportions by cropping or by padding; "
                "set one of crop_to_aspect_ratio and pad_to_aspect_ratio."
            )
        self.fill_mode = one_of(fill_mode, ("constant",), "fill_mode of Resizing")
        self.fill_value = float(fill_value)
        self.antialias = bool(antialias)

    def sized(self, x: Tensor) -> Tensor:  # noqa: D102
        size = self.height, self.width
        if self.crop_to_aspect_ratio:
            x = cropped_to_proportions(x, *size)
        elif self.pad_to_aspect_ratio:
            h, w = x.shape[1:3]
            rows = max(h, int(w * self.height / self.width)) - h
            columns = max(w, int(h * self.width / self.height)) - w
            around = [(0, 0), (rows // 2, rows // 2), (columns // 2, columns // 2), (0, 0)]
            x = ops.pad(x, around, constant_values=self.fill_value)
        return resized(x, *size, self.interpolation, self.antialias)


class CenterCrop(_OfOneSize):
    """The middle of each image.

        y = CenterCrop(24, 24)(x)             # (n, 50, 60, 3) -> (n, 24, 24, 3)

    Of an image that is too small, the largest part of these proportions is made larger.

    Args:
        height: rows of the output.
        width: columns of the output.
        data_format: only "channels_last".
        kwargs: those of `Layer`.

    Raises:
        ValueError: if a size is below 1, or the input is no image.
    """

    def __init__(
        self, height: int, width: int, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(height, width, data_format, **kwargs)

    def sized(self, x: Tensor) -> Tensor:  # noqa: D102
        if x.shape[1] < self.height or x.shape[2] < self.width:
            return resized(
                cropped_to_proportions(x, self.height, self.width), self.height, self.width
            )
        return cut_out(x, self.height, self.width)


def cropped_to_proportions(x: Tensor, height: int, width: int) -> Tensor:
    """The largest part in the middle of images (n, h, w, c) that has the proportions of a size."""
    h, w = x.shape[1:3]
    return cut_out(
        x, max(min(h, int(w * height / width)), 1), max(min(w, int(h * width / height)), 1)
    )


def cut_out(x: Tensor, height: int, width: int) -> Tensor:
    """The middle of images (n, h, w, c), of a size; an odd cell is cut off below and right."""
    top, left = (x.shape[1] - height) // 2, (x.shape[2] - width) // 2
    return x[:, top : top + height, left : left + width]


def resized(
    x: Tensor, height: int, width: int, interpolation: str = "bilinear", antialias: bool = False
) -> Tensor:
    """Images (n, h, w, c) stretched to a size."""
    n, h, w, c = x.shape
    if interpolation == "nearest":
        rows, columns = (
            np.floor((np.arange(new) + 0.5) * old / new).astype(np.int64)
            for new, old in ((height, h), (width, w))
        )
        return ops.take(ops.take(x, rows, axis=1), columns, axis=2)
    rows, columns = (
        _shares(old, new, _WEIGHTS[interpolation], antialias).astype(x.dtype)
        for old, new in ((h, height), (w, width))
    )
    y = ops.matmul(rows, ops.reshape(x, (n, h, w * c)))
    y = ops.matmul(columns, ops.reshape(y, (n * height, w, c)))
    return ops.reshape(y, (n, height, width, c))


def _shares(
    old: int, new: int, weights: Callable[[np.ndarray], np.ndarray], antialias: bool
) -> np.ndarray:
    """What each of the new places takes of the old ones, by the distance from their middles."""
    places = (np.arange(new) + 0.5) * old / new - 0.5
    wide = max(old / new, 1.0) if antialias else 1.0
    found = weights(np.abs(places[:, None] - np.arange(old)) / wide)
    # At an edge, as in Keras, what is missing is not counted.
    return found / found.sum(axis=1, keepdims=True)
