"""Normal noise while training."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.engine import ops
from dlcore.engine.random import SeedGenerator
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape


class GaussianNoise(Layer):
    """While training, `y = x + stddev e` with normal numbers e; in evaluate and predict `y = x`.

        layer = GaussianNoise(0.1)
        y = layer(x, training=True)           # (n, 8) -> (n, 8), with noise

    Args:
        stddev: standard deviation of the noise, from 0 to 1.
        seed: default None: numbers of its own, which `set_random_seed` repeats.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if stddev is not from 0 to 1.
    """

    supports_masking = True

    def __init__(self, stddev: float, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not isinstance(stddev, int | float | np.number) or not 0 <= stddev <= 1:
            raise ValueError(
                f"GaussianNoise {self.name!r}: stddev is the standard deviation of the noise, from "
                f"0 to 1, not {stddev!r}; try 0.1."
            )
        self.stddev = float(stddev)
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)

    def call(self, x: Tensor, training: bool = False) -> Tensor:  # noqa: D102
        if not training or self.stddev == 0:
            return x
        noise = self.seed_generator.normal(x.shape)
        return ops.add(x, ops.cast(ops.multiply(noise, self.stddev), x.dtype))

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return input_shape
