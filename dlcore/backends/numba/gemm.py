"""The matrix products of BLAS, found for compiled kernels.

NumPy brings a BLAS, SciPy another, often an older one that is up to a third slower with few rows.
Numba sends the ``np.dot`` of compiled code to SciPy's. Here kernels call NumPy's, so that there is
one in the process; where its functions are not found under the names that they mostly have, they
call SciPy's after all.
"""

from __future__ import annotations

import ctypes
import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import Any

from llvmlite import ir
from llvmlite.binding import add_symbol
from numba.core import cgutils, types
from numba.core.typing import signature
from numba.extending import get_cython_function_address, intrinsic

from dlcore.backends.numba.blas import SCIPYS, function_of, hold_what_came, libraries

PRODUCTS = ("sgemm", "dgemm")  # of float32 and of float64


def load_blas() -> None:
    """Find the matrix products that `gemm` calls in compiled kernels.

    Inside of `single_threaded_blas` their library is limited too.

    Raises:
        ImportError: if NumPy's have other names, and there is no SciPy.
    """
    found = _of_numpy() or _of_scipy()
    for name, address in found.items():
        add_symbol(_symbol(name), address)
    hold_what_came()


def _symbol(name: str) -> str:
    return f"dlcore_{name}"


def _of_numpy() -> dict[str, int]:
    """The addresses of the products in the BLAS that NumPy has loaded, or none.

    They take all their arguments by address, whole numbers too: on a machine that stores the low
    bytes first it is the same whether the library reads 32 or 64 bits of those.
    """
    if sys.byteorder != "little":
        return {}
    for library in libraries():
        found = [_address(library, name) for name in PRODUCTS]
        if all(found):
            return dict(zip(PRODUCTS, found, strict=True))
    return {}


def _address(library: Any, name: str) -> int:
    """Where a product lies in a library; 0 if it has none."""
    function = function_of(library, f"{name}_")
    return ctypes.cast(function, ctypes.c_void_p).value or 0 if function else 0


def _of_scipy() -> dict[str, int]:
    """The addresses of the same in the module of SciPy that Numba has ``np.dot`` from."""
    load_scipys()
    return {name: get_cython_function_address(SCIPYS, name) for name in PRODUCTS}


def load_scipys() -> None:
    """Load that module alone, which Numba looks up before it compiles the first thing.

    Imported by its name, it would bring all of ``scipy.linalg``, a good tenth of a second. Where
    it is not found as expected it is imported that way.

    Raises:
        ImportError: without SciPy.
    """
    if SCIPYS in sys.modules:
        return
    import scipy

    spec = PathFinder.find_spec(SCIPYS, [f"{folder}/linalg" for folder in scipy.__path__])
    if spec is None or spec.loader is None:
        import scipy.linalg.cython_blas  # noqa: F401

        return
    module = sys.modules[SCIPYS] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[SCIPYS]
        raise


@intrinsic
def gemm(context, c, a, b, sizes, turned, more):  # type: ignore[no-untyped-def]
    """In compiled code: c = a b, or c += a b where more is 1, as a call to BLAS.

    BLAS reads columns first, and so the rows of an array as the columns of its transpose: its first
    matrix is b, its second a.

    Args:
        context: of Numba; a call does not give it.
        c: an array, of which nothing is taken but where it begins; likewise a and b.
        a: an array of the same dtype.
        b: an array of the same dtype.
        sizes: (m, n, k) for c (m, n), a (m, k) and b (k, n), and behind them how many numbers there
            are from one row of c, of a and of b to the next; of what is turned, from one column.
        turned: (a, b), 1 for one that lies in memory as its transpose, else 0.
        more: 0 or 1, of the dtype of c.
    """
    kinds = {getattr(array, "dtype", None) for array in (c, a, b)}
    if kinds not in ({types.float32}, {types.float64}):
        return None  # an error of types, where the kernel is compiled
    name = _symbol("sgemm" if c.dtype == types.float32 else "dgemm")

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        def start(i: int) -> Any:
            array = context.make_array(signature.args[i])(context, builder, arguments[i])
            return builder.bitcast(array.data, cgutils.voidptr_t)

        def kept(value: Any) -> Any:
            return builder.bitcast(cgutils.alloca_once_value(builder, value), cgutils.voidptr_t)

        def letter(order: Any) -> Any:
            turned = builder.icmp_signed("!=", order, order.type(0))
            byte = ir.IntType(8)
            return kept(builder.select(turned, byte(ord("T")), byte(ord("N"))))

        m, n, k, rows_c, rows_a, rows_b = (
            kept(number) for number in cgutils.unpack_tuple(builder, arguments[3])
        )
        a_turned, b_turned = cgutils.unpack_tuple(builder, arguments[4])
        one, more = arguments[5].type(1.0), arguments[5]
        taken = [
            letter(b_turned), letter(a_turned), n, m, k,
            kept(one), start(2), rows_b, start(1), rows_a, kept(more), start(0), rows_c,
        ]  # fmt: skip
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t] * len(taken))
        builder.call(cgutils.get_or_insert_function(builder.module, kind, name), taken)
        return context.get_dummy_value()

    six, two = types.UniTuple(types.intp, 6), types.UniTuple(types.intp, 2)
    return signature(types.void, c, a, b, six, two, c.dtype), generate
