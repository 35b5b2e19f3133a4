"""Gradients of a tensor that was used in parts, such as the steps of a sequence.

A loop over t steps cuts t boxes out of x, and each of their gradients is zero but for one box. As
arrays of the shape of x they would have t times as many numbers as x, and so would their sum take
t times as long. So what comes back is gathered as it is, and put into one array when all is there.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from dlcore.backends import call, compute, memory

Shape = tuple[int, ...]


@dataclass(slots=True)
class Parts:
    """A sum of gradients of which some are zero outside of a part of the tensor.

    Args:
        shape: that of the tensor.
        boxes: gradients of boxes, each with the position at which it begins.
        rows: gradients of rows, each with their numbers, by the shape in which the tensor has them.
        whole: what has come for the tensor as a whole; None for nothing.
    """

    shape: Shape
    boxes: list[tuple[np.ndarray, Shape]] = field(default_factory=list)
    rows: dict[Shape, list[tuple[np.ndarray, np.ndarray]]] = field(default_factory=dict)
    whole: np.ndarray | None = None

    def plus(self, more: np.ndarray | Parts) -> Parts:
        """The sum with another gradient of the same tensor."""
        if not isinstance(more, Parts):
            self.whole = more if self.whole is None else _added(self.whole, more)
            return self
        self.boxes += more.boxes
        for table, rows in more.rows.items():
            self.rows.setdefault(table, []).extend(rows)
        return self if more.whole is None else self.plus(more.whole)

    def joined(self) -> np.ndarray:
        """The sum as one array."""
        found = [] if self.whole is None else [self.whole]
        if self.boxes:
            found.append(_filled(self.boxes, self.shape))
        found += [_scattered(rows, table).reshape(self.shape) for table, rows in self.rows.items()]
        total = found[0]
        for more in found[1:]:
            total = _added(total, more)
        return total


def of_box(dy: np.ndarray, starts: Shape, shape: Shape) -> Parts:
    """The gradient of a tensor of some shape for that of a box of it, which has as many axes."""
    return Parts(shape, boxes=[(dy, starts)])


def of_rows(dy: np.ndarray, numbers: np.ndarray, shape: Shape, table: Shape) -> Parts:
    """The gradient of a tensor of some shape for that of rows of it, seen in another one.

    Args:
        dy: of the shape of the numbers, followed by that of a row.
        numbers: of the rows, from 0.
        shape: that of the tensor.
        table: the shape in which it has these rows along its first axis.
    """
    return Parts(shape, rows={table: [(dy, numbers)]})


def _added(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return compute("binary", a, b, op="add")


def _filled(boxes: Sequence[tuple[np.ndarray, Shape]], shape: Shape) -> np.ndarray:
    """An array of zeros to which boxes are added, in a time that goes with their sizes."""
    kind = np.result_type(*(box.dtype for box, _ in boxes))
    if _apart(boxes):
        # A replay puts each box into its place again, and nothing else has changed.
        full = sum(box.size for box, _ in boxes) == math.prod(shape)
        dx = memory.empty(shape, kind) if full else memory.full(shape, 0, kind)
        for box, starts in boxes:
            call("insert", (dx,), (box,), {"starts": starts})
        return dx
    dx = memory.empty(shape, kind)
    call("cast", (dx,), (memory.full(shape, 0, kind),))  # by a kernel: a replay begins anew
    for box, starts in boxes:
        there = compute("extract", dx, starts=starts, sizes=box.shape)
        call("insert", (dx,), (_added(there, box),), {"starts": starts})
    return dx


def _apart(boxes: Sequence[tuple[np.ndarray, Shape]]) -> bool:
    """Whether the boxes lie one behind the other along an axis, so that no two of them overlap."""
    for axis in range(boxes[0][0].ndim):
        ends = sorted((starts[axis], starts[axis] + box.shape[axis]) for box, starts in boxes)
        if all(stop <= start for (_, stop), (start, _) in pairwise(ends)):
            return True
    return len(boxes) == 1


def _scattered(rows: Sequence[tuple[np.ndarray, np.ndarray]], table: Shape) -> np.ndarray:
    """The sums of rows by their numbers: of all of them at once, since each pass fills a table."""
    dy, numbers = rows[0]
    if len(rows) > 1:
        count = sum(which.size for _, which in rows)
        dy = memory.empty((count, *table[1:]), np.result_type(*(part.dtype for part, _ in rows)))
        numbers = memory.empty((count,), np.int64)
        start = 0
        for part, which in rows:
            row, at = memory.contiguous(part).reshape(-1, *table[1:]), (start,)
            call("insert", (dy,), (row,), {"starts": at + (0,) * (dy.ndim - 1)})
            flat = memory.contiguous(which).reshape(-1)
            call("insert", (numbers,), (flat,), {"starts": at})
            start += which.size
    if not dy.size:
        return memory.full(table, 0, dy.dtype)
    return compute("scatter_add", dy, numbers, size=table[0])
