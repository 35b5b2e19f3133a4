"""Schedules: learning rates that follow the number of steps taken."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.backends import compute
from dlcore.engine import ops
from dlcore.engine.tensor import Tensor, TensorLike, floatx
from dlcore.utils.config import Configurable
from dlcore.utils.lookup import helpful_arguments, not_negative, number, positive


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

    def __call__(self, step: TensorLike) -> Any:
        """The learning rate of a step: a tensor of no axes, or for an array of steps one each."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__(step).")


class _DecayByRate(LearningRateSchedule):
    """What the two that have a `decay_rate` share."""

    @helpful_arguments
    def __init__(
        self,
        initial_learning_rate: float,
        decay_steps: float,
        decay_rate: float,
        staircase: bool = False,
        name: str | None = None,
    ) -> None:
        self.initial_learning_rate = checked_rate("initial_learning_rate", initial_learning_rate)
        self.decay_steps = checked_steps("decay_steps", decay_steps)
        self.decay_rate = self.checked(decay_rate)
        self.staircase = bool(staircase)
        self.name = name or type(self).__name__

    def checked(self, decay_rate: Any) -> float:
        """The rate, if it makes sense."""
        return positive("decay_rate", decay_rate, advice=0.96)

    def passed(self, step: TensorLike) -> Tensor:
        """How often `decay_steps` have passed."""
        p = fraction(step, self.decay_steps)
        return whole(p) if self.staircase else p


class ExponentialDecay(_DecayByRate):
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

    def __call__(self, step: TensorLike) -> Tensor:  # noqa: D102
        return self.initial_learning_rate * ops.power(self.decay_rate, self.passed(step))


class InverseTimeDecay(_DecayByRate):
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

    def checked(self, decay_rate: Any) -> float:  # noqa: D102
        return not_negative("decay_rate", decay_rate, advice=1.0)

    def __call__(self, step: TensorLike) -> Tensor:  # noqa: D102
        return self.initial_learning_rate / (1.0 + self.decay_rate * self.passed(step))


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

    def __call__(self, step: TensorLike) -> Tensor:  # noqa: D102
        passed = fraction(step, self.decay_steps)
        if self.cycle:
            complete = whole(passed)
            # The number of ways down so far: the next whole number up, and 1 at step 0.
            passed = passed / ops.maximum(complete + ops.greater(passed, complete), 1.0)
        else:
            passed = ops.minimum(passed, 1.0)
        left = ops.power(1.0 - passed, self.power)
        return (self.initial_learning_rate - self.end_learning_rate) * left + self.end_learning_rate


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

    def __call__(self, step: TensorLike) -> Tensor:  # noqa: D102
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

    def __call__(self, step: TensorLike) -> Tensor:  # noqa: D102
        rate = Tensor(np.asarray(self.values[0], floatx()))
        for boundary, value in zip(self.boundaries, self.values[1:], strict=True):
            rate = ops.where(ops.greater(step, int(boundary)), float(value), rate)
        return rate


def fraction(step: TensorLike, steps: float) -> Tensor:
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
