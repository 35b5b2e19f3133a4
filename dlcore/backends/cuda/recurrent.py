"""What the recurrent layers share.

What does not depend on the states, x w for all steps, is one product before the loop, and the
gradients of the weights are products after it. In the loop there are two launches a step: the
product of the states with u, and a thread for each unit of each row for the rest. A launch begins
when the one before it has ended, in all blocks: that is the barrier between two steps.
"""

from numba import cuda
from numpy import uint32

from dlcore.backends.cuda.device import View, scratch
from dlcore.backends.cuda.elements import each
from dlcore.backends.cuda.launch import device, launch, spread
from dlcore.backends.cuda.product import matrix, multiply
from dlcore.backends.cuda.sums import along_columns


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


def weights_grad(dw: View, inputs: View, dz: View) -> None:
    """dw = inputsT dz, over all steps of all rows."""
    i, columns = dw.shape
    rows = dz.size // columns
    multiply(dw, matrix(inputs, True, i), matrix(dz, True, columns), i, columns, rows)


def inputs_grad(dx: View, dw: View, db: View, dz: View, x: View, w: View) -> None:
    """The gradients of x w + b for all steps at once."""
    i, columns = w.shape
    rows = dz.size // columns
    weights_grad(dw, x, dz)
    along_columns("sum", db, dz, rows, columns)
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


def states_grad(du: View, dz: View, h0: View, h: View) -> None:
    """The gradient of u in h_before u, for all steps at once."""
    _, steps, k = h.shape
    shifted = scratch("states before", h.dtype, *h.shape)
    launch(_shift, *spread(h.size), shifted, h0, h, steps, k)
    weights_grad(du, shifted, dz)


@device
def _both(a, b, _, real):
    return a + b


def add(y: View, a: View, b: View) -> None:
    """y = a + b, number by number."""
    each(_both, y, a, b)
