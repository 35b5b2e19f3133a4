"""Kernels as the lesson writes them first: a thread makes one number of the output.

They compute what those of the library do, and show what those are faster than. Each is started
with at least one thread for each number, as in ``cuda.jit(matmul)[blocks, threads](y, a, b)``:
blocks that do not divide the output leave some threads without work, hence the first ``if``.
"""

from numba import cuda

TILE = 16


def simple_relu(y, x):
    """y = max(x, 0) of a row of numbers."""
    i = cuda.grid(1)
    if i < x.shape[0]:
        y[i] = x[i] if x[i] > 0 else 0


def simple_matmul(y, a, b):
    """y = a b: a thread goes along a row of a and a column of b.

    Threads that are neighbours have neighbouring columns: of b they read numbers that lie side by
    side, and of a all the same one.
    """
    j, i = cuda.grid(2)
    if i < y.shape[0] and j < y.shape[1]:
        total = y.dtype.type(0)
        for k in range(a.shape[1]):
            total += a[i, k] * b[k, j]
        y[i, j] = total


def tiled_matmul(y, a, b):
    """The same; a block takes 16 x 16 numbers of a and of b at a time into shared memory.

    Each number comes from memory once for 16 threads, and not once for each of them.
    """
    tile_a = cuda.shared.array((TILE, TILE), y.dtype)
    tile_b = cuda.shared.array((TILE, TILE), y.dtype)
    j, i = cuda.grid(2)
    across, down = cuda.threadIdx.x, cuda.threadIdx.y
    total = y.dtype.type(0)
    for first in range(0, a.shape[1], TILE):
        # What lies outside counts as 0; no thread may leave, since all have to come to the barrier.
        k_a, k_b = first + across, first + down
        inside_a = i < a.shape[0] and k_a < a.shape[1]
        inside_b = j < b.shape[1] and k_b < b.shape[0]
        tile_a[down, across] = a[i, k_a] if inside_a else 0
        tile_b[down, across] = b[k_b, j] if inside_b else 0
        cuda.syncthreads()  # until the tile is there
        for k in range(TILE):
            total += tile_a[down, k] * tile_b[k, across]
        cuda.syncthreads()  # until all are through with it
    if i < y.shape[0] and j < y.shape[1]:
        y[i, j] = total


def simple_conv2d(z, x, w, b):
    """conv2d without padding, with strides of 1: a thread makes one number of one place.

    The thread is that of a place, counted through all images, and of a filter.
    """
    f, place = cuda.grid(2)
    n, p, q, filters = z.shape
    if place < n * p * q and f < filters:
        image, r, s = place // (p * q), place // q % p, place % q
        total = b[f]
        for i in range(w.shape[0]):
            for j in range(w.shape[1]):
                for c in range(w.shape[2]):
                    total += x[image, r + i, s + j, c] * w[i, j, c, f]
        z[image, r, s, f] = total
