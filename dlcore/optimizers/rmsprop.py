"""Steps scaled by a running mean of the squared gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore import backends
from dlcore.optimizers.optimizer import Optimizer, Rate
from dlcore.utils.lookup import not_negative, share


class RMSprop(Optimizer):
    """Steps scaled by a running mean of the squared gradient (Hinton 2012, lecture 6e).

    `v <- rho v + (1 - rho) dw^2`, then `w <- w - learning_rate dw / sqrt(v + epsilon)`.

    Centered, the running mean `a <- rho a + (1 - rho) dw` makes of v a variance: the root is that
    of `v - a^2 + epsilon` (Graves 2013, "Generating sequences with recurrent neural networks",
    equations 38 to 45). With momentum, `u <- momentum u + step` and `w <- w - u`.

        model.compile(RMSprop(0.001), "mse")

    Args:
        learning_rate: a number or a schedule; default 0.001.
        rho: how much of v is kept; from 0 to below 1, default 0.9.
        momentum: from 0 (default: none) to below 1.
        epsilon: keeps the root away from 0; default 1e-7.
        centered: default False.
        **kwargs: weight_decay, clipnorm, clipvalue, global_clipnorm and name, as for every
            `Optimizer`.

    Raises:
        TypeError, ValueError: as for every `Optimizer`, and if a number is out of its range.
    """

    elementwise = True

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        rho: float = 0.9,
        momentum: float = 0.0,
        epsilon: float = 1e-7,
        centered: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.rho = share("rho", rho)
        self.momentum = share("momentum", momentum)
        self.epsilon = not_negative("epsilon", epsilon, advice=1e-7)
        self.centered = bool(centered)
        names = ["velocity"]
        names += ["momentum"] if self.momentum else []
        names += ["average_gradient"] if self.centered else []
        self.slots = tuple((name,) for name in names)

    def update(  # noqa: D102
        self, weight: np.ndarray, gradient: np.ndarray, slots: tuple[np.ndarray, ...]
    ) -> None:
        attributes = {"rho": self.rho, "epsilon": self.epsilon}
        if self.momentum:
            attributes["momentum"] = self.momentum
        form = f"{'_centered' * self.centered}{'_momentum' * bool(self.momentum)}"
        numbers = (gradient, self.rate.data)
        backends.call(f"rmsprop{form}_update", (weight, *slots), numbers, attributes)
