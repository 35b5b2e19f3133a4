"""What the recurrent layers share.

What does not depend on the states, x w for all steps, is one product before the loop, and the
gradients of the weights are products after it.

The loop itself is one launch, as long as u fits into the registers of a block (``fits``): rows know
nothing of each other, so that a block takes a few of them through all steps, and needs a barrier
for its own threads alone. Each thread keeps one number of units of u all the while: forward a
column, backward a part of a row.

A larger u takes two launches a step: the product of the states with u, and a thread for each unit
of each row for the rest. A launch begins when the one before it has ended, in all blocks: that is
the barrier between two steps.
"""

import functools

from numba import cuda
from numpy import uint32

from dlcore.backends.cuda.device import View, scratch
from dlcore.backends.cuda.elements import each
from dlcore.backends.cuda.launch import blocks, device, launch, named, spread
from dlcore.backends.cuda.product import matrix, multiply
from dlcore.backends.cuda.wide import load4

ROWS = 8  # that a block takes through all steps, at most


def fits(gates: int, u: View) -> bool:
    """Whether the threads of a block, one for each column of u, can keep all of it.

    A GPU has 65,536 registers for a block and 255 for a thread, which needs some 64 for the rest.
    """
    k = u.shape[0]
    threads = 32 * blocks(gates * k, 32)
    own = k * u.dtype.itemsize // 4 + 64
    return own <= 255 and own * threads <= 65_536


def rows_of_a_block(n: int) -> int:
    """How many of n rows a block takes: few, as long as there are few blocks."""
    return min(ROWS, blocks(n, 128))


def for_threads(kernel, count, *parts):
    """A kernel by its name, which the compiler may give the registers of so many threads."""
    kernel.threads = count
    return named(kernel, *parts, count)


@functools.cache
def dot(k):
    """A device function: the sum of k numbers in shared memory times k in registers."""
    if k % 4:

        @device
        def total_of(shared, start, own, real):
            total = real(0)
            for i in range(k):
                total += shared[uint32(start + uint32(i))] * own[i]
            return total

        return total_of
    FOURS = k // 4

    @device
    def total_of_fours(shared, start, own, real):
        total = real(0)
        for i in range(FOURS):
            # All threads of a warp read the same four.
            a, b, c, d = load4(shared, uint32(start + uint32(i * 4)))
            total += a * own[4 * i]
            total += b * own[4 * i + 1]
            total += c * own[4 * i + 2]
            total += d * own[4 * i + 3]
        return total

    return total_of_fours


def inputs(y: View, x: View, w: View) -> None:
    """y = x w for all steps, x (n, t, i) or (n, i)."""
    i, columns = w.shape
    multiply(y, matrix(x, False, i), matrix(w, True, columns), y.size // columns, columns, i)


def states(y: View, h0: View, h: View, u: View, t: int) -> None:
    """y (n, columns) = the states before step t times u, from h0 (n, k) and h (n, steps, k)."""
    k, columns = u.shape
    before = matrix(h0, False, k)
    if t:
        steps = h.shape[1]
        before = matrix(h, False, steps * k, (t - 1) * k, extent=k)
    multiply(y, before, matrix(u, True, columns), h0.shape[0], columns, k)


def before(h0: View, h: View, t: int) -> tuple[View, int, int]:
    """Where a state before step t stands: the array, the first place, and the way to a next row."""
    k = h0.shape[1]
    return (h, (t - 1) * k, h.shape[1] * k) if t else (h0, 0, k)


def back_to_states(dbefore: View, dz: View, u: View, t: int) -> None:
    """dbefore (n, k) = dz of step t times uT, from dz (n, steps, columns)."""
    k, columns = u.shape
    n, steps = dz.shape[:2]
    at = matrix(dz, False, steps * columns, t * columns, extent=columns)
    multiply(dbefore, at, matrix(u, False, columns), n, k, columns)


def weights_grad(dw: View, inputs: View, dz: View, db: View | None = None) -> None:
    """dw = inputsT dz, over all steps of all rows, and db = the sum of dz over them."""
    i, columns = dw.shape
    rows = dz.size // columns
    multiply(dw, matrix(inputs, True, i), matrix(dz, True, columns), i, columns, rows, db=db)


def inputs_grad(dx: View, dw: View, db: View, dz: View, x: View, w: View) -> None:
    """The gradients of x w + b for all steps at once."""
    i, columns = w.shape
    rows = dz.size // columns
    weights_grad(dw, x, dz, db)
    if dx.size:
        multiply(dx, matrix(dz, False, columns), matrix(w, False, columns), rows, i, columns)


def _shift(before, h0, h, steps, k):
    """The state before each step: h0, and h one step later."""
    e, stride = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while e < h.size:
        place, j = uint32(e // k), uint32(e % k)
        row, t = uint32(place // steps), uint32(place % steps)
        # Of the first step e - k would lie in the row before, or in front of all.
        before[e] = h0[uint32(uint32(row * k) + j)] if t == 0 else h[uint32(e - k)]
        e = uint32(e + stride)


def states_grad(du: View, dz: View, h0: View, h: View, db: View | None = None) -> None:
    """The gradient of u in h_before u, for all steps at once, and that of what is added to it."""
    _, steps, k = h.shape
    shifted = scratch("states before", h.dtype, *h.shape)
    launch(_shift, *spread(h.size), shifted, h0, h, steps, k)
    weights_grad(du, shifted, dz, db)


@device
def _both(a, b, _, real):
    return a + b


def add(y: View, a: View, b: View) -> None:
    """y = a + b, number by number."""
    each(_both, y, a, b)
