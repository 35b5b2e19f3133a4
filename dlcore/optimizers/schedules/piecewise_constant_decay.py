"""A learning rate that changes at chosen steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore import ops
from dlcore.optimizers.schedules.learning_rate_schedule import LearningRateSchedule, checked_rate
from dlcore.tensor import Tensor, floatx
from dlcore.utils.lookup import helpful_arguments, number


class PiecewiseConstantDecay(LearningRateSchedule):
    """`values[0]` up to and with step `boundaries[0]`, then `values[1]`, and so on.

        SGD(PiecewiseConstantDecay([1000, 2000], [0.1, 0.01, 0.001]))

    Args:
        boundaries: steps, each greater than the one before.
        values: the rates, one more than boundaries.
        name: default "PiecewiseConstant".

    Raises:
        ValueError: if a rate is negative, the boundaries do not rise, or the numbers do not fit.
    """

    @helpful_arguments
    def __init__(
        self,
        boundaries: Sequence[float],
        values: Sequence[float],
        name: str = "PiecewiseConstant",
    ) -> None:
        self.boundaries, self.values = list(boundaries), list(values)
        self.name = name
        if len(self.values) != len(self.boundaries) + 1:
            raise ValueError(
                f"{len(self.boundaries)} boundaries part {len(self.boundaries) + 1} values, but "
                f"there are {len(self.values)}: give one value more than boundaries."
            )
        for value in self.values:
            checked_rate("Each of values", value)
        steps = [number("Each of boundaries", step) for step in self.boundaries]
        if any(a >= b for a, b in zip(steps, steps[1:], strict=False)):
            raise ValueError(f"boundaries rise from one to the next, but are {self.boundaries}.")

    def __call__(self, step: Any) -> Tensor:  # noqa: D102
        rate = Tensor(np.asarray(self.values[0], floatx()))
        for boundary, value in zip(self.boundaries, self.values[1:], strict=True):
            rate = ops.where(ops.greater(step, int(boundary)), float(value), rate)
        return rate
