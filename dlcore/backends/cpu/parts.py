"""How work is shared out among threads: in parts, whose number depends on the shapes alone.

So a sum over the parts, in their order, is the same for any number of threads.
"""

from dlcore.backends.cpu.fast_math import add, clear
from dlcore.backends.numba.compile import compiled, shared

PARTS = 8  # at most


@compiled
def part_of(part, parts, count):
    """Of so many rows or columns, those of a part."""
    return slice(part * count // parts, (part + 1) * count // parts)


@shared
def sum_rows(total, rows):
    """The sum of the rows, in their order."""
    clear(total)
    for i in range(rows.shape[0]):
        add(total, rows[i])


@compiled
def sum_parts(total, parts):
    """The sum over the first axis, in its order, whichever thread was the first to be ready."""
    sum_rows(total.reshape(-1), parts.reshape(parts.shape[0], total.size))
