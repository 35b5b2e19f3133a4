"""Schedules: learning rates that follow the number of steps taken."""

from dlcore.optimizers.schedules.cosine_decay import CosineDecay
from dlcore.optimizers.schedules.exponential_decay import ExponentialDecay
from dlcore.optimizers.schedules.inverse_time_decay import InverseTimeDecay
from dlcore.optimizers.schedules.learning_rate_schedule import LearningRateSchedule
from dlcore.optimizers.schedules.piecewise_constant_decay import PiecewiseConstantDecay
from dlcore.optimizers.schedules.polynomial_decay import PolynomialDecay
from dlcore.utils.registry import publish

__all__ = [
    "CosineDecay",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LearningRateSchedule",
    "PiecewiseConstantDecay",
    "PolynomialDecay",
]


publish("keras.optimizers.schedules", globals(), __all__)
