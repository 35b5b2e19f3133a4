"""The base of the schedules: a learning rate for each step."""

from __future__ import annotations

from typing import Any

from dlcore import ops
from dlcore.tensor import Tensor, floatx
from dlcore.utils.config import Configurable
from dlcore.utils.lookup import not_negative, positive


class LearningRateSchedule(Configurable):
    """A learning rate that follows the number of steps taken so far.

    One of your own writes `__call__(self, step)` with operations on the tensor `step`, a whole
    number from 0 up. It is calculated anew in each training step; NumPy, `float(step)` or `if`
    would work too, but the model then runs step by step, which is slower:

        class HalfLife(LearningRateSchedule):
            def __init__(self, start, steps):
                self.start, self.steps = start, steps

            def __call__(self, step):
                return self.start * 0.5 ** (step / self.steps)

        model.compile(SGD(HalfLife(0.1, 1000)), "mse")
    """

    def __call__(self, step: Any) -> Any:
        """The learning rate of a step: a tensor of no axes, or for an array of steps one each."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__(step).")


def fraction(step: Any, steps: float) -> Tensor:
    """How large a part of `steps` a step is, as a floating number."""
    return ops.cast(step, floatx()) / float(steps)


def whole(x: Tensor) -> Tensor:
    """Numbers from 0 up without what follows the decimal point."""
    return ops.cast(ops.cast(x, "int64"), x.dtype)


def checked_rate(what: str, value: Any) -> float:
    """A learning rate that may be 0; the error names the argument."""
    return not_negative(what, value, advice=0.001)


def checked_steps(what: str, value: Any) -> Any:
    """A number of steps, above 0, as it was given."""
    positive(what, value, advice=1000)
    return value
