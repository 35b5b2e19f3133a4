"""Parts cut out of images at random while training."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Shape, positive
from dlcore.layers.random_transform import IDENTITY, RandomTransform, combined
from dlcore.layers.resizing import cropped_to_proportions, resized


class RandomCrop(RandomTransform):
    """While training, a part of each image that is cut out at a random place.

        layer = RandomCrop(24, 24)
        y = layer(x, training=True)           # (n, 28, 28, 3) -> (n, 24, 24, 3)

    All images of a batch are cut at the same place. In `evaluate` and `predict`, and where images
    are too small, the largest part in the middle that has these proportions is brought to the size.

    Args:
        height: rows of the output.
        width: columns of the output.
        seed: default None: numbers of its own, which `set_random_seed` repeats.
        data_format: only "channels_last".
        kwargs: those of `Layer`.

    Raises:
        ValueError: if a size is below 1, or the input is no image.
    """

    def __init__(
        self,
        height: int,
        width: int,
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        owner = f"RandomCrop {self.name!r}"
        self.height = positive(height, "height", owner)
        self.width = positive(width, "width", owner)

    def call(self, x: Tensor, training: bool = True) -> Tensor:  # noqa: D102
        self.compute_output_shape(x.shape)
        if training and x.shape[1] >= self.height and x.shape[2] >= self.width:
            return super().call(x)[:, : self.height, : self.width]
        return resized(cropped_to_proportions(x, self.height, self.width), self.height, self.width)

    def matrices(self, n: int, height: int, width: int) -> np.ndarray:  # noqa: D102
        # Moved up and to the left by whole pixels, the part begins at the first one.
        rows, columns = (self._place(n, height - self.height), self._place(n, width - self.width))
        return combined(IDENTITY, (rows, (0, 0, 0, 0, 0, 1)), (columns, (0, 0, 1, 0, 0, 0)))

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        n, *_, channels = super().compute_output_shape(input_shape)
        return (n, self.height, self.width, channels)

    def _place(self, n: int, last: int) -> np.ndarray:
        """One whole number from 0 to the last place, the same for each of n images."""
        place = ops.minimum(ops.floor(Tensor(self.draw(1, 0, last + 1))), last)
        return ops.matmul(np.ones((n, 1), np.float32), place).data
