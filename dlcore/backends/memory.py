"""Where arrays live: in NumPy, or with a backend that has memory of its own.

This is the only place that knows the difference. The backends of the CPU calculate on NumPy's
arrays. A backend that offers a ``DEVICE``, see `Device`, gets `DeviceArray` objects instead, which
NumPy cannot read. ``given`` takes values there and ``to_host`` brings them back; both are counted,
since each makes the calculation wait. Whatever lives on, such as a variable, is told by `lives` to
follow when another backend is chosen.
"""

from __future__ import annotations

import ctypes
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from math import prod
from typing import Any, TypeGuard

import numpy as np

from dlcore.backends.declare import no_index
from dlcore.backends.device_array import (
    Device,
    DeviceArray,
    Relay,
    copy_within,
    counts,
    empty_on,
    send,
)

__all__ = [
    "Device",
    "DeviceArray",
    "Relay",
    "address",
    "contiguous",
    "copied",
    "counts",
    "device",
    "empty",
    "empty_on",
    "full",
    "gathered",
    "given",
    "in_place",
    "is_array",
    "is_constant",
    "is_here",
    "lives",
    "moved",
    "overlap",
    "part",
    "outline",
    "refuse_wrong_index",
    "sent",
    "shared",
    "to_host",
    "use",
    "views",
    "write",
]

# A constant that a step makes anew each time, such as np.zeros(()), is sent once. So it has the
# same address in each recording of a step.
_CONSTANT = 4096
_CONSTANTS = 1024

LINE = 64  # bytes of a line of the cache
_MANY = 4096  # numbers; to align an array of fewer would take longer than it saves

_ARRAYS = (np.ndarray, DeviceArray)

_device: Device | None = None
_moves = 0
_constants: OrderedDict[Any, DeviceArray] = OrderedDict()
# By the id of an object: the object, and its attributes that hold arrays.
_living: dict[int, tuple[weakref.ref[Any], tuple[str, ...]]] = {}


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


def lives(holder: Any, *attributes: str) -> None:
    """Let the arrays of an object, in attributes of these names, follow when arrays move.

    An attribute holds an array, or a list, tuple or dict of such; one that is not there yet is
    left out. Parts of one array are parts of one array at the other place as well.
    """
    key = id(holder)
    # A dict and no WeakSet: tensors compare number by number.
    forget = _living.pop  # at the end of Python the module's own names may be gone
    _living[key] = weakref.ref(holder, lambda _: forget(key, None)), attributes


def in_place(holder: Any) -> tuple[str, ...]:
    """The attributes of which `lives` was told: numbers in their arrays change in place."""
    known = _living.get(id(holder))
    return () if known is None else known[1]


def is_array(value: Any) -> TypeGuard[np.ndarray]:
    """Whether it is an array of either kind; all are typed as those of NumPy."""
    return isinstance(value, _ARRAYS)


def is_here(array: Any) -> bool:
    """Whether an array lives where arrays live now."""
    return (array.device if isinstance(array, DeviceArray) else None) is _device


def is_constant(array: Any) -> bool:
    """Whether it is an array of `given`, or a part of one, which others use as well."""
    if not isinstance(array, DeviceArray):
        return False
    return array.constant if array.base is None else array.base.constant


class _Room(np.ndarray):
    """The bytes that a large array of `empty` lies in.

    NumPy looks for the base of a part through all arrays of one type. This is another one, so that
    the array is the base of its parts, and not its room.
    """


def empty(shape: Any, dtype: Any) -> Any:
    """A new array where arrays live, whatever it holds.

    In NumPy's memory a large one begins where a line of the cache does, which NumPy's own do by
    chance. A vector that begins amidst a line lies in two, and takes twice as long to come or to
    go.
    """
    if _device is not None:
        return empty_on(_device, shape, dtype)
    count = shape if isinstance(shape, int) else prod(shape)
    if count < _MANY or (kind := np.dtype(dtype)).kind not in "fiub":
        return np.empty(shape, dtype)
    room = _Room(count * kind.itemsize + LINE, np.uint8)
    return np.ndarray(shape, kind, room, -address(room) % LINE)


def full(shape: Any, value: Any, dtype: Any) -> Any:
    """A new array where arrays live, of one number."""
    if _device is not None:
        return sent(np.full(shape, value, dtype))
    array = empty(shape, dtype)
    array.fill(value)
    return array


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
        return sent(array)
    key = array.shape, array.dtype.str, array.tobytes()
    known = _constants.pop(key, None)
    if known is None:
        known = sent(array)
        known.constant = True
        if len(_constants) >= _CONSTANTS:
            _constants.popitem(last=False)
    _constants[key] = known
    return known


def copied(x: Any) -> Any:
    """A new array where arrays live, with the numbers of one that may live elsewhere."""
    if isinstance(x, DeviceArray) and x.device is _device:
        return x.copy()
    array = to_host(x)
    made = empty(array.shape, array.dtype)
    write(made, array)
    return made


def contiguous(x: Any) -> Any:
    """An array of either kind as one in the order of C."""
    return x if isinstance(x, DeviceArray) else np.ascontiguousarray(x)


def outline(x: Any) -> np.ndarray:
    """An array of NumPy in the shape of one of either kind, whatever it holds."""
    return np.broadcast_to(np.zeros(()), x.shape) if isinstance(x, DeviceArray) else x


def part(array: Any, start: int, stop: int) -> Any:
    """Entries of the first axis in the same memory: `array[start:stop]`."""
    return array.part(start, stop) if isinstance(array, DeviceArray) else array[start:stop]


def gathered(arrays: Sequence[Any]) -> np.ndarray:
    """The numbers of several arrays, one after the other along the first axis, in NumPy's memory.

    From a device they come in one go.
    """
    first = arrays[0]
    if not isinstance(first, DeviceArray):
        return np.concatenate(arrays)
    joined = empty_on(first.device, (sum(map(len, arrays)), *first.shape[1:]), first.dtype)
    start = 0
    for array in arrays:
        write(joined.part(start, start + len(array)), array)
        start += len(array)
    return to_host(joined)


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
        copy_within(target, value)
        return
    array = np.broadcast_to(to_host(value), target.shape)
    send(target, np.ascontiguousarray(array, target.dtype))


def copies(arrays: Sequence[Any], room: Sequence[Any] = ()) -> list[Any]:
    """Copies of arrays, in the room of earlier ones of the same shapes.

    New memory would take longer to come than all the copying.
    """
    kinds, kept = ([(a.shape, a.dtype) for a in each] for each in (arrays, room))
    if kinds != kept:
        return [array.copy() for array in arrays]
    for target, array in zip(room, arrays, strict=True):
        write(target, array)
    return list(room)


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


def refuse_wrong_index(device: Device | None = None) -> None:
    """Raise the IndexError that a kernel of a device could not raise, by default of ours."""
    chosen = device or _device
    wrong = None if chosen is None else chosen.wrong_index()
    if wrong is not None:
        index, size = wrong
        raise IndexError(no_index(index, size))


def address(array: Any) -> int:
    """The number of its first byte."""
    if isinstance(array, DeviceArray):
        return array.device.address(array.memory) + array.offset
    try:
        return ctypes.addressof(ctypes.c_byte.from_buffer(array))
    except (TypeError, ValueError, BufferError):
        # It is read-only, empty or not whole; NumPy knows it as well, but takes longer.
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


def sent(array: np.ndarray) -> Any:
    """An array of NumPy that nobody else writes into, as one that lives where arrays live."""
    if _device is None:
        return array
    made = empty_on(_device, array.shape, array.dtype)
    send(made, np.ascontiguousarray(array))
    return made


def _move(chosen: Device | None) -> None:
    global _device, _moves
    _device = chosen
    _moves += 1
    _constants.clear()
    bases: dict[int, tuple[Any, Any]] = {}  # the old one is kept, so that its id stays its own
    for reference, attributes in list(_living.values()):
        holder = reference()
        for name in attributes:
            value = getattr(holder, name, None)
            if value is not None:
                setattr(holder, name, _moved(value, bases))


def _moved(array: Any, bases: dict[int, tuple[Any, Any]]) -> Any:
    """An array where arrays live now, parts of one array as parts of one array."""
    if isinstance(array, list | tuple):
        return type(array)(_moved(each, bases) for each in array)
    if isinstance(array, dict):
        return {key: _moved(each, bases) for key, each in array.items()}
    if array is None or is_here(array):
        return array
    base = array
    while is_array(base.base) and not isinstance(base.base, _Room):
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
