"""The base of the layers that change images at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.backends import compute
from dlcore.engine import ops
from dlcore.engine.ops.image import FILL_MODES, INTERPOLATIONS
from dlcore.engine.ops.windows import channels_last
from dlcore.engine.random import SeedGenerator
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape
from dlcore.utils.lookup import find

# Every place sees the image where it is: the point (x, y) itself.
IDENTITY = (1, 0, 0, 0, 1, 0)


class RandomTransform(Layer):
    """Base of RandomFlip, RandomTranslation, RandomRotation, RandomZoom and their kin.

    A subclass writes `matrices(n, height, width)`: for each image where its places look, the six
    numbers that `ops.affine_transform` takes. As in Keras a layer that is called alone, on a
    image to look at, changes it; in `evaluate` and `predict` images stay as they are.

    Args:
        seed: default None: numbers of its own, which `set_random_seed` repeats.
        data_format: only "channels_last".
        kwargs: those of `Layer`.
    """

    # What lies beyond the edge, and what is seen between two pixels.
    fill_mode = "nearest"
    fill_value = 0.0
    interpolation = "nearest"

    def __init__(
        self, seed: int | None = None, data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.seed = seed
        self.data_format = channels_last(data_format, f"{type(self).__name__} {self.name!r}")
        self.seed_generator = SeedGenerator(seed)

    def fill(self, fill_mode: str, interpolation: str, fill_value: float) -> None:
        """Keep how to see beyond the edge and between the pixels.

        Raises:
            ValueError: if there is no such mode or interpolation.
        """
        self.fill_mode = find(fill_mode, {name: name for name in FILL_MODES}, "fill_mode")
        known = {name: name for name in INTERPOLATIONS}
        self.interpolation = find(interpolation, known, "interpolation")
        self.fill_value = float(fill_value)

    def matrices(self, n: int, height: int, width: int) -> np.ndarray:
        """One row of six numbers for each of n images, drawn by kernels; what a subclass writes.

        Raises:
            NotImplementedError: if it does not.
        """
        raise NotImplementedError(f"The layer {self.name!r} has no matrices(n, height, width).")

    def call(self, x: Tensor, training: bool = True) -> Tensor:  # noqa: D102
        self.compute_output_shape(x.shape)
        if not training:
            return x
        return ops.affine_transform(
            x, self.matrices(*x.shape[:3]), self.interpolation, self.fill_mode, self.fill_value
        )

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        if len(input_shape) != 4:
            raise ValueError(
                f"The layer {self.name!r} takes images of shape (n, height, width, channels), "
                f"but was given shape {input_shape}; x[..., None] gives grey images their axis "
                "of channels, x[None] makes a batch of one image."
            )
        return input_shape

    def draw(self, n: int, low: float = 0.0, high: float = 1.0) -> np.ndarray:
        """A number from low to high for each of n images, shape (n, 1)."""
        u = self.seed_generator.uniform((n, 1))
        wide = compute("binary", u, np.float32(high - low), op="multiply")
        return compute("binary", wide, np.float32(low), op="add")


def combined(start: Sequence[float], *terms: tuple[np.ndarray, Sequence[float]]) -> np.ndarray:
    """Rows of six numbers: the start, plus each column of numbers times its six."""
    y = np.array(start, np.float32)
    for column, six in terms:
        term = compute("binary", column, np.array(six, np.float32), op="multiply")
        y = compute("binary", y, term, op="add")
    return y


def factor_range(factor: Any, what: str, layer: str, meaning: str) -> tuple[float, float]:
    """The lowest and highest factor: of a pair, or from minus to plus a single number.

    Args:
        factor: what the user gave.
        what: name of the argument.
        layer: the layer, for the message.
        meaning: what a factor of 1 would be.

    Raises:
        ValueError: if it is neither, or not from -1 to 1.
    """
    try:
        pair = tuple(factor) if isinstance(factor, list | tuple) else (-factor, factor)
        if len(pair) == 2 and all(-1 <= value <= 1 for value in pair):
            low, high = sorted(float(value) for value in pair)
            return low, high
    except TypeError:
        pass
    raise ValueError(
        f"{layer}: {what} is a number, or a pair of numbers, from -1 to 1, not {factor!r}; "
        f"1 is {meaning}."
    )
