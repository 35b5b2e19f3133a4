"""Gradient descent, with momentum if wanted."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore import backends
from dlcore.optimizers.optimizer import Optimizer, Rate
from dlcore.utils.lookup import share


class SGD(Optimizer):
    """Gradient descent, `w <- w - learning_rate dw`, or with momentum.

    With momentum each weight has a velocity: `v <- momentum v - learning_rate dw`, `w <- w + v`
    (Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning",
    section 2); with Nesterov's form `w <- w + momentum v - learning_rate dw`.

        model.compile(SGD(0.1, momentum=0.9), "mse")

    Args:
        learning_rate: a number or a schedule; default 0.01.
        momentum: from 0 (default: none) to below 1.
        nesterov: default False.
        **kwargs: weight_decay, clipnorm, clipvalue, global_clipnorm and name, as for every
            `Optimizer`.

    Raises:
        TypeError, ValueError: as for every `Optimizer`, and if momentum is out of its range.
    """

    elementwise = True

    def __init__(
        self,
        learning_rate: Rate = 0.01,
        momentum: float = 0.0,
        nesterov: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(learning_rate, **kwargs)
        self.momentum = share("momentum", momentum)
        self.nesterov = bool(nesterov)
        self.slots = (("momentum",),) if self.momentum else ()

    def update(  # noqa: D102
        self, weight: np.ndarray, gradient: np.ndarray, slots: tuple[np.ndarray, ...]
    ) -> None:
        rate = self.rate.data
        if not self.momentum:
            backends.call("sgd_update", (weight,), (gradient, rate))
            return
        attributes = {"momentum": self.momentum, "nesterov": self.nesterov}
        backends.call("momentum_update", (weight, *slots), (gradient, rate), attributes)
