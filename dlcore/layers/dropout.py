"""Neurons left out at random while training."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.engine import ops
from dlcore.engine.random import SeedGenerator
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape


class Dropout(Layer):
    """While training, `y = x m / (1 - rate)` with m = 0 for a random share of x, else 1.

        layer = Dropout(0.5)
        y = layer(x, training=True)           # half of x is 0, the other half doubled

    The division keeps the mean of y that of x (inverted dropout, Srivastava et al. 2014), so that
    nothing is left to do in evaluate and predict: there `y = x`.

    Args:
        rate: the share that is left out, from 0 to 1.
        noise_shape: shape of m, in which None stands for the size of x, and 1 repeats m along an
            axis; default: the shape of x.
        seed: default None: numbers of its own, which `set_random_seed` repeats. With a whole
            number the layer draws the same whatever else is random in the program.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if the rate is not from 0 to 1, or the seed no whole number of at least 0.
    """

    supports_masking = True

    def __init__(
        self,
        rate: float,
        noise_shape: Sequence[int | None] | None = None,
        seed: int | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not isinstance(rate, int | float | np.number) or not 0 <= rate <= 1:
            raise ValueError(
                f"Dropout {self.name!r}: rate is the share that is left out, from 0 to 1, not "
                f"{rate!r}; try {_share_for(rate)}."
            )
        self.rate = float(rate)
        self.noise_shape = None if noise_shape is None else tuple(noise_shape)
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)

    def call(self, x: Tensor, training: bool = False) -> Tensor:  # noqa: D102
        if not training or self.rate == 0:
            return x
        u = self.seed_generator.uniform(self._mask_shape(x.shape))
        return ops.dropout(x, u, self.rate)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return input_shape

    def _mask_shape(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        wanted = (None,) * len(shape) if self.noise_shape is None else self.noise_shape
        if len(wanted) != len(shape) or any(
            size not in (None, 1, own) for size, own in zip(wanted, shape, strict=True)
        ):
            raise ValueError(
                f"The layer {self.name!r} has noise_shape {wanted}, which does not fit inputs of "
                f"shape {shape}: each size must be that of the input, 1 or None."
            )
        return tuple(own if size is None else size for size, own in zip(wanted, shape, strict=True))


def _share_for(rate: Any) -> str:
    """What may have been meant by a rate that is none: per cent, or else a usual one."""
    per_cent = isinstance(rate, int | float | np.number) and 1 < rate <= 100
    return f"{rate / 100:g}" if per_cent else "0.5"
