"""The base of the callbacks, and the list that calls them."""

from __future__ import annotations

import inspect
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
    after the epoch's (or batch's) end. Epochs and batches count from 0. `logs` is always a dict,
    empty where nothing has been measured yet.
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
        """Whether the callback wants to be told of an event: if it has a method of its own."""
        names = {event, event.replace("train_batch", "batch")}
        return any(
            name in vars(self) or getattr(type(self), name) is not getattr(Callback, name)
            for name in names
        )

    def set_model(self, model: WatchedModel) -> None:
        """Called once before everything else."""
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        """Called once before everything else."""
        self.params = params

    def on_train_begin(self, logs: Logs = None) -> None:
        """Called when fit starts."""

    def on_train_end(self, logs: Logs = None) -> None:
        """Called when fit ends, with the results of its last epoch.

        Also called when an exception ends it: `self.model.interrupted`.
        """

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Called before the first batch of an epoch."""

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Called after an epoch and its validation, with the results of both."""

    def on_train_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Called before a training step."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Called after a training step, with the means of the epoch so far."""
        self.on_batch_end(batch, logs)

    def on_batch_begin(self, batch: int, logs: Logs = None) -> None:
        """Another name for `on_train_batch_begin`."""

    def on_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Another name for `on_train_batch_end`."""

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
        """Called after a batch of predict, with its "outputs" as arrays."""


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
        self.wants_batches = any(map(self.wants, _WITH_RESULTS))

    def __getattr__(self, name: str) -> Callable[..., None]:
        # The events are attributes of the object; this tells a type checker of them.
        raise AttributeError(name)

    def set_params(self, params: dict[str, Any]) -> None:
        """Give all callbacks the parameters of the run."""
        self.params = params
        for callback in self.callbacks:
            callback.set_params(params)

    def wants(self, event: str) -> bool:
        """Whether anyone is told of an event."""
        return any(callback.hears(event) for callback in self.callbacks)

    def _caller(self, event: str) -> Callable[..., None]:
        wanted = [c for c in self.callbacks if c.hears(event)]
        methods = [_method(c, event) for c in wanted]

        def tell(logs: Logs = None) -> None:
            logs = {} if logs is None else logs
            for method in methods:
                method(logs)

        def tell_number(number: int, logs: Logs = None) -> None:
            logs = {} if logs is None else logs
            for method in methods:
                method(number, logs)

        def tell_all(logs: Logs = None) -> None:
            # Files are closed and weights put back even if another callback fails.
            logs = {} if logs is None else logs
            failures = []
            for method in methods:
                try:
                    method(logs)
                except Exception as error:
                    failures.append(error)
            if failures:
                raise failures[0]

        def tell_results(batch: int, results: Callable[[], dict[str, Any]] | Logs = None) -> None:
            # Reckoned once, and only for those who look at them after every batch.
            logs = None if callable(results) else results or {}
            for seldom, method in zip(lazy, methods, strict=True):
                if seldom and logs is None:
                    method(batch, results)
                else:
                    logs = results() if logs is None else logs  # type: ignore[operator,misc]
                    method(batch, logs)

        if event == "on_train_end":
            return tell_all
        if event in _WITH_RESULTS:
            lazy = [_looks_seldom(c, event) for c in wanted]
            return tell_results
        return tell_number if is_numbered(event) else tell


def is_numbered(event: str) -> bool:
    """Whether an event is told with the number of an epoch or a batch before the logs."""
    return "epoch" in event or "batch" in event


def taking_logs(event: str, method: Callable[..., Any], name: str) -> Callable[..., Any]:
    """A method or function as an event calls it, also one that leaves the logs out.

    Args:
        event: the event.
        method: takes what the event passes: `(epoch, logs)`, `(batch, logs)` or `(logs)`.
        name: how messages call it.

    Raises:
        TypeError: if it takes something else.
    """
    given: tuple[Any, ...] = (0, {}) if is_numbered(event) else ({},)
    try:
        signature = inspect.signature(method)
    except (TypeError, ValueError):  # one that does not tell, such as one written in C
        return method
    if _binds(signature, *given):
        return method
    if _binds(signature, *given[:-1]):
        return lambda *arguments: method(*arguments[:-1])
    number = "epoch, " if "epoch" in event else "batch, " if is_numbered(event) else ""
    raise TypeError(
        f"{name} is called with ({number}logs), but takes {signature}; let it take "
        f"({number}logs=None)."
    )


def _binds(signature: inspect.Signature, *arguments: Any) -> bool:
    try:
        signature.bind(*arguments)
    except TypeError:
        return False
    return True


def _method(callback: Callback, event: str) -> Callable[..., None]:
    """What is called at an event; the library's own callbacks finish it before a Ctrl-C acts."""
    method = getattr(callback, event)
    if type(callback).__module__.startswith("dlcore."):
        return method
    return acting(taking_logs(event, method, f"{type(callback).__name__}.{event}"))


def _looks_seldom(callback: Callback, event: str) -> bool:
    """Whether a callback takes a function instead of results; a subclass may override that."""

    def place(name: str) -> int:
        return next(i for i, kind in enumerate(type(callback).__mro__) if name in vars(kind))

    return callback.now_and_then and place("now_and_then") <= place(event)
