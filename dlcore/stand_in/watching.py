"""Arrays as a thread of a kernel sees them: a number at a time, and each access is noted."""

from __future__ import annotations

import operator
from typing import Any, NamedTuple, Protocol

import numpy as np

Place = tuple[int, ...]
Three = tuple[int, int, int]


class Access(NamedTuple):
    """One number that was read or written.

    Attributes:
        array: the name of the array; of shared memory "shared array 1" and so on.
        place: of the number.
        writes: whether it was written.
        block: of the thread that did it, as x, y, z.
        thread: its place in the block, as x, y, z.
        phase: how many barriers the thread had passed.
        turn: how many accesses the thread had made before.
        inside: whether the array has such a place.
    """

    array: str
    place: Place
    writes: bool
    block: Three
    thread: Three
    phase: int
    turn: int
    inside: bool


class Watch(Protocol):
    """Who is told of each access of the thread that has its turn.

    Attributes:
        made: how many accesses it has made since it was started.
        memory: what each access gave that it made before it came to its last barrier.
        known: how many those are.
    """

    made: int
    memory: list[Any]
    known: int

    def note(self, array: str, place: Place, writes: bool, inside: bool, value: Any) -> None:
        """Write down an access that is made for the first time."""


class WatchedArray:
    """An array of memory: what a kernel is given, or what its block shares.

    Args:
        name: in sentences.
        data: the numbers.
        watch: is told of each access.
    """

    def __init__(self, name: str, data: np.ndarray, watch: Watch) -> None:
        self._name, self._data, self._watch = name, data, watch
        self.shape, self.dtype, self.ndim = data.shape, data.dtype, data.ndim
        self.size = data.size

    def __len__(self) -> int:
        return len(self._data)

    def __getitem__(self, where: Any) -> Any:
        watch = self._watch
        watch.made += 1
        if watch.made <= watch.known:
            return watch.memory[watch.made - 1]
        place = self._place(where)
        inside = self._has(place)
        # What lies beside an array belongs to somebody; here it is a number that nobody wants.
        value = self._data[place] if inside else self.dtype.type(np.nan if _real(self) else -99)
        watch.note(self._name, place, False, inside, value)
        return value

    def __setitem__(self, where: Any, value: Any) -> None:
        watch = self._watch
        watch.made += 1
        if watch.made <= watch.known:
            return
        place = self._place(where)
        inside = self._has(place)
        if inside:
            self._data[place] = value
        watch.note(self._name, place, True, inside, None)

    def __iter__(self) -> Any:
        raise TypeError(f"A thread takes one number of {self._name} at a time: {self._one()}.")

    def __array__(self, *_: Any, **__: Any) -> Any:
        raise TypeError(f"A thread takes one number of {self._name} at a time: {self._one()}.")

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(
            f"{self._name}.{name} is not there in a kernel: a thread has shape, size, ndim and "
            f"dtype of an array, and one number at a time, {self._one()}."
        )

    def _place(self, where: Any) -> Place:
        parts = where if type(where) is tuple else (where,)
        if len(parts) == self.ndim:
            try:
                return tuple(map(operator.index, parts))
            except TypeError:
                pass
        raise TypeError(
            f"A thread takes one number of {self._name} at a time, by whole numbers: {self._one()}."
        )

    def _has(self, place: Place) -> bool:
        for at, size in zip(place, self.shape, strict=True):
            if not 0 <= at < size:  # No array has places below 0; Python would count from the end.
                return False
        return True

    def _one(self) -> str:
        return f"{self._name}[{', '.join('ijkl'[: self.ndim])}]"


def _real(array: WatchedArray) -> bool:
    return array.dtype.kind == "f"
