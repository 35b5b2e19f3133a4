"""A learning rate that shrinks by a factor in every so many steps."""

from __future__ import annotations

from typing import Any

from dlcore import ops
from dlcore.optimizers.schedules.learning_rate_schedule import (
    LearningRateSchedule,
    checked_rate,
    checked_steps,
    fraction,
    whole,
)
from dlcore.tensor import Tensor
from dlcore.utils.lookup import helpful_arguments, positive


class ExponentialDecay(LearningRateSchedule):
    """`initial_learning_rate * decay_rate ** (step / decay_steps)`.

        SGD(ExponentialDecay(0.1, decay_steps=1000, decay_rate=0.5))   # halved every 1000 steps

    Args:
        initial_learning_rate: the rate of step 0.
        decay_steps: after how many steps the rate has changed by the factor `decay_rate`.
        decay_rate: the factor, above 0; 0.96 is a slow decay.
        staircase: whether the rate stays the same for `decay_steps` steps and then jumps; default
            False.
        name: default "ExponentialDecay".

    Raises:
        ValueError: if a rate is negative, or decay_steps or decay_rate is not positive.
    """

    @helpful_arguments
    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "ExponentialDecay",
    ) -> None:
        self.initial_learning_rate = checked_rate("initial_learning_rate", initial_learning_rate)
        self.decay_steps = checked_steps("decay_steps", decay_steps)
        self.decay_rate = positive("decay_rate", decay_rate, advice=0.96)
        self.staircase = bool(staircase)
        self.name = name

    def __call__(self, step: Any) -> Tensor:  # noqa: D102
        p = fraction(step, self.decay_steps)
        if self.staircase:
            p = whole(p)
        return self.initial_learning_rate * ops.power(self.decay_rate, p)
