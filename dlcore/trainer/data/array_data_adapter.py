"""Batches of arrays: in order or shuffled, all in the same buffers."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore import backends
from dlcore.backends import memory
from dlcore.engine import random

if TYPE_CHECKING:
    from dlcore.trainer.data.data_adapter import Standardizer

Arrays = tuple["np.ndarray | None", ...]


class ArrayDataAdapter:
    """Batches of arrays.

    All batches come in the same buffers. Their rows are there once they went through `fetch`,
    which is made of kernels so that a recorded step can do it itself. Data that would take more
    than half of the memory that a device has left stay in NumPy's; of those each batch is sent.

    Args:
        rows: arrays of the same length; None for one that there is not.
        standardizer: has made them, and knows what is in them.
        batch_size: rows of a batch; the last batch holds what is left.
        shuffle: whether each pass takes the rows in a new random order; with "batch" each batch
            keeps its rows, in a new order among themselves.
        steps: how many batches an epoch takes; default None: all. With a number, an epoch goes on
            where the last one stopped, and the rows begin anew when they end.
    """

    def __init__(
        self,
        rows: Arrays,
        standardizer: Standardizer,
        batch_size: int,
        shuffle: bool | str = False,
        steps: int | None = None,
    ) -> None:
        self.standardizer = standardizer
        self.size = _length(rows)
        self.batch_size = min(batch_size, self.size)
        self.batches = math.ceil(self.size / batch_size)
        self.shuffle = shuffle
        self.steps = self.batches if steps is None else steps
        shape = (self.batch_size,)
        kinds = [None if a is None else (shape + a.shape[1:], a.dtype) for a in rows]
        buffers = [None if kind is None else memory.empty(*kind) for kind in kinds]
        rest = self.size % self.batch_size
        self._full: Arrays = tuple(buffers)
        self._part: Arrays = tuple(None if a is None else memory.part(a, 0, rest) for a in buffers)
        # What the kernel reads that fetches the rows: a table, where the batch is, and the order.
        tables = [None if a is None else a.reshape(self.size, -1) for a in rows]
        self._sent = tables if _is_too_large(tables) else None
        self._relay = memory.Relay() if self._sent else None
        known = [None] * len(tables) if self._sent else tables
        self._tables = [None if table is None else memory.given(table) for table in known]
        self._place = memory.full(self.size + 1, 0, np.int64)
        self._start = memory.part(self._place, 0, 1).reshape(())
        self._order = memory.part(self._place, 1, self.size + 1)
        # Arrays that stay where they are as long as there are batches.
        self.lasting = [*(table for table in self._tables if table is not None), self._order]
        self._pass: np.ndarray | None = None  # the order of the pass that is going on
        self._next = 0  # the number of the next batch in it, where an epoch may end within a pass
        self._began: list[tuple[np.ndarray, int]] = []
        self._random_state: Any = None
        memory.lives(self, "_full", "_part", "_tables", "_place", "_start", "_order", "lasting")

    @property
    def rows(self) -> int:
        """How many rows the batches of an epoch have in all."""
        return min(self.steps * self.batch_size, self.size)

    def epoch(self, skip: int = 0) -> Iterator[Arrays]:
        """The batches of an epoch, to be fetched; `skip` are done already, see `go_to`."""
        self._began = []
        done = skip
        while done < self.steps:
            if self._pass is None or self._next >= self.batches:
                self._shuffle()
                self._next = 0
            assert self._pass is not None
            self._began.append((self._pass, self._next))
            for batch in self._in_order(self._pass, self._next):
                self._next += 1
                done += 1
                yield batch
                if done == self.steps:
                    break

    def data(self, batch: Arrays) -> Any:
        """A batch that `epoch` has just given, as a step takes it; its rows are fetched."""
        self.fetch(batch)
        return self.standardizer.data(batch)

    def fetch(self, batch: Arrays) -> None:
        """Take the rows of a batch that `epoch` has just given out of the data."""
        for table, buffer in zip(self._tables, batch, strict=True):
            if table is not None and buffer is not None:
                rows = len(buffer)
                given = table, self._order, self._start
                backends.call("take_rows", (buffer.reshape(rows, -1),), given, {"rows": rows})
        if memory.device() is not None:
            # A device goes on by itself; the host does it between the steps, see `_in_order`.
            both = self._start, np.asarray(self.batch_size)
            backends.call("binary", (self._start,), both, {"op": "add"})

    def begin(self) -> None:
        """Let `fetch` go on with the first row of the order."""
        memory.write(self._start, 0)

    def again(self) -> Iterator[Arrays]:
        """The batches of the epoch that is going on, from its start, to be fetched."""
        for order, first in self._began:
            yield from self._in_order(order, first)

    def restart(self) -> None:
        """Let the next epoch begin with the first row."""
        self._pass = None

    def place(self) -> Any:
        """Where the adapter stands, as plain data for a file."""
        if self._pass is None or self._next >= self.batches:
            return None
        return {"chance": self._random_state, "next": self._next}

    def go_to(self, place: Any, epoch: int, batch: int) -> None:
        """Go back to a `place`; the caller then sets the random state that shuffles."""
        self._pass = None
        if place is not None:
            random.generator().bit_generator.state = place["chance"]
            self._shuffle()
            self._next = int(place["next"])

    def _in_order(self, order: np.ndarray, first: int) -> Iterator[Arrays]:
        """The batches of a pass in the order given by the numbers of rows, from one of them on."""
        first *= self.batch_size
        memory.write(self._place, np.concatenate([[first], order]))
        last, moves = self.size - self.batch_size, memory.moved()
        for start in range(first, self.size, self.batch_size):
            if memory.device() is None:
                self._start[()] = start
            elif moves != memory.moved():
                memory.write(self._start, start)
                moves = memory.moved()
            batch = self._full if start <= last else self._part
            if self._sent is not None:
                self._send(batch, order[start : start + self.batch_size])
            yield batch

    def _send(self, batch: Arrays, order: np.ndarray) -> None:
        """Take the rows of a batch out of data that the memory of a device has no room for."""
        for table, buffer in zip(self._sent or (), batch, strict=True):
            if table is None or buffer is None:
                continue
            target = buffer.reshape(len(order), -1)
            if self._relay is not None and isinstance(target, memory.DeviceArray):
                self._relay.write(target, table, order)
            else:
                np.take(table, order, axis=0, out=target, mode="clip")

    def _shuffle(self) -> None:
        """A new order for the next pass, with the random state that it came from."""
        self._random_state = random.generator().bit_generator.state
        if self.shuffle != "batch":
            self._pass = random.permutation(self.size) if self.shuffle else np.arange(self.size)
            return
        starts = range(0, self.size, self.batch_size)
        ends = [min(start + self.batch_size, self.size) for start in starts]
        pairs = zip(starts, ends, strict=True)
        self._pass = np.concatenate([a + random.permutation(b - a) for a, b in pairs])


def _is_too_large(tables: list[np.ndarray | None]) -> bool:
    """Whether a device has no room for all rows and the steps on them."""
    device = memory.device()
    return device is not None and 2 * sum(t.nbytes for t in tables if t is not None) > device.free()


def split(rows: Arrays, share: float) -> tuple[Arrays, Arrays]:
    """Cut the last `share` of the rows off for validation: the first `floor(n (1 - share))` train.

    The rows are not shuffled before: a sorted file would validate on its last class alone.

    Raises:
        ValueError: if one part is left without rows.
    """
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
