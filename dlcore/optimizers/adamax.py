"""Adam with the maximum of gradients in place of their mean square."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore import backends
from dlcore.optimizers.optimizer import Optimizer, Rate
from dlcore.utils.lookup import not_negative, share


class Adamax(Optimizer):
    """Adam with the maximum of gradients, which fades, below the step (Kingma and Ba 2015, 7.1).

    `m <- b1 m + (1 - b1) dw`, `u <- max(b2 u, |dw|)`, then at step t
    `w <- w - learning_rate m / ((1 - b1^t) (u + epsilon))`.

        model.compile(Adamax(0.01), "mse")

    Args:
        learning_rate: a number or a schedule; default 0.001.
        beta_1: b1, how much of m is kept; from 0 to below 1, default 0.9.
        beta_2: b2, how much of u is kept; from 0 to below 1, default 0.999.
        epsilon: keeps the division possible; default 1e-7.
        **kwargs: weight_decay, clipnorm, clipvalue, global_clipnorm and name, as for every
            `Optimizer`.

    Raises:
        TypeError, ValueError: as for every `Optimizer`, and if a number is out of its range.
    """

    slots = (("momentum", "norm"),)
    elementwise = True

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.beta_1, self.beta_2 = share("beta_1", beta_1), share("beta_2", beta_2, advice=0.999)
        self.epsilon = not_negative("epsilon", epsilon, advice=1e-7)

    def update(  # noqa: D102
        self, weight: np.ndarray, gradient: np.ndarray, slots: tuple[np.ndarray, ...]
    ) -> None:
        attributes = {"beta_1": self.beta_1, "beta_2": self.beta_2, "epsilon": self.epsilon}
        numbers = (gradient, self.rate.data, self.iterations.data)
        backends.call("adamax_update", (weight, *slots), numbers, attributes)
