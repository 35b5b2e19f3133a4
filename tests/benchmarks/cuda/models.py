"""Phase 5: a training step in `fit`, by a graph and kernel by kernel."""

from __future__ import annotations

import os
import statistics
import time
from functools import partial
from typing import Any

import dlcore
from dlcore import backends
from tests.benchmarks.cuda.nets import NETS, Net
from tests.benchmarks.cuda.record import SIMULATED, attempt, record

WAYS = {"graph": "1", "list": "0"}


class Timed(dlcore.callbacks.Callback):
    """Seconds of each epoch; its results are read at the end, so the GPU has done its work."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.begin = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seconds.append(time.perf_counter() - self.begin)


def main() -> None:
    """Time and record them."""
    backends.set_backend("cuda")
    for net in NETS:
        for way, graph in WAYS.items():
            attempt(f"{net.title} {net.batch}, {way}", partial(_one, net, way, graph))


def _one(net: Net, way: str, graph: str) -> None:
    os.environ["DLCORE_CUDA_GRAPH"] = graph
    dlcore.utils.set_random_seed(0)
    (x, y), timed = net.data(), Timed()
    epochs = 1 if SIMULATED else 4
    model = net.dlcore()
    losses = model.fit(
        x, y, epochs=epochs, batch_size=net.batch, verbose=0, callbacks=[timed]
    ).history["loss"]
    taken = statistics.median(timed.seconds[1:] or timed.seconds) / (len(x) // net.batch)
    us = None if SIMULATED else taken * 1e6
    record(net=net.title, batch=net.batch, by=f"dlcore, {way}", us=us, losses=losses)


if __name__ == "__main__":
    main()
