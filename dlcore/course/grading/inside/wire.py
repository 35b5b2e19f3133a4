"""Values as JSON, both ways between the grader and the child: numbers, arrays, tuples, dicts.

Nothing here can run code of the other side (it is no pickle). An object that is neither a number
nor an array nor a list of such comes over as the name of its type and nothing else. The grader
trusts nothing that it decodes: types, shapes and lengths are checked, and sizes are bounded.
"""

from __future__ import annotations

import base64
import inspect
import math
from typing import Any

import numpy as np

TYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
         "float16", "float32", "float64", "complex64", "complex128")  # fmt: skip
LARGEST = 1 << 20
LONGEST = 2000
MOST = 20_000
DEEPEST = 6


class WireError(ValueError):
    """What came over the wire is not a value."""


class Opaque:
    """Stands for an object of another kind; subclasses carry the name of its type."""


class Large:
    """Stands for an array that was too large to be sent: its shape is all that a verdict needs."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.shape = shape

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Large) and self.shape == other.shape

    def __hash__(self) -> int:
        return hash(self.shape)

    def __repr__(self) -> str:
        return f"an array of shape {self.shape}"


class Room:
    """How much of a message is still free: bytes of arrays, and values."""

    def __init__(self) -> None:
        self.bytes, self.values = LARGEST, MOST


def encode(value: Any, depth: int = 0, room: Room | None = None) -> dict[str, Any]:
    """A value as something that JSON can hold."""
    room = room or Room()
    room.values -= 1
    kind = type(value)
    if value is None or value is ...:
        return {"kind": "none" if value is None else "ellipsis"}
    if kind in (bool, int, str) and len(str(value)[:400]) < 400:
        return {"kind": kind.__name__, "value": value}
    if kind is float:
        return {"kind": "float", "value": value.hex()}
    if isinstance(value, np.ndarray | np.generic):
        found = _encode_array(value, room)
        if found is not None:
            return found
    for sequence in (tuple, list):
        # Also what is derived from them, as a named tuple.
        if isinstance(value, sequence) and depth < DEEPEST:
            if len(value) <= min(LONGEST, room.values):
                plain = sequence(value)
                items = [encode(each, depth + 1, room) for each in plain]
                return {"kind": sequence.__name__, "items": items}
    if kind is dict and depth < DEEPEST and len(value) <= min(LONGEST, room.values):
        if all(type(key) is str and len(key) < 400 for key in value):
            pairs = [[key, encode(each, depth + 1, room)] for key, each in value.items()]
            return {"kind": "dict", "items": pairs}
    return _as_array(value, room) or {
        "kind": "other", "type": str(kind.__name__)[:60], "sort": _sort(value)
    }  # fmt: skip


def _as_array(value: Any, room: Room) -> dict[str, Any] | None:
    """What NumPy can make numbers of, as the check in a notebook does."""
    if callable(value) or isinstance(value, str | bytes | dict | set):
        return None
    try:
        array = np.asarray(value)
        return _encode_array(array, room) if array.dtype.kind in "fiub" else None
    except Exception:
        return None


def _encode_array(value: Any, room: Room) -> dict[str, Any] | None:
    array = np.asarray(value)
    if array.dtype.kind in "fc" and array.dtype.name not in TYPES:  # long double
        array = array.astype(np.float64 if array.dtype.kind == "f" else np.complex128)
    if array.dtype.name not in TYPES:
        return None
    scalar = isinstance(value, np.generic)
    head = {"kind": "array", "dtype": array.dtype.name, "shape": list(array.shape)}
    if array.nbytes > room.bytes:
        return {**head, "scalar": scalar, "data": None}
    room.bytes -= array.nbytes
    native = array.astype(array.dtype.newbyteorder("="), copy=False)
    data = base64.b64encode(np.ascontiguousarray(native).tobytes()).decode()
    return {**head, "scalar": scalar, "data": data}


def _sort(value: Any) -> str:
    if inspect.isgenerator(value):
        return "generator"
    if inspect.iscoroutine(value):
        value.close()
        return "coroutine"
    return "function" if callable(value) else "object"


def decode(message: Any, depth: int = 0) -> Any:
    """The value of a message.

    Raises:
        WireError: if the message is not one that ``encode`` gives.
    """
    if not isinstance(message, dict) or depth > DEEPEST:
        raise WireError("not a value")
    kind, value = message.get("kind"), message.get("value")
    if kind == "none":
        return None
    if kind == "ellipsis":
        return ...
    if kind in ("bool", "int", "str") and type(value).__name__ == kind:
        return value
    if kind == "float" and isinstance(value, str):
        try:
            return float.fromhex(value[:40])
        except (ValueError, OverflowError):
            raise WireError("not a number") from None
    if kind in ("tuple", "list"):
        items = message.get("items")
        if not isinstance(items, list) or len(items) > LONGEST:
            raise WireError("not a list")
        values = [decode(each, depth + 1) for each in items]
        return tuple(values) if kind == "tuple" else values
    if kind == "dict":
        return _decode_dict(message.get("items"), depth)
    if kind == "array":
        return _decode_array(message)
    if kind == "other":
        return _stand_in(message)
    raise WireError("unknown kind")


def _decode_dict(items: Any, depth: int) -> dict[str, Any]:
    if not isinstance(items, list) or len(items) > LONGEST:
        raise WireError("not a dict")
    if not all(isinstance(p, list) and len(p) == 2 and type(p[0]) is str for p in items):
        raise WireError("not a dict")
    return {key[:400]: decode(value, depth + 1) for key, value in items}


def _decode_array(message: dict[str, Any]) -> Any:
    name, shape, data = message.get("dtype"), message.get("shape"), message.get("data")
    if name not in TYPES or not isinstance(shape, list) or len(shape) > 32:
        raise WireError("not an array")
    if not all(type(size) is int and 0 <= size < 2**40 for size in shape):
        raise WireError("not a shape")
    dtype = np.dtype(name)
    if data is None:
        return Large(tuple(shape))
    if not isinstance(data, str) or math.prod(shape) * dtype.itemsize > LARGEST:
        raise WireError("too large")
    try:
        content = base64.b64decode(data, validate=True)
    except ValueError:
        raise WireError("not base64") from None
    if len(content) != math.prod(shape) * dtype.itemsize:
        raise WireError("shape and data do not fit")
    if name == "bool":  # Bytes other than 0 and 1 are no truth values.
        array = np.frombuffer(content, np.uint8).reshape(shape) != 0
    else:
        array = np.frombuffer(content, dtype).reshape(shape).copy()
    return array[()] if message.get("scalar") is True and not shape else array


async def _never() -> None:
    pass


def _stand_in(message: dict[str, Any]) -> Any:
    """An object that a sentence can name: it can be shown, and does nothing."""
    sort = message.get("sort")
    name = str(message.get("type"))[:60]
    name = name if name.isidentifier() else "object"
    if sort == "generator":
        return (_ for _ in range(0))
    if sort == "function":
        return lambda: None
    if sort == "coroutine":
        never = _never()
        never.close()
        return never
    return type(name, (Opaque,), {"__repr__": lambda self: f"<{name}>"})()
