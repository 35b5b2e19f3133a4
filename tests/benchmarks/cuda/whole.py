"""Phase 6: what a user relies on, from `fit` down to the GPU."""

from __future__ import annotations

import os
import signal
import threading
from functools import partial
from typing import Any

import numpy as np

import dlcore
from dlcore import backends
from dlcore.backends import memory
from tests.benchmarks.cuda.nets import NETS, Net
from tests.benchmarks.cuda.record import SIMULATED, attempt, record

EPOCHS = 1 if SIMULATED else 3
ROWS = 40 if SIMULATED else 640  # for the processor the pictures are many
INTERRUPT = 2.0  # seconds after which a fit is interrupted


def main() -> None:
    """Try and record it."""
    for net in NETS[:2]:
        attempt(f"{net.title} beside cpu", partial(_beside_cpu, net))
    attempt("transfers", _transfers)
    attempt("Ctrl-C", _interrupted)
    if not SIMULATED:  # whose memory has no end
        attempt("out of memory", _out_of_memory)


def _trained(net: Net, backend: str) -> tuple[list[float], bytes]:
    backends.set_backend(backend)
    dlcore.utils.set_random_seed(0)
    x, y = (a[:ROWS] for a in net.data())
    model = net.dlcore()
    done = model.fit(x, y, batch_size=net.batch, epochs=EPOCHS, verbose=0)
    weights = b"".join(np.asarray(w).tobytes() for w in model.get_weights())
    return done.history["loss"], weights


def _beside_cpu(net: Net) -> None:
    losses, bits = _trained(net, "cuda")
    again = _trained(net, "cuda")[1]
    expected = _trained(net, "cpu")[0]
    apart = float(np.max(np.abs(np.array(losses) / expected - 1)))
    record(
        trained=net.title, apart=apart, right=apart <= 1e-4, same_bits=bits == again, losses=losses
    )


class Counted(dlcore.callbacks.Callback):
    """What went between the host and the GPU in each epoch."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[int, int]] = []

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        memory.counts.reset()

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.found.append((memory.counts.up, memory.counts.down))


def _transfers() -> None:
    """An epoch of twice as many steps moves no more often: so a step moves nothing."""
    backends.set_backend("cuda")
    found = []
    for steps in (4, 8):
        x, y = (np.resize(a, (steps * NETS[0].batch, *a.shape[1:])) for a in NETS[0].data())
        counted = Counted()
        NETS[0].dlcore().fit(
            x, y, batch_size=NETS[0].batch, epochs=3, verbose=0, callbacks=[counted]
        )
        found.append(counted.found[-1])  # the first ones send constants, too
    record(of_an_epoch=found, in_a_step=0 if found[0] == found[1] else "some")


def _interrupted() -> None:
    backends.set_backend("cuda")
    x, y = NETS[0].data()
    model = NETS[0].dlcore()
    timer = threading.Timer(INTERRUPT, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        model.fit(x, y, batch_size=NETS[0].batch, epochs=10**6, verbose=0)
    except KeyboardInterrupt:
        model.fit(x[:20], y[:20], batch_size=NETS[0].batch, verbose=0)
        record(
            interrupted=True, trains_again=bool(np.isfinite(model.predict(x[:2], verbose=0)).all())
        )
    finally:
        timer.cancel()


def _out_of_memory() -> None:
    backends.set_backend("cuda")
    said = None
    kept = []
    try:
        for _ in range(1000):
            kept.append(memory.empty((2**31 - 1,), np.float32))
    except MemoryError as error:
        said = str(error)
    full = len(kept)
    kept.clear()
    works = bool((np.asarray(backends.compute("relu", np.array([-1.0, 2.0]))) == [0, 2]).all())
    record(arrays_of_8_gb=full, said=said, works_again=works, right=said is not None and works)


if __name__ == "__main__":
    main()
