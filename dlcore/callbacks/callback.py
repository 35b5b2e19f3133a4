"""The base of the callbacks, and the list that calls them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from dlcore.callbacks.watched_model import WatchedModel
from dlcore.engine.interrupts import acting

Logs = dict[str, Any] | None

EVENTS = (
    "on_train_begin", "on_train_end", "on_epoch_begin", "on_epoch_end",
    "on_train_batch_begin", "on_train_batch_end", "on_test_begin", "on_test_end",
    "on_test_batch_begin", "on_test_batch_end", "on_predict_begin", "on_predict_end",
    "on_predict_batch_begin", "on_predict_batch_end",
)  # fmt: skip


_WITH_RESULTS = ("on_train_batch_end", "on_test_batch_end")


class Callback:
    """Something that is told of every step of fit, evaluate and predict.

    A subclass overrides the events it wants. `self.model` is the model and `self.params` a dict
    with "epochs", "steps" and "verbose"; setting `self.model.stop_training = True` ends `fit`
    after the epoch's (or batch's) end. Epochs and batches count from 0.
    """

    def __init__(self) -> None:
        # None only until fit, evaluate or predict calls `set_model`.
        self.model: WatchedModel = None  # type: ignore[assignment]
        self.params: dict[str, Any] = {}

    # A callback that looks at the results of few batches gets a function that computes them.
    now_and_then = False

    # A loss that breaks ends fit without an exception if a callback asks for it.
    ends_quietly = False
    # Told after the History, when everything is known of an epoch.
    comes_last = False

    def hears(self, event: str) -> bool:
        """Whether the callback wants to be told of an event: if its class overrides it."""
        return getattr(type(self), event) is not getattr(Callback, event)

    def set_model(self, model: WatchedModel) -> None:
        """Called once before everything else."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called once before everything else."""
        self.params = params

    def on_train_begin(self, logs: Logs = None) -> None:
        """Called when fit starts."""

    def on_train_end(self, logs: Logs = None) -> None:
        """Called when fit ends, also when an exception ends it: `self.model.interrupted`."""

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


# What fit takes: one may come alone.
Callbacks = Callback | Sequence[Callback] | None


class History(Callback):
    """What `fit` returns: the loss and the metrics of every epoch.

    `history.history` maps a name to a list with one number an epoch, `history.epoch` lists the
    epochs from 0, `history.params` has the epochs and steps asked for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: D102
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        return f"<History of {len(self.epoch)} epochs: {', '.join(self.history)}>"


class CallbackList:
    """Passes each event on to those callbacks that override it.

    Args:
        callbacks: in the order in which they are told, but for those that come last.
        model: the model that they watch.
        keep_params: whether they are callbacks of a run that goes on, and keep its parameters.

    Raises:
        TypeError: if one is not a Callback.
    """

    def __init__(
        self, callbacks: Sequence[Callback], model: WatchedModel, keep_params: bool = False
    ) -> None:
        self.callbacks = list(callbacks)
        self.params: dict[str, Any] = {}
        for callback in self.callbacks:
            if not isinstance(callback, Callback):
                called = "a class: write" if isinstance(callback, type) else "not"
                what = f"{callback.__name__}()" if isinstance(callback, type) else repr(callback)
                raise TypeError(
                    f"callbacks is a list of Callback objects; this is {called} {what}."
                )
            if not keep_params:
                callback.set_model(model)
        self.callbacks.sort(key=lambda callback: callback.comes_last)
        for event in EVENTS:
            setattr(self, event, self._caller(event))
        self.ends_quietly = any(callback.ends_quietly for callback in self.callbacks)
        self.wants_batches = any(
            callback.hears(event) for callback in self.callbacks for event in _WITH_RESULTS
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
        wanted = [c for c in self.callbacks if c.hears(event)]
        methods = [_method(c, event) for c in wanted]

        def tell(*args: Any) -> None:
            for method in methods:
                method(*args)

        def tell_all(*args: Any) -> None:
            # Files are closed and weights put back even if another callback fails.
            failures = []
            for method in methods:
                try:
                    method(*args)
                except Exception as error:
                    failures.append(error)
            if failures:
                raise failures[0]

        def tell_results(batch: int, results: Callable[[], dict[str, Any]]) -> None:
            # Reckoned once, and only for those who look at them after every batch.
            logs = None
            for callback, method in zip(wanted, methods, strict=True):
                if callback.now_and_then:
                    method(batch, results)
                else:
                    logs = results() if logs is None else logs
                    method(batch, logs)

        if event == "on_train_end":
            return tell_all
        return tell_results if event in _WITH_RESULTS else tell


def _method(callback: Callback, event: str) -> Callable[..., None]:
    """What is called at an event; the library's own callbacks finish it before a Ctrl-C acts."""
    method = getattr(callback, event)
    return method if type(callback).__module__.startswith("dlcore.") else acting(method)
