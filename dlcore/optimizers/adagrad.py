"""Steps scaled by the sum of all squared gradients so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore import backends
from dlcore.optimizers.optimizer import Optimizer, Rate
from dlcore.utils.lookup import not_negative


class Adagrad(Optimizer):
    """Steps scaled by the sum of all squared gradients so far (Duchi et al. 2011, figure 1).

    `a <- a + dw^2`, then `w <- w - learning_rate dw / sqrt(a + epsilon)`. Weights that seldom
    have a gradient keep taking large steps.

        model.compile(Adagrad(0.1), "mse")

    Args:
        learning_rate: a number or a schedule; default 0.001, which is little here: the paper has
            1.0.
        initial_accumulator_value: what a starts from; default 0.1.
        epsilon: keeps the root away from 0; default 1e-7.
        **kwargs: weight_decay, clipnorm, clipvalue, global_clipnorm and name, as for every
            `Optimizer`.

    Raises:
        TypeError, ValueError: as for every `Optimizer`, and if a number is negative.
    """

    slots = (("accumulator",),)
    elementwise = True

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        initial_accumulator_value: float = 0.1,
        epsilon: float = 1e-7,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.initial_accumulator_value = self.first_value = not_negative(
            "initial_accumulator_value", initial_accumulator_value, advice=0.1
        )
        self.epsilon = not_negative("epsilon", epsilon, advice=1e-7)

    def update(  # noqa: D102
        self, weight: np.ndarray, gradient: np.ndarray, slots: tuple[np.ndarray, ...]
    ) -> None:
        attributes = {"epsilon": self.epsilon}
        backends.call("adagrad_update", (weight, *slots), (gradient, self.rate.data), attributes)
