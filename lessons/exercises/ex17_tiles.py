"""Exercises of lesson 17: products and a convolution in which a thread has one cell."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, table
from dlcore.stand_in import cuda

TILE = 4


def matmul_kernel(c, a, b):
    col, row = cuda.grid(2)
    if row < c.shape[0] and col < c.shape[1]:
        total = 0
        for p in range(a.shape[1]):
            total += a[row, p] * b[p, col]
        c[row, col] = total


def launched_matmul(kernel, a, b):
    """In blocks 4 wide and 3 high: c, and how often each cell of it was written."""
    from dlcore.stand_in import without_faults

    c = np.full((len(a), b.shape[1]), 99, a.dtype)
    done = without_faults(kernel, (-(-c.shape[1] // 4), -(-len(c) // 3)), (4, 3), c, a, b)
    return c, done.writes_of_each()


def draw_matmul(rng, size):
    """Blocks hang over on both sides; n, k and m differ, and no product is of the other order."""
    while True:
        n, m = int(rng.integers(4, 6 + size)), int(rng.integers(5, 7 + size))
        k = int(rng.integers(2, 5 + size))
        if n % 3 and m % 4 and len({n, k, m}) == 3 and abs(n - m) > 1:
            return numbers(rng, size, n, k) + 0.0, numbers(rng, size, k, m) + 0.0


def matmul_with(place=None, guard=None, end=None, factor=None, begin=None, write=None, first=0):
    """matmul_kernel with one part exchanged."""

    def matmul_kernel(c, a, b):
        if place is None:
            col, row = cuda.grid(2)
        else:
            col, row = place()
        inside = row < c.shape[0] and col < c.shape[1]
        if inside if guard is None else guard(row, col, c):
            total = 0
            for p in range(first, a.shape[1] if end is None else end(a, b, c)):
                if begin is not None:
                    total = begin(total)
                total += a[row, p] * b[p, col] if factor is None else factor(a, b, row, col, p)
            if write is None:
                c[row, col] = total
            else:
                write(c, row, col, total)

    return matmul_kernel


def matmul_with_sizes_of(sizes):
    """With a guard that takes them for those of c."""

    def matmul_kernel(c, a, b):
        col, row = cuda.grid(2)
        rows, columns = sizes(a, b)
        if row < rows and col < columns:
            total = 0
            for p in range(a.shape[1]):
                total += a[row, p] * b[p, col]
            c[row, col] = total

    return matmul_kernel


def exchanged():
    x, y = cuda.grid(2)
    return y, x


def by_hand(block, size, thread):
    """col, row from the parts, whichever are taken."""

    def place():
        return tuple(
            getattr(block(), axis) * getattr(size(), axis) + getattr(thread(), axis)
            for axis in "xy"
        )

    return place


def matmul_and_add(c, a, b):
    col, row = cuda.grid(2)
    if row < c.shape[0] and col < c.shape[1]:
        for p in range(a.shape[1]):
            c[row, col] += a[row, p] * b[p, col]


def matmul_each_time(c, a, b):
    col, row = cuda.grid(2)
    if row < c.shape[0] and col < c.shape[1]:
        total = 0
        for p in range(a.shape[1]):
            total += a[row, p] * b[p, col]
            c[row, col] = total


def matmul_in_c(c, a, b):
    col, row = cuda.grid(2)
    if row < c.shape[0] and col < c.shape[1]:
        c[row, col] = 0
        for p in range(a.shape[1]):
            c[row, col] += a[row, p] * b[p, col]


def matmul_by_slices(c, a, b):
    col, row = cuda.grid(2)
    if row < c.shape[0] and col < c.shape[1]:
        c[row, col] = np.dot(a[row, :], b[:, col])


def matmul_cell_by_cell(c, a, b):
    col, row = cuda.grid(2)
    if row < c.shape[0] and col < c.shape[1]:
        c[row, col] = a[row, col] * b[row, col]


def matmul_a_whole_row(c, a, b):
    col, row = cuda.grid(2)
    if row < c.shape[0]:
        for j in range(c.shape[1]):
            total = 0
            for p in range(a.shape[1]):
                total += a[row, p] * b[p, j]
            c[row, j] = total


def tiled_matmul_kernel(c, a, b):
    tile_a = cuda.shared.array((TILE, TILE), c.dtype)
    tile_b = cuda.shared.array((TILE, TILE), c.dtype)
    col, row = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    total = 0
    for start in range(0, a.shape[1], TILE):
        p, q = start + x, start + y
        tile_a[y, x] = a[row, p] if row < a.shape[0] and p < a.shape[1] else 0
        tile_b[y, x] = b[q, col] if q < b.shape[0] and col < b.shape[1] else 0
        cuda.syncthreads()
        for i in range(TILE):
            total += tile_a[y, i] * tile_b[i, x]
        cuda.syncthreads()
    if row < c.shape[0] and col < c.shape[1]:
        c[row, col] = total


def launched_tiled_matmul(kernel, a, b):
    """In blocks of 4 by 4: c, how often each cell was written, and reads of the large memory."""
    from dlcore.stand_in import without_faults

    c = np.full((len(a), b.shape[1]), 99, a.dtype)
    done = without_faults(kernel, (-(-c.shape[1] // 4), -(-len(c) // 4)), (4, 4), c, a, b)
    return c, done.writes_of_each(), done.reads()


def draw_tiled_matmul(rng, size):
    """The last tile of k has a part alone, and the blocks hang over on both sides."""
    while True:
        n, m = int(rng.integers(5, 8)), int(rng.integers(5, 8 + size // 2))
        k = int(rng.integers(5, 10 + size // 2))
        if n % 4 and k % 4 and m % 4 and len({n, k, m}) == 3:
            a, b = numbers(rng, size, n, k) + 0.0, numbers(rng, size, k, m) + 0.0
            return np.where(a == 0, 2, a), np.where(b == 0, -1, b)


def tiled_with(
    before=True,
    after=True,
    leaves=None,
    edge=True,
    pieces=None,
    shift=None,
    load=None,
    add=None,
    guard=None,
    write=None,
    first_alone=False,
    anew=False,
    local=False,
    one=False,
    terms=None,
):
    """tiled_matmul_kernel with one part exchanged."""

    def tiled_matmul_kernel(c, a, b):
        memory = cuda.local if local else cuda.shared
        tile_a = memory.array((TILE, TILE), c.dtype)
        tile_b = tile_a if one else memory.array((TILE, TILE), c.dtype)
        col, row = cuda.grid(2)
        x, y = cuda.threadIdx.x, cuda.threadIdx.y
        if leaves is not None and leaves(row, col, c):
            return
        total = 0
        for start in range(0, a.shape[1], TILE) if pieces is None else pieces(a, c):
            p, q = (start + x, start + y) if shift is None else shift(start, x, y)
            total = 0 if anew else total
            if not first_alone or (x == 0 and y == 0):
                _load(tile_a, tile_b, a, b, row, col, p, q, x, y)
            if before:
                cuda.syncthreads()
            for i in range(TILE) if terms is None else terms(a):
                if add is None:
                    total += tile_a[y, i] * tile_b[i, x]
                else:
                    total += add(tile_a, tile_b, x, y, i)
            if after:
                cuda.syncthreads()
        inside = row < c.shape[0] and col < c.shape[1]
        if inside if guard is None else guard(row, col, c):
            c[row, col] = total if write is None else write(c, row, col, total)

    def _load(tile_a, tile_b, a, b, row, col, p, q, x, y):
        if load is not None:
            load(tile_a, tile_b, a, b, row, col, p, q, x, y)
            return
        in_a = row < a.shape[0] and p < a.shape[1]
        in_b = q < b.shape[0] and col < b.shape[1]
        if in_a or edge:
            tile_a[y, x] = a[row, p] if in_a else 0
        if in_b or edge:
            tile_b[y, x] = b[q, col] if in_b else 0

    return tiled_matmul_kernel


def load_turned(tile_a, tile_b, a, b, row, col, p, q, x, y):
    tile_a[x, y] = a[row, p] if row < a.shape[0] and p < a.shape[1] else 0
    tile_b[x, y] = b[q, col] if q < b.shape[0] and col < b.shape[1] else 0


def load_without_looking(tile_a, tile_b, a, b, row, col, p, q, x, y):
    tile_a[y, x] = a[row, p]
    tile_b[y, x] = b[q, col]


def load_by_the_cell(tile_a, tile_b, a, b, row, col, p, q, x, y):
    """A test of the cell of c in the place of tests of a and b."""
    inside = row < a.shape[0] and col < b.shape[1]
    tile_a[y, x] = a[row, p] if inside and p < a.shape[1] else 0
    tile_b[y, x] = b[q, col] if inside and q < b.shape[0] else 0


def load_the_own_cell(tile_a, tile_b, a, b, row, col, p, q, x, y):
    tile_a[y, x] = a[row, col] if row < a.shape[0] and col < a.shape[1] else 0
    tile_b[y, x] = b[row, col] if row < b.shape[0] and col < b.shape[1] else 0


def tiled_without_tiles(c, a, b):
    col, row = cuda.grid(2)
    if row < c.shape[0] and col < c.shape[1]:
        total = 0
        for p in range(a.shape[1]):
            total += a[row, p] * b[p, col]
        c[row, col] = total


def tiled_filled_by_each(c, a, b):
    """Each thread fetches all that it needs, in a tile that it has for itself."""
    col, row = cuda.grid(2)
    inside = row < c.shape[0] and col < c.shape[1]
    total = 0
    for start in range(0, a.shape[1], TILE):
        for i in range(TILE):
            p = start + i
            if inside and p < a.shape[1]:
                total += a[row, p] * b[p, col] + 0 * a[row, p]
    if inside:
        c[row, col] = total


def tiled_with_a_barrier_inside(c, a, b):
    """The first barrier stands in a branch that not all threads take."""
    tile_a = cuda.shared.array((TILE, TILE), c.dtype)
    tile_b = cuda.shared.array((TILE, TILE), c.dtype)
    col, row = cuda.grid(2)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    total = 0
    for start in range(0, a.shape[1], TILE):
        p, q = start + x, start + y
        tile_a[y, x] = a[row, p] if row < a.shape[0] and p < a.shape[1] else 0
        tile_b[y, x] = b[q, col] if q < b.shape[0] and col < b.shape[1] else 0
        if p < a.shape[1]:
            cuda.syncthreads()
        for i in range(TILE):
            total += tile_a[y, i] * tile_b[i, x]
        cuda.syncthreads()
    if row < c.shape[0] and col < c.shape[1]:
        c[row, col] = total


def conv2d_kernel(z, x, w, b):
    q, p, f = cuda.grid(3)
    if p < z.shape[0] and q < z.shape[1] and f < z.shape[2]:
        total = b[f]
        for i in range(w.shape[0]):
            for j in range(w.shape[1]):
                for k in range(w.shape[2]):
                    total += x[p + i, q + j, k] * w[i, j, k, f]
        z[p, q, f] = total


def launched_conv2d(kernel, x, w, b):
    """In blocks of 3 by 2 by 2: z, and how often each cell of it was written."""
    from dlcore.stand_in import without_faults

    (h, across, _), (kh, kw, _, f) = x.shape, w.shape
    z = np.full((h - kh + 1, across - kw + 1, f), 99, x.dtype)
    grid = -(-z.shape[1] // 3), -(-z.shape[0] // 2), -(-f // 2)
    done = without_faults(kernel, grid, (3, 2, 2), z, x, w, b)
    return z, done.writes_of_each()


def draw_conv2d(rng, size):
    """One picture that is not square, two channels, three filters of 2 by 3 or 3 by 2."""
    kh, kw = (int(each) for each in rng.permutation([2, 3]))
    sizes = [(3, 5), (3, 4), (5, 4), (3, 2), (5, 2)]
    p, q = sizes[int(rng.integers(0, 5))]
    while p + kh == q + kw:
        p, q = sizes[int(rng.integers(0, 5))]
    c, f = 2, 3
    x = numbers(rng, size, p + kh - 1, q + kw - 1, c) + 0.0
    w = numbers(rng, size, kh, kw, c, f) + 0.0
    return x, w, rng.permutation(np.arange(1.0, f + 1)) * 2


def conv2d_with(
    place=None, guard=None, begin=None, term=None, channels=None, write=None, window=(0, 1)
):
    """conv2d_kernel with one part exchanged."""

    def conv2d_kernel(z, x, w, b):
        q, p, f = cuda.grid(3) if place is None else place()
        inside = p < z.shape[0] and q < z.shape[1] and f < z.shape[2]
        if inside if guard is None else guard(p, q, f, z, x):
            total = b[f] if begin is None else begin(b)
            for i in range(w.shape[window[0]]):
                for j in range(w.shape[window[1]]):
                    for k in range(w.shape[2]) if channels is None else channels(w):
                        if term is None:
                            total += x[p + i, q + j, k] * w[i, j, k, f]
                        else:
                            total += term(x, w, b, p, q, f, i, j, k)
            if write is None:
                z[p, q, f] = total
            else:
                write(z, p, q, f, total)

    return conv2d_kernel


def rows_first():
    p, q, f = cuda.grid(3)
    return q, p, f


def filter_first():
    f, q, p = cuda.grid(3)
    return q, p, f


def conv2d_all_filters(z, x, w, b):
    q, p, _ = cuda.grid(3)
    if p < z.shape[0] and q < z.shape[1]:
        for f in range(z.shape[2]):
            total = b[f]
            for i in range(w.shape[0]):
                for j in range(w.shape[1]):
                    for k in range(w.shape[2]):
                        total += x[p + i, q + j, k] * w[i, j, k, f]
            z[p, q, f] = total


def conv2d_at_all_places(z, x, w, b):
    for p in range(z.shape[0]):
        for q in range(z.shape[1]):
            for f in range(z.shape[2]):
                total = b[f]
                for i in range(w.shape[0]):
                    for j in range(w.shape[1]):
                        for k in range(w.shape[2]):
                            total += x[p + i, q + j, k] * w[i, j, k, f]
                z[p, q, f] = total


def conv2d_in_z(z, x, w, b):
    q, p, f = cuda.grid(3)
    if p < z.shape[0] and q < z.shape[1] and f < z.shape[2]:
        z[p, q, f] = b[f]
        for i in range(w.shape[0]):
            for j in range(w.shape[1]):
                for k in range(w.shape[2]):
                    z[p, q, f] += x[p + i, q + j, k] * w[i, j, k, f]


def conv2d_each_time(z, x, w, b):
    q, p, f = cuda.grid(3)
    if p < z.shape[0] and q < z.shape[1] and f < z.shape[2]:
        total = b[f]
        for i in range(w.shape[0]):
            for j in range(w.shape[1]):
                for k in range(w.shape[2]):
                    total += x[p + i, q + j, k] * w[i, j, k, f]
                    z[p, q, f] = total


def conv2d_by_slices(z, x, w, b):
    q, p, f = cuda.grid(3)
    if p < z.shape[0] and q < z.shape[1] and f < z.shape[2]:
        window = x[p : p + w.shape[0], q : q + w.shape[1]]
        z[p, q, f] = np.sum(window * w[:, :, :, f]) + b[f]


def conv2d_with_filters_first(z, x, w, b):
    """As if w were [f, c, kh, kw]."""
    q, p, f = cuda.grid(3)
    if p < z.shape[0] and q < z.shape[1] and f < z.shape[2]:
        total = b[f]
        for k in range(w.shape[1]):
            for i in range(w.shape[2]):
                for j in range(w.shape[3]):
                    total += x[p + i, q + j, k] * w[f, k, i, j]
        z[p, q, f] = total


EXERCISES = [
    Exercise(
        id="17.matmul_kernel",
        title="A thread for each cell of a product",
        level="core",
        minutes=8,
        answer=matmul_kernel,
        use=launched_matmul,
        library=("stand_in.cuda",),
        draw=draw_matmul,
        result_names=("c", "writes"),
        examples=((table("1 2; 0 3; 2 -1; -2 1"), table("1 0 2 -1 3 1; 3 1 -2 2 0 -1")),),
        hints=(
            "col, row = cuda.grid(2). Which two loops of the matmul of lesson 12 are gone, and "
            "which one is left in each thread?",
            "Two tests before anything is read: row < c.shape[0] and col < c.shape[1]. Then a sum "
            "over p of a[row, p] * b[p, col].",
            "total = 0; for p in range(a.shape[1]): total += a[row, p] * b[p, col]; and behind the "
            "loop, once, c[row, col] = total.",
        ),
        wrong=(
            WrongAnswer(
                matmul_with(place=exchanged),
                "Row and column are exchanged: x runs along the columns, so of x and y the first "
                "gives the column.",
            ),
            WrongAnswer(
                matmul_with(
                    guard=lambda row, col, c: not (row >= c.shape[0] and col >= c.shape[1])
                ),
                "This test lets through who is outside on one side only: leave if row >= n or col "
                ">= m.",
            ),
            WrongAnswer(
                matmul_with(guard=lambda row, col, c: True),
                "The blocks hang over the edge of c, and a thread without a cell must touch "
                "nothing, not even read: test row and col before the sum.",
            ),
            WrongAnswer(
                matmul_with(guard=lambda row, col, c: row < c.shape[0]),
                "Only the row is tested; the blocks hang over on the right too, so test the column "
                "as well.",
            ),
            WrongAnswer(
                matmul_with(guard=lambda row, col, c: col < c.shape[1]),
                "Only the column is tested; the blocks hang over below too, so test the row as "
                "well.",
            ),
            WrongAnswer(
                matmul_with(guard=lambda row, col, c: row <= c.shape[0] and col <= c.shape[1]),
                "Counting begins at 0, so the last row is c.shape[0] - 1: test with <, not <=.",
            ),
            WrongAnswer(
                matmul_with_sizes_of(lambda a, b: a.shape),
                "The test takes both sizes of a; the cells are those of c, with the rows of a and "
                "the columns of b.",
            ),
            WrongAnswer(
                matmul_with(write=lambda c, row, col, total: c.__setitem__((col, row), total)),
                "The sum is written to c[col, row]; the row comes first.",
            ),
            WrongAnswer(
                matmul_by_slices,
                "a[row, :] and a[row] are whole rows; a thread takes a number at a time, a[row, p] "
                "in a loop over p.",
            ),
            WrongAnswer(
                matmul_cell_by_cell,
                "A cell of a is multiplied by the cell of b at the same place; c[row, col] is a "
                "sum over a row of a and a column of b.",
            ),
            WrongAnswer(
                matmul_with(guard=lambda row, col, c: row < c.shape[1] and col < c.shape[0]),
                "The sizes are exchanged in the test: rows are counted by c.shape[0], columns by "
                "c.shape[1].",
            ),
            WrongAnswer(
                matmul_and_add,
                "c is not 0 at the start, and += keeps what stood there: sum up in a number of "
                "your own, then write once.",
            ),
            WrongAnswer(
                matmul_with(end=lambda a, b, c: c.shape[1]),
                "The loop over p has another end: what is added up are the a.shape[1] products of "
                "a row of a and a column of b.",
            ),
            WrongAnswer(
                matmul_with(begin=lambda total: 0),
                "The sum begins anew with each product, so that only the last one is kept.",
            ),
            WrongAnswer(
                matmul_with(first=1),
                "The first product is missing: p begins at 0.",
            ),
            WrongAnswer(
                matmul_with(end=lambda a, b, c: a.shape[1] - 1),
                "The last product is missing: range(k) ends with k - 1 by itself.",
            ),
            WrongAnswer(
                matmul_each_time,
                "Right numbers, but c is written once for each product; keep the sum in a number "
                "of the thread, and write it behind the loop.",
            ),
            WrongAnswer(
                matmul_in_c,
                "Right numbers, but the sum is kept in c, in the large memory, and so c is written "
                "once for each product; keep it in a number of the thread.",
            ),
            WrongAnswer(
                matmul_a_whole_row,
                "Right numbers, but each thread makes cells of others too, and so several write "
                "the same one. The loops over rows and columns are gone: c[row, col] is its only "
                "cell.",
            ),
            WrongAnswer(
                matmul_with(factor=lambda a, b, row, col, p: a[row, p] * b[col, p]),
                "b is indexed with its column first; it is b[p, col].",
            ),
            WrongAnswer(
                matmul_with(factor=lambda a, b, row, col, p: a[p, row] * b[p, col]),
                "a is indexed with its column first; it is a[row, p].",
            ),
            WrongAnswer(
                matmul_with(factor=lambda a, b, row, col, p: a[row, p] + b[p, col]),
                "The two numbers are added; multiply them, and add the products.",
            ),
            WrongAnswer(
                matmul_with(place=lambda: (cuda.threadIdx.x, cuda.threadIdx.y)),
                "threadIdx counts inside of its block, so every block works on the same cells; "
                "cuda.grid(2) counts in the whole grid.",
            ),
            WrongAnswer(
                matmul_with(
                    place=by_hand(
                        lambda: cuda.blockIdx, lambda: cuda.gridDim, lambda: cuda.threadIdx
                    )
                ),
                "gridDim counts the blocks; how many threads a block has is blockDim.",
            ),
            WrongAnswer(
                matmul_with(place=lambda: (cuda.blockIdx.x, cuda.blockIdx.y)),
                "blockIdx is shared by all threads of a block, and each is to have a cell of its "
                "own.",
            ),
        ),
    ),
    Exercise(
        id="17.tiled_matmul_kernel",
        title="A tile for all threads of a block",
        level="stretch",
        minutes=12,
        answer=tiled_matmul_kernel,
        use=launched_tiled_matmul,
        library=("stand_in.cuda",),
        draw=draw_tiled_matmul,
        result_names=("c", "writes", "reads"),
        examples=(
            (
                table(
                    "1 2 -1 3 2 1 -2 3 1; 2 3 1 -2 1 -1 1 2 -3; 2 -1 1 4 1 2 3 1 -1; "
                    "-2 1 3 1 2 1 -1 2 3; 1 1 2 -3 1 3 2 -2 1; 3 -1 2 1 -2 -1 1 1 2"
                ),
                table(
                    "1 2 2 -1 3 1 1; 3 1 -2 2 1 -1 2; -2 1 1 4 2 1 3; 1 2 -1 1 3 -2 1; "
                    "2 1 3 -2 1 1 -1; 1 -1 2 3 -2 1 2; -1 3 1 2 1 2 -2; 2 1 -3 1 2 -1 1; "
                    "3 2 1 -1 1 2 -1"
                ),
            ),
        ),
        hints=(
            "In each round over start every thread does three things: fetch one number of a and "
            "one of b, wait for the others, add up four products from the tiles.",
            "Thread (x, y) fetches a[row, start + x] into tile_a[y, x] and b[start + y, col] into "
            "tile_b[y, x], or 0 where there is none. One barrier when the tiles are full, one when "
            "all have used them.",
            "All of it without leaving early: for start in range(0, a.shape[1], TILE), the two "
            "fetches, cuda.syncthreads(), total += tile_a[y, i] * tile_b[i, x] for i in "
            "range(TILE), cuda.syncthreads(). Only the last line tests whether there is a cell.",
        ),
        notes=(
            "The number of reads counts: each thread reads one number of a and one of b for each "
            "tile, as far as there are any."
        ),
        wrong=(
            WrongAnswer(
                tiled_with(before=False),
                "The first barrier is missing: the tile is read before the others have filled it.",
            ),
            WrongAnswer(
                tiled_with(after=False),
                "The second barrier is missing: a fast thread loads the next tile while a slow one "
                "still sums the last.",
            ),
            WrongAnswer(
                tiled_with(before=False, after=False),
                "Both barriers are missing: one when the tiles are full, one when all have used "
                "them.",
            ),
            WrongAnswer(
                tiled_with(local=True),
                "cuda.local.array gives each thread a tile for itself; cuda.shared.array is the "
                "one that all threads of a block fill together.",
            ),
            WrongAnswer(
                tiled_with(one=True),
                "Both tiles are one array, and what is fetched of b overwrites a; ask for two.",
            ),
            WrongAnswer(
                tiled_with(leaves=lambda row, col, c: row >= c.shape[0] or col >= c.shape[1]),
                "A thread without a cell leaves before the barrier. All threads of a block must "
                "reach it; who has no cell still has a place of the tile to fill.",
            ),
            WrongAnswer(
                tiled_with(leaves=lambda row, col, c: row >= c.shape[0]),
                "A thread without a row leaves before the barrier, at which the others wait for "
                "it.",
            ),
            WrongAnswer(
                tiled_with_a_barrier_inside,
                "The barrier stands in a branch: only threads with a number of a come to it, and "
                "all must come to the same one.",
            ),
            WrongAnswer(
                tiled_with(edge=False),
                "What lies outside counts as 0 and must be written as 0; else the tile holds what "
                "stood there before.",
            ),
            WrongAnswer(
                tiled_with(load=load_without_looking),
                "The tiles hang over the edges of a and b: fetch only what is there, and put 0 "
                "elsewhere.",
            ),
            WrongAnswer(
                tiled_with(load=load_by_the_cell),
                "Who has no cell of c fetches nothing here; but the tile of a needs its rows from "
                "all columns of threads, and the tile of b from all rows.",
            ),
            WrongAnswer(
                tiled_with(pieces=lambda a, c: range(0, TILE * (a.shape[1] // TILE), TILE)),
                "The last tile of k, which is not full, is missing.",
            ),
            WrongAnswer(
                tiled_with(pieces=lambda a, c: range(0, TILE * cuda.gridDim.x, TILE)),
                "The number of tiles follows from the inner size a.shape[1], not from the grid.",
            ),
            WrongAnswer(
                tiled_with(pieces=lambda a, c: range(-(-a.shape[1] // TILE))),
                "start counts tiles here, but is used as a place: it goes on by TILE, 0, 4, 8, ...",
            ),
            WrongAnswer(
                tiled_with(load=load_the_own_cell),
                "Every round fetches the cells at [row, col] again; the tile of a begins at column "
                "start, that of b at row start.",
            ),
            WrongAnswer(
                tiled_with(anew=True),
                "The sum begins anew with each tile, so that only the last one is kept; set it to "
                "0 once, before the loop.",
            ),
            WrongAnswer(
                tiled_with(terms=lambda a: range(a.shape[1])),
                "The inner loop goes beyond the tile, which has TILE rows and columns; the loop "
                "over start goes through k.",
            ),
            WrongAnswer(
                tiled_with(pieces=lambda a, c: range(1)),
                "Only the first tile is there; go through all of k.",
            ),
            WrongAnswer(
                tiled_with(load=load_turned),
                "Both tiles are stored with row and column exchanged, and read as if they were "
                "not: thread (x, y) fills tile[y, x].",
            ),
            WrongAnswer(
                tiled_with(shift=lambda start, x, y: (start + y, start + x)),
                "x and y are exchanged in what is fetched: a goes along its row with x, b down its "
                "column with y.",
            ),
            WrongAnswer(
                tiled_with(shift=lambda start, x, y: (x, y)),
                "Every round fetches the first tile again; add start.",
            ),
            WrongAnswer(
                tiled_with(add=lambda ta, tb, x, y, i: ta[y, i] * tb[x, i]),
                "tile_b is read along its row; a thread takes its column: tile_b[i, x].",
            ),
            WrongAnswer(
                tiled_with(add=lambda ta, tb, x, y, i: ta[y, x] * tb[y, x] if i == 0 else 0),
                "Each thread multiplies what it has fetched itself; the sum needs the numbers of "
                "the others, a row of tile_a and a column of tile_b.",
            ),
            WrongAnswer(
                tiled_with(guard=lambda row, col, c: True),
                "The last line needs the test: who has no cell of c must not write.",
            ),
            WrongAnswer(
                tiled_with(write=lambda c, row, col, total: c[row, col] + total),
                "c is not 0 at the start; write the sum, and add nothing to it.",
            ),
            WrongAnswer(
                tiled_with(first_alone=True),
                "One thread fetches one number, and the rest of the tile stays unwritten; each "
                "thread fetches its own.",
            ),
            WrongAnswer(
                tiled_without_tiles,
                "Right numbers, but nothing is shared: every thread reads its whole row and column "
                "from the large memory.",
            ),
            WrongAnswer(
                tiled_filled_by_each,
                "Right numbers, but each thread fetches all four numbers of each tile, some twice; "
                "it should fetch one and share it.",
            ),
        ),
    ),
    Exercise(
        id="17.conv2d_kernel",
        title="A thread for each cell of a convolution",
        level="core",
        minutes=5,
        answer=conv2d_kernel,
        use=launched_conv2d,
        library=("stand_in.cuda",),
        draw=draw_conv2d,
        result_names=("z", "writes"),
        examples=(
            (
                np.arange(30.0).reshape(5, 3, 2) % 7 - 3,
                np.arange(36.0).reshape(3, 2, 2, 3) ** 2 % 5 - 2,
                np.array([2.0, 4, 6]),
            ),
        ),
        hints=(
            "A grid may have three axes: q, p, f = cuda.grid(3). Of the loops of lesson 13 three "
            "are gone, and three are left in each thread.",
            "Test p, q and f against the shape of z, which is smaller than x. Begin the sum with "
            "b[f].",
            "Three loops, over i, j of the window and k of the channels: total += "
            "x[p + i, q + j, k] * w[i, j, k, f]. Then z[p, q, f] = total.",
        ),
        wrong=(
            WrongAnswer(
                conv2d_with(
                    guard=lambda p, q, f, z, x: p < x.shape[0] and q < x.shape[1] and f < z.shape[2]
                ),
                "The test is against x; the threads share out the cells of z, which is smaller.",
            ),
            WrongAnswer(
                conv2d_with(guard=lambda p, q, f, z, x: p < z.shape[0] and q < z.shape[1]),
                "f is not tested: the blocks hang over on the third axis as well.",
            ),
            WrongAnswer(
                conv2d_with(guard=lambda p, q, f, z, x: True),
                "A thread without a cell of z must touch nothing, not even read: test p, q and f "
                "with < before the sum.",
            ),
            WrongAnswer(
                conv2d_by_slices,
                "A window taken by slices is a whole array; a thread takes a number at a time, in "
                "loops over i, j and k.",
            ),
            WrongAnswer(
                conv2d_with(
                    term=lambda x, w, b, p, q, f, i, j, k: x[k, p + i, q + j] * w[i, j, k, f]
                ),
                "x is indexed with the channel first; here it is the last, x[p + i, q + j, k].",
            ),
            WrongAnswer(
                conv2d_with_filters_first,
                "w is taken for [f, c, kh, kw]; here it is [kh, kw, c, f], so w[i, j, k, f].",
            ),
            WrongAnswer(
                conv2d_with(
                    term=lambda x, w, b, p, q, f, i, j, k: (
                        x[p + i - 1, q + j - 1, k] * w[i, j, k, f]
                    )
                ),
                "The window lies around its cell, as with padding; without it, it begins there: "
                "x[p + i, q + j, k].",
            ),
            WrongAnswer(
                conv2d_with(window=(1, 0)),
                "Height and width of the window are exchanged: i counts w.shape[0] rows, j "
                "w.shape[1] columns.",
            ),
            WrongAnswer(
                conv2d_with(
                    term=lambda x, w, b, p, q, f, i, j, k: (
                        x[p + i, q + j, k] * w[i, j, k, f] + b[k]
                    ),
                    begin=lambda b: 0,
                ),
                "The bias is that of the filter, b[f], not of the channel, and is added once.",
            ),
            WrongAnswer(
                conv2d_at_all_places,
                "Right numbers, but every thread makes every cell; the loops over p, q and f are "
                "gone, and cuda.grid(3) gives each thread its own.",
            ),
            WrongAnswer(
                conv2d_in_z,
                "Right numbers, but the sum is kept in z, in the large memory, and so z is written "
                "once for each product; keep it in a number of the thread.",
            ),
            WrongAnswer(
                conv2d_each_time,
                "Right numbers, but z is written once for each product; write it behind the loops.",
            ),
            WrongAnswer(
                conv2d_with(begin=lambda b: 0),
                "The bias is missing: the sum begins with b[f].",
            ),
            WrongAnswer(
                conv2d_with(
                    term=lambda x, w, b, p, q, f, i, j, k: (
                        x[p + i, q + j, k] * w[i, j, k, f] + b[f]
                    ),
                    begin=lambda b: 0,
                ),
                "The bias is added with every product; it belongs to the sum once.",
            ),
            WrongAnswer(
                conv2d_with(channels=lambda w: range(1)),
                "Only the first channel is there; the sum goes over all of them.",
            ),
            WrongAnswer(
                conv2d_with(
                    term=lambda x, w, b, p, q, f, i, j, k: (
                        x[p + i, q + j, k] * w[w.shape[0] - 1 - i, w.shape[1] - 1 - j, k, f]
                    )
                ),
                "The kernel is turned by half a turn; here it lies on the picture as it is.",
            ),
            WrongAnswer(
                conv2d_with(
                    term=lambda x, w, b, p, q, f, i, j, k: x[p - i, q - j, k] * w[i, j, k, f]
                ),
                "The window goes up and to the left from its cell; it goes down and to the right: "
                "x[p + i, q + j, k].",
            ),
            WrongAnswer(
                conv2d_with(place=rows_first),
                "q and p are exchanged: grid(3) gives x first, and x runs along the columns.",
            ),
            WrongAnswer(
                conv2d_with(place=filter_first),
                "The order is q, p, f: x runs along the columns, y down the rows, z over the "
                "filters.",
            ),
            WrongAnswer(
                conv2d_with(term=lambda x, w, b, p, q, f, i, j, k: x[p, q, k] * w[i, j, k, f]),
                "Every weight meets the same pixel; move on with the window: x[p + i, q + j, k].",
            ),
            WrongAnswer(
                conv2d_all_filters,
                "Right numbers, but each thread makes all filters, and so the threads of a place "
                "write the same cells; f is the thread's own.",
            ),
            WrongAnswer(
                conv2d_with(
                    write=lambda z, p, q, f, total: z.__setitem__((p, q, f), z[p, q, f] + total)
                ),
                "z is not 0 at the start; write the sum, and add nothing to it.",
            ),
            WrongAnswer(
                conv2d_with(
                    write=lambda z, p, q, f, total: z.__setitem__((p, q, f), max(total, 0))
                ),
                "A relu stands behind the sum; the convolution itself does not bend.",
            ),
        ),
    ),
]
