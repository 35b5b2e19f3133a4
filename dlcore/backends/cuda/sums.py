"""Sums, maxima and minima over rows and over columns: the same bits in every run.

The threads of a block leave what they have in shared memory, wait for each other, and then add up
all of it in its order. What is too much for one block is taken in parts, whose number the shapes
alone decide; a second launch adds the parts.
"""

from __future__ import annotations

import functools
from typing import Any

from numba import cuda
from numpy import uint32

from dlcore.backends.cuda.device import scratch
from dlcore.backends.cuda.launch import THREADS, blocks, device, launch, named


def shares(n: int, parts: int) -> tuple[int, int]:
    """How many of n things a part has, and how many parts there are then, none of them empty."""
    share = -(-n // max(1, parts))
    return share, blocks(n, share)


# Rows. So many threads work on one row; they are neighbours, and read numbers that are neighbours.


def lanes_of(k: int) -> int:
    """How many threads a row of k numbers gets: some four numbers for each, up to a whole block.

    A row of a few classes is not worth a warp: 32 threads then do several rows.
    """
    if k > 1024:
        return THREADS
    lanes = 1
    while lanes < 32 and 4 * lanes < k:
        lanes *= 2
    return lanes


def rows_grid(rows: int, lanes: int) -> tuple[int, int]:
    """Blocks and threads for so many rows."""
    threads = max(32, lanes)
    while threads < THREADS and threads < rows * lanes:
        threads *= 2
    return blocks(rows, threads // lanes), threads


@device
def sum_of(shared, first, lanes):
    """The sum of what the threads of a row have left in shared memory, in its order.

    All threads of the row call it, after a barrier: they read the same numbers at the same time,
    which comes at the price of one reading.
    """
    total = shared[first]
    for i in range(1, lanes):
        total += shared[uint32(first + uint32(i))]
    return total


@device
def max_of(shared, first, lanes):
    """The maximum of the same, past any NaN."""
    top = shared[first]
    for i in range(1, lanes):
        value = shared[uint32(first + uint32(i))]
        top = value if value > top else top
    return top


@device
def add(a, b, real):
    return a + b


@device
def greater(a, b, real):
    """The greater of two; a NaN is the greatest."""
    return a if a > b or a != a else b


@device
def smaller(a, b, real):
    """The smaller of two; a NaN is the smallest."""
    return a if a < b or a != a else b


_PAIRS = {"sum": add, "mean": add, "max": greater, "min": smaller}


@functools.cache
def _along_rows(pair: Any) -> Any:
    def kernel(y, x, k, lanes, share, parts, divisor):
        """y[row, part] = all of a part of a row of x, taken together and divided."""
        real = y.dtype.type
        shared = cuda.shared.array(256, y.dtype)
        t = uint32(cuda.threadIdx.x)
        number = uint32(uint32(cuda.grid(1)) // lanes)
        lane, first = uint32(t % lanes), uint32(uint32(t // lanes) * lanes)
        row, part = uint32(number // parts), uint32(number % parts)
        start = uint32(part * share)
        stop = min(uint32(start + share), k)
        # Threads beyond the last row go on with row 0, as all have to come to the barrier.
        base = uint32(row * k) if number < y.size else uint32(0)
        # The first number of a thread stands for "nothing yet"; each part has at least one.
        j = uint32(start + lane)
        own = x[uint32(base + (j if j < stop else start))]
        j = uint32(j + lanes)
        while j < stop:
            own = pair(own, x[uint32(base + j)], real)
            j = uint32(j + lanes)
        shared[t] = own
        cuda.syncthreads()
        if lane == 0 and number < y.size:
            used = min(lanes, uint32(stop - start))  # never negative: no part is empty
            total = shared[first]
            for i in range(1, used):
                total = pair(total, shared[uint32(first + uint32(i))], real)
            y[number] = total / divisor

    return named(kernel, "rows", pair)


def along_rows(op: str, y: Any, x: Any, rows: int, k: int, divisor: float = 1.0) -> None:
    """y[row] = the sum (or max, min) of the k numbers of each row of x, divided by a number."""
    pair, real = _PAIRS[op], y.dtype.type
    # Few long rows are taken in parts, so that there is work for many blocks.
    share, parts = shares(k, min(256 // rows, k // 4096))
    if parts > 1:
        some = scratch("along_rows", y.dtype, rows * parts)
        grid = rows_grid(rows * parts, THREADS)
        launch(_along_rows(pair), *grid, some, x, k, THREADS, share, parts, real(1))
        x, k = some, parts
    lanes = lanes_of(k)
    launch(_along_rows(pair), *rows_grid(rows, lanes), y, x, k, lanes, k, 1, real(divisor))


# Columns. 32 columns that are neighbours are read by the 32 threads of a warp; the warps of a block
# share out the rows.

WARP = 32


@functools.cache
def _along_columns(pair: Any) -> Any:
    def kernel(y, x, rows, columns, share, divisor):
        """y[picture, part, j] = column j of the rows of a part, taken together and divided."""
        real = y.dtype.type
        shared = cuda.shared.array(256, y.dtype)
        t, groups = uint32(cuda.threadIdx.x), uint32(cuda.blockDim.x // 32)
        across = uint32(uint32(columns + 31) // uint32(32))
        picture = uint32(uint32(cuda.blockIdx.x) // across)
        j = uint32(uint32(uint32(uint32(cuda.blockIdx.x) % across) * uint32(32)) + t % uint32(32))
        group = uint32(t // uint32(32))
        part, parts = uint32(cuda.blockIdx.y), uint32(cuda.gridDim.y)
        start = uint32(part * share)
        stop = min(uint32(start + share), rows)
        base = uint32(uint32(uint32(picture * rows) * columns) + (j if j < columns else uint32(0)))
        # As above, the first row of a group stands for "nothing yet".
        r = uint32(start + group)
        own = x[uint32(base + uint32((r if r < stop else start) * columns))]
        r = uint32(r + groups)
        while r < stop:
            own = pair(own, x[uint32(base + uint32(r * columns))], real)
            r = uint32(r + groups)
        shared[t] = own
        cuda.syncthreads()
        if group == 0 and j < columns:
            total = own
            used = min(groups, uint32(stop - start))
            for i in range(1, used):
                total = pair(total, shared[uint32(t + uint32(uint32(i) * uint32(32)))], real)
            at = uint32(uint32(uint32(picture * parts) + part) * columns)
            y[uint32(at + j)] = total / divisor

    return named(kernel, "columns", pair)


def groups_of(rows: int) -> int:
    """How many warps of a block share out so many rows."""
    groups = 1
    while groups < 8 and groups * 4 < rows:
        groups *= 2
    return groups


def parts_of(rows: int, columns: int) -> tuple[int, int]:
    """The rows of a part, and in how many parts the rows are taken.

    That makes some 256 blocks, each with enough to do.
    """
    return shares(rows, min(256 // blocks(columns, WARP), rows // 64))


def along_columns(
    op: str, y: Any, x: Any, rows: int, columns: int, pictures: int = 1, divisor: float = 1.0
) -> None:
    """y[picture, j] = the sum (or max, min) of column j of each picture of x, divided."""
    pair, real, across = _PAIRS[op], y.dtype.type, blocks(columns, WARP)
    share, parts = parts_of(rows, columns * pictures)
    if parts > 1:
        some = scratch("along_columns", y.dtype, pictures * parts * columns)
        grid, threads = (across * pictures, parts), WARP * groups_of(share)
        launch(_along_columns(pair), grid, threads, some, x, rows, columns, share, real(1))
        x, rows = some, parts
    threads = WARP * groups_of(rows)
    grid = across * pictures, 1
    launch(_along_columns(pair), grid, threads, y, x, rows, columns, rows, real(divisor))
