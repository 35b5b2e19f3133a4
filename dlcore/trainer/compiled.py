"""What `compile` was given: the loss and the metrics, ready to be used batch by batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore import losses, metrics
from dlcore.metrics.accuracy import accuracy_for
from dlcore.tensor import Tensor

Logs = dict[str, Any]


class Compiled:
    """A loss with the metrics beside it.

    Args:
        loss: a name, a Loss or a function; None for a model that only predicts.
        chosen: the metrics, each a name, a Metric or a function of (y_true, y_pred).
        weighted: further metrics, which take the weights of the rows into account.
    """

    def __init__(self, loss: Any, chosen: Any, weighted: Any) -> None:
        loss = losses.get(loss)
        if loss is not None and not isinstance(loss, losses.Loss):
            loss = losses.LossFunctionWrapper(loss)
        self.loss: losses.Loss | None = loss
        self.loss_tracker = metrics.Mean(name="loss")
        chosen, weighted = _listed(chosen, "metrics"), _listed(weighted, "weighted_metrics")
        self._metrics = [_metric(identifier) for identifier in (*chosen, *weighted)]
        self._is_weighted = [False] * len(chosen) + [True] * len(weighted)
        taken = {"loss"}
        for metric, is_weighted in zip(self._metrics, self._is_weighted, strict=True):
            if is_weighted and metric.name in taken:
                metric.name = f"weighted_{metric.name}"
            name, count = metric.name, 1
            while metric.name in taken:
                metric.name = f"{name}_{count}"
                count += 1
            taken.add(metric.name)

    @property
    def metrics(self) -> list[metrics.Metric]:
        """The metrics in the order of compile, without the mean loss."""
        return list(self._metrics)

    def settle(self, target: tuple[int, ...], output: tuple[int, ...]) -> None:
        """Decide what "accuracy" means, by the shapes of the first targets and outputs."""
        for i, metric in enumerate(self._metrics):
            if getattr(metric, "by_shapes", False):
                self._metrics[i] = accuracy_for(target, output, metric.name)

    def reset(self) -> None:
        """Forget all batches."""
        self.loss_tracker.reset_state()
        for metric in self._metrics:
            metric.reset_state()

    def update(
        self, loss: float, y_true: np.ndarray, y_pred: Tensor, weights: np.ndarray | None
    ) -> None:
        """Take in a batch: its loss counts as often as it has rows."""
        rows = len(y_true)
        self.loss_tracker.total += loss * rows
        self.loss_tracker.count += rows
        # Plain arrays, for metrics of one's own in NumPy; a mask needs the tensor that it is of.
        outputs = y_pred.data if y_pred.mask is None else y_pred
        for metric, weighted in zip(self._metrics, self._is_weighted, strict=True):
            if weighted:
                metric.update_state(y_true, outputs, sample_weight=weights)
            else:
                metric.update_state(y_true, outputs)

    def results(self) -> Logs:
        """The mean loss and the metrics so far, the loss first."""
        logs: Logs = {"loss": self.loss_tracker.result()}
        for metric in self._metrics:
            value = metric.result()
            value = value.data if isinstance(value, Tensor) else value
            logs[metric.name] = float(np.reshape(value, ())) if np.size(value) == 1 else value
        return logs


def _listed(chosen: Any, what: str) -> list[Any]:
    if chosen is None:
        return []
    if isinstance(chosen, str) or not isinstance(chosen, Sequence):
        raise TypeError(f"{what} is a list: write {what}=[{chosen!r}].")
    return list(chosen)


def _metric(identifier: Any) -> metrics.Metric:
    metric = metrics.get(identifier)
    if isinstance(identifier, str):
        metric.name = identifier
        metric.by_shapes = identifier.lower() in ("accuracy", "acc")
    return metric
