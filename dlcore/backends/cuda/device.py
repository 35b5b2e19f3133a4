"""The GPU itself: its one stream, the memory of its arrays, scratch space of kernels.

`DEVICE` is what this backend offers to ``memory``. Its two copies, `Cuda.to_device` and
`Cuda.to_host`, are the only ways between the host and the GPU.
"""

from __future__ import annotations

import functools
import gc
import math
import os
import re
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


# Errors after which a process has no GPU any more, by what their names end in.
_LOST = (
    "ILLEGAL_ADDRESS", "MISALIGNED_ADDRESS", "INVALID_ADDRESS_SPACE", "ILLEGAL_INSTRUCTION",
    "INVALID_PC", "HARDWARE_STACK_ERROR", "ASSERT", "ECC_UNCORRECTABLE", "LAUNCH_FAILED",
    "LAUNCH_TIMEOUT", "CONTEXT_IS_DESTROYED",
)  # fmt: skip


def explained(function: Any) -> Any:
    """The function, which says what to do where the driver gives an error that stays."""

    @functools.wraps(function)
    def told(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except Exception as error:
            found = re.search(r"CUDA_ERROR_(\w+)", str(error))
            if found is None or found[1] not in _LOST:
                raise
            raise RuntimeError(
                f"A kernel has failed on the GPU ({found[0]}), and this process cannot use the GPU "
                "any more; start Python anew, in a notebook by restarting its kernel."
            ) from error

    return told


@functools.cache
def stream() -> Any:
    """The stream that everything is put into: what comes later waits for what came before."""
    return cuda.stream()


def event() -> Any:
    """A mark for the stream: who waits for it waits for what was put in before."""
    return cuda.event() if SIMULATED else cuda.event(timing=False)


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


class Pool:
    """Memory that was asked for and is not in use, by size; it counts the bytes that are.

    Attributes:
        held: bytes in the blocks that somebody keeps.
    """

    def __init__(self) -> None:
        self.held = 0
        self._free: defaultdict[int, list[Any]] = defaultdict(list)

    def take(self, size: int) -> Any:
        """Memory of just this size; None if there is none."""
        return self._free[size].pop() if self._free[size] else None

    def give_back(self, raw: Any, size: int) -> None:
        """Keep memory for whoever asks next."""
        self._free[size].append(raw)
        self.held -= size

    def nbytes(self) -> int:
        """Bytes that are not in use."""
        return sum(size * len(some) for size, some in self._free.items())

    def clear(self) -> None:
        """Give all of it back to the driver."""
        self._free.clear()


class Block:
    """Some memory; it goes back to the pool when nobody keeps the block any more."""

    def __init__(self, pool: Pool, raw: Any, size: int) -> None:
        self.raw, self.address = raw, address_of(raw)
        self._pool, self._size = pool, size
        pool.held += size

    def __del__(self) -> None:
        # Without waiting for the kernels that still use it: in the one stream, whatever the memory
        # is given to next comes after them.
        self._pool.give_back(self.raw, self._size)


class Cuda:
    """The memory of the GPU, as ``memory`` asks for it.

    The driver takes some ten microseconds or more for each piece of memory, and waits when one is
    given back. So what was once asked for is kept in a pool, by size: sizes are rounded up to one
    of eight steps between two powers of two, so that little is lost and much fits again.
    """

    def __init__(self) -> None:
        self._pool = Pool()

    def allocate(self, nbytes: int) -> Block:
        """A block of at least so many bytes.

        Raises:
            MemoryError: if the GPU has no room for it.
        """
        size = _rounded(nbytes)
        raw = self._pool.take(size)
        return Block(self._pool, self._new(size) if raw is None else raw, size)

    @explained
    def _new(self, size: int) -> Any:
        for _ in range(2):
            try:
                return cuda.device_array(size, np.uint8)
            except Exception as error:
                if "OUT_OF_MEMORY" not in str(error):
                    raise
            # What nobody can reach but itself, and what lies in the pool in other sizes, may be
            # room enough.
            gc.collect()
            self._pool.clear()
        raise MemoryError(
            f"The GPU has no room for {size / 2**20:,.1f} MB more, {self.free() / 2**20:,.1f} MB "
            "are free; a smaller batch_size needs less, or another program has to end."
        )

    def held(self) -> int:
        """How many bytes it has given out that somebody keeps."""
        return self._pool.held

    def free(self) -> int:
        """How many bytes it could still give out."""
        return cuda.current_context().get_memory_info()[0] + self._pool.nbytes()

    def shared(self, nbytes: int) -> tuple[Block, np.ndarray]:
        """A block that both see: memory of the host, which a kernel reaches over the bus."""
        raw = cuda.mapped_array(_rounded(nbytes), np.uint8)
        seen = getattr(raw, "_ary", raw)
        seen[:] = 0
        return Block(Pool(), raw, 0), np.asarray(seen)

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

    @explained
    def to_device(self, block: Block, offset: int, array: np.ndarray) -> None:
        """Copy an array of NumPy into a block."""
        row = row_of(block.raw, offset, array.size, array.dtype)
        row.copy_to_device(array.reshape(-1), stream())

    def pinned(self, nbytes: int) -> np.ndarray:
        """Bytes of the host that do not move: the GPU fetches them while the CPU goes on."""
        return np.asarray(cuda.pinned_array(nbytes, np.uint8))

    @explained
    def begin(self, block: Block, offset: int, array: np.ndarray) -> Callable[[], None]:
        """Begin to copy such an array into a block; gives what waits for the end of that."""
        self.to_device(block, offset, array)
        done = event()
        done.record(stream())
        return explained(done.synchronize)

    @explained
    def to_host(self, block: Block, offset: int, shape: Shape, dtype: np.dtype) -> np.ndarray:
        """What a block holds, once all work is done."""
        array = np.empty(shape, dtype)
        if array.size:
            row = row_of(block.raw, offset, array.size, dtype)
            row.copy_to_host(array.reshape(-1), stream())
        self.wait()
        return array

    @explained
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

    @explained
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
