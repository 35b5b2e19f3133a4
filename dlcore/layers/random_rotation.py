"""Images rotated at random while training."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from dlcore.backends import compute
from dlcore.layers.random_transform import RandomTransform, combined, factor_range


class RandomRotation(RandomTransform):
    """While training, each image is rotated about its center.

        layer = RandomRotation(15 / 360)      # by up to 15 degrees, to the left or to the right

    Args:
        factor: a fraction of a full turn, up to which it turns either way; or a pair (lowest,
            highest), where positive numbers turn it counterclockwise.
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
        factor: Any,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        self.fill(fill_mode, interpolation, fill_value)
        turn = "a whole turn, so that d degrees are d / 360"
        self.factor = factor_range(factor, "factor", f"RandomRotation {self.name!r}", turn)

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:  # noqa: D102
        # Keras 3.0 to 3.3 wrote a range of the values as well, which it never used.
        return super().from_config({k: v for k, v in config.items() if k != "value_range"})

    def matrices(self, n: int, height: int, width: int) -> np.ndarray:  # noqa: D102
        low, high = self.factor
        angle = self.draw(n, 2 * math.pi * low, 2 * math.pi * high)
        cos, sin = (compute("unary", angle, op=op) for op in ("cos", "sin"))
        # The place p looks at m + R (p - m), with m the middle and R the rotation by the angle.
        x, y = (width - 1) / 2, (height - 1) / 2
        return combined(
            (0, 0, x, 0, 0, y), (cos, (1, 0, -x, 0, 1, -y)), (sin, (0, -1, y, 1, 0, -x))
        )
