"""A learning rate that goes down to a last one along a power of the time left."""

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
from dlcore.utils.lookup import helpful_arguments, not_negative


class PolynomialDecay(LearningRateSchedule):
    """`(initial - end) * (1 - step / decay_steps) ** power + end`, and `end` after decay_steps.

        SGD(PolynomialDecay(0.1, decay_steps=1000))   # a straight line from 0.1 to 0.0001

    Args:
        initial_learning_rate: the rate of step 0.
        decay_steps: how many steps the way down takes.
        end_learning_rate: the last rate; default 0.0001.
        power: default 1: a straight line.
        cycle: whether a new, longer way down begins where one ends: `decay_steps` is then the
            next multiple of itself; default False.
        name: default "PolynomialDecay".

    Raises:
        ValueError: if a rate or the power is negative, or decay_steps is not positive.
    """

    @helpful_arguments
    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        end_learning_rate: float = 0.0001,
        power: float = 1.0,
        cycle: bool = False,
        name: str = "PolynomialDecay",
    ) -> None:
        self.initial_learning_rate = checked_rate("initial_learning_rate", initial_learning_rate)
        self.decay_steps = checked_steps("decay_steps", decay_steps)
        self.end_learning_rate = checked_rate("end_learning_rate", end_learning_rate)
        self.power = not_negative("power", power, advice=1.0)
        self.cycle = bool(cycle)
        self.name = name

    def __call__(self, step: Any) -> Tensor:  # noqa: D102
        passed = fraction(step, self.decay_steps)
        if self.cycle:
            complete = whole(passed)
            # The number of ways down so far: the next whole number up, and 1 at step 0.
            passed = passed / ops.maximum(complete + ops.greater(passed, complete), 1.0)
        else:
            passed = ops.minimum(passed, 1.0)
        left = ops.power(1.0 - passed, self.power)
        return (self.initial_learning_rate - self.end_learning_rate) * left + self.end_learning_rate
