"""Kernels as lesson 17 writes them: a thread makes one number of the output.

They compute what those of the library do, and show what those are faster than. Each is the twin of
an exercise: ``start`` runs it, or the learner's in its place once that has been accepted. It takes
at least one thread for each number; blocks that do not divide the output leave some threads without
work, hence the first ``if``.
"""

import functools
from types import FunctionType

from numba import cuda

from dlcore.backends.cuda.device import SIMULATED


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


@functools.cache
def tiled_matmul(tile):
    """The same; a block takes tile x tile numbers of a and of b at a time into shared memory.

    Each number comes from memory once for so many threads, and not once for each of them.
    """

    def tiled_matmul(y, a, b):
        tile_a = cuda.shared.array((tile, tile), y.dtype)
        tile_b = cuda.shared.array((tile, tile), y.dtype)
        j, i = cuda.grid(2)
        across, down = cuda.threadIdx.x, cuda.threadIdx.y
        zero = total = y.dtype.type(0)  # a plain 0 would make float64 of what it is added to
        for first in range(0, a.shape[1], tile):
            # What lies outside counts as 0; no thread may leave: all have to come to the barrier.
            k_a, k_b = first + across, first + down
            inside_a = i < a.shape[0] and k_a < a.shape[1]
            inside_b = j < b.shape[1] and k_b < b.shape[0]
            tile_a[down, across] = a[i, k_a] if inside_a else zero
            tile_b[down, across] = b[k_b, j] if inside_b else zero
            cuda.syncthreads()  # until the tile is there
            for k in range(tile):
                total += tile_a[down, k] * tile_b[k, across]
            cuda.syncthreads()  # until all are through with it
        if i < y.shape[0] and j < y.shape[1]:
            y[i, j] = total

    return tiled_matmul


def simple_conv2d(z, x, w, b):
    """conv2d of one image without padding, with strides of 1: places along x and y, filters z."""
    q, p, f = cuda.grid(3)
    if p < z.shape[0] and q < z.shape[1] and f < z.shape[2]:
        total = b[f]
        for i in range(w.shape[0]):
            for j in range(w.shape[1]):
                for c in range(w.shape[2]):
                    total += x[p + i, q + j, c] * w[i, j, c, f]
        z[p, q, f] = total


TWINS = {
    "relu_kernel": simple_relu,
    "matmul_kernel": simple_matmul,
    "conv2d_kernel": simple_conv2d,
}


def twin(name, threads):
    """The kernel here that does what the exercise of that name asks for.

    Args:
        name: of the exercise, such as "relu_kernel".
        threads: of a block; tiles are as wide as it is.
    """
    return tiled_matmul(threads[0]) if name == "tiled_matmul_kernel" else TWINS[name]


def start(name, grid, threads, *arrays, own=None):
    """Run a kernel on the GPU: send the arrays of NumPy, and fetch what it wrote into them.

    Args:
        name: of the exercise.
        grid: how many blocks, a number or one for each of x, y and z.
        threads: how many threads a block has, likewise.
        arrays: what the kernel is given; they are changed in place.
        own: a learner's kernel, which takes the place of the twin. Defaults to none.
    """
    kernel = own or twin(name, threads)
    if SIMULATED:
        from dlcore.backends.cuda.simulator import run

        run(kernel, grid, threads, list(arrays))
        return
    there = [cuda.to_device(each) for each in arrays]
    cuda.jit(_for_numba(kernel))[grid, threads](*there)
    cuda.synchronize()  # a launch returns before the work is done
    for here, each in zip(arrays, there, strict=True):
        here[...] = each.copy_to_host()


def _for_numba(kernel):
    """The same function, in which ``cuda`` is Numba's: a learner's has that of the stand-in."""
    plain = getattr(kernel, "py_func", kernel)
    names = {**plain.__globals__, "cuda": cuda}
    return FunctionType(
        plain.__code__, names, plain.__name__, plain.__defaults__, plain.__closure__
    )
