"""The GPU itself: its one stream, the memory of its arrays, scratch space of kernels.

`DEVICE` is what this backend offers to ``memory``. Its two copies, `Cuda.to_device` and
`Cuda.to_host`, are the only ways between the host and the GPU.
"""

from __future__ import annotations

import functools
import math
import os
from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
from numba import cuda

SIMULATED = os.environ.get("NUMBA_ENABLE_CUDASIM") == "1"

Shape = tuple[int, ...]

if SIMULATED:
    from dlcore.backends.cuda.simulator import address_of, row_of
else:
    from numba.cuda.core import config
    from numba.cuda.cudadrv.devicearray import DeviceNDArray

    # A warning for each launch of fewer than 128 blocks: small layers are none of its business.
    config.CUDA_LOW_OCCUPANCY_WARNINGS = 0

    def address_of(raw: Any) -> int:
        """The number of the first byte of an array of Numba's."""
        return int(raw.device_ctypes_pointer.value or 0)

    def row_of(raw: Any, start: int, size: int, dtype: np.dtype) -> Any:
        """So many numbers of an array of bytes, from a byte on, as an array that a kernel takes."""
        data = raw.gpu_data.view(start, start + size * dtype.itemsize) if size else None
        return DeviceNDArray((size,), (dtype.itemsize,), dtype, gpu_data=data)


@functools.cache
def stream() -> Any:
    """The stream that everything is put into: what comes later waits for what came before."""
    return cuda.stream()


class View:
    """What a kernel of this backend takes for an array.

    Args:
        row: its numbers as an array of Numba's with one axis.
        shape: its shape.
        dtype: its number type.
        address: the number of its first byte.
    """

    __slots__ = ("address", "aligned", "dtype", "ndim", "row", "shape", "size")

    def __init__(self, row: Any, shape: Shape, dtype: np.dtype, address: int) -> None:
        self.row, self.shape, self.dtype = row, shape, dtype
        self.ndim, self.size = len(shape), math.prod(shape)
        self.address = address
        # As the instructions that carry four numbers need it.
        self.aligned = address % 16 == 0

    def part(self, start: int, size: int) -> View:
        """So many of its numbers, from a place on, as one row."""
        row, at = self.row[start : start + size], self.address + start * self.dtype.itemsize
        return View(row, (size,), self.dtype, at)


class Block:
    """Some memory; it goes back to the pool when nobody keeps the block any more."""

    def __init__(self, pool: defaultdict[int, list[Any]], raw: Any, size: int) -> None:
        self.raw, self.address = raw, address_of(raw)
        self._pool, self._size = pool, size

    def __del__(self) -> None:
        # Without waiting for the kernels that still use it: in the one stream, whatever the memory
        # is given to next comes after them.
        self._pool[self._size].append(self.raw)


class Cuda:
    """The memory of the GPU, as ``memory`` asks for it.

    The driver takes some ten microseconds or more for each piece of memory, and waits when one is
    given back. So what was once asked for is kept in a pool, by size: sizes are rounded up to one
    of eight steps between two powers of two, so that little is lost and much fits again.
    """

    def __init__(self) -> None:
        self._free: defaultdict[int, list[Any]] = defaultdict(list)

    def allocate(self, nbytes: int) -> Block:
        """A block of at least so many bytes.

        Raises:
            MemoryError: if the GPU has no room for it.
        """
        size = _rounded(nbytes)
        try:
            raw = self._free[size].pop()
        except IndexError:
            raw = self._new(size)
        return Block(self._free, raw, size)

    def _new(self, size: int) -> Any:
        try:
            return cuda.device_array(size, np.uint8)
        except Exception as error:
            if "OUT_OF_MEMORY" not in str(error):
                raise
        # What lies in the pool in other sizes may be room enough.
        self._free.clear()
        try:
            return cuda.device_array(size, np.uint8)
        except Exception as error:
            if "OUT_OF_MEMORY" not in str(error):
                raise
            free, _ = cuda.current_context().get_memory_info()
            raise MemoryError(
                f"The GPU has no room for {size / 2**20:,.0f} MB more, {free / 2**20:,.0f} MB are "
                "free; a smaller batch_size needs less, or another program has to end."
            ) from None

    def shared(self, nbytes: int) -> tuple[Block, np.ndarray]:
        """A block that both see: memory of the host, which a kernel reaches over the bus."""
        raw = cuda.mapped_array(_rounded(nbytes), np.uint8)
        seen = getattr(raw, "_ary", raw)
        seen[:] = 0
        return Block(defaultdict(list), raw, 0), np.asarray(seen)

    def address(self, block: Block) -> int:
        """The number of its first byte."""
        return block.address

    def view(self, block: Block, offset: int, shape: Shape, dtype: np.dtype) -> View:
        """What kernels take of it.

        Raises:
            ValueError: if it has so many numbers that an index of 32 bits does not reach them.
        """
        if math.prod(shape) >= 2**31:
            raise ValueError(
                f"An array of shape {shape} has {math.prod(shape):,} numbers, but a kernel for the "
                "GPU reaches 2,147,483,647; take it in several parts."
            )
        row = row_of(block.raw, offset, math.prod(shape), dtype)
        return View(row, shape, dtype, block.address + offset)

    def to_device(self, block: Block, offset: int, array: np.ndarray) -> None:
        """Copy an array of NumPy into a block."""
        row = row_of(block.raw, offset, array.size, array.dtype)
        row.copy_to_device(array.reshape(-1), stream())

    def to_host(self, block: Block, offset: int, shape: Shape, dtype: np.dtype) -> np.ndarray:
        """What a block holds, once all work is done."""
        array = np.empty(shape, dtype)
        if array.size:
            row = row_of(block.raw, offset, array.size, dtype)
            row.copy_to_host(array.reshape(-1), stream())
        self.wait()
        return array

    def copy(self, to: Block, to_offset: int, source: Block, offset: int, nbytes: int) -> None:
        """Copy bytes from a block into a block."""
        kind = np.dtype(np.uint8)
        target = row_of(to.raw, to_offset, nbytes, kind)
        target.copy_to_device(row_of(source.raw, offset, nbytes, kind), stream())

    def wrong_index(self) -> tuple[int, int] | None:
        """An index that a kernel has met, and of how many; None if all were good."""
        board = _board()[1]
        if not board[0]:
            return None
        board[0] = 0
        return int(board[1]), int(board[2])

    def replay(self, calls: Sequence[tuple[Callable[..., None], tuple[Any, ...]]]) -> Any:
        """A function that runs kernels again, all in one go (see ``capture``)."""
        from dlcore.backends.cuda import capture  # it needs the stream of this file

        return capture.replay(calls)

    def wait(self) -> None:
        """Wait until all work is done."""
        stream().synchronize()


DEVICE = Cuda()


def _rounded(nbytes: int) -> int:
    """The size of a block: eight steps between two powers of two, and never below 512."""
    step = max(512, 2 ** max(0, nbytes.bit_length() - 4))
    return max(step, -(-nbytes // step) * step)


_scratch: dict[Hashable, tuple[Block, View]] = {}


def scratch(owner: str, dtype: Any, *shape: int) -> View:
    """Space for numbers between two launches of a kernel: made once for each shape, and kept.

    Two layers of one shape share it. They may: in the one stream, the first is through with it. And
    a graph that was recorded finds it where it was.

    Args:
        owner: the kernel, and what stands in the space.
        dtype: its number type.
        shape: its shape.
    """
    key = (owner, np.dtype(dtype), shape)
    if key not in _scratch:
        block = DEVICE.allocate(math.prod(shape) * np.dtype(dtype).itemsize)
        _scratch[key] = block, DEVICE.view(block, 0, shape, np.dtype(dtype))
    return _scratch[key][1]


@functools.cache
def _board() -> tuple[View, np.ndarray]:
    block, seen = DEVICE.shared(3 * 8)
    view = DEVICE.view(block, 0, (3,), np.dtype(np.int64))
    _kept.append(block)
    return view, seen[:24].view(np.int64)


_kept: list[Block] = []


def board() -> View:
    """Three words in which a kernel notes an index that there is not, as it cannot raise an error.

    The first is 1 from then on, the second the index, the third how many there are.
    """
    return _board()[0]


@functools.cache
def zero() -> View:
    """A whole number 0 as an array, for a kernel that takes a place where others take 0."""
    block = DEVICE.allocate(8)
    DEVICE.to_device(block, 0, np.zeros(1, np.int64))
    _kept.append(block)
    return DEVICE.view(block, 0, (), np.dtype(np.int64))
