"""Where arrays live: in NumPy, or with a backend that has memory of its own.

This is the only place that knows the difference. The backends of the CPU calculate on NumPy's
arrays. A backend that offers a ``DEVICE``, see `Device`, gets `DeviceArray` objects instead, which
NumPy cannot read. ``given`` takes values there and ``to_host`` brings them back; both are counted,
since each makes the calculation wait. Whatever lives on, such as a variable, is told by `moves` to
follow when another backend is chosen.
"""

from __future__ import annotations

import math
import weakref
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from dlcore.backends.declare import no_index

Shape = tuple[int, ...]
Replay = Callable[[], None]


class Device(Protocol):
    """Memory that NumPy cannot read. Blocks are what it gives out; it frees one that nobody keeps.

    All of it happens in the order in which it was asked for, kernels included.
    """

    def allocate(self, nbytes: int) -> Any:
        """A new block, whatever it holds, also of 0 bytes; a MemoryError if there is no room."""

    def shared(self, nbytes: int) -> tuple[Any, np.ndarray]:
        """A block of zeros, and its bytes as NumPy sees them at any time, without waiting."""

    def address(self, block: Any) -> int:
        """The number of the first byte of a block."""

    def view(self, block: Any, offset: int, shape: Shape, dtype: np.dtype) -> Any:
        """What kernels take: numbers in a block, from a byte on. It need not keep the block."""

    def to_device(self, block: Any, offset: int, array: np.ndarray) -> None:
        """Copy a C-contiguous array of NumPy into a block, from a byte on."""

    def to_host(self, block: Any, offset: int, shape: Shape, dtype: np.dtype) -> np.ndarray:
        """A new array of NumPy with what a block holds from a byte on, once all work is done."""

    def copy(self, to: Any, to_offset: int, source: Any, offset: int, nbytes: int) -> None:
        """Copy bytes from a block into a block."""

    def replay(self, calls: Sequence[tuple[Callable[..., None], Sequence[Any]]]) -> Replay:
        """What runs these kernels again, in their order, on these arguments, each time.

        All of them have run before. Whoever calls it keeps the arrays.
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

    __slots__ = ("_row", "_view", "base", "device", "dtype", "memory", "offset", "shape", "size")
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
        _copy(made, self)
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

# A constant that a step makes anew each time, such as np.zeros(()), is sent once. So it has the
# same address in each recording of a step.
_CONSTANT = 4096
_CONSTANTS = 1024

_device: Device | None = None
_moves = 0
_constants: OrderedDict[Any, DeviceArray] = OrderedDict()
_living: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()


def device() -> Device | None:
    """Whose memory arrays live in; None for NumPy's."""
    return _device


def moved() -> int:
    """How often the arrays have moved so far: programs from before hold none that still lives."""
    return _moves


def use(chosen: Device | None) -> None:
    """Let arrays live with a device from now on, None for NumPy; what lives on moves there."""
    before = _device
    if chosen is before:
        return
    try:
        _move(chosen)
    except BaseException:  # such as a MemoryError: half of a model here and half there is of no use
        _move(before)
        raise


def lives(holder: Any) -> None:
    """Let an object follow when arrays move: its `move` is then called.

    It is given a function from an array to the same array where arrays live now. Parts of one
    array are parts of one array there as well.
    """
    _living[id(holder)] = holder


def is_array(value: Any) -> bool:
    """Whether it is an array of either kind."""
    return isinstance(value, np.ndarray | DeviceArray)


def is_here(array: Any) -> bool:
    """Whether an array lives where arrays live now."""
    return (array.device if isinstance(array, DeviceArray) else None) is _device


def empty(shape: Any, dtype: Any) -> Any:
    """A new array where arrays live, whatever it holds."""
    if _device is None:
        return np.empty(shape, dtype)
    return empty_on(_device, shape, dtype)


def empty_on(device: Device, shape: Any, dtype: Any) -> DeviceArray:
    """A new array in the memory of a device."""
    sizes = tuple(map(int, shape)) if np.iterable(shape) else (int(shape),)
    kind = np.dtype(dtype)
    nbytes = math.prod(sizes) * kind.itemsize
    return DeviceArray(device, device.allocate(nbytes), 0, sizes, kind)


def full(shape: Any, value: Any, dtype: Any) -> Any:
    """A new array where arrays live, of one number."""
    array = np.full(shape, value, dtype)
    return array if _device is None else _sent(array)


def shared(shape: Any, dtype: Any) -> tuple[Any, np.ndarray]:
    """A new array of zeros for kernels, and the same as NumPy sees it at any time."""
    array = np.zeros(shape, dtype)
    if _device is None:
        return array, array
    block, seen = _device.shared(array.nbytes)
    return (
        DeviceArray(_device, block, 0, array.shape, array.dtype),
        seen[: array.nbytes].view(array.dtype).reshape(array.shape),
    )


def given(x: Any) -> Any:
    """An array or a number where arrays live, to be read only: equal constants are one array."""
    if isinstance(x, DeviceArray):
        return x if x.device is _device else given(to_host(x))
    array = np.asarray(x)
    if _device is None:
        return array
    if array.nbytes > _CONSTANT:
        return _sent(array)
    key = array.shape, array.dtype.str, array.tobytes()
    known = _constants.pop(key, None)
    if known is None:
        known = _sent(array)
        if len(_constants) >= _CONSTANTS:
            _constants.popitem(last=False)
    _constants[key] = known
    return known


def copied(x: Any) -> Any:
    """A new array where arrays live, with the numbers of one that may live elsewhere."""
    if isinstance(x, DeviceArray) and x.device is _device:
        return x.copy()
    array = to_host(x)
    return array.copy() if _device is None else _sent(array)


def contiguous(x: Any) -> Any:
    """An array of either kind as one in the order of C."""
    return x if isinstance(x, DeviceArray) else np.ascontiguousarray(x)


def part(array: Any, start: int, stop: int) -> Any:
    """Entries of the first axis in the same memory: `array[start:stop]`."""
    return array.part(start, stop) if isinstance(array, DeviceArray) else array[start:stop]


def write(target: Any, value: Any) -> None:
    """Copy numbers into an array, whichever side they are on: `target[...] = value`."""
    if not isinstance(target, DeviceArray):
        target[...] = to_host(value)
        return
    if (
        isinstance(value, DeviceArray)
        and value.device is target.device
        and (value.shape, value.dtype) == (target.shape, target.dtype)
    ):
        _copy(target, value)
        return
    array = np.broadcast_to(to_host(value), target.shape)
    _send(target, np.ascontiguousarray(array, target.dtype))


def to_host(x: Any) -> np.ndarray:
    """The numbers as an array of NumPy: itself if it is one, else a new one. It waits for them.

    Raises:
        IndexError: if a kernel that cannot raise an error has met an index that there is not.
    """
    if not isinstance(x, DeviceArray):
        return np.asarray(x)
    counts.down += 1
    counts.bytes_down += x.nbytes
    array = x.device.to_host(x.memory, x.offset, x.shape, x.dtype)
    refuse_wrong_index(x.device)
    return array


def refuse_wrong_index(device: Device) -> None:
    """Raise the IndexError that a kernel could not raise."""
    wrong = device.wrong_index()
    if wrong is not None:
        index, size = wrong
        raise IndexError(no_index(index, size))


def address(array: Any) -> int:
    """The number of its first byte."""
    if isinstance(array, DeviceArray):
        return array.device.address(array.memory) + array.offset
    return array.__array_interface__["data"][0]


def overlap(a: Any, b: Any) -> bool:
    """Whether two arrays may have memory in common."""
    if isinstance(a, DeviceArray) and isinstance(b, DeviceArray):
        same = a.memory is b.memory
        return same and a.offset < b.offset + b.nbytes and b.offset < a.offset + a.nbytes
    if isinstance(a, DeviceArray) or isinstance(b, DeviceArray):
        return False
    return np.may_share_memory(a, b)


def views(arguments: Sequence[Any]) -> tuple[Any, ...]:
    """Arguments as the function of a kernel takes them: the views of arrays of a device."""
    return tuple(x.view if isinstance(x, DeviceArray) else x for x in arguments)


def _sent(array: np.ndarray) -> DeviceArray:
    assert _device is not None
    made = empty_on(_device, array.shape, array.dtype)
    _send(made, np.ascontiguousarray(array))
    return made


def _send(target: DeviceArray, array: np.ndarray) -> None:
    counts.up += 1
    counts.bytes_up += array.nbytes
    if array.nbytes:
        target.device.to_device(target.memory, target.offset, array)


def _copy(target: DeviceArray, source: DeviceArray) -> None:
    counts.inside += 1
    if source.nbytes:
        target.device.copy(
            target.memory, target.offset, source.memory, source.offset, source.nbytes
        )


def _move(chosen: Device | None) -> None:
    global _device, _moves
    _device = chosen
    _moves += 1
    _constants.clear()
    bases: dict[int, tuple[Any, Any]] = {}  # the old one is kept, so that its id stays its own
    for holder in list(_living.values()):
        holder.move(lambda array: _moved(array, bases))


def _moved(array: Any, bases: dict[int, tuple[Any, Any]]) -> Any:
    """An array where arrays live now, parts of one array as parts of one array."""
    if array is None or is_here(array):
        return array
    base = array
    while is_array(base.base):
        base = base.base
    alike = base.dtype == array.dtype
    if not alike or not (_is_whole(base) and _is_whole(array)):
        return copied(array)
    if id(base) not in bases:
        bases[id(base)] = base, copied(base)
    target = bases[id(base)][1]
    if array is base:
        return target
    start = (address(array) - address(base)) // array.dtype.itemsize
    return part(target.reshape(-1), start, start + array.size).reshape(array.shape)


def _is_whole(array: Any) -> bool:
    return isinstance(array, DeviceArray) or array.flags.c_contiguous
