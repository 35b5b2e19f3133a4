"""Ctrl-C while a kernel is being compiled: the kernel is finished first, and works."""

import signal

import numpy as np
import pytest

pytest.importorskip("numba")

from numba.core.caching import NullCache
from numba.extending import overload

from dlcore.backends.numba.compile import _to_the_end, compiled
from dlcore.engine.interrupts import held

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

    function = compiled(double)
    function._cache = NullCache()  # else a second run of this test would compile nothing
    x = np.arange(3, dtype=np.float32)
    y = np.zeros_like(x)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            function(y, x)
    finally:
        signal.signal(signal.SIGINT, before)
    assert moments == ["compiling"] and len(function.overloads) == 1
    function(y, x)
    assert moments == ["compiling"] and y.tolist() == [0, 2, 4]


@pytest.fixture
def answer():
    """Choose how a Ctrl-C is answered, for the time of the test."""
    before = signal.getsignal(signal.SIGINT)
    yield lambda handler: signal.signal(signal.SIGINT, handler)
    signal.signal(signal.SIGINT, before)


def test_a_second_one_acts_at_once(answer):
    answer(signal.default_int_handler)
    seen = []

    def work():
        signal.raise_signal(signal.SIGINT)
        seen.append("first")
        signal.raise_signal(signal.SIGINT)
        seen.append("second")

    with pytest.raises(KeyboardInterrupt):
        _to_the_end(work)()
    assert seen == ["first"] and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_the_program_hears_of_it_afterwards(answer):
    seen = []
    answer(lambda *_: seen.append("handled"))

    def work():
        signal.raise_signal(signal.SIGINT)
        seen.append("done")
        return 3

    assert _to_the_end(work)() == 3 and seen == ["done", "handled"]


def test_inside_of_a_step_it_waits_for_the_end_of_the_step(answer):
    answer(signal.default_int_handler)
    seen = []
    with pytest.raises(KeyboardInterrupt), held():
        _to_the_end(lambda: signal.raise_signal(signal.SIGINT))()
        seen.append("step")
    assert seen == ["step"]


def test_where_ctrl_c_is_ignored_it_stays_so(answer):
    answer(signal.SIG_IGN)
    _to_the_end(lambda: signal.raise_signal(signal.SIGINT))()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
