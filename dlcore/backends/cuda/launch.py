"""How a kernel gets to the GPU: compiled once for each kind of arguments, then put into the queue.

Every launch of this backend goes through ``launch``. With ``NUMBA_ENABLE_CUDASIM=1`` in the
environment a kernel's Python runs without a GPU, thread by thread (see ``simulator``); which of the
two it is, no kernel asks.

The rules that all kernels keep, because the compiled code showed why:

- ``uint32(...)`` stands around every intermediate result of an index. Numba makes 64 bits of two
  numbers of 32, and a division in 64 bits takes some seventy instructions.
- ``real(...)`` stands around every constant: a plain 0.5 is a float64, of which a GPU for games
  does one where it does 64 float32.
- Unsigned numbers are never subtracted: what lies below zero would be a place far away.
- No two threads write one number, and no float is added to by several (no atomics on floats): what
  several threads add up is added in parts that the shapes alone decide. So each run has the same
  bits, on every GPU.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import cuda

from dlcore.backends.cuda.device import SIMULATED, View, explained, stream

if not SIMULATED:
    from numba.cuda import types
    from numba.cuda.typing.typeof import typeof

    from dlcore.backends.cuda.cache import KernelCache

THREADS = 256  # of a block, where nothing speaks for another number
MOST_BLOCKS = 8192  # beyond, each thread of a loop over all numbers does several


def device(function: Any) -> Any:
    """Mark a function that kernels call: its code becomes part of theirs."""
    # The simulator would take a lock for each call of a marked one.
    return function if SIMULATED else cuda.jit(device=True, forceinline=True)(function)


def named(kernel: Any, *parts: Any) -> Any:
    """A kernel that a function has made, by a name that says of what: a profiler shows it."""
    names = [getattr(part, "__name__", str(part)).strip("_") for part in parts]
    kernel.__name__ = kernel.__qualname__ = "_".join(names)
    return kernel


def blocks(n: int, per: int) -> int:
    """How many blocks n things need, if a block does so many of them; one even for none."""
    return max(1, -(-n // per))


def spread(n: int) -> tuple[int, int]:
    """Blocks and threads for n things, a thread each: small blocks where there is little to do."""
    threads = THREADS
    while threads > 32 and threads // 2 >= n:
        threads //= 2
    return min(blocks(n, threads), MOST_BLOCKS), threads


_compiled: dict[Any, Any] = {}


def launch(kernel: Any, grid: Any, threads: Any, *arguments: Any) -> None:
    """Put a kernel into the queue of the one stream.

    Args:
        kernel: its function in Python.
        grid: number of blocks, or a tuple of up to three.
        threads: number of threads of a block, or a tuple.
        arguments: views of arrays, which it sees as one long row; whole numbers, which become
            uint32 (int32 in a tuple); and floats with the type of NumPy that they shall have.
    """
    run(kernel, grid, threads, [_argument(a) for a in arguments])


@explained
def _run_compiled(kernel: Any, grid: Any, threads: Any, given: list[Any]) -> None:
    key = (kernel, *map(_kind, given))
    ready = _compiled.get(key)
    if ready is None:
        ready = _compiled[key] = _compile(kernel, signature(given))
    ready[grid, threads, stream()](*given)


def _compile(kernel: Any, kinds: Any) -> Any:
    """The kernel for these types alone: it need not look at its arguments at a launch."""
    ready = cuda.jit(kernel, launch_bounds=getattr(kernel, "threads", None))
    ready._cache = KernelCache(f"{kernel.__module__}.{kernel.__qualname__}")
    ready.compile(kinds.args)
    ready._specialized = True
    ready.disable_compile()
    return ready


if SIMULATED:
    from dlcore.backends.cuda.simulator import run as _run_simulated

run = _run_simulated if SIMULATED else _run_compiled


def signature(arguments: list[Any]) -> Any:
    """The types that a kernel is compiled for."""
    return types.void(*map(typeof, arguments))


def _argument(value: Any) -> Any:
    if type(value) is int:
        return np.uint32(value)
    if type(value) is tuple:
        return tuple(np.int32(number) for number in value)
    return value.row if type(value) is View else value


def _kind(value: Any) -> Any:
    if type(value) is tuple:
        return len(value)
    return value.dtype if hasattr(value, "gpu_data") else type(value)
