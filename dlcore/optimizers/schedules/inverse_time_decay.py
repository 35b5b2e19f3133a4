"""A learning rate that shrinks as one over the number of steps."""

from __future__ import annotations

from typing import Any

from dlcore.optimizers.schedules.learning_rate_schedule import (
    LearningRateSchedule,
    checked_rate,
    checked_steps,
    fraction,
    whole,
)
from dlcore.tensor import Tensor
from dlcore.utils.lookup import helpful_arguments, not_negative


class InverseTimeDecay(LearningRateSchedule):
    """`initial_learning_rate / (1 + decay_rate * step / decay_steps)`.

        SGD(InverseTimeDecay(0.1, decay_steps=1000, decay_rate=1.0))   # half after 1000 steps

    Args:
        initial_learning_rate: the rate of step 0.
        decay_steps: the number of steps that `decay_rate` refers to.
        decay_rate: how strongly the rate decays; 0 leaves it as it is.
        staircase: whether the rate stays the same for `decay_steps` steps and then jumps; default
            False.
        name: default "InverseTimeDecay".

    Raises:
        ValueError: if a rate is negative, or decay_steps is not positive.
    """

    @helpful_arguments
    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str = "InverseTimeDecay",
    ) -> None:
        self.initial_learning_rate = checked_rate("initial_learning_rate", initial_learning_rate)
        self.decay_steps = checked_steps("decay_steps", decay_steps)
        self.decay_rate = not_negative("decay_rate", decay_rate, advice=1.0)
        self.staircase = bool(staircase)
        self.name = name

    def __call__(self, step: Any) -> Tensor:  # noqa: D102
        p = fraction(step, self.decay_steps)
        if self.staircase:
            p = whole(p)
        return self.initial_learning_rate / (1.0 + self.decay_rate * p)
