"""The share of rows that a model gets right."""

from __future__ import annotations

import numpy as np

from dlcore import backends
from dlcore.engine.tensor import TensorLike
from dlcore.metrics.metric import MeanMetricWrapper, PlainMeanMetric, alike
from dlcore.utils.lookup import helpful_arguments
from dlcore.utils.targets import as_array, class_numbers, rows_of_labels


def accuracy(y_true: TensorLike, y_pred: TensorLike) -> np.ndarray:
    """For each output whether it equals its target."""
    y_true, y_pred = alike(y_true, y_pred, "accuracy")
    return y_true == y_pred


def binary_accuracy(y_true: TensorLike, y_pred: TensorLike, threshold: float = 0.5) -> np.ndarray:
    """For each output whether `(y_pred > threshold) == y_true`.

    Args:
        y_true: targets 0 or 1, `(..., k)`, or `(...)` where k is 1.
        y_pred: probabilities `(..., k)`.
        threshold: a prediction must lie above it to count as 1; default 0.5.
    """
    y_true, y_pred = alike(y_true, y_pred, "binary_accuracy")
    return (y_pred > threshold) == y_true


def categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> np.ndarray:
    """For each row whether the largest prediction stands where the largest target does.

    Args:
        y_true: one-hot targets `(..., k)`.
        y_pred: predictions `(..., k)`.
    """
    y_true, y_pred = alike(y_true, y_pred, "categorical_accuracy")
    return y_true.argmax(axis=-1) == y_pred.argmax(axis=-1)


def sparse_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike) -> np.ndarray:
    """For each row whether the largest prediction stands at the class number.

    Args:
        y_true: class numbers `(...)` or `(..., 1)`.
        y_pred: predictions `(..., k)`.
    """
    labels, y_pred = _labels(y_true, y_pred)
    return labels == y_pred.argmax(axis=-1)


def top_k_categorical_accuracy(y_true: TensorLike, y_pred: TensorLike, k: int = 5) -> np.ndarray:
    """For each row whether fewer than k predictions are larger than that of the right class.

    Args:
        y_true: one-hot targets `(..., classes)`.
        y_pred: predictions `(..., classes)`.
        k: how many guesses a row has; default 5.
    """
    y_true, y_pred = alike(y_true, y_pred, "top_k_categorical_accuracy")
    return _in_top(y_true.argmax(axis=-1), y_pred, k)


def sparse_top_k_categorical_accuracy(
    y_true: TensorLike, y_pred: TensorLike, k: int = 5, from_sorted_ids: bool = False
) -> np.ndarray:
    """For each row whether fewer than k predictions are larger than that of the right class.

    Args:
        y_true: class numbers `(...)` or `(..., 1)`.
        y_pred: predictions `(..., classes)`.
        k: how many guesses a row has; default 5.
        from_sorted_ids: whether y_pred holds numbers of classes instead, the likeliest first.
    """
    labels, y_pred = _labels(y_true, y_pred, "sparse_top_k_categorical_accuracy")
    if from_sorted_ids:
        return (labels[..., None] == y_pred[..., :k]).any(axis=-1)
    return _in_top(class_numbers(labels, y_pred.shape[-1]), y_pred, k)


class _OnArrays(MeanMetricWrapper):
    """An accuracy: its function works on arrays and brings them into one shape itself."""

    direction = "up"
    in_kernels = False

    def values(self, y_true: np.ndarray, y_pred: np.ndarray) -> tuple[np.ndarray, None]:
        """One value a row or an output."""
        return self.fn(y_true, y_pred, **self.kwargs), None


class Accuracy(PlainMeanMetric, _OnArrays):
    """The share of elements for which y_true and y_pred are equal.

        metric = Accuracy()
        metric.update_state([[1], [2]], [[1], [3]])
        metric.result()   # 0.5

    Args:
        name: default "accuracy".
        dtype: as in `Mean`.
    """

    function = accuracy


class _WithKernel(_OnArrays):
    """An accuracy with a kernel of its name."""

    in_kernels = True

    def by_kernels(self, y_true: np.ndarray, y_pred: np.ndarray) -> np.ndarray:  # noqa: D102
        if self.fn is sparse_categorical_accuracy:
            labels, y_pred = _labels(y_true, y_pred)
            targets: np.ndarray = labels.reshape(-1)
        else:
            y_true, y_pred = alike(y_true, y_pred, self.fn.__name__)
            targets = y_true.reshape(-1, y_true.shape[-1])
        rows = y_pred.reshape(-1, y_pred.shape[-1])
        found = backends.compute(self.fn.__name__, rows, targets, **self.kwargs)
        return found.reshape(y_pred.shape[:-1])


class BinaryAccuracy(_WithKernel):
    """The mean of `binary_accuracy`.

        metric = BinaryAccuracy()
        metric.update_state([[1], [0]], [[0.8], [0.6]])
        metric.result()   # 0.5

    Args:
        name: default "binary_accuracy".
        dtype: as in `Mean`.
        threshold: a prediction must lie above it to count as 1; default 0.5. For raw scores, of
            a model without a last sigmoid, it is 0.
    """

    @helpful_arguments
    def __init__(
        self,
        name: str | None = "binary_accuracy",
        dtype: str | None = None,
        threshold: float = 0.5,
    ) -> None:
        super().__init__(binary_accuracy, name, dtype, threshold=threshold)
        self.threshold = threshold


class CategoricalAccuracy(PlainMeanMetric, _WithKernel):
    """The mean of `categorical_accuracy`: for one-hot targets.

        metric = CategoricalAccuracy()
        metric.update_state([[0, 1], [1, 0]], [[0.2, 0.8], [0.3, 0.7]])
        metric.result()   # 0.5

    Args:
        name: default "categorical_accuracy".
        dtype: as in `Mean`.
    """

    function = categorical_accuracy


class SparseCategoricalAccuracy(PlainMeanMetric, _WithKernel):
    """The mean of `sparse_categorical_accuracy`: for class numbers.

        metric = SparseCategoricalAccuracy()
        metric.update_state([1, 0], [[0.2, 0.8], [0.3, 0.7]])
        metric.result()   # 0.5

    Args:
        name: default "sparse_categorical_accuracy".
        dtype: as in `Mean`.
    """

    function = sparse_categorical_accuracy


class TopKCategoricalAccuracy(_OnArrays):
    """The mean of `top_k_categorical_accuracy`: for one-hot targets.

        metric = TopKCategoricalAccuracy(k=2)
        metric.update_state([[0, 0, 1]], [[0.5, 0.2, 0.3]])
        metric.result()   # 1.0

    Args:
        k: how many guesses a row has; default 5.
        name: default "top_k_categorical_accuracy".
        dtype: as in `Mean`.

    Raises:
        ValueError: if k is below 1.
    """

    @helpful_arguments
    def __init__(
        self,
        k: int = 5,
        name: str | None = "top_k_categorical_accuracy",
        dtype: str | None = None,
    ) -> None:
        super().__init__(top_k_categorical_accuracy, name, dtype, k=at_least_one(k, "k"))
        self.k = k


class SparseTopKCategoricalAccuracy(_OnArrays):
    """The mean of `sparse_top_k_categorical_accuracy`: for class numbers.

        metric = SparseTopKCategoricalAccuracy(k=2)
        metric.update_state([2], [[0.5, 0.2, 0.3]])
        metric.result()   # 1.0

    Args:
        k: how many guesses a row has; default 5.
        name: default "sparse_top_k_categorical_accuracy".
        dtype: as in `Mean`.
        from_sorted_ids: whether y_pred holds numbers of classes, the likeliest first; default
            False.

    Raises:
        ValueError: if k is below 1.
    """

    @helpful_arguments
    def __init__(
        self,
        k: int = 5,
        name: str | None = "sparse_top_k_categorical_accuracy",
        dtype: str | None = None,
        from_sorted_ids: bool = False,
    ) -> None:
        super().__init__(
            sparse_top_k_categorical_accuracy, name, dtype,
            k=at_least_one(k, "k"), from_sorted_ids=from_sorted_ids,
        )  # fmt: skip
        self.k = k
        self.from_sorted_ids = from_sorted_ids


def accuracy_for(
    target: tuple[int, ...], output: tuple[int, ...], name: str
) -> BinaryAccuracy | SparseCategoricalAccuracy | CategoricalAccuracy:
    """The accuracy that "accuracy" means for targets and outputs of these shapes.

    One output: binary; class numbers, `(n,)` or `(n, 1)`, against several: sparse categorical;
    otherwise categorical.
    """
    if len(output) < 2 or output[-1] == 1:
        return BinaryAccuracy(name)
    if len(target) < len(output) or target[-1] == 1:
        return SparseCategoricalAccuracy(name)
    return CategoricalAccuracy(name)


def at_least_one(value: int, name: str) -> int:
    """The value, unless it is below 1: that raises a ValueError."""
    if value < 1:
        raise ValueError(f"{name} is a whole number of at least 1, not {value}.")
    return value


def _labels(
    y_true: TensorLike, y_pred: TensorLike, who: str = "sparse_categorical_accuracy"
) -> tuple[np.ndarray, np.ndarray]:
    y_true, y_pred = as_array(y_true), as_array(y_pred)
    return y_true.reshape(rows_of_labels(y_true.shape, y_pred.shape, who)), y_pred


def _in_top(labels: np.ndarray, y_pred: np.ndarray, k: int) -> np.ndarray:
    chosen = np.take_along_axis(y_pred, labels[..., None], axis=-1)
    # A broken model is not right: no number counts as smaller than all.
    chosen = np.where(np.isnan(chosen), -np.inf, chosen)
    return (y_pred > chosen).sum(axis=-1) < k
