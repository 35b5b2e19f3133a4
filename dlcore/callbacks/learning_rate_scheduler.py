"""A learning rate for each epoch."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore.callbacks.callback import Callback, Logs
from dlcore.engine.tensor import Tensor


class LearningRateScheduler(Callback):
    """Sets the learning rate before each epoch, and adds "learning_rate" to the history.

        LearningRateScheduler(lambda epoch: 0.1 / (1 + epoch))
        LearningRateScheduler(lambda epoch, rate: rate * 0.9)

    Args:
        schedule: a function of the epoch, from 0, or of the epoch and the present rate, that
            returns the rate.
        verbose: 1 prints each rate; default 0.

    Raises:
        TypeError: if schedule is not a function.
        ValueError: while training, if it returns something else than a number.
    """

    def __init__(self, schedule: Callable[..., Any], verbose: int = 0) -> None:
        super().__init__()
        if not callable(schedule):
            raise TypeError(f"schedule is a function of the epoch, not {schedule!r}.")
        self.schedule = schedule
        self.verbose = verbose
        self._takes_rate = _takes_two(schedule)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: D102
        given: tuple[Any, ...] = (epoch,)
        if self._takes_rate:
            given = (epoch, float(self.model.optimizer.learning_rate))
        rate = self.schedule(*given)
        number = isinstance(rate, int | float | np.number | np.ndarray | Tensor)
        if not number or isinstance(rate, bool) or np.size(rate) != 1:
            raise ValueError(
                f"The schedule returned {rate!r} for epoch {epoch}; it must return a number, the "
                "learning rate."
            )
        self.model.optimizer.learning_rate = float(rate)
        if self.verbose:
            print(f"Epoch {epoch + 1}: the learning rate is {float(rate):g}", flush=True)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: D102
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate)


def _takes_two(function: Callable[..., Any]) -> bool:
    try:
        inspect.signature(function).bind(0, 0.1)
    except TypeError:
        return False
    except ValueError:  # a function that does not tell, such as one written in C
        return True
    return True
