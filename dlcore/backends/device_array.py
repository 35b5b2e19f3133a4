"""Memory that NumPy cannot read: what a backend offers that has some, and the arrays in it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

Shape = tuple[int, ...]
Replay = Callable[[], None]


class Device(Protocol):
    """Memory that NumPy cannot read. Blocks are what it gives out; it frees one that nobody keeps.

    All of it happens in the order in which it was asked for, kernels included.
    """

    def allocate(self, nbytes: int) -> Any:
        """A new block, whatever it holds, also of 0 bytes; a MemoryError if there is no room."""

    def held(self) -> int:
        """How many bytes are in the blocks that somebody keeps."""

    def free(self) -> int:
        """How many bytes it could still give out."""

    def shared(self, nbytes: int) -> tuple[Any, np.ndarray]:
        """A block of zeros, and its bytes as NumPy sees them at any time, without waiting."""

    def address(self, block: Any) -> int:
        """The number of the first byte of a block."""

    def view(self, block: Any, offset: int, shape: Shape, dtype: np.dtype) -> Any:
        """What kernels take: numbers in a block, from a byte on. It need not keep the block."""

    def to_device(self, block: Any, offset: int, array: np.ndarray) -> None:
        """Copy a C-contiguous array of NumPy into a block, from a byte on."""

    def pinned(self, nbytes: int) -> np.ndarray:
        """Bytes of the host that do not move, for `begin`."""

    def begin(self, block: Any, offset: int, array: np.ndarray) -> Callable[[], None]:
        """Begin to copy an array in such bytes into a block; gives what waits for the end.

        Kernels that are run from here on find it there.
        """

    def to_host(self, block: Any, offset: int, shape: Shape, dtype: np.dtype) -> np.ndarray:
        """A new array of NumPy with what a block holds from a byte on, once all work is done."""

    def copy(self, to: Any, to_offset: int, source: Any, offset: int, nbytes: int) -> None:
        """Copy bytes from a block into a block."""

    def replay(self, calls: Sequence[tuple[Callable[..., None], Sequence[Any]]]) -> Replay:
        """What runs these kernels again, in their order, on these arguments, each time.

        All of them have run before. Whoever calls it keeps the arrays. A device that lacks this
        method is given them one by one.
        """

    def wrong_index(self) -> tuple[int, int] | None:
        """An index that a kernel has met since it was last asked, and of how many; else None.

        A kernel that cannot raise an error takes an index that there is in its place.
        """


class DeviceArray:
    """A C-contiguous array in the memory of a device; its numbers come home by `to_host`.

    Args:
        device: whose memory it is.
        memory: a block of it.
        offset: the byte in the block at which it begins.
        shape: its shape.
        dtype: its dtype.
        base: the array that it is a part of; None for one of its own.
    """

    __slots__ = (
        "_row", "_view", "base", "constant", "device", "dtype", "memory", "offset", "shape", "size",
    )  # fmt: skip
    # An operator of NumPy's array beside it is an error, and not a slow success.
    __array_ufunc__ = None

    def __init__(
        self,
        device: Device,
        memory: Any,
        offset: int,
        shape: Shape,
        dtype: np.dtype,
        base: DeviceArray | None = None,
    ) -> None:
        self.device, self.memory, self.offset = device, memory, offset
        self.shape, self.dtype, self.base = shape, dtype, base
        self.size = math.prod(shape)
        # Whether it is kept for all that need these numbers, see `memory.given`.
        self.constant = False
        self._view: Any = None
        self._row: DeviceArray | None = None

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    @property
    def nbytes(self) -> int:
        """Number of bytes."""
        return self.size * self.dtype.itemsize

    @property
    def view(self) -> Any:
        """What a kernel takes; it is made once."""
        if self._view is None:
            self._view = self.device.view(self.memory, self.offset, self.shape, self.dtype)
        return self._view

    def reshape(self, *shape: Any) -> DeviceArray:
        """The same numbers in another shape, in the same memory; one size may be -1."""
        sizes = tuple(shape[0]) if len(shape) == 1 and np.iterable(shape[0]) else shape
        if sizes == (-1,):
            if self._row is None:  # kernels of any shape ask for it each time
                self._row = self if self.ndim == 1 else self._seen((self.size,))
            return self._row
        if -1 in sizes:
            rest = -math.prod(sizes)
            known = self.size // rest if rest else 0
            sizes = tuple(known if n == -1 else n for n in sizes)
        sizes = tuple(map(int, sizes))
        if math.prod(sizes) != self.size:
            raise ValueError(f"An array of shape {self.shape} cannot take the shape {shape}.")
        return self if sizes == self.shape else self._seen(sizes)

    def part(self, start: int, stop: int) -> DeviceArray:
        """Entries of the first axis, from one to the one before another, in the same memory."""
        start, stop, _ = slice(start, stop).indices(self.shape[0])
        row = self.shape[1:]
        skipped = start * math.prod(row) * self.dtype.itemsize
        return self._seen((max(0, stop - start), *row), skipped)

    def copy(self) -> DeviceArray:
        """A new array with the same numbers, without a way over the host."""
        made = empty_on(self.device, self.shape, self.dtype)
        copy_within(made, self)
        return made

    def __len__(self) -> int:
        return self.shape[0]

    def __deepcopy__(self, memo: Any) -> DeviceArray:
        return self.copy()

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        raise TypeError(
            f"{self} lies in the memory of the device, where NumPy cannot read it; of a tensor, "
            "tensor.numpy() gives the numbers."
        )

    def __bool__(self) -> bool:
        raise TypeError(
            f"{self} lies in the memory of the device, so that an if cannot look at it; of a "
            "tensor, tensor.numpy() gives the numbers."
        )

    def __repr__(self) -> str:
        return f"<DeviceArray shape={self.shape} dtype={self.dtype}>"

    def _seen(self, shape: Shape, skipped: int = 0) -> DeviceArray:
        base = self if self.base is None else self.base
        at = self.offset + skipped
        return DeviceArray(self.device, self.memory, at, shape, self.dtype, base)


@dataclass
class Counts:
    """What went between the host and the device, and inside of it, since it was last set to 0."""

    up: int = 0
    down: int = 0
    inside: int = 0
    bytes_up: int = 0
    bytes_down: int = 0

    def reset(self) -> None:
        """Begin again at 0."""
        self.__init__()  # type: ignore[misc]


counts = Counts()


def empty_on(device: Device, shape: Any, dtype: Any) -> DeviceArray:
    """A new array in the memory of a device."""
    sizes = tuple(map(int, shape)) if np.iterable(shape) else (int(shape),)
    kind = np.dtype(dtype)
    nbytes = math.prod(sizes) * kind.itemsize
    return DeviceArray(device, device.allocate(nbytes), 0, sizes, kind)


def send(target: DeviceArray, array: np.ndarray) -> None:
    """Copy a C-contiguous array of NumPy into one of a device of as many bytes."""
    counts.up += 1
    counts.bytes_up += array.nbytes
    if array.nbytes:
        target.device.to_device(target.memory, target.offset, array)


class Relay:
    """The way of one batch after the other to a device: two pieces of the host's memory.

    While one is on its way, the next batch is gathered in the other one.
    """

    def __init__(self) -> None:
        self._pairs: dict[Any, list[tuple[np.ndarray, list[Callable[[], None]]]]] = {}

    def write(self, target: DeviceArray, rows: np.ndarray, order: np.ndarray | None = None) -> None:
        """Copy an array into one of as many rows, or those of its rows that an order names."""
        device, key = target.device, (target.device, target.shape, target.dtype)
        if key not in self._pairs:
            pieces = [device.pinned(max(1, target.nbytes))[: target.nbytes] for _ in range(2)]
            self._pairs[key] = [(p.view(target.dtype).reshape(target.shape), []) for p in pieces]
        pair = self._pairs[key]
        array, waiting = pair[0]
        for wait in waiting:
            wait()
        if order is None:
            array[...] = rows
        else:
            np.take(rows, order, axis=0, out=array, mode="clip")
        counts.up += 1
        counts.bytes_up += array.nbytes
        waiting[:] = [device.begin(target.memory, target.offset, array)]
        pair.reverse()


def copy_within(target: DeviceArray, source: DeviceArray) -> None:
    """Copy an array of a device into another one of as many bytes."""
    counts.inside += 1
    if source.nbytes:
        target.device.copy(
            target.memory, target.offset, source.memory, source.offset, source.nbytes
        )
