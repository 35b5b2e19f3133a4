"""Adam with weights that decay."""

from __future__ import annotations

from typing import Any

from dlcore.optimizers.adam import Adam
from dlcore.optimizers.optimizer import Rate


class AdamW(Adam):
    """Adam with weights that decay (Loshchilov and Hutter 2019, algorithm 2).

    Before the step of Adam `w <- w - learning_rate weight_decay w`, of biases too: see
    `exclude_from_weight_decay`. Unlike a penalty in the loss the decay is not divided by the root
    of v.

        model.compile(AdamW(0.001, weight_decay=0.01), "mse")

    Args:
        learning_rate: a number or a schedule; default 0.001.
        weight_decay: default 0.004.
        beta_1: b1, how much of m is kept; from 0 to below 1, default 0.9.
        beta_2: b2, how much of v is kept; from 0 to below 1, default 0.999.
        epsilon: keeps the division possible; default 1e-7.
        amsgrad: whether the root is that of the maximum of v so far; default False.
        **kwargs: clipnorm, clipvalue, global_clipnorm and name, as for every `Optimizer`.

    Raises:
        TypeError, ValueError: as for Adam, and if weight_decay is None.
    """

    def __init__(
        self,
        learning_rate: Rate = 0.001,
        weight_decay: float = 0.004,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-7,
        amsgrad: bool = False,
        **kwargs: Any,
    ) -> None:
        if weight_decay is None:
            raise ValueError("AdamW needs a weight_decay, such as 0.004; without one use Adam.")
        super().__init__(
            learning_rate, beta_1, beta_2, epsilon, amsgrad, weight_decay=weight_decay, **kwargs
        )
