"""The base of the metrics, and the metrics that are a mean or a sum of values.

Metrics are for reading, not for training: those of the library work on plain arrays, add up in
float64, and leave nothing on the tape.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

from dlcore import backends, initializers, losses
from dlcore.backends import memory
from dlcore.engine.tensor import DType, Tensor, TensorLike, no_grad
from dlcore.engine.variable import Variable
from dlcore.utils.config import Configurable, WrapsFunction
from dlcore.utils.lookup import Identifier, did_you_mean, helpful_arguments, snake_case
from dlcore.utils.targets import Shape, as_array, fitted, refuse_class_numbers

_LOSSES = [function for name, function in vars(losses).items() if name in losses.__all__]


class Metric(Configurable):
    """A number that is gathered batch by batch.

    A subclass writes `update_state(y_true, y_pred, sample_weight=None)` and `result()`. What it
    gathers it keeps in variables from `add_weight`, which `reset_state` sets to 0; one that keeps
    it elsewhere writes `reset_state` too.

        class Largest(Metric):
            def __init__(self, name="largest"):
                super().__init__(name=name)
                self.value = self.add_weight(name="value", initializer="zeros")

            def update_state(self, y_true, y_pred, sample_weight=None):
                self.value.assign(ops.maximum(self.value, ops.max(y_pred)))

            def result(self):
                return self.value

    Args:
        dtype: of the variables, "float32" or "float64"; default: `floatx()`.
        name: the key in logs and in the history; default: from the name of the class.

    Raises:
        ValueError: if dtype is none of the two.
    """

    # "up" if more is better, "down" if less is; None if the metric does not say.
    direction: str | None = None

    def __init__(self, dtype: str | None = None, name: str | None = None) -> None:
        if dtype not in (None, "float16", "float32", "float64"):
            hint = did_you_mean(str(dtype), ("float32", "float64"))
            hint = hint or f" If it is the name of the metric, write name={dtype!r}."
            raise ValueError(f"dtype is 'float32' or 'float64', not {dtype!r}.{hint}")
        self.name = name or snake_case(type(self).__name__)
        self.dtype = dtype
        self._variables: list[Variable] = []

    def add_weight(
        self,
        shape: tuple[int, ...] | int = (),
        initializer: Identifier | None = None,
        dtype: DType | None = None,
        name: str | None = None,
    ) -> Variable:
        """A variable that the metric keeps between batches.

        Args:
            shape: default (): one number.
            initializer: of its first value, such as "zeros", the default.
            dtype: of its values; default: that of the metric.
            name: for messages.
        """
        # A subclass of the user may have left the constructor of the base out.
        variables = vars(self).setdefault("_variables", [])
        shape = (shape,) if isinstance(shape, int) else tuple(shape)
        value = initializers.get("zeros" if initializer is None else initializer)(shape)
        kind = dtype or getattr(self, "dtype", None)
        variables.append(Variable(value, trainable=False, name=name or "variable", dtype=kind))
        return variables[-1]

    add_variable = add_weight

    @property
    def variables(self) -> list[Variable]:
        """The variables in the order in which they were added."""
        return list(vars(self).get("_variables", []))

    def update_state(self, *args: Any, **kwargs: Any) -> None:
        """Take in a batch."""
        raise NotImplementedError(f"{type(self).__name__} has no update_state.")

    def result(self) -> Any:
        """The metric over all batches since the last `reset_state`."""
        raise NotImplementedError(f"{type(self).__name__} has no result.")

    def reset_state(self) -> None:
        """Forget every batch."""
        if not self.variables:
            raise NotImplementedError(f"{type(self).__name__} has no reset_state.")
        for variable in self.variables:
            memory.write(variable.data, 0)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Take in a batch and return the metric over all batches so far."""
        self.update_state(*args, **kwargs)
        return self.result()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class Mean(Metric):
    """The weighted mean of all values: `sum(weight * value) / sum(weight)`.

        metric = Mean()
        metric.update_state([1.0, 3.0])
        metric.update_state([8.0])
        metric.result()   # 4.0

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

    def update_state(self, values: TensorLike, sample_weight: TensorLike | None = None) -> None:
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
        total, count = memory.to_host(self._sums).tolist()
        return total / count if count else 0.0

    def reset_state(self) -> None:  # noqa: D102
        memory.write(self._sums, memory.given(np.zeros(2)))

    @property
    def total(self) -> float:
        """The sum of all values, each times its weight."""
        return float(memory.to_host(self._sums)[0])

    @total.setter
    def total(self, value: float) -> None:
        memory.write(memory.part(self._sums, 0, 1), value)

    @property
    def count(self) -> float:
        """The sum of the weights."""
        return float(memory.to_host(self._sums)[1])

    @count.setter
    def count(self, value: float) -> None:
        memory.write(memory.part(self._sums, 1, 2), value)

    @property
    def _sums(self) -> np.ndarray:
        if "_state" not in vars(self):  # one array for good: a recorded step adds to it
            self._state = memory.full(2, 0, np.float64)
            memory.lives(self, "_state")
        return self._state


class Sum(Metric):
    """The weighted sum of all values: `sum(weight * value)`.

        metric = Sum()
        metric.update_state([1.0, 3.0])
        metric.update_state([8.0])
        metric.result()   # 12.0

    Args:
        name: default "sum".
        dtype: taken for code that sets it; the sum is held in float64.
    """

    @helpful_arguments
    def __init__(self, name: str | None = "sum", dtype: str | None = None) -> None:
        super().__init__(dtype, name)
        self.reset_state()

    def update_state(self, values: TensorLike, sample_weight: TensorLike | None = None) -> None:
        """Take in values, each with its weight; as for `Mean`."""
        array, weights = as_array(values), weights_of(sample_weight, values)
        array = array if weights is None else by_row(array, weights, np.sum)[0]
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
        self, y_true: TensorLike, y_pred: TensorLike, sample_weight: TensorLike | None = None
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
        super().update_state(memory.to_host(values), sample_weight=weights)

    @property
    def in_kernels(self) -> bool:
        """Whether kernels alone compute its values, so that `add_rows` can be recorded."""
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

    def check_shapes(self, target: Shape, output: Shape) -> None:
        """Refuse class numbers where the function compares one target for each output.

        Raises:
            ValueError: for such shapes; it names the metric and the mend.
        """
        name = str(getattr(self.fn, "__name__", ""))
        of_the_library = str(getattr(self.fn, "__module__", "")).startswith("dlcore.")
        if of_the_library and not name.startswith("sparse_"):
            refuse_class_numbers(name, target, output)

    def by_kernels(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:
        """One value a row or an output, for which kernels did all."""
        return MeanMetricWrapper.values(self, y_true, y_pred)[0]

    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, Tensor | None]:
        """One value a row, and the values again if the function has given them a mask."""
        self.check_shapes(y_true.shape, y_pred.shape)
        y_true = fitted(y_true, y_pred.shape, strict=False)
        if y_true.ndim == y_pred.ndim == 1:
            y_true, y_pred = y_true[:, None], y_pred[:, None]
        with no_grad():
            found = self.fn(Tensor(y_true), Tensor(y_pred), **self.kwargs)
        values = found.data if isinstance(found, Tensor) else as_array(found)
        masked = isinstance(found, Tensor) and found.mask is not None
        # One number for the batch counts as often as the batch has rows.
        values = values if values.ndim else np.broadcast_to(values, y_pred.shape[:1])
        return values, found if masked else None


class PlainMeanMetric(MeanMetricWrapper):
    """The mean of a function of the library, `function` of the class, that takes nothing further.

    Args:
        name: default: the name of the function.
        dtype: as in `Mean`.
    """

    function: ClassVar[Callable[..., Any]]

    @helpful_arguments
    def __init__(self, name: str | None = None, dtype: str | None = None) -> None:
        super().__init__(type(self).function, name, dtype)


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


def alike(y_true: TensorLike, y_pred: TensorLike, who: str) -> tuple[np.ndarray, np.ndarray]:
    """Both as arrays, the targets in the shape of the predictions, at least one axis of outputs.

    Args:
        y_true: targets.
        y_pred: predictions.
        who: the metric, as messages call it.

    Raises:
        ValueError: if the shapes do not fit; it names both and the mend.
    """
    y_true, y_pred = as_array(y_true), as_array(y_pred)
    refuse_class_numbers(who, y_true.shape, y_pred.shape)
    y_true = fitted(y_true, y_pred.shape)
    return (y_true, y_pred) if y_pred.ndim > 1 else (y_true.reshape(-1, 1), y_pred.reshape(-1, 1))


def weights_of(sample_weight: TensorLike | None, y_pred: TensorLike) -> np.ndarray | None:
    """The weights times the mask that y_pred may bring, None where there are neither.

    Args:
        sample_weight: `(n,)` or `(n, steps)`, or None.
        y_pred: outputs; the mask of a Tensor has shape `(n, steps)`.
    """
    mask = y_pred.mask if isinstance(y_pred, Tensor) else None
    weights = None if sample_weight is None else as_array(sample_weight).astype(np.float64)
    if mask is None:
        return weights
    counts = as_array(mask).astype(np.float64)
    if weights is None:
        return counts
    if weights.ndim > counts.ndim and weights.shape[-1] == 1:
        weights = weights[..., 0]
    if weights.ndim > counts.ndim:
        return counts.reshape(counts.shape + (1,) * (weights.ndim - counts.ndim)) * weights
    return counts * weights.reshape(weights.shape + (1,) * (counts.ndim - weights.ndim))
