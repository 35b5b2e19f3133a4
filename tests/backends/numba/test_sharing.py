"""Loops over prange among several threads: each turn once, and its error is seen."""

from __future__ import annotations

import threading

import numpy as np
import pytest

numba = pytest.importorskip("numba")

from numba import prange  # noqa: E402
from numba.core.caching import NullCache  # noqa: E402

from dlcore.backends.numba import compile as room  # noqa: E402
from dlcore.backends.numba import pool  # noqa: E402


def compiled(function=None, **more):
    """Not kept on the disk, as the cache does not look at this file."""
    if function is None:
        return lambda function: compiled(function, **more)
    kernel = room.compiled(function, **more)
    for form in getattr(kernel, "forms", [kernel]):
        form._cache = NullCache()
    return kernel


@pytest.fixture
def threads():
    """Choose how many threads there are, for the time of the test."""
    before = pool.available_threads()
    yield pool.share_among
    pool.share_among(before)


@compiled(large=lambda *_: True)
def count_turns(seen, n):
    for turn in prange(n):
        seen[turn] += turn + 1


@pytest.mark.parametrize("n", [0, 1, 2, 3, 17])
def test_each_turn_is_taken_once(threads, n):
    for count in range(1, numba.config.NUMBA_NUM_THREADS + 1):
        threads(count)
        seen = np.zeros(20, np.int64)
        count_turns.parallel(seen, n)
        assert seen.tolist() == [*range(1, n + 1), *[0] * (20 - n)]


@compiled(large=lambda *_: True)
def two_loops(y, x, by):
    size, (begin, end) = x.size, by
    if size > 2:
        for i in prange(size):
            value = x[i] + begin  # a name that both loops have
            y[i] = value
    some = y[1:]
    for i in prange(some.size):
        value = end * some[i]
        some[i] = value


def test_loops_have_what_stands_around_them():
    x = np.arange(4, dtype=np.float32)
    for form in (two_loops.serial, two_loops.parallel):
        y = np.zeros_like(x)
        form(y, x, (np.float32(1), 2))
        assert y.tolist() == [1, 4, 6, 8]


def test_and_what_stands_around_the_kernel():
    three = 3

    @compiled
    def more(x):
        return x + three

    @compiled(large=lambda *_: True)
    def all_more(y):
        for i in prange(y.size):
            y[i] = more(y[i]) * three

    y = np.ones(5)
    all_more.parallel(y)
    assert y.tolist() == [12] * 5


@compiled(large=lambda *_: True)
def at_most(y, limit):
    for i in prange(y.size):
        if y[i] > limit:
            raise ValueError("too large")
        y[i] += 1
    y[0] = -1


@pytest.mark.parametrize("place", [0, 3, 7])
def test_an_error_in_a_turn_is_raised(place):
    y = np.zeros(8)
    y[place] = 9
    with pytest.raises(ValueError, match="too large"):
        at_most.parallel(y, 5)
    assert y[0] != -1
    at_most.parallel(y, 10)
    assert y[0] == -1


@compiled(large=lambda *_: True)
def wait_for(flag, seen, times):
    for turn in prange(seen.size):
        for _ in range(times):
            seen[turn] = flag[0]
            if seen[turn]:
                break


def test_other_threads_of_python_go_on_meanwhile():
    flag, seen = np.zeros(1), np.zeros(3)
    wait_for.parallel(flag, seen, 1)
    other = threading.Timer(0.01, lambda: flag.fill(1))
    other.start()
    wait_for.parallel(flag, seen, 3_000_000_000)
    assert seen.all()
    other.join()


def returns(y):
    for i in prange(y.size):
        if y[i]:
            return


def breaks(y):
    for i in prange(y.size):
        if y[i]:
            y[i] = 0
            break


def begins_later(y):
    for i in prange(1, y.size):
        y[i] = 1


def has_an_end(y):
    for i in prange(y.size):
        y[i] = 1
    else:
        y[0] = 2


def without_a_file():
    room = {"prange": prange}
    exec("def unwritten(y):\n    for i in prange(y.size):\n        y[i] = 1", room)
    return room["unwritten"]


@pytest.mark.parametrize("function", [returns, breaks, begins_later, has_an_end])
def test_other_loops_are_refused(function):
    with pytest.raises(TypeError, match=f"{function.__name__} has a loop over prange"):
        compiled(function, large=lambda *_: True)


def test_a_kernel_without_a_file_says_so():
    with pytest.raises(OSError, match="source"):
        compiled(without_a_file(), large=lambda *_: True)
