"""Batches that are made when they are needed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


class PyDataset:
    """The base of a data set that makes its batches one by one, by their numbers.

    A subclass writes `__len__`, the number of batches, and `__getitem__(i)`, which returns the
    whole batch i: `(x,)`, `(x, y)` or `(x, y, sample_weight)`. It may have `on_epoch_begin` and
    `on_epoch_end`, for example to shuffle its rows.

        class Files(PyDataset):
            def __init__(self, names, labels, **kwargs):
                super().__init__(**kwargs)
                self.names, self.labels = names, labels

            def __len__(self):
                return math.ceil(len(self.names) / 32)

            def __getitem__(self, i):
                rows = slice(32 * i, 32 * (i + 1))
                return np.stack([np.load(name) for name in self.names[rows]]), self.labels[rows]

    Args:
        workers: taken for code that sets it; batches are made one after the other.
        use_multiprocessing: likewise.
        max_queue_size: likewise.
    """

    workers = 1
    use_multiprocessing = False
    max_queue_size = 10

    def __init__(
        self, workers: int = 1, use_multiprocessing: bool = False, max_queue_size: int = 10
    ) -> None:
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    def __getitem__(self, index: int) -> Any:
        """The batch of a number."""
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__(index).")

    @property
    def num_batches(self) -> int | None:
        """How many batches there are; None, in a subclass that says so, for no end of them.

        Raises:
            NotImplementedError: if there is no `__len__`.
        """
        if hasattr(self, "__len__"):
            return len(self)
        raise NotImplementedError(
            f"{type(self).__name__} does not say how many batches it has; give it a __len__."
        )

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch."""

    def __iter__(self) -> Iterator[Any]:
        count = self.num_batches
        i = 0
        while count is None or i < count:
            yield self[i]
            i += 1


Sequence = PyDataset
