"""Images flipped at random while training."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.backends import compute
from dlcore.layers.random_transform import IDENTITY, RandomTransform, combined
from dlcore.utils.lookup import find

_MODES = ("horizontal", "vertical", "horizontal_and_vertical")


class RandomFlip(RandomTransform):
    """While training, every second image on average is flipped.

        layer = RandomFlip("horizontal")      # a face may look to the left or to the right

    Each image is drawn for by itself, and so is each of the two ways.

    Args:
        mode: "horizontal" (left becomes right), "vertical", or the default,
            "horizontal_and_vertical".
        seed: default None: numbers of its own, which `set_random_seed` repeats.
        data_format: only "channels_last".
        kwargs: those of `Layer`.
    """

    # Flipped pixels fall on pixels: nothing is between them, nothing beyond the edge.

    def __init__(
        self,
        mode: str = "horizontal_and_vertical",
        seed: int | None = None,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(seed, data_format, **kwargs)
        self.mode = find(mode, {name: name for name in _MODES}, "mode of RandomFlip")

    def matrices(self, n: int, height: int, width: int) -> np.ndarray:  # noqa: D102
        terms = []
        # An image that is flipped looks from x at width - 1 - x; the others look at x.
        if "horizontal" in self.mode:
            terms.append((self._flipped(n), (-2, 0, width - 1, 0, 0, 0)))
        if "vertical" in self.mode:
            terms.append((self._flipped(n), (0, 0, 0, 0, -2, height - 1)))
        return combined(IDENTITY, *terms)

    def _flipped(self, n: int) -> np.ndarray:
        """1 for about half of the images, 0 for the others."""
        return compute("binary", self.draw(n), np.float32(0.5), op="greater_equal")
