"""Rows in batches: shuffled, split and weighted."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping

import numpy as np

from dlcore import backends, random

Arrays = tuple["np.ndarray | None", ...]


class Batches:
    """The batches of a data set.

    Args:
        rows: arrays of the same length; None for one that there is not.
        batch_size: rows of a batch; the last batch holds what is left.
    """

    def __init__(self, rows: Arrays, batch_size: int) -> None:
        self.rows = rows
        self.size = _length(rows)
        self.batch_size = min(batch_size, self.size)
        self.steps = math.ceil(self.size / batch_size)
        shape = (self.batch_size,)
        buffers = [None if a is None else np.empty(shape + a.shape[1:], a.dtype) for a in rows]
        rest = self.size % self.batch_size
        self._full: Arrays = tuple(buffers)
        self._part: Arrays = tuple(None if a is None else a[:rest] for a in buffers)
        # What the kernel reads that fetches the rows: a table, the order, and where the batch is.
        self._tables = [None if a is None else a.reshape(self.size, -1) for a in rows]
        self._order = np.arange(self.size)
        self._start = np.zeros((), np.int64)

    def __len__(self) -> int:
        return self.steps

    @property
    def lasting(self) -> list[np.ndarray]:
        """The arrays that stay where they are as long as there are batches."""
        return [table for table in self._tables if table is not None] + [self._order]

    def in_order(self, order: np.ndarray | None = None, first: int = 0) -> Iterator[Arrays]:
        """The batches, with the rows in the order given by their numbers; as they are by default.

        All batches come in the same buffers. The rows are there once the buffers went through
        `fill`, which is made of kernels so that a recorded step can do it itself.

        Args:
            order: numbers of the rows.
            first: the number of the batch to begin with.
        """
        self._order[...] = np.arange(self.size) if order is None else order
        last = self.size - self.batch_size
        for start in range(first * self.batch_size, self.size, self.batch_size):
            self._start[()] = start
            yield self._full if start <= last else self._part

    def fill(self, batch: Arrays) -> None:
        """Fetch the rows of a batch that `in_order` has just given."""
        for table, buffer in zip(self._tables, batch, strict=True):
            if table is not None and buffer is not None:
                rows = len(buffer)
                given = table, self._order, self._start
                backends.call("take_rows", (buffer.reshape(rows, -1),), given, {"rows": rows})

    def order(self, shuffle: bool | str) -> np.ndarray:
        """The numbers of the rows: in a new random order if `shuffle`.

        With "batch" each batch keeps its rows, in a new order among themselves.
        """
        if shuffle != "batch":
            return random.permutation(self.size) if shuffle else np.arange(self.size)
        starts = range(0, self.size, self.batch_size)
        ends = [min(start + self.batch_size, self.size) for start in starts]
        pairs = zip(starts, ends, strict=True)
        return np.concatenate([start + random.permutation(end - start) for start, end in pairs])


def split(rows: Arrays, share: float) -> tuple[Arrays, Arrays]:
    """Cut the last `share` of the rows off for validation: the first `floor(n (1 - share))` train.

    The rows are not shuffled before: a sorted file would validate on its last class alone.

    Raises:
        ValueError: if the share is not between 0 and 1, or leaves one part without rows.
    """
    if not 0 < share < 1:
        raise ValueError(f"validation_split lies between 0 and 1, but is {share}; try 0.2.")
    size = _length(rows)
    cut = math.floor(size * (1 - share))
    if cut == 0 or cut == size:
        raise ValueError(
            f"validation_split={share} of {size} rows leaves {cut} rows for training and "
            f"{size - cut} for validation; each needs at least one."
        )
    parts = [(None, None) if a is None else (a[:cut], a[cut:]) for a in rows]
    return tuple(part[0] for part in parts), tuple(part[1] for part in parts)


def _length(rows: Arrays) -> int:
    return len(next(array for array in rows if array is not None))


def class_weights(y: np.ndarray, weights: Mapping[int, float]) -> np.ndarray:
    """The weight of each row from the weight of its class; 1 for a class without one.

    Args:
        y: class numbers `(n,)` or `(n, 1)`, or one-hot rows `(n, k)`.
        weights: such as {0: 1.0, 1: 2.5}.

    Raises:
        TypeError: if it is no dict from class numbers to weights.
        ValueError: if a weight is negative or not finite.
    """
    if not isinstance(weights, Mapping):
        raise TypeError(
            f"class_weight is a dict from class numbers to weights, such as {{0: 1.0, 1: 2.5}}, "
            f"not {weights!r}."
        )
    for label, weight in weights.items():
        if isinstance(label, str):
            raise TypeError(
                f"class_weight names the class {label!r} by text; give its number, as in y."
            )
        if not 0 <= weight < math.inf:
            raise ValueError(
                f"class_weight holds numbers of at least 0, but class {label} has {weight}."
            )
    one_hot = y.ndim > 1 and y.shape[-1] > 1
    labels = y.argmax(axis=-1) if one_hot else y.reshape(len(y))
    classes, inverse = np.unique(labels, return_inverse=True)
    table = {float(label): float(weight) for label, weight in weights.items()}
    missing = [f"{c:g}" for c in classes if float(c) not in table]
    if missing:
        warnings.warn(
            f"class_weight has no entry for class {', '.join(missing)}, whose rows count with "
            f"weight 1; add {', '.join(f'{c}: 1.0' for c in missing)} to it to silence this.",
            stacklevel=4,
        )
    return np.array([table.get(float(c), 1.0) for c in classes])[inverse]
