"""The kernels without a GPU: their own Python, thread by thread; read only with Numba's simulator.

That one makes a thread of Python for each thread of a block, because of the barriers. Here a kernel
with barriers becomes a generator: each ``cuda.syncthreads()`` is a ``yield``, and the threads of a
block are resumed one after the other, from barrier to barrier. That is a hundred times as fast, and
sees a barrier that not all threads come to.
"""

from __future__ import annotations

import ast
import functools
import inspect
import sys
import textwrap
from collections.abc import Iterator
from types import CodeType
from typing import Any

import numpy as np
from numba.cuda.simulator import kernelapi
from numba.cuda.simulator.cudadrv.devicearray import FakeCUDAArray


class _Shared(kernelapi.FakeCUDAShared):
    """Shared memory: one array for each line of a kernel that makes one, and for each block.

    It is filled with NaN, so that a number which no thread of the block has written is seen.
    """

    def array(self, shape: Any, dtype: Any, alignment: int | None = None) -> np.ndarray:
        """An array that all threads of the block see."""
        line = sys._getframe(1).f_lineno
        if line not in self._allocations:
            made = self._allocations[line] = np.empty(shape, np.dtype(dtype))
            made.fill(np.nan if made.dtype.kind == "f" else 0)
        return self._allocations[line]


class _Cuda(kernelapi.FakeCUDAModule):
    """What the name `cuda` means inside of a kernel."""

    threadIdx: Any = None
    blockIdx: Any = None
    shared: Any = None

    def grid(self, axes: int) -> Any:
        """The number of the thread in the whole grid, on the first axis or on each of several."""
        block, size, thread = self.blockIdx, self.blockDim, self.threadIdx
        x, y = block.x * size.x + thread.x, block.y * size.y + thread.y
        return x if axes == 1 else (x, y, block.z * size.z + thread.z)[:axes]


def run(kernel: Any, grid: Any, threads: Any, arguments: list[Any]) -> None:
    """Run a kernel to its end."""
    grid, threads = (_three(size) for size in (grid, threads))
    module = _Cuda(grid, threads, 0)
    function = _function(kernel, module)
    given = [getattr(a, "_ary", a) for a in arguments]
    indices = [kernelapi.Dim3(*thread) for thread in np.ndindex(*threads)]
    # A GPU gives inf and NaN without a word, and its whole numbers start again at 0.
    with np.errstate(all="ignore"):
        for block in np.ndindex(*grid):
            module.blockIdx, module.shared = kernelapi.Dim3(*block), _Shared(0)
            waiting = []
            for module.threadIdx in indices:
                thread = function(*given)
                if isinstance(thread, Iterator):
                    waiting.append((module.threadIdx, thread))
            while waiting:
                waiting = _to_the_next_barrier(kernel, module, waiting)


def _to_the_next_barrier(kernel: Any, module: _Cuda, threads: list[Any]) -> list[Any]:
    waiting = []
    for index, thread in threads:
        module.threadIdx = index
        if next(thread, thread) is None:
            waiting.append((index, thread))
    if len(waiting) not in (0, len(threads)):
        raise RuntimeError(
            f"{kernel.__name__}: {len(waiting)} threads of a block wait at a barrier for "
            f"{len(threads) - len(waiting)} that have returned; a GPU would wait for ever."
        )
    return waiting


@functools.cache
def _code(code: CodeType) -> CodeType:
    """The code of a kernel with a yield for each barrier."""

    class Yields(ast.NodeTransformer):
        def visit_Expr(self, node: ast.Expr) -> ast.Expr:
            barrier = ast.unparse(node) == "cuda.syncthreads()"
            return ast.copy_location(ast.Expr(ast.Yield()), node) if barrier else node

    (function,) = ast.parse(textwrap.dedent(inspect.getsource(code))).body
    function = Yields().visit(function)
    function.decorator_list = []
    tree = ast.fix_missing_locations(ast.Module([function], []))
    ast.increment_lineno(tree, code.co_firstlineno - 1)
    return compile(tree, code.co_filename, "exec")


def _function(kernel: Any, module: _Cuda) -> Any:
    names = dict(inspect.getclosurevars(kernel).nonlocals)
    names = {**kernel.__globals__, **names, "cuda": module}
    code = kernel.__code__
    exec(_code(code), names)
    return names[code.co_name]


def address_of(raw: Any) -> int:
    """The number of the first byte of an array of Numba's."""
    return raw._ary.__array_interface__["data"][0]


def row_of(raw: Any, start: int, size: int, dtype: np.dtype) -> Any:
    """So many numbers of an array of bytes, from a byte on, as an array that a kernel takes."""
    return FakeCUDAArray(raw._ary[start : start + size * dtype.itemsize].view(dtype))


def _three(size: Any) -> tuple[int, int, int]:
    return (*((size,) if isinstance(size, int) else size), 1, 1)[:3]
