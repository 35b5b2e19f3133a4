"""A recorded step as one graph: the CPU starts all of its launches with a single call.

A launch takes the CPU some ten microseconds, and a small kernel runs for two. The driver can note
what is put into a stream instead of running it (a capture), and makes a graph of it, which it then
starts as a whole, with all arguments as they were. What a replayed step calls is kernels alone, on
arrays that stay where they are: that is just what a graph can hold.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from dlcore.backends.cuda.device import SIMULATED, event, explained, stream

Calls = Sequence[tuple[Callable[..., None], tuple[Any, ...]]]

AHEAD = 64  # steps that the CPU may be ahead of the GPU, so that Ctrl-C and a progress bar are true


def replay(calls: Calls) -> Callable[[], None]:
    """A function that runs the calls again, whose arrays must stay alive.

    The step must have run before: whatever has to be compiled or allocated is there by then, and
    nothing of the kind is allowed in a capture. ``DLCORE_CUDA_GRAPH=0`` leaves the graph out.

    Args:
        calls: functions of kernels with their arguments, in order.
    """

    def one_by_one() -> None:
        for function, arguments in calls:
            function(*arguments)

    if SIMULATED or os.environ.get("DLCORE_CUDA_GRAPH") == "0":
        return one_by_one
    try:
        start = _captured(one_by_one)
    except Exception as error:
        warnings.warn(
            f"The step is run kernel by kernel, as no graph could be made of it: {error}",
            RuntimeWarning,
            stacklevel=2,
        )
        return one_by_one
    return _not_too_far_ahead(start)


def _captured(run: Callable[[], None]) -> Callable[[], None]:
    """What a function puts into the stream, as a function that starts all of it at once."""
    from cuda.bindings import driver

    handle = stream().handle
    queue = driver.CUstream(int(getattr(handle, "value", handle) or 0))
    # Of this thread alone: another one, such as that of a notebook's widget, may use the GPU.
    mode = driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL
    _checked(driver.cuStreamBeginCapture(queue, mode))
    try:
        run()
    except BaseException:
        driver.cuStreamEndCapture(queue)  # else the stream would go on noting
        raise
    graph = _checked(driver.cuStreamEndCapture(queue))
    ready = _checked(driver.cuGraphInstantiate(graph, 0))
    _checked(driver.cuGraphDestroy(graph))
    _checked(driver.cuGraphUpload(ready, queue))

    @explained
    def start() -> None:
        _checked(driver.cuGraphLaunch(ready, queue))

    return start


def _checked(answer: Any) -> Any:
    """What a call of the driver gives, or its error."""
    status, *rest = answer if isinstance(answer, tuple) else (answer,)
    if int(status):
        raise RuntimeError(getattr(status, "name", str(status)))
    return rest[0] if rest else None


def _not_too_far_ahead(start: Callable[[], None]) -> Callable[[], None]:
    """The function; every so many calls it waits for what was started as many before."""
    count, marks = 0, [event(), event()]

    def run() -> None:
        nonlocal count
        start()
        count += 1
        if count % AHEAD == 0:
            new, old = marks[count // AHEAD % 2], marks[(count // AHEAD + 1) % 2]
            new.record(stream())
            if count > AHEAD:
                old.synchronize()

    return run
