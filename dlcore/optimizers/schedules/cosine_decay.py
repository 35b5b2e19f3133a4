"""A learning rate that goes down along half a cosine, after a warm-up if wanted."""

from __future__ import annotations

import math
from typing import Any

from dlcore import ops
from dlcore.backends import compute
from dlcore.optimizers.schedules.learning_rate_schedule import (
    LearningRateSchedule,
    checked_rate,
    checked_steps,
)
from dlcore.tensor import Tensor, floatx
from dlcore.utils.lookup import helpful_arguments, not_negative


class CosineDecay(LearningRateSchedule):
    """Half a cosine from the highest rate down to `alpha` times it.

    With `t` the share of `decay_steps` that has passed, at most 1, the rate is
    `top * ((1 - alpha) * (1 + cos(pi t)) / 2 + alpha)` (Loshchilov and Hutter 2017, "SGDR",
    equation 5, without restarts). `top` is `initial_learning_rate`. With a `warmup_target` it is
    that, and the rate first rises to it in a straight line (Goyal et al. 2017, section 2.2).

        SGD(CosineDecay(0.0, decay_steps=900, warmup_target=0.1, warmup_steps=100))

    Args:
        initial_learning_rate: the rate of step 0.
        decay_steps: how many steps the way down takes, without the warm-up.
        alpha: the last rate, as a share of the highest; default 0.
        name: default "CosineDecay".
        warmup_target: the rate at the end of the warm-up; default None: no warm-up.
        warmup_steps: how many steps the warm-up takes; default 0.

    Raises:
        ValueError: if a rate, alpha or warmup_steps is negative, or decay_steps is not positive.
    """

    @helpful_arguments
    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        alpha: float = 0.0,
        name: str = "CosineDecay",
        warmup_target: float | None = None,
        warmup_steps: float = 0,
    ) -> None:
        self.initial_learning_rate = checked_rate("initial_learning_rate", initial_learning_rate)
        self.decay_steps = checked_steps("decay_steps", decay_steps)
        self.alpha = not_negative("alpha", alpha)
        self.name = name
        if warmup_target is not None:
            warmup_target = checked_rate("warmup_target", warmup_target)
        self.warmup_target = warmup_target
        not_negative("warmup_steps", warmup_steps)
        self.warmup_steps = warmup_steps

    def __call__(self, step: Any) -> Tensor:  # noqa: D102
        step = ops.cast(step, floatx())
        start, target = self.initial_learning_rate, self.warmup_target
        if target is None:
            return self._decay(step, start)
        warmup = float(self.warmup_steps)
        decayed = self._decay(ops.maximum(step - warmup, 0.0), target)
        if not warmup:
            return decayed
        risen = (target - start) * (step / warmup) + start
        return ops.where(ops.greater(warmup, step), risen, decayed)

    def _decay(self, step: Tensor, top: float) -> Tensor:
        steps = float(self.decay_steps)
        angle = math.pi * (ops.minimum(step, steps) / steps)
        cosine = Tensor(compute("unary", angle.data, op="cos"))
        return top * ((1 - self.alpha) * (0.5 * (1.0 + cosine)) + self.alpha)
