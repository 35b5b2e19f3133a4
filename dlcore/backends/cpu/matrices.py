"""Matrix products, which BLAS does; the one operation that no kernel here spells out.

`multiply` takes parts of arrays and transposed ones as they lie in memory, copies nothing, and does
its work in one thread: a kernel that shares a product out gives each thread columns or rows of it.
"""

from dlcore.backends.numba.blas import gemm
from dlcore.backends.numba.compile import compiled


@compiled
def _is_transposed(x):
    """Whether the columns of x lie side by side in memory, and not its rows."""
    return x.strides[1] != x.itemsize and x.shape[1] > 1


@compiled
def _apart(x, transposed):
    """How many numbers from one row of x to the next, or of its transpose."""
    along, across = (0, 1) if transposed else (1, 0)
    return max(x.strides[across] // x.itemsize, x.shape[along], 1)


@compiled
def _product(c, a, b, more):
    ta, tb = _is_transposed(a), _is_transposed(b)
    sizes = (
        c.shape[0], c.shape[1], a.shape[1], _apart(c, False), _apart(a, ta), _apart(b, tb),
    )  # fmt: skip
    gemm(c, a, b, sizes, (int(ta), int(tb)), c.dtype.type(more))


@compiled
def multiply(c, a, b):
    """C = a b: c (m, n), a (m, k), b (k, n).

    The rows of c lie whole, as in an array or in some columns of one; a and b may be transposed.
    """
    _product(c, a, b, 0)


@compiled
def multiply_and_add(c, a, b):
    """C += a b, in the same way."""
    _product(c, a, b, 1)
