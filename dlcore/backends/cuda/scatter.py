"""Rows that are added where indices say: the gradient of a table, such as that of an Embedding.

Several rows may go to one place. Threads that add to one number at the same time would do so in
any order, and each order has other bits. So a thread has a number of the table for itself, and adds
what belongs to it in the order of the indices, as NumPy does. A row that has very many, such as
that of the padding, would keep a thread busy long after all others: there the sums of whole blocks
of 64 are taken before.

It must then find what belongs to it. In few indices it looks at all of them. Many are sorted by
counting (Knuth 1973, "The Art of Computer Programming" 3, section 5.2), so that equal ones lie side
by side in their old order. Which of the equal ones an index is, is a count of those in front of it,
and needs no atomic operation either: a block takes a chunk of the indices, 256 after 256.
"""

from numba import cuda
from numpy import int32, uint32

from dlcore.backends.cuda.device import board, scratch
from dlcore.backends.cuda.launch import blocks, launch, spread
from dlcore.backends.cuda.primitives import existing

SHORT = 1024  # indices, up to which it is quicker to look than to sort,
FEW = 50_000_000  # with as many comparisons
CHUNKS = 64  # at most, as each has a count for each row of the table


def _look(dx, dy, indices, count, size, length, board):
    """The threads of a warp read the same index, which then comes once for all of them."""
    e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while e < dx.size:
        row, column = uint32(e // length), uint32(e % length)
        total = dx.dtype.type(0)
        for i in range(count):
            index = indices[i]
            if index == row:
                total += dy[uint32(uint32(uint32(i) * length) + column)]
            elif e == 0:
                existing(index, size, board)
        dx[e] = total
        e = uint32(e + step)


def _none_yet(counts):
    e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while e < counts.size:
        counts[e] = int32(0)
        e = uint32(e + step)


def _rank(ranks, counts, indices, count, size, places, rounds, board):
    """How many equal ones a chunk has in front of an index, and how many of each it has in all.

    What is no row of the table counts as one behind its last.
    """
    seen = cuda.shared.array(256, int32)
    t, chunk = uint32(cuda.threadIdx.x), uint32(cuda.blockIdx.x)
    for number in range(rounds):
        i = uint32(uint32(uint32(uint32(chunk * rounds) + uint32(number)) * uint32(256)) + t)
        mine = int32(-1)
        if i < count:
            index = indices[i]
            if index >= 0 and index < size:
                mine = int32(index)
            else:
                existing(index, size, board)
                mine = int32(size)
        seen[t] = mine
        cuda.syncthreads()
        ahead, equal = int32(0), int32(0)
        for j in range(256):
            if seen[j] == mine:
                equal = int32(equal + int32(1))
                ahead = int32(ahead + (int32(1) if uint32(j) < t else int32(0)))
        at = uint32(uint32(chunk * places) + (uint32(mine) if mine >= 0 else uint32(0)))
        before = counts[at]
        cuda.syncthreads()
        if mine >= 0:
            ranks[i] = int32(before + ahead)
            if int32(ahead + int32(1)) == equal:  # the last of them
                counts[at] = int32(before + equal)


def _offsets(totals, counts, chunks, places):
    """Counts become how many equal ones the chunks in front of a chunk have."""
    row, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while row < places:
        total, at = int32(0), row
        for _ in range(chunks):
            here = counts[at]
            counts[at] = total
            total = int32(total + here)
            at = uint32(at + places)
        totals[row] = total
        row = uint32(row + step)


def _starts(starts, totals, places, share):
    """Where the indices of a row begin among the sorted ones; one block for all rows."""
    sums = cuda.shared.array(256, int32)
    t = uint32(cuda.threadIdx.x)
    first = min(uint32(t * share), places)
    stop = min(uint32(first + share), places)
    total, row = int32(0), first
    while row < stop:
        total = int32(total + totals[row])
        row = uint32(row + uint32(1))
    sums[t] = total
    cuda.syncthreads()
    at, row = int32(0), first
    for other in range(256):
        at = int32(at + (sums[other] if uint32(other) < t else int32(0)))
    while row < stop:
        starts[row] = at
        at = int32(at + totals[row])
        row = uint32(row + uint32(1))
    if t == 255:
        starts[places] = at


def _place(order, ranks, counts, starts, indices, count, size, places, chunk):
    """order[the place of an index among the sorted ones] = which one it is."""
    i, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while i < count:
        index = indices[i]
        row = uint32(index) if index >= 0 and index < size else uint32(size)
        ahead = uint32(counts[uint32(uint32(uint32(i // chunk) * places) + row)])
        order[uint32(uint32(uint32(starts[row]) + ahead) + uint32(ranks[i]))] = int32(i)
        i = uint32(i + step)


def _blocks(sums, dy, order, indices, length):
    """The sums of 64 rows of dy that lie side by side in the order, if they go to one place."""
    e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while e < sums.size:
        block, column = uint32(e // length), uint32(e % length)
        at = uint32(block * uint32(64))
        last = uint32(order[uint32(at + uint32(63))])
        if indices[uint32(order[at])] == indices[last]:
            total = dy.dtype.type(0)
            for i in range(64):
                row = uint32(order[uint32(at + uint32(i))])
                total += dy[uint32(uint32(row * length) + column)]
            sums[e] = total
        e = uint32(e + step)


def _runs(dx, dy, sums, order, starts, length):
    """A thread for each number of dx: the sum of those of dy that belong to it."""
    e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while e < dx.size:
        row, column = uint32(e // length), uint32(e % length)
        total = dx.dtype.type(0)
        at, stop = uint32(starts[row]), uint32(starts[uint32(row + uint32(1))])
        while at < stop:
            if at % uint32(64) == 0 and uint32(at + uint32(64)) <= stop:
                total += sums[uint32(uint32(uint32(at // uint32(64)) * length) + column)]
                at = uint32(at + uint32(64))
            else:
                total += dy[uint32(uint32(uint32(order[at]) * length) + column)]
                at = uint32(at + uint32(1))
        dx[e] = total
        e = uint32(e + step)


def scatter_add(dx, dy, indices, size):
    if dx.size == 0:
        return
    length, count = dx.size // size, indices.size
    if count <= SHORT and dx.size * count <= FEW:
        launch(_look, *spread(dx.size), dx, dy, indices, count, size, length, board())
        return
    rounds = blocks(count, 256 * CHUNKS)
    chunk = 256 * rounds
    chunks = blocks(count, chunk)
    places = size + 1
    counts = scratch("scatter_add counts", int32, chunks, places)
    ranks, order = (scratch(f"scatter_add {what}", int32, count) for what in ("ranks", "order"))
    totals = scratch("scatter_add totals", int32, places)
    starts = scratch("scatter_add starts", int32, places + 1)
    launch(_none_yet, *spread(counts.size), counts)
    given = indices, count, size, places
    launch(_rank, chunks, 256, ranks, counts, *given, rounds, board())
    launch(_offsets, *spread(places), totals, counts, chunks, places)
    launch(_starts, 1, 256, starts, totals, places, blocks(places, 256))
    launch(_place, *spread(count), order, ranks, counts, starts, *given, chunk)
    sums = scratch("scatter_add sums", dx.dtype, count // 64, length)
    launch(_blocks, *spread(sums.size), sums, dy, order, indices, length)
    launch(_runs, *spread(dx.size), dx, dy, sums, order, starts, length)
