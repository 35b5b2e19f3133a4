"""Launching a kernel without a GPU: its own Python, a thread after the other, barrier by barrier.

A thread that comes to a barrier stops there, and is started anew from the top when all of its block
have arrived. On its way back to that barrier it is given the numbers that it read before, and what
it wrote is not written again. So it needs no thread of the system, and every run is like the first.
"""

from __future__ import annotations

import bisect
import dis
import functools
import inspect
import itertools
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from types import CodeType, FunctionType, SimpleNamespace
from typing import Any, Literal

import numpy as np

from dlcore.stand_in import races
from dlcore.stand_in.watching import Access, Place, Three, WatchedArray

Order = Literal["ascending", "descending"]
Size = int | tuple[int, ...]
MOST_THREADS = 1024  # of a block, on every GPU of today
SHARED_BYTES = 48 * 1024
WARP = 32
PIECE = 32  # bytes that memory hands out at once


class Fault(Exception):
    """What threads do that no GPU promises to get right; the sentence says which threads."""


class _Waits(BaseException):
    """A thread has come to a barrier that it has not passed yet."""


@dataclass
class Launch:
    """What a launch did.

    Attributes:
        grid: how many blocks, as x, y, z.
        threads: how many threads a block has, as x, y, z.
        arrays: the arrays of the kernel by name, as they are after it.
        log: each access, in the order in which it was made.
        faults: a sentence for each kind of fault that was found, the gravest first.
    """

    grid: Three
    threads: Three
    arrays: dict[str, np.ndarray]
    log: list[Access] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @property
    def axes(self) -> int:
        """How many axes the grid has; the later ones have a single thread."""
        sizes = zip(self.grid, self.threads, strict=True)
        return max((axis for axis, (b, t) in enumerate(sizes, 1) if b * t > 1), default=1)

    def blocks(self) -> list[Three]:
        """All blocks, x first."""
        return list(_places(self.grid))

    def members(self) -> list[Three]:
        """All threads of a block, x first."""
        return list(_places(self.threads))

    def reads(self, *arrays: str) -> int:
        """How many numbers were read of these arrays; of all that the kernel was given by default.

        Those that lie beside an array count as well.
        """
        wanted = arrays or tuple(self.arrays)
        return sum(not each.writes and each.array in wanted for each in self.log)

    def writes(self, *arrays: str) -> int:
        """How many numbers were written, counted like ``reads``."""
        wanted = arrays or tuple(self.arrays)
        return sum(each.writes and each.array in wanted for each in self.log)

    def writes_of_each(self, array: str = "") -> np.ndarray:
        """How often each number of an array was written, in its shape; by default of the first."""
        array = array or next(iter(self.arrays))
        found = np.zeros(self.arrays[array].shape, int)
        for each in self.log:
            if each.array == array and each.writes and each.inside:
                found[each.place] += 1
        return found

    def writer(self, array: str, place: Place) -> tuple[Three, Three] | None:
        """Block and thread that wrote a number last; None if none did."""
        those = (e for e in reversed(self.log) if e.array == array and e.place == place)
        return next(((each.block, each.thread) for each in those if each.writes), None)

    def by(self, block: Three, thread: Three) -> list[Access]:
        """What one thread did."""
        return [each for each in self.log if (each.block, each.thread) == (block, thread)]

    def idle(self) -> int:
        """How many threads wrote nothing into the arrays that the kernel was given."""
        wrote = {(e.block, e.thread) for e in self.log if e.writes and e.inside
                 and e.array in self.arrays}  # fmt: skip
        return math.prod(self.grid) * math.prod(self.threads) - len(wrote)

    def pieces(self, array: str) -> int:
        """How many pieces of 32 bytes memory hands out of an array for all reads.

        The threads of a block go in step, 32 of them at a time (a warp). What they read in the same
        moment is fetched together, in pieces of 32 bytes that begin at multiples of 32. What a
        cache may still have from the moment before is not counted.
        """
        data, moments = self.arrays[array], set()
        steps = [math.prod(data.shape[axis + 1 :]) for axis in range(data.ndim)]
        wide, high, _ = self.threads
        for each in self.log:
            if each.array == array and not each.writes and each.inside:
                x, y, z = each.thread
                warp = (x + wide * (y + high * z)) // WARP
                cell = sum(at * step for at, step in zip(each.place, steps, strict=True))
                moments.add((each.block, warp, each.turn, cell * data.itemsize // PIECE))
        return len(moments)


class _Shared:
    """``cuda.shared``: each place in the text that asks for an array has one, for all threads.

    So a kernel that asks in a loop has the same array in each round, as it has on a GPU.
    """

    def __init__(self, of: Cuda) -> None:
        self._cuda = of

    def array(self, shape: Any, dtype: Any) -> WatchedArray:
        """An array that all threads of the block see."""
        asks = sys._getframe(1)
        return self._cuda._now.shared(shape, dtype, (asks.f_code, asks.f_lasti))


class _Local:
    """``cuda.local``: arrays that a thread has for itself."""

    def array(self, shape: Any, dtype: Any) -> np.ndarray:
        """An array that no other thread sees."""
        return _poisoned(shape, dtype)


class Cuda:
    """What the name ``cuda`` means inside of a kernel here; outside of a launch it is nowhere."""

    def __init__(self) -> None:
        self._running: _Running | None = None
        self.shared, self.local = _Shared(self), _Local()

    @property
    def _now(self) -> _Running:
        if self._running is None:
            raise Fault("cuda knows a thread only inside of a kernel that was started by launch.")
        return self._running

    @property
    def threadIdx(self) -> SimpleNamespace:  # noqa: N802  These are the names of CUDA.
        """The place of the thread in its block."""
        return self._now.thread_index

    @property
    def blockIdx(self) -> SimpleNamespace:  # noqa: N802
        """The place of its block in the grid."""
        return self._now.block_index

    @property
    def blockDim(self) -> SimpleNamespace:  # noqa: N802
        """How many threads a block has."""
        return self._now.block_size

    @property
    def gridDim(self) -> SimpleNamespace:  # noqa: N802
        """How many blocks the grid has."""
        return self._now.grid_size

    def grid(self, axes: int) -> Any:
        """The place of the thread in the whole grid: x, or (x, y), or (x, y, z)."""
        return self._now.place(axes)

    def gridsize(self, axes: int) -> Any:
        """How many threads the whole grid has along each axis, as many numbers as ``grid``."""
        return self._now.extent(axes)

    def syncthreads(self) -> None:
        """Wait here until all threads of the block have come."""
        self._now.wait(sys._getframe(1).f_code, sys._getframe(1).f_lasti)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # as copy and inspect ask for them
            raise AttributeError(name)
        if name == "jit":
            raise AttributeError("Leave @cuda.jit out: the stand-in starts the plain function.")
        raise AttributeError(
            f"The stand-in has no cuda.{name}: it has threadIdx, blockIdx, blockDim, gridDim, "
            "grid, gridsize, shared.array, local.array and syncthreads."
        )


cuda = Cuda()


def launch(
    kernel: Callable[..., None],
    grid: Size,
    threads: Size,
    *arrays: Any,
    order: Order = "ascending",
    without: Sequence[int] = (),
) -> Launch:
    """Run a kernel to its end, by all threads of a grid.

    Args:
        kernel: a function of the arrays, which uses ``cuda``; it returns nothing.
        grid: how many blocks: a number, or one for each of x, y and z.
        threads: how many threads a block has, likewise.
        arrays: what the kernel is given. Arrays are changed in place.
        order: in which the threads of a block, and the blocks, have their turn.
        without: barriers that are passed as if they were not there, by their number in the text of
            the kernel, from 1. Defaults to none.

    Returns:
        What was done, with the faults that were found; ``without_faults`` raises them.

    Raises:
        ValueError: for sizes that no GPU takes.
        Exception: whatever the kernel raises.
    """
    plain = inspect.unwrap(getattr(kernel, "py_func", kernel))
    names = list(inspect.signature(plain).parameters)
    given = dict(zip(names, arrays, strict=True)) if len(names) == len(arrays) else None
    if given is None:
        wants = ", ".join(names) or "none"
        count = f"{len(names)} array{'s' * (len(names) != 1)}"
        raise TypeError(f"The kernel takes {count} ({wants}), not {len(arrays)}.")
    found = Launch(
        _three(grid, "grid"),
        _three(threads, "block"),
        {name: each for name, each in given.items() if isinstance(each, np.ndarray)},
    )
    if math.prod(found.threads) > MOST_THREADS:
        all_of_them = math.prod(found.threads)
        raise ValueError(f"A block has at most {MOST_THREADS} threads; this one has {all_of_them}.")
    running = _Running(_with_cuda(plain), found, tuple(without))
    before, cuda._running = cuda._running, running
    try:
        # A GPU gives inf and NaN without a word.
        with np.errstate(all="ignore"):
            running.run(given, -1 if order == "descending" else 1)
    finally:
        cuda._running = before
    shapes = {name: each.shape for name, each in found.arrays.items()} | running.shapes
    found.faults = races.beside(found.log, shapes, found.axes) + running.at_barriers
    found.faults += races.races(found.log, found.axes)
    return found


def without_faults(kernel: Callable[..., None], grid: Size, threads: Size, *arrays: Any) -> Launch:
    """Launch a kernel, and raise the first fault that is found.

    One order of the threads is enough: without a race no thread depends on how far another has
    come, so that every order gives the same numbers.

    Raises:
        Fault: with its sentence.
    """
    done = launch(kernel, grid, threads, *arrays)
    if done.faults:
        raise Fault(done.faults[0])
    return done


class _Running:
    """One launch under way: where the thread stands that has its turn, and what it has done."""

    def __init__(self, kernel: Callable[..., Any], found: Launch, without: tuple[int, ...]) -> None:
        self.kernel, self.found, self.without = kernel, found, without
        self.block_size, self.grid_size = _xyz(found.threads), _xyz(found.grid)
        self.at_barriers: list[str] = []
        self.shapes: dict[str, Place] = {}  # of shared arrays

    def run(self, given: dict[str, Any], step: int) -> None:
        """All blocks, one after the other: no block waits for another."""
        arguments = [
            WatchedArray(name, each, self) if isinstance(each, np.ndarray) else each
            for name, each in given.items()
        ]
        members = self.found.members()[::step]
        for block in self.found.blocks()[::step]:
            self.block, self.block_index = block, _xyz(block)
            self._shared: dict[Any, WatchedArray] = {}
            self._past: dict[Three, list[Any]] = {thread: [] for thread in members}
            for phase in itertools.count():
                self.phase = phase
                waiting = [self._one(thread, arguments) for thread in members]
                if not any(waiting):
                    break
                if len(set(waiting)) > 1:
                    self.at_barriers = [races.left_alone(self.block, waiting, self.found.axes)]
                    return

    def _one(self, thread: Three, arguments: list[Any]) -> int:
        """One thread up to its next barrier: the number of that, from 1; 0 if it is done."""
        self.thread, self.thread_index = thread, _xyz(thread)
        self.memory, self.made, self._passed = self._past[thread], 0, 0
        self.known = len(self.memory)
        try:
            if self.kernel(*arguments) is not None:
                raise Fault("A kernel returns nothing: it writes into the array that it is given.")
        except _Waits as barrier:
            return int(barrier.args[0])
        return 0

    def note(self, array: str, place: Place, writes: bool, inside: bool, value: Any) -> None:
        self.memory.append(value)
        where = (self.block, self.thread, self.phase, self.made - 1)
        self.found.log.append(Access(array, place, writes, *where, inside))

    def wait(self, code: CodeType, at: int) -> None:
        number = bisect.bisect(_barriers(code), at)
        if number in self.without:
            return
        self._passed += 1
        if self._passed > self.phase:
            raise _Waits(number)

    def shared(self, shape: Any, dtype: Any, asked: Any) -> WatchedArray:
        """The array of the block's shared memory that a place in the kernel's text asks for."""
        found = self._shared.get(asked)
        if found is None:
            name, data = f"shared array {len(self._shared) + 1}", _poisoned(shape, dtype)
            found = self._shared[asked] = WatchedArray(name, data, self)
            self.shapes[name] = data.shape
            used = sum(each._data.nbytes for each in self._shared.values())
            if used > SHARED_BYTES:
                raise Fault(f"A block shares at most {SHARED_BYTES} bytes; this one wants {used}.")
        if found.shape != (tuple(shape) if isinstance(shape, tuple | list) else (shape,)):
            raise Fault("A shared array has one shape, for all threads of a block and every round.")
        return found

    def place(self, axes: int) -> Any:
        there = zip(self.block, self.found.threads, self.thread, strict=True)
        return _first([block * size + thread for block, size, thread in there], axes)

    def extent(self, axes: int) -> Any:
        sizes = zip(self.found.grid, self.found.threads, strict=True)
        return _first([blocks * threads for blocks, threads in sizes], axes)


@functools.cache
def _barriers(code: CodeType) -> list[int]:
    """Where in the code of a kernel its barriers are."""
    return [step.offset for step in dis.get_instructions(code) if step.argval == "syncthreads"]


def _first(numbers: list[int], axes: int) -> Any:
    if axes not in (1, 2, 3):
        raise ValueError(f"A grid has 1, 2 or 3 axes, not {axes}.")
    return numbers[0] if axes == 1 else tuple(numbers[:axes])


def _poisoned(shape: Any, dtype: Any) -> np.ndarray:
    """Memory that nobody has written yet: NaN."""
    data = np.empty(shape, np.dtype(getattr(dtype, "name", dtype)))
    data.fill(np.nan if data.dtype.kind == "f" else -99)
    return data


def _with_cuda(kernel: Any) -> Any:
    """The same function, in which ``cuda`` is the stand-in, whatever it was imported from."""
    if kernel.__globals__.get("cuda") is cuda:
        return kernel  # also where a function may not be made, as while answers are marked
    names = {**kernel.__globals__, "cuda": cuda}
    copy = FunctionType(
        kernel.__code__, names, kernel.__name__, kernel.__defaults__, kernel.__closure__
    )
    copy.__kwdefaults__ = kernel.__kwdefaults__
    return copy


def _three(size: Size, what: str) -> Three:
    sizes = tuple(size) if isinstance(size, tuple | list) else (size,)
    # np.ceil gives 3.0, which counts as 3 here.
    whole = all(isinstance(each, int | float | np.integer) and each > 0 for each in sizes)
    whole = whole and all(each % 1 == 0 for each in sizes)
    if not whole or not 1 <= len(sizes) <= 3:
        raise ValueError(f"The {what} is {size!r}; give one to three whole numbers above 0.")
    x, y, z = (*map(int, sizes), 1, 1)[:3]
    return x, y, z


def _places(sizes: Three) -> Iterator[Three]:
    """All places, x running fastest."""
    x, y, z = sizes
    return ((i, j, k) for k in range(z) for j in range(y) for i in range(x))


def _xyz(three: Three) -> SimpleNamespace:
    return SimpleNamespace(x=three[0], y=three[1], z=three[2])
