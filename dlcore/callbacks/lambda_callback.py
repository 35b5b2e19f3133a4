"""A callback out of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dlcore.callbacks.callback import EVENTS, Callback, taking_logs
from dlcore.engine.interrupts import acting
from dlcore.utils.lookup import refuse_unknown


class LambdaCallback(Callback):
    """Calls a function at an event.

        LambdaCallback(on_epoch_end=lambda epoch, logs: print(epoch, logs["loss"]))

    Args:
        functions: by the name of any event of `Callback`; each takes what the event passes, in
            that order: `(epoch, logs)`, `(batch, logs)` or `(logs)`, with or without the logs.

    Raises:
        TypeError: if there is no such event, or something is not a function.
    """

    def __init__(self, **functions: Callable[..., Any] | None) -> None:
        super().__init__()
        refuse_unknown("LambdaCallback", functions, EVENTS)
        self._functions = {name: f for name, f in functions.items() if f is not None}
        for name, function in self._functions.items():
            if not callable(function):
                raise TypeError(f"{name} is a function, not {function!r}.")
            setattr(self, name, acting(taking_logs(name, function, name)))

    def hears(self, event: str) -> bool:  # noqa: D102
        return event in self._functions
