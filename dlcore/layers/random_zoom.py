"""Images seen from nearer or farther at random while training."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.layers.random_transform import IDENTITY, RandomTransform, combined, factor_range


class RandomZoom(RandomTransform):
    """While training, each image is seen from nearer or from farther away.

        layer = RandomZoom(0.2)               # by up to a fifth, its proportions kept

    Args:
        height_factor: a fraction f, from -f to f: with z drawn, 1 + z heights of the image are
            seen, so that positive numbers make things smaller; or a pair (lowest, highest).
        width_factor: the same for the width; default None: what is drawn for the height.
        fill_mode: what comes in at the edge: the image reflected ("reflect", the default),
            repeated ("wrap"), its last pixel ("nearest") or `fill_value` ("constant").
        interpolation: "bilinear" (default) weighs the pixels around a place, "nearest" takes one.
        seed: default None: numbers of its own, which `set_random_seed` repeats.
        fill_value: for the fill mode "constant"; default 0.
        data_format: only "channels_last".
        kwargs: those of `Layer`.

    Raises:
        ValueError: if a factor is not from -1 to 1, or a lowest one is -1, so that nothing is seen.
    """

    def __init__(
        self,
        height_factor: Any,
        width_factor: Any = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        self.fill(fill_mode, interpolation, fill_value)
        self.height_factor = height_factor
        self.width_factor = width_factor
        self._high = self._range(height_factor, "height_factor")
        self._wide = None if width_factor is None else self._range(width_factor, "width_factor")

    def matrices(self, n: int, height: int, width: int) -> np.ndarray:  # noqa: D102
        high = self.draw(n, *self._high)
        wide = high if self._wide is None else self.draw(n, *self._wide)
        # Around the middle: column x shows (1 + z) x - z (width - 1) / 2.
        return combined(
            IDENTITY,
            (wide, (1, 0, -(width - 1) / 2, 0, 0, 0)),
            (high, (0, 0, 0, 0, 1, -(height - 1) / 2)),
        )

    def _range(self, factor: Any, what: str) -> tuple[float, float]:
        owner = f"RandomZoom {self.name!r}"
        low, high = factor_range(factor, what, owner, "twice the image, -1 nothing of it")
        if isinstance(factor, list | tuple) and low == -1:
            raise ValueError(
                f"{owner}: with the {what} -1 nothing would be seen of an image; begin above it."
            )
        return low, high
