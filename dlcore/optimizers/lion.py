"""Steps of one size, by the sign of a running mean."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore import backends
from dlcore.optimizers.optimizer import Optimizer, Rate
from dlcore.utils.lookup import share


class Lion(Optimizer):
    """Steps of one size, by the sign of a running mean (Chen et al. 2023, algorithm 2).

    `w <- w - learning_rate sign(b1 m + (1 - b1) dw)`, then `m <- b2 m + (1 - b2) dw`. Each weight
    moves by the rate, however small its gradient; the rate is three to ten times smaller than that
    of Adam.

        model.compile(Lion(0.0001), "mse")

    Args:
        learning_rate: a number or a schedule; default 0.001.
        beta_1: b1, the share of m in a step; from 0 to below 1, default 0.9.
        beta_2: b2, how much of m is kept; from 0 to below 1, default 0.99.
        **kwargs: weight_decay, clipnorm, clipvalue, global_clipnorm and name, as for every
            `Optimizer`.

    Raises:
        TypeError, ValueError: as for every `Optimizer`, and if a number is out of its range.
    """

    slots = (("momentum",),)
    elementwise = True

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.99,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.beta_1, self.beta_2 = share("beta_1", beta_1), share("beta_2", beta_2, advice=0.99)

    def update(  # noqa: D102
        self, weight: np.ndarray, gradient: np.ndarray, slots: tuple[np.ndarray, ...]
    ) -> None:
        attributes = {"beta_1": self.beta_1, "beta_2": self.beta_2}
        backends.call("lion_update", (weight, *slots), (gradient, self.rate.data), attributes)
