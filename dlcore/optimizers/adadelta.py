"""Steps in the unit of the weights: scaled by those before, and by the gradients."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore import backends
from dlcore.optimizers.optimizer import Optimizer, Rate
from dlcore.utils.lookup import not_negative, share


class Adadelta(Optimizer):
    """Steps scaled by running means of the squares of gradients and of steps (Zeiler 2012).

    `a <- rho a + (1 - rho) dw^2`, `s = sqrt(d + epsilon) / sqrt(a + epsilon) dw`,
    `d <- rho d + (1 - rho) s^2`, then `w <- w - learning_rate s`.

        model.compile(Adadelta(1.0), "mse")

    Args:
        learning_rate: a number or a schedule; default 0.001, which is little here: the paper has
            1.0.
        rho: how much of a and d is kept; from 0 to below 1, default 0.95.
        epsilon: what the first steps come from; default 1e-7.
        **kwargs: weight_decay, clipnorm, clipvalue, global_clipnorm and name, as for every
            `Optimizer`.

    Raises:
        TypeError, ValueError: as for every `Optimizer`, and if a number is out of its range.
    """

    slots = (("accumulated_grad", "accumulated_delta_var"),)
    elementwise = True

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        rho: float = 0.95,
        epsilon: float = 1e-7,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.rho = share("rho", rho, advice=0.95)
        self.epsilon = not_negative("epsilon", epsilon, advice=1e-7)

    def update(  # noqa: D102
        self, weight: np.ndarray, gradient: np.ndarray, slots: tuple[np.ndarray, ...]
    ) -> None:
        attributes = {"rho": self.rho, "epsilon": self.epsilon}
        backends.call("adadelta_update", (weight, *slots), (gradient, self.rate.data), attributes)
