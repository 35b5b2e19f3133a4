"""The outputs of a prediction whose kernels run on a device: they come home in one go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore import backends
from dlcore.backends import memory
from dlcore.engine import tree
from dlcore.trainer.advice.agreement import refuse_other_rows


class OutputTable:
    """A table for each output, with a row for each row of the data.

    Args:
        rows: how many rows there will be.
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._start = memory.full((), 0, np.int64)
        self._tables: list[Any] = []

    def after(self, step: Callable[[Any], Any], data: Any) -> Any:
        """Take a step on a batch, and put its outputs into the tables, by kernels.

        Raises:
            ValueError: if there is not one row of output for each row of input.
        """
        y, rows = step(data), len(tree.leaves(data)[0])
        refuse_other_rows(y, rows)
        leaves = tree.leaves(y)
        if not self._tables:
            sizes = [(self._rows, *leaf.shape[1:]) for leaf in leaves]
            kinds = [leaf.dtype for leaf in leaves]
            self._tables = [memory.empty(*each) for each in zip(sizes, kinds, strict=True)]
        for table, leaf in zip(self._tables, leaves, strict=True):
            given = leaf.data.reshape(rows, -1), self._start
            backends.call("put_rows", (table.reshape(self._rows, -1),), given)
        backends.call("binary", (self._start,), (self._start, np.asarray(rows)), {"op": "add"})
        return y

    def arrays(self) -> list[np.ndarray]:
        """The outputs for all rows."""
        return [memory.to_host(table) for table in self._tables]
