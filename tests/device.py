"""A backend whose arrays NumPy cannot read: the kernels of `cpu`, behind blocks of memory.

A block is poisoned, so that what nobody has written is NaN. What a kernel is given is no array
either; only the kernels of this backend look inside.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from dlcore import backends
from dlcore.backends import KERNELS, dispatch, memory

NAME = "hidden"


class Block:
    """Bytes of the device, which has them back when nobody keeps the block any more."""

    def __init__(self, nbytes: int, fill: int = 255, of: HiddenDevice | None = None) -> None:
        self._bytes, self._of = np.full(nbytes, fill, np.uint8), of

    def __del__(self) -> None:
        if self._of is not None:
            self._of.room += len(self._bytes)
            self._of.kept -= len(self._bytes)


class View:
    """Numbers in a block, as the kernels of this backend take them."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array


class HiddenDevice:
    """The memory of the backend. It counts the programs that it has replayed.

    Args:
        room: how many bytes it has; default: as many as are asked for.
    """

    def __init__(self, room: float = float("inf")) -> None:
        self.room, self.kept, self.replays, self.wrong = room, 0, 0, None
        self.flying: set[int] = set()
        # What the host sees of shared blocks: some looks late, unless it waits.
        self._boards: list[Any] = []

    def allocate(self, nbytes: int) -> Block:
        if self.room < nbytes:
            gc.collect()
        if self.room < nbytes:
            raise MemoryError(f"{nbytes} bytes were asked for.")
        self.room -= nbytes
        self.kept += nbytes
        return Block(nbytes, of=self)

    def held(self) -> int:
        return self.kept

    def free(self) -> int:
        return int(min(self.room, 2**62))

    def shared(self, nbytes: int) -> tuple[Block, np.ndarray]:
        block = Block(nbytes, 0)
        self._boards.append((block, block._bytes.copy(), []))
        return self._boards[-1][:2]

    def address(self, block: Block) -> int:
        return block._bytes.__array_interface__["data"][0]

    def view(self, block: Block, offset: int, shape: Any, dtype: np.dtype) -> View:
        return View(_numbers(block, offset, shape, dtype))

    def to_device(self, block: Block, offset: int, array: np.ndarray) -> None:
        assert type(array) is np.ndarray and array.flags.c_contiguous
        _numbers(block, offset, array.shape, array.dtype)[...] = array

    def pinned(self, nbytes: int) -> np.ndarray:
        made = np.full(nbytes, 255, np.uint8)
        self.flying.discard(made.__array_interface__["data"][0])  # of one that has gone
        return made

    def begin(self, block: Block, offset: int, array: np.ndarray) -> Callable[[], None]:
        piece = array.__array_interface__["data"][0]
        assert piece not in self.flying, "written while it is on its way"
        self.flying.add(piece)
        self.to_device(block, offset, array)
        return lambda: self.flying.remove(piece)

    def to_host(self, block: Block, offset: int, shape: Any, dtype: np.dtype) -> np.ndarray:
        for board, seen, waiting in self._boards:
            waiting.clear()
            seen[...] = board._bytes
        return _numbers(block, offset, shape, dtype).copy()

    def copy(self, to: Block, to_offset: int, source: Block, offset: int, nbytes: int) -> None:
        to._bytes[to_offset : to_offset + nbytes] = source._bytes[offset : offset + nbytes]

    def replay(self, calls: Sequence[tuple[Callable[..., None], Sequence[Any]]]) -> Any:
        def run() -> None:
            self.replays += 1
            for function, arguments in calls:
                function(*arguments)

        return run

    def wrong_index(self) -> tuple[int, int] | None:
        for board, seen, waiting in self._boards:
            waiting.append(board._bytes.copy())
            if len(waiting) > 2:
                seen[...] = waiting.pop(0)
        wrong, self.wrong = self.wrong, None
        return wrong


def _numbers(block: Block, offset: int, shape: Any, dtype: np.dtype) -> np.ndarray:
    nbytes = int(np.prod(shape)) * dtype.itemsize
    return block._bytes[offset : offset + nbytes].view(dtype).reshape(shape)


def _hidden(function: Callable[..., None]) -> Callable[..., None]:
    """A kernel of `cpu` that takes views."""

    def kernel(*arguments: Any) -> None:
        assert not any(memory.is_array(x) for x in arguments)
        seen = tuple(x._array if isinstance(x, View) else x for x in arguments)
        choose = getattr(function, "choose", None)
        (function if choose is None else choose(seen))(*seen)

    return kernel


def module(lacking: Sequence[str] = (), room: float = float("inf")) -> ModuleType:
    """The backend, all but some of its kernels."""
    found = ModuleType(f"dlcore.backends.{NAME}")
    cpu = pytest.importorskip("dlcore.backends.cpu", reason="Numba is not there")
    for name in KERNELS:
        if name not in lacking:
            setattr(found, name, _hidden(getattr(cpu, name)))
    found.DEVICE = HiddenDevice(room)  # type: ignore[attr-defined]
    return found


@contextmanager
def hidden(lacking: Sequence[str] = (), room: float = float("inf")) -> Iterator[HiddenDevice]:
    """A block in which the backend can be chosen by `NAME`; afterwards that from before it is."""
    before = backends.get_backend()
    with pytest.MonkeyPatch.context() as patch:
        own = module(lacking, room)
        patch.setitem(sys.modules, own.__name__, own)
        patch.setattr(dispatch, "NAMES", (*dispatch.NAMES, NAME))
        patch.setattr(backends, NAME, own, raising=False)
        try:
            yield own.DEVICE
        finally:
            backends.set_backend(before)
