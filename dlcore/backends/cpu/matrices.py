"""Products of small matrices, which BLAS does; those of large ones are in ``panels``.

`multiply` takes parts of arrays and transposed ones as they lie in memory, copies nothing, and does
its work in one thread. Only a row alone is multiplied here (`add_row_product`), for BLAS is slow to
begin.
"""

from dlcore.backends.numba.compile import compiled, shared
from dlcore.backends.numba.gemm import gemm

FEW = 4  # rows from which on BLAS is the faster


@compiled
def _is_transposed(x):
    """Whether the columns of x lie side by side in memory, and not its rows."""
    return x.strides[1] != x.itemsize and x.shape[1] > 1


@compiled
def _apart(x, transposed):
    """How many numbers from one row of x to the next, or of its transpose."""
    along, across = (0, 1) if transposed else (1, 0)
    return max(x.strides[across] // x.itemsize, x.shape[along], 1)


@shared
def add_row_product(y, x, b):
    """Y += x b, of one row; b lies whole.

    To bring b into BLAS's order would take most of the time. Four of its rows at a time: so y is
    read and written less often.
    """
    inner = b.shape[0]
    for k in range(0, inner - 3, 4):
        x0, x1, x2, x3 = x[k], x[k + 1], x[k + 2], x[k + 3]
        b0, b1, b2, b3 = b[k], b[k + 1], b[k + 2], b[k + 3]
        for j in range(y.size):
            y[j] += x0 * b0[j] + x1 * b1[j] + x2 * b2[j] + x3 * b3[j]
    for k in range(inner // 4 * 4, inner):
        x0, b0 = x[k], b[k]
        for j in range(y.size):
            y[j] += x0 * b0[j]


@shared(any_order=True)
def _product(c, a, b, more):
    ta, tb = _is_transposed(a), _is_transposed(b)
    sizes = (
        c.shape[0], c.shape[1], a.shape[1], _apart(c, False), _apart(a, ta), _apart(b, tb),
    )  # fmt: skip
    # Numba gives the first argument.
    gemm(c, a, b, sizes, (int(ta), int(tb)), c.dtype.type(more))  # type: ignore[call-arg]


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
