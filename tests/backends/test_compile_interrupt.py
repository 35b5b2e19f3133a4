"""Ctrl-C while a kernel is being compiled: the kernel is finished first, and works."""

import signal

import numpy as np
import pytest

pytest.importorskip("numba")

from numba.core.caching import NullCache
from numba.extending import overload

from dlcore.backends._compile import kernel

moments = []


def pressed(x):
    """Stands for something in a kernel; Ctrl-C comes while Numba finds out what."""


@overload(pressed)
def _pressed(x):
    signal.raise_signal(signal.SIGINT)
    moments.append("compiling")
    return lambda x: 2 * x


def test_a_kernel_is_finished_and_then_the_interrupt_acts():
    def double(y, x):
        for i in range(x.size):
            y[i] = pressed(x[i])

    compiled = kernel(double)
    compiled._cache = NullCache()  # else a second run of this test would compile nothing
    x = np.arange(3, dtype=np.float32)
    y = np.zeros_like(x)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            compiled(y, x)
    finally:
        signal.signal(signal.SIGINT, before)
    assert moments == ["compiling"] and len(compiled.overloads) == 1
    compiled(y, x)
    assert moments == ["compiling"] and y.tolist() == [0, 2, 4]
