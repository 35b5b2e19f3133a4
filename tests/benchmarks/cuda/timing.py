"""How long the GPU takes for some launches, by its own clock."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tests.benchmarks.cuda.record import SIMULATED, record

TURNS = 7


def microseconds(works: Sequence[Callable[[], Any]], turns: int = TURNS) -> float | None:
    """The median of what one of the works takes, all of them put into one graph where that goes.

    Args:
        works: functions that launch kernels, alike but for where their numbers lie: so none of them
            finds its own in the cache of the GPU.
        turns: how often all of them are timed.
    """
    from numba import cuda

    from dlcore.backends.cuda import capture
    from dlcore.backends.cuda.device import stream

    for work in works:
        work()  # compiles
    stream().synchronize()
    if SIMULATED:
        return None

    def all_of_them() -> None:
        for work in works:
            work()

    try:
        start = capture._captured(all_of_them)
    except Exception as error:
        record(name="timed without a graph", failed=f"{type(error).__name__}: {error}"[:300])
        start = all_of_them
    start()
    found = []
    for _ in range(turns):
        begin, end = cuda.event(), cuda.event()
        begin.record(stream())
        start()
        end.record(stream())
        end.synchronize()
        found.append(cuda.event_elapsed_time(begin, end) * 1000 / len(works))
    return statistics.median(found)


def sent(array: np.ndarray) -> Any:
    """An array on the GPU."""
    from dlcore.backends import cuda, memory

    made = memory.empty_on(cuda.DEVICE, array.shape, array.dtype)
    if array.size:
        cuda.DEVICE.to_device(made.memory, 0, np.ascontiguousarray(array))
    return made


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    """Random float32 about 0: zeros would be calculated faster by a GPU that saves power."""
    return np.random.default_rng(seed).standard_normal(shape, np.float32)
