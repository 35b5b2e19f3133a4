"""Phase 3: what this GPU reaches at best, to compare with: copies, products, launches, graphs."""

from __future__ import annotations

import importlib.util
import statistics
import time
from collections.abc import Callable
from typing import Any

from tests.benchmarks.cuda.kernels import CONVOLUTIONS, MATRICES
from tests.benchmarks.cuda.record import SIMULATED, attempt, record

NODES = (1, 10, 50, 200)
MEGABYTES = (1,) if SIMULATED else (64, 1024)


def _nothing():
    pass


def main() -> None:
    """Record all of it."""
    attempt("launches", _launches)
    if importlib.util.find_spec("torch") is None:
        record(absent="torch")
    else:
        attempt("torch", _torch)


def _launches() -> None:
    from dlcore.backends.cuda import capture
    from dlcore.backends.cuda.device import stream
    from dlcore.backends.cuda.launch import launch

    def empty() -> None:
        launch(_nothing, 1, 32)

    def each(work: Callable[[], Any], count: int) -> float:
        work()
        stream().synchronize()
        begin = time.perf_counter()
        for _ in range(count):
            work()
        stream().synchronize()
        return (time.perf_counter() - begin) * 1e6 / count

    taken = each(empty, 1000)
    record(launch_us=None if SIMULATED else taken)
    for nodes in () if SIMULATED else NODES:
        start = capture._captured(lambda nodes=nodes: [empty() for _ in range(nodes)] and None)
        record(graph_of=nodes, us=each(start, 300))


def _torch() -> None:
    import torch

    place = "cpu" if SIMULATED else "cuda"
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    for megabytes in MEGABYTES:
        x = torch.randn(megabytes * 2**18, device=place)
        y = torch.empty_like(x)
        us = _microseconds(lambda y=y, x=x: y.copy_(x))
        record(copy_megabytes=megabytes, gb_s=us and 2 * megabytes * 2**20 / us / 1e3)
    for n in MATRICES:
        a, b = torch.randn(n, n, device=place), torch.randn(n, n, device=place)
        us = _microseconds(lambda a=a, b=b: torch.mm(a, b))
        record(torch_matmul=n, tflop_s=us and 2 * n**3 / us / 1e6)
    for n, side, c, f in CONVOLUTIONS:
        form = {"memory_format": torch.channels_last}
        x = torch.randn(n, c, side, side, device=place).to(**form)
        w = torch.randn(f, c, 3, 3, device=place).to(**form)
        flops = 2 * n * (side - 2) ** 2 * 9 * c * f
        us = _microseconds(lambda x=x, w=w: torch.nn.functional.conv2d(x, w))
        record(torch_conv2d=[n, side, c, f], tflop_s=us and flops / us / 1e6)


def _microseconds(work: Callable[[], Any], calls: int = 10) -> float | None:
    import torch

    work()
    if SIMULATED:
        return None
    torch.cuda.synchronize()
    found = []
    for _ in range(7):
        begin, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        begin.record()
        for _ in range(calls):
            work()
        end.record()
        end.synchronize()
        found.append(begin.elapsed_time(end) * 1e3 / calls)
    return statistics.median(found)


if __name__ == "__main__":
    main()
