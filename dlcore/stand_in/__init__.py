"""A stand-in for a GPU: it runs a kernel thread by thread, and tells what the threads do to others.

A kernel is written as for a GPU, with ``cuda.grid``, ``cuda.shared`` and ``cuda.syncthreads``::

    from dlcore.stand_in import cuda, launch

    def double(y, x):
        i = cuda.grid(1)
        if i < x.size:
            y[i] = 2 * x[i]

    done = launch(double, 3, 4, y, x)
    done.reads("x"), done.writer("y", (5,)), done.faults

It needs no GPU and no package for one. It says nothing about time: there is one thread here, which
plays all of them in turn.
"""

from dlcore.stand_in.launching import Fault, Launch, cuda, launch, without_faults
from dlcore.stand_in.watching import Access, Place

__all__ = ["Access", "Fault", "Launch", "Place", "cuda", "launch", "without_faults"]


def __dir__() -> list[str]:
    return sorted(__all__)
