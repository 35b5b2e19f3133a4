"""What Numba's simulator lacks for the kernels of this folder; read only where it runs.

The simulator makes a thread of Python for each thread of a block, because of the barriers. Most
kernels have none: for those a plain loop over all threads does, a hundred times as fast.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numba import cuda
from numba.cuda.simulator import kernel as threads_of_python
from numba.cuda.simulator import kernelapi
from numba.cuda.simulator.cudadrv.devicearray import FakeCUDAArray


class _Cuda(kernelapi.FakeCUDAModule):
    """What the name `cuda` means in a kernel whose threads run one after the other."""

    threadIdx: Any = None
    blockIdx: Any = None

    def grid(self, axes: int) -> int:
        """The number of the thread in the whole grid."""
        return self.blockIdx.x * self.blockDim.x + self.threadIdx.x


def run(kernel: Any, grid: Any, threads: Any, arguments: list[Any]) -> None:
    """Run a kernel to its end."""
    grid, threads = (_three(size) for size in (grid, threads))
    if "syncthreads" in kernel.__code__.co_names:
        cuda.jit(kernel)[grid, threads](*arguments)
        return
    arguments = [getattr(a, "_ary", a) for a in arguments]
    module = _Cuda(grid, threads, 0)
    # A GPU gives inf and NaN without a word, and its whole numbers start again at 0.
    with kernelapi.swapped_cuda_module(kernel, module), np.errstate(all="ignore"):
        for block in np.ndindex(*grid):
            module.blockIdx = kernelapi.Dim3(*block)
            for thread in np.ndindex(*threads):
                module.threadIdx = kernelapi.Dim3(*thread)
                kernel(*arguments)


def address_of(raw: Any) -> int:
    """The number of the first byte of an array of Numba's."""
    return raw._ary.__array_interface__["data"][0]


def row_of(raw: Any, start: int, size: int, dtype: np.dtype) -> Any:
    """So many numbers of an array of bytes, from a byte on, as an array that a kernel takes."""
    return FakeCUDAArray(raw._ary[start : start + size * dtype.itemsize].view(dtype))


def _three(size: Any) -> tuple[int, int, int]:
    return (*((size,) if isinstance(size, int) else size), 1, 1)[:3]


def _shared_array(self: Any, shape: Any, dtype: Any, alignment: int | None = None) -> np.ndarray:
    """As the simulator's own, one array for each line of a kernel; that one refuses an alignment.

    It is filled with NaN, so that a number which no thread of the block has written is seen.
    """
    line = sys._getframe(1).f_lineno
    if line not in self._allocations:
        made = np.empty(shape, np.dtype(dtype))
        made.fill(np.nan if made.dtype.kind == "f" else 0)
        self._allocations.setdefault(line, made)  # of several threads, the first one's
    return self._allocations[line]


def _quiet(self: Any, run: Any = threads_of_python.BlockThread.run) -> None:
    with np.errstate(all="ignore"):
        run(self)


kernelapi.FakeCUDAShared.array = _shared_array
threads_of_python.BlockThread.run = _quiet
