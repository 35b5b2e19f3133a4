"""The base of the callbacks, and the list that calls them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Logs = dict[str, Any] | None

_EVENTS = (
    "on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end",
    "on_train_batch_begin", "on_train_batch_end", "on_test_begin", "on_test_end",
    "on_test_batch_begin", "on_test_batch_end", "on_predict_begin", "on_predict_end",
    "on_predict_batch_begin", "on_predict_batch_end",
)  # fmt: skip


class Callback:
    """Something that is told of every step of fit, evaluate and predict.

    A subclass overrides the events it wants. `self.model` is the model and `self.params` a dict
    with "epochs", "steps" and "verbose"; setting `self.model.stop_training = True` ends `fit`
    after the epoch's (or batch's) end. Epochs and batches count from 0.
    """

    def __init__(self) -> None:
        self.model: Any = None
        self.params: dict[str, Any] = {}

    def set_model(self, model: Any) -> None:
        """Called once before everything else."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called once before everything else."""
        self.params = params

    def on_train_begin(self, logs: Logs = None) -> None:
        """Called when fit starts."""

    def on_train_end(self, logs: Logs = None) -> None:
        """Called when fit ends, also when it was interrupted."""

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Called before the first batch of an epoch."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Called after an epoch and its validation, with the results of both."""

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before a training step."""

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after a training step, with the means of the epoch so far."""

    def on_test_begin(self, logs: Logs = None) -> None:
        """Called when evaluate starts."""

    def on_test_end(self, logs: Logs = None) -> None:
        """Called when evaluate ends, with its results."""

    def on_test_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before a batch of evaluate."""

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after a batch of evaluate, with the means so far."""

    def on_predict_begin(self, logs: Logs = None) -> None:
        """Called when predict starts."""

    def on_predict_end(self, logs: Logs = None) -> None:
        """Called when predict ends."""

    def on_predict_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before a batch of predict."""

    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after a batch of predict."""


class CallbackList:
    """Passes each event on to those callbacks that override it.

    Args:
        callbacks: in the order in which they are told.
        model: the model that they watch.

    Raises:
        TypeError: if one is not a Callback.
    """

    def __init__(self, callbacks: Sequence[Any], model: Any) -> None:
        self.callbacks = list(callbacks)
        self.params: dict[str, Any] = {}
        for callback in self.callbacks:
            if not isinstance(callback, Callback):
                called = "a class: write" if isinstance(callback, type) else "not"
                what = f"{callback.__name__}()" if isinstance(callback, type) else repr(callback)
                raise TypeError(
                    f"callbacks is a list of Callback objects; this is {called} {what}."
                )
            callback.set_model(model)
        for event in _EVENTS:
            setattr(self, event, self._caller(event))
        self.wants_batches = any(
            _overrides(callback, event)
            for callback in self.callbacks
            for event in ("on_train_batch_end", "on_test_batch_end")
        )

    def __getattr__(self, name: str) -> Callable[..., None]:
        # The events are attributes of the object; this tells a type checker of them.
        raise AttributeError(name)

    def set_params(self, params: dict[str, Any]) -> None:
        """Give all callbacks the parameters of the run."""
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def _caller(self, event: str) -> Callable[..., None]:
        wanted = [getattr(c, event) for c in self.callbacks if _overrides(c, event)]

        def tell(*args: Any) -> None:
            for method in wanted:
                method(*args)

        return tell


def _overrides(callback: Callback, event: str) -> bool:
    return getattr(type(callback), event) is not getattr(Callback, event)
