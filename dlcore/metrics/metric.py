"""The base of the metrics, and those that are a mean.

Metrics are for reading, not for training: they work on plain arrays and leave nothing on the tape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore.tensor import Tensor, no_grad
from dlcore.utils.config import Configurable
from dlcore.utils.lookup import helpful_arguments
from dlcore.utils.naming import snake_case
from dlcore.utils.targets import as_array, fitted_shape


class Metric(Configurable):
    """A number that is gathered batch by batch.

    A subclass writes `update_state(y_true, y_pred, sample_weight=None)`, `result()` and
    `reset_state()`; the constructor of the base may be left out.

    Args:
        name: the key in logs and in the history; default: from the name of the class.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name or snake_case(type(self).__name__)

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Take in a batch."""
        raise NotImplementedError(f"{type(self).__name__} has no update_state.")

    def result(self) -> Any:
        """The metric over all batches since the last `reset_state`."""
        raise NotImplementedError(f"{type(self).__name__} has no result.")

    def reset_state(self) -> None:
        """Forget every batch."""
        raise NotImplementedError(f"{type(self).__name__} has no reset_state.")

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Take in a batch and return the metric over all batches so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Mean(Metric):
    """The (weighted) mean of all values: `sum(weight * value) / sum(weight)`."""

    @helpful_arguments
    def __init__(self, name: str | None = "mean") -> None:
        super().__init__(name)
        self.reset_state()

    def update_state(self, values: Any, sample_weight: Any = None) -> None:  # noqa: D102
        values = as_array(values)
        if sample_weight is None:
            self.total += float(values.sum(dtype=np.float64))
            self.count += values.size
            return
        weights = np.asarray(as_array(sample_weight), dtype=np.float64)
        if weights.ndim > values.ndim and weights.shape[-1] == 1:
            weights = weights[..., 0]
        weights = weights.reshape(weights.shape + (1,) * (values.ndim - weights.ndim))
        weights = np.broadcast_to(weights, values.shape)
        self.total += float((values * weights).sum())
        self.count += float(weights.sum())

    def result(self) -> float:
        """The mean, 0 when there was nothing."""
        return self.total / self.count if self.count else 0.0

    def reset_state(self) -> None:  # noqa: D102
        self.total = 0.0
        self.count = 0.0


class RowMetric(Metric):
    """The mean over rows of `values(y_true, y_pred)`, which a subclass writes."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self._mean = Mean()

    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
        """One value a row."""
        raise NotImplementedError(f"{type(self).__name__} has no values(y_true, y_pred).")

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:  # noqa: D102
        self._mean.update_state(self.values(as_array(y_true), as_array(y_pred)), sample_weight)

    def result(self) -> float:
        """The mean over all rows, 0 when there were none."""
        return self._mean.result()

    def reset_state(self) -> None:  # noqa: D102
        self._mean.reset_state()


class MeanMetricWrapper(RowMetric):
    """The mean of what a function gives for each row.

    Args:
        fn: `fn(y_true, y_pred, **kwargs)`, which gets Tensors and returns one value a row (or a
            single value for the batch).
        name: default: the name of the function.
        kwargs: further arguments for the function.
    """

    def __init__(self, fn: Callable[..., Any], name: str | None = None, **kwargs: Any) -> None:
        super().__init__(name or getattr(fn, "__name__", "metric"))
        self.fn = fn
        self.kwargs = kwargs

    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:  # noqa: D102
        if y_true.ndim != y_pred.ndim and y_true.size == y_pred.size:
            y_true = y_true.reshape(y_pred.shape)
        with no_grad():
            values = as_array(self.fn(Tensor(y_true), Tensor(y_pred), **self.kwargs))
        # One number for the batch counts as often as the batch has rows.
        return values if values.ndim else np.broadcast_to(values, y_pred.shape[:1])


def alike(y_true: Any, y_pred: Any) -> tuple[np.ndarray, np.ndarray]:
    """Both as arrays, the targets in the shape of the predictions, at least one axis of outputs.

    Raises:
        ValueError: if the shapes do not fit; it names both and the mend.
    """
    y_true, y_pred = as_array(y_true), as_array(y_pred)
    if y_true.shape != y_pred.shape:
        y_true = y_true.reshape(fitted_shape(y_true.shape, y_pred.shape))
    return (y_true, y_pred) if y_pred.ndim > 1 else (y_true.reshape(-1, 1), y_pred.reshape(-1, 1))
