"""On the sizes of the lessons `cpu` is never slower than `numpy`, and small work stays serial.

A loaded machine slows down whatever runs on it at the moment, and threads most of all. So both run
by turns, on two clocks: the wall's, of which each one's fastest run counts, and that of the
processor, which stands still while others have it. Threads that wait for each other on cores that
others use keep even that one going, so that later tries have one thread. A kernel is slower that
takes half as long again on both clocks, each time that it is tried; with one thread, twice as long,
for what is shared out among threads is then done by one.
"""

from __future__ import annotations

import time
from contextlib import contextmanager, nullcontext

import pytest

from dlcore.backends import KERNELS
from dlcore.backends import numpy as key
from dlcore.backends.dispatch import destination_passing
from dlcore.backends.numba.blas import single_threaded_blas

from .lesson_sizes import SIZES, prepared

cpu = pytest.importorskip("dlcore.backends.cpu", reason="Numba is not there")

RATIO, RATIO_OF_ONE_THREAD, TRIES = 1.5, 2.0, 4
CASES = [(name, number) for name in SIZES for number in range(len(SIZES[name]))]


def seconds(function, arguments, repeats):
    """Time of one run: by the wall's clock, and by the processor's, all threads together."""
    start = time.perf_counter(), time.process_time()
    for _ in range(repeats):
        function(*arguments)
    stop = time.perf_counter(), time.process_time()
    return [(stop[i] - start[i]) / repeats for i in range(2)]


def ratio(own, other, arguments, budget=0.015):
    """Time of one function over that of another, taken by turns: the better of the two clocks."""
    once = seconds(own, arguments, 1)[0] + seconds(other, arguments, 1)[0]
    repeats = max(1, min(100, int(0.1 * budget / once)))
    fastest, work = [float("inf")] * 2, [0.0] * 2
    end, turns = time.perf_counter() + budget, 0
    while turns < 3 or time.perf_counter() < end:
        turns += 1
        for i, function in enumerate((own, other)):
            wall, processor = seconds(function, arguments, repeats)
            fastest[i] = min(fastest[i], wall)
            work[i] += processor
    by_wall = fastest[0] / fastest[1]
    # Where the processor's clock is coarse it may not have moved at all.
    return min(by_wall, work[0] / work[1]) if min(work) > 0 else by_wall


def arguments_of(name, number):
    outputs, inputs, values = prepared(name, SIZES[name][number])
    return (*outputs, *inputs, *values)


@contextmanager
def one_thread():
    import numba

    threads = numba.get_num_threads()
    numba.set_num_threads(1)
    try:
        with single_threaded_blas():
            yield
    finally:
        numba.set_num_threads(threads)


def test_every_kernel_has_its_sizes():
    assert set(SIZES) == set(KERNELS)


@pytest.mark.parametrize(("name", "number"), CASES)
def test_cpu_is_not_slower_than_numpy(name, number):
    own = getattr(cpu, name)
    other = destination_passing(KERNELS[name], getattr(key, name))
    arguments = arguments_of(name, number)
    own(*arguments)  # compiled before the clock runs
    found = []
    for number_of_try in range(TRIES):
        alone = number_of_try >= TRIES / 2
        with one_thread() if alone else nullcontext():
            found.append(ratio(own, other, arguments))
        if found[-1] < (RATIO_OF_ONE_THREAD if alone else RATIO):
            return
    times = ", ".join(f"{value:.2f}" for value in found)
    raise AssertionError(f"{name} at {SIZES[name][number]} takes {times} times as long as NumPy.")


@pytest.mark.parametrize("name", [name for name in SIZES if hasattr(getattr(cpu, name), "choose")])
def test_the_large_sizes_alone_use_threads(name, monkeypatch):
    monkeypatch.setattr("dlcore.backends.numba.threads.available_threads", lambda: 2)
    kernel = getattr(cpu, name)
    for number in range(len(SIZES[name])):
        arguments = arguments_of(name, number)
        numbers = sum(a.size for a in arguments if hasattr(a, "size"))
        if numbers < 10_000:
            assert kernel.choose(arguments) in kernel.forms  # of which none is handed to the pool


def test_a_slower_kernel_would_be_noticed():
    def slow(*arguments):
        sum(range(20_000))

    def fast(*arguments):
        sum(range(4_000))

    assert ratio(slow, fast, ()) > RATIO > ratio(fast, slow, ())
