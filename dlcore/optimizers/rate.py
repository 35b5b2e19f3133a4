"""The learning rate of an optimizer: a number, or what a schedule makes of the step count."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore import backends, ops
from dlcore.optimizers.schedules import LearningRateSchedule
from dlcore.tensor import Tensor, Variable, no_grad
from dlcore.utils.lookup import number


class Rate:
    """A learning rate in an array of no axes, which the kernels of a step read.

    Args:
        value: a number from 0 up, or a schedule.
        iterations: the count of steps that a schedule follows.
    """

    def __init__(self, value: Any, iterations: Variable) -> None:
        self.current = Variable(np.float64(0), trainable=False, name="learning_rate")
        self._iterations = iterations
        self.schedule: LearningRateSchedule | None = None
        self.set(value)

    def set(self, value: Any) -> None:
        """Put another number, or a schedule, into force.

        Raises:
            TypeError: for a number while a schedule is in force, or if it is neither.
            ValueError: if the number is negative.
        """
        if isinstance(value, LearningRateSchedule):
            self.schedule = value
            return
        if callable(value):
            raise TypeError(
                f"learning_rate is a number or a schedule such as ExponentialDecay, not {value!r}; "
                "a function of the epoch is for the callback LearningRateScheduler."
            )
        if self.schedule is not None:
            raise TypeError(
                f"The learning rate follows the schedule {type(self.schedule).__name__}, so no "
                "number can be assigned to it; give the optimizer a number, such as "
                "learning_rate=0.001, and assign or use a callback then."
            )
        rate = number("learning_rate", value)
        if rate < 0:
            raise ValueError(f"learning_rate is a positive number, not {rate:g}; try 0.001.")
        self.current.assign(rate)

    @property
    def given(self) -> Any:
        """The schedule, or the number as an array."""
        return self.current.data if self.schedule is None else self.schedule

    def next(self) -> Tensor:
        """The rate of the next step."""
        return self.current if self.schedule is None else self._scheduled(self.schedule)

    def calculate(self) -> None:
        """Have the schedule, if there is one, set the rate of this step."""
        if self.schedule is not None:
            rate = self._scheduled(self.schedule)
            backends.call("cast", (self.current.data,), (rate.data,))

    def _scheduled(self, schedule: LearningRateSchedule) -> Tensor:
        with no_grad():
            rate = ops.convert_to_tensor(schedule(self._iterations))
        if rate.shape != ():
            raise ValueError(
                f"The schedule {type(schedule).__name__} returned an array of shape {rate.shape} "
                "for one step; it must return one number, the learning rate."
            )
        return rate
