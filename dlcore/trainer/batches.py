"""Rows in batches: shuffled, split and weighted."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from dlcore import random

Rows = tuple[np.ndarray, np.ndarray, np.ndarray | None]


class Batches:
    """The batches of a data set.

    Args:
        rows: arrays of the same length: x, or x, y and the weights of the rows, which may be None.
        batch_size: rows of a batch; the last batch holds what is left.
    """

    def __init__(self, rows: tuple[Any, ...], batch_size: int) -> None:
        self.rows = rows
        self.size = len(rows[0])
        self.batch_size = min(batch_size, self.size)
        self.steps = math.ceil(self.size / batch_size)
        shape = (self.batch_size,)
        self._buffers = [
            None if a is None else np.empty(shape + a.shape[1:], a.dtype) for a in rows
        ]

    def __len__(self) -> int:
        return self.steps

    def in_order(self, order: np.ndarray | None = None) -> Iterator[tuple[Any, ...]]:
        """The batches, with the rows in the order given by their numbers; as they are by default.

        All batches come in the same buffers: take a copy of what is to be kept.
        """
        order = np.arange(self.size) if order is None else order
        for start in range(0, self.size, self.batch_size):
            yield self._gather(order[start : start + self.batch_size])

    def order(self, shuffle: bool) -> np.ndarray:
        """The numbers of the rows, in a new random order if `shuffle`."""
        return random.permutation(self.size) if shuffle else np.arange(self.size)

    def _gather(self, indices: np.ndarray) -> tuple[Any, ...]:
        """The rows of the given numbers, copied into the buffers that a recorded step reads."""
        gathered: list[np.ndarray | None] = []
        for array, buffer in zip(self.rows, self._buffers, strict=True):
            if buffer is None:
                gathered.append(None)
                continue
            part = buffer[: len(indices)]
            # With mode="clip" NumPy writes straight into the buffer; no index is out of range.
            np.take(array, indices, axis=0, out=part, mode="clip")
            gathered.append(part)
        return tuple(gathered)


def split(x: Any, y: Any, weights: Any, share: float) -> tuple[Rows, Rows]:
    """Cut the last `share` of the rows off for validation: the first `floor(n (1 - share))` train.

    The rows are not shuffled before: a sorted file would validate on its last class alone.

    Raises:
        ValueError: if the share is not between 0 and 1, or leaves one part without rows.
    """
    if not 0 < share < 1:
        raise ValueError(f"validation_split lies between 0 and 1, but is {share}; try 0.2.")
    cut = math.floor(len(x) * (1 - share))
    if cut == 0 or cut == len(x):
        raise ValueError(
            f"validation_split={share} of {len(x)} rows leaves {cut} rows for training and "
            f"{len(x) - cut} for validation; each needs at least one."
        )
    parts = [(None, None) if a is None else (a[:cut], a[cut:]) for a in (x, y, weights)]
    return tuple(part[0] for part in parts), tuple(part[1] for part in parts)  # type: ignore


def class_weights(y: np.ndarray, weights: Mapping[int, float]) -> np.ndarray:
    """The weight of each row from the weight of its class; 1 for a class without one.

    Args:
        y: class numbers `(n,)` or `(n, 1)`, or one-hot rows `(n, k)`.
        weights: such as {0: 1.0, 1: 2.5}.
    """
    one_hot = y.ndim > 1 and y.shape[-1] > 1
    labels = y.argmax(axis=-1) if one_hot else y.reshape(len(y))
    classes, inverse = np.unique(labels, return_inverse=True)
    table = {float(label): float(weight) for label, weight in weights.items()}
    missing = [f"{c:g}" for c in classes if float(c) not in table]
    if missing:
        warnings.warn(
            f"class_weight has no entry for class {', '.join(missing)}, whose rows count with "
            "weight 1; give it one to silence this.",
            stacklevel=4,
        )
    return np.array([table.get(float(c), 1.0) for c in classes])[inverse]
