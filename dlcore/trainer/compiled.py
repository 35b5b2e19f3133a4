"""What `compile` was given: the losses and the metrics, ready to be used batch by batch."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from dlcore import losses, metrics, ops, tree
from dlcore.losses import by_shapes
from dlcore.metrics import Metric
from dlcore.metrics.accuracy import accuracy_for
from dlcore.tensor import Tensor
from dlcore.trainer.heads import Head, heads

Logs = dict[str, Any]
Arrays = Sequence[np.ndarray | None]


class StepLogs(UserDict[str, Any]):
    """What a step returns: numbers by name, calculated only when one of them is looked at.

    A replayed step returns the same object each time, and in the loss an array that it has written
    anew; `read` gives what holds at the time.

    Args:
        loss: the loss of the batch, one number in an array.
        read: gives the numbers; default: those of `become`.
    """

    def __init__(self, loss: np.ndarray, read: Callable[[], Logs] | None = None) -> None:
        self.loss = loss
        self.read = read or self._as_they_are

    @classmethod
    def of(cls, logs: Any) -> StepLogs:
        """Those of a step of the user's own."""
        numbers = as_logs(logs)
        return cls(np.asarray(np.sum(numbers.get("loss", 0.0))), lambda: dict(numbers))

    @cached_property
    def data(self) -> Logs:  # type: ignore[override]
        """The numbers as they are when they are first looked at."""
        return self.read()

    def become(self, method: Callable[..., Any], *arguments: Any) -> None:
        """Take the numbers that a method of the user's own returns for these arguments.

        Raises:
            TypeError: if it returns no dict.
        """
        self.data = as_logs(method(*arguments))

    def __or__(self, other: Any) -> Logs:  # type: ignore[override]
        return dict(self) | dict(other)

    def __ror__(self, other: Any) -> Logs:  # type: ignore[override]
        return dict(other) | dict(self)

    def _as_they_are(self) -> Logs:
        return dict(self.__dict__.get("data", {}))


class Compiled:
    """Losses with the metrics beside them, for each output of a model.

    Args:
        loss: a name, a Loss or a function for each output, alone or in a list or dict; None for a
            model that only predicts, or one that adds its losses itself.
        chosen: the metrics, each a name, a Metric or a function of (y_true, y_pred).
        weighted: further metrics, which take the weights of the rows into account.
        loss_weights: what the loss of each output is multiplied by in their sum.
    """

    def __init__(
        self, loss: Any, chosen: Any = None, weighted: Any = None, loss_weights: Any = None
    ) -> None:
        _refuse_no_list(chosen, "metrics")
        _refuse_no_list(weighted, "weighted_metrics")
        for number in tree.leaves(loss_weights):
            if number is not None and (
                isinstance(number, bool) or not isinstance(number, int | float | np.number)
            ):
                raise TypeError(
                    f"loss_weights holds numbers, one for each output, not {number!r}; metrics "
                    "are given by name: metrics=['accuracy']."
                )
        self._loss = _each(_loss, loss)
        self._chosen = _each(_metric, chosen)
        self._weighted = _each(_metric, weighted)
        self._loss_weights = loss_weights
        self.loss_tracker = metrics.Mean(name="loss")
        self.heads: list[Head] = []
        self._keyed: list[tuple[str, Metric]] = []
        # The losses of the single outputs in the step that was taken last.
        self.parts: list[Tensor] = []

    @property
    def loss(self) -> Any:
        """The Loss, or the list or dict of them; None if there is none."""
        return self._loss

    @property
    def metrics(self) -> list[Metric]:
        """The metrics in the order of compile, without the mean loss."""
        if not self.heads:
            found = [*tree.leaves(self._chosen), *tree.leaves(self._weighted)]
            return [metric for metric in found if metric is not None]
        self._flush()
        return [metric for _, metric in self._keyed]

    @property
    def everything(self) -> list[Metric]:
        """The mean loss, the losses of the outputs where there are several, and the metrics."""
        trackers = [head.tracker for head in self.heads if len(self.heads) > 1 and head.loss]
        return [self.loss_tracker, *trackers, *self.metrics]

    @property
    def names(self) -> list[str]:
        """The keys of `results`, in their order."""
        if not self.heads:
            return ["loss", *(metric.name for metric in self.metrics)]
        return list(self.results())

    def metric(self, key: str) -> Metric | None:
        """The metric whose result has a key."""
        known = {metric.name: metric for metric in self.metrics}
        return {**known, **dict(self._keyed)}.get(key)

    def plan(self, names: Sequence[str]) -> None:
        """Give each output its losses and metrics, once the outputs are known by name."""
        if [head.name for head in self.heads] == list(names):
            return
        self.heads = heads(names, self._loss, self._loss_weights, self._chosen, self._weighted)
        self._name_metrics()

    def settle(self, place: int, target: tuple[int, ...], output: tuple[int, ...]) -> None:
        """Decide what "accuracy" means at an output, by the shapes of targets and outputs."""
        head = self.heads[place]
        for chosen in (head.chosen, head.weighted):
            for i, metric in enumerate(chosen):
                if getattr(metric, "by_shapes", False):
                    chosen[i] = accuracy_for(target, output, metric.name)
        self._name_metrics()

    def total(
        self, targets: Sequence[Any], outputs: Sequence[Tensor], weights: Sequence[Any]
    ) -> Tensor | None:
        """The sum of the losses of all outputs, each times its weight; None if there is no loss."""
        self.parts, total = [], None
        for head, y, y_pred, w in zip(self.heads, targets, outputs, weights, strict=True):
            if head.loss is None:
                continue
            part = head.loss(y, y_pred, w)
            self.parts.append(detached(part))
            if head.weight is not None:
                part = ops.multiply(part, head.weight)
            total = part if total is None else ops.add(total, part)
        return total

    def reset(self) -> None:
        """Forget all batches."""
        self.loss_tracker.reset_state()
        for head in self.heads:
            head.tracker.reset_state()
            head.pending.forget()
        for metric in self.metrics:
            metric.reset_state()

    def count(self, rows: int, loss: Tensor) -> None:
        """Take in the losses of a batch, by kernels: they count as often as it has rows."""
        weight = np.array([rows], np.float64)
        self.loss_tracker.add(loss.data.reshape(1), weight)
        if len(self.heads) > 1:
            with_loss = (head for head in self.heads if head.loss is not None)
            for head, part in zip(with_loss, self.parts, strict=False):
                head.tracker.add(part.data.reshape(1), weight)
        self.parts = []

    def measure(self, targets: Arrays, outputs: Sequence[Tensor], weights: Arrays) -> None:
        """Let all metrics take in a batch, those that kernels alone can reckon in the step."""
        for head, y, y_pred, w in zip(self.heads, targets, outputs, weights, strict=True):
            head.pending.add(y, y_pred, w)

    def results(self) -> Logs:
        """The mean loss and the metrics so far, the loss first, then those of the outputs."""
        self._flush()
        logs: Logs = {"loss": self.loss_tracker.result()}
        if len(self.heads) > 1 and sum(head.loss is not None for head in self.heads) > 1:
            for head in self.heads:
                if head.loss is not None:
                    logs[head.tracker.name] = head.tracker.result()
        keyed = sorted(self._keyed) if len(self.heads) > 1 else self._keyed
        return logs | {key: as_number(metric.result()) for key, metric in keyed}

    def _flush(self) -> None:
        for head in self.heads:
            head.pending.flush()

    def _name_metrics(self) -> None:
        """Keys of the results: for several outputs with the name of the output before it."""
        keyed: dict[str, Metric] = {}
        for weighted in (False, True):
            for head in self.heads:
                for metric in head.weighted if weighted else head.chosen:
                    before = f"{head.name}_" if head.name else ""
                    name = before + metric.name
                    if weighted and name in keyed:
                        name = f"{before}weighted_{metric.name}"
                    key, count = name, 1
                    while key in keyed or key == "loss":
                        key = f"{name}_{count}"
                        count += 1
                    keyed[key] = metric
        self._keyed = list(keyed.items())


def as_number(value: Any) -> Any:
    """A result of a metric as a Python number, or as an array if it holds several."""
    value = value.data if isinstance(value, Tensor) else value
    return float(np.reshape(value, ())) if np.size(value) == 1 else value


def as_logs(logs: Any) -> Logs:
    """What a step of the user's own returned, as numbers.

    Raises:
        TypeError: if it is no dict.
    """
    if not isinstance(logs, dict | StepLogs):
        raise TypeError(
            "A train_step or test_step returns a dict of numbers by name, such as {'loss': loss}, "
            f"not a {type(logs).__name__}."
        )
    return {str(name): as_number(value) for name, value in logs.items()}


def detached(x: Tensor) -> Tensor:
    """The same values, and no longer how they were calculated."""
    y = Tensor(x.data)
    y.mask = x.mask
    return y


def _each(function: Callable[[Any], Any], given: Any) -> Any:
    """The structure with `function(identifier)` for each; a dict from a file is one identifier."""
    if isinstance(given, dict) and "class_name" not in given:
        return {key: _each(function, value) for key, value in given.items()}
    if isinstance(given, list | tuple):
        return [_each(function, value) for value in given]
    return function(given)


def _refuse_no_list(chosen: Any, what: str) -> None:
    if chosen is not None and not isinstance(chosen, list | tuple | dict):
        raise TypeError(f"{what} is a list: write {what}=[{chosen!r}].")


def _loss(identifier: Any) -> losses.Loss | None:
    if isinstance(identifier, str) and identifier.lower() in by_shapes.NAMES:
        return by_shapes.CrossentropyByShapes(identifier)
    loss = losses.get(identifier)
    if loss is None or isinstance(loss, losses.Loss):
        return loss
    return losses.LossFunctionWrapper(loss)


def _metric(identifier: Any) -> Metric | None:
    if identifier is None:
        return None
    metric = metrics.get(identifier)
    if isinstance(identifier, str):
        metric.name = identifier
        metric.by_shapes = identifier.lower() in ("accuracy", "acc")  # type: ignore[attr-defined]
    return metric
