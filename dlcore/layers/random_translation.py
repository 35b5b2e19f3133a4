"""Images translated at random while training."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.layers.random_transform import IDENTITY, RandomTransform, combined, factor_range


class RandomTranslation(RandomTransform):
    """While training, each image is translated by fractions of its height and its width.

        layer = RandomTranslation(0.1, 0.1)   # by up to a tenth, up or down, left or right

    Args:
        height_factor: a fraction of the height, up to which it moves up or down; or a pair
            (lowest, highest), where positive numbers move it down.
        width_factor: the same for the width, where positive numbers move it to the right.
        fill_mode: what comes in at the edge: the image reflected ("reflect", the default),
            repeated ("wrap"), its last pixel ("nearest") or `fill_value` ("constant").
        interpolation: "bilinear" (default) weighs the pixels around a place, "nearest" takes one.
        seed: default None: numbers of its own, which `set_random_seed` repeats.
        fill_value: for the fill mode "constant"; default 0.
        data_format: only "channels_last".
        kwargs: those of `Layer`.

    Raises:
        ValueError: if a factor is not from -1 to 1.
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        self.fill(fill_mode, interpolation, fill_value)
        layer = f"RandomTranslation {self.name!r}"
        self.height_factor = height_factor
        self.width_factor = width_factor
        self._down = factor_range(height_factor, "height_factor", layer, "the whole height")
        self._right = factor_range(width_factor, "width_factor", layer, "the whole width")

    def matrices(self, n: int, height: int, width: int) -> np.ndarray:  # noqa: D102
        # What moves down by t is seen from y at y - t.
        return combined(
            IDENTITY,
            (self.draw(n, *self._down), (0, 0, 0, 0, 0, -height)),
            (self.draw(n, *self._right), (0, 0, -width, 0, 0, 0)),
        )
