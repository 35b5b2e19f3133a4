"""Metrics that are a mean or a sum of values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore import backends, losses
from dlcore.metrics.inputs import weights_of
from dlcore.metrics.metric import Metric
from dlcore.tensor import Tensor, no_grad
from dlcore.utils.config import WrapsFunction
from dlcore.utils.lookup import helpful_arguments
from dlcore.utils.targets import as_array, fitted

_LOSSES = [function for name, function in vars(losses).items() if name in losses.__all__]


class Mean(Metric):
    """The weighted mean of all values: `sum(weight * value) / sum(weight)`.

    Of values `(n, …)` each row counts with its mean, so that a batch of longer sequences weighs
    no more than one of shorter ones.

    Args:
        name: default "mean".
        dtype: taken for code that sets it; the sums are held in float64.
    """

    @helpful_arguments
    def __init__(self, name: str | None = "mean", dtype: str | None = None) -> None:
        super().__init__(dtype, name)
        self.reset_state()

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Take in values, each with its weight.

        Args:
            values: one number, `(n,)` or `(n, …)`.
            sample_weight: `(n,)`, one a row, or with further axes of values; None for none.
        """
        array, weights = as_array(values), weights_of(sample_weight, values)
        if weights is None:
            rows = len(array) if array.ndim else 1
            self.total += float(array.sum(dtype=np.float64)) * rows / max(array.size, 1)
            self.count += rows
            return
        totals, counts = by_row(array, weights, np.mean)
        self.total += float(totals.sum(dtype=np.float64))
        self.count += float(counts.sum(dtype=np.float64))

    def add(self, values: np.ndarray, weights: np.ndarray) -> None:
        """Take in values, each with its weight, by a kernel: so a recorded step does it too.

        Args:
            values: `(n,)`.
            weights: `(n,)`.
        """
        backends.call("add_to_mean", (self._sums,), (values, weights))

    def result(self) -> float:
        """The mean, 0 when there was nothing."""
        return self.total / self.count if self.count else 0.0

    def reset_state(self) -> None:  # noqa: D102
        self.total = self.count = 0.0

    @property
    def total(self) -> float:
        """The sum of all values, each times its weight."""
        return float(self._sums[0])

    @total.setter
    def total(self, value: float) -> None:
        self._sums[0] = value

    @property
    def count(self) -> float:
        """The sum of the weights."""
        return float(self._sums[1])

    @count.setter
    def count(self, value: float) -> None:
        self._sums[1] = value

    @property
    def _sums(self) -> np.ndarray:
        # One array for good: a recorded step adds to it.
        return vars(self).setdefault("_state", np.zeros(2))


class Sum(Metric):
    """The weighted sum of all values: `sum(weight * value)`.

    Args:
        name: default "sum".
        dtype: taken for code that sets it; the sum is held in float64.
    """

    @helpful_arguments
    def __init__(self, name: str | None = "sum", dtype: str | None = None) -> None:
        super().__init__(dtype, name)
        self.reset_state()

    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Take in values, each with its weight; as for `Mean`."""
        array, weights = as_array(values), weights_of(sample_weight, values)
        if weights is not None:
            array, _ = by_row(array, weights, np.sum)
        self.total += float(array.sum(dtype=np.float64))

    def result(self) -> float:
        """The sum, 0 when there was nothing."""
        return self.total

    def reset_state(self) -> None:  # noqa: D102
        self.total = 0.0


class MeanMetricWrapper(WrapsFunction, Mean):
    """The mean of what a function gives for each row.

    Steps of sequences that the mask of y_pred leaves out do not count.

    Args:
        fn: `fn(y_true, y_pred, **kwargs)`, which gets Tensors and returns one value a row (or a
            single value for the batch).
        name: default: the name of the function.
        dtype: as in `Mean`.
        kwargs: further arguments for the function.
    """

    def __init__(
        self,
        fn: Callable[..., Any],
        name: str | None = None,
        dtype: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", getattr(fn, "name", "metric")), dtype)
        self.fn = fn
        self.kwargs = kwargs
        if isinstance(fn, losses.Loss) or fn in _LOSSES:
            self.direction = "down"

    def update_state(  # type: ignore[override]
        self, y_true: Any, y_pred: Any, sample_weight: Any = None
    ) -> None:
        """Take in a batch.

        Args:
            y_true: targets; `(n,)` reaches the function as `(n, 1)` for outputs `(n, 1)`.
            y_pred: outputs; a Tensor may bring a mask.
            sample_weight: `(n,)` or `(n, steps)`; None for none.
        """
        values, kept = self.values(as_array(y_true), as_array(y_pred))
        weights = weights_of(sample_weight, y_pred)
        if kept is not None:
            weights = weights_of(weights, kept)
        super().update_state(values, sample_weight=weights)

    @property
    def in_kernels(self) -> bool:
        """Whether kernels alone reckon its values, so that `add_rows` can be recorded."""
        return self.fn in _LOSSES

    def add_rows(
        self, y_true: np.ndarray, y_pred: np.ndarray, weights: np.ndarray | None = None
    ) -> None:
        """Take in a batch by kernels alone.

        Args:
            y_true: targets.
            y_pred: outputs.
            weights: `(n,)`, None for none.
        """
        n = len(y_pred)
        values = self.by_kernels(y_true, y_pred)
        if values.shape != (n,):
            values = backends.compute("reduce", values.reshape(n, -1), op="mean", axis=(1,))
        self.add(values, np.ones(n) if weights is None else weights)

    def by_kernels(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
        """One value a row or an output, for which kernels did all."""
        return MeanMetricWrapper.values(self, y_true, y_pred)[0]

    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, Tensor | None]:
        """One value a row, and the values again if the function has given them a mask."""
        y_true = fitted(y_true, y_pred.shape, strict=False)
        if y_true.ndim == y_pred.ndim == 1:
            y_true, y_pred = y_true[:, None], y_pred[:, None]
        with no_grad():
            found = self.fn(Tensor(y_true), Tensor(y_pred), **self.kwargs)
        values = as_array(found)
        masked = isinstance(found, Tensor) and found.mask is not None
        # One number for the batch counts as often as the batch has rows.
        values = values if values.ndim else np.broadcast_to(values, y_pred.shape[:1])
        return values, found if masked else None


class PlainMeanMetric(MeanMetricWrapper):
    """One of the library, whose function works on arrays and brings them into one shape itself."""

    in_kernels = False

    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, None]:
        """One value a row or an output."""
        return self.fn(y_true, y_pred, **self.kwargs), None


def by_row(
    values: np.ndarray, weights: np.ndarray, reduce: Callable[..., Any]
) -> tuple[np.ndarray, np.ndarray]:
    """Weighted values and the weights themselves, each reduced to one number a row.

    Raises:
        ValueError: if the weights do not fit the values.
    """
    shape = values.shape
    if weights.ndim == values.ndim + 1 and weights.shape[-1] == 1:
        weights = weights[..., 0]
    if values.ndim > weights.ndim:
        values = reduce(values, axis=tuple(range(weights.ndim, values.ndim)), dtype=np.float64)
    try:
        weights = np.broadcast_to(weights, values.shape if values.ndim else weights.shape)
    except ValueError:
        raise ValueError(
            f"The values have shape {shape}, but sample_weight has shape {weights.shape}; "
            "give one weight a row, (n,), or for sequences one a step, (n, steps)."
        ) from None
    values = values * weights
    if values.ndim > 1:
        inner = tuple(range(1, values.ndim))
        values, weights = reduce(values, axis=inner), reduce(weights, axis=inner)
    return values, weights
