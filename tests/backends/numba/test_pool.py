"""The threads that share out a loop: each turn once, together, however late one of them is."""

from __future__ import annotations

import ctypes
import os
import threading
import time

import numpy as np
import pytest

numba = pytest.importorskip("numba")

from numba import prange  # noqa: E402

from dlcore.backends.numba import pool  # noqa: E402

from .test_sharing import compiled, count_turns  # noqa: E402
from .test_threads import in_a_process  # noqa: E402

THREADS = 4


def run(name):
    """A function of this module, in a process that has some threads whatever the machine."""
    code = f"from tests.backends.numba import test_pool\ntest_pool.{name}()"
    return in_a_process(code, NUMBA_NUM_THREADS=str(THREADS))


def right(n):
    return [*range(1, n + 1), *[0] * (200 - n)]


def in_quick_succession(seconds=pool.SECONDS):
    """Loops so short that a thread is often late for one and finds the next."""
    pool.SECONDS = seconds
    for number in range(20_000):
        n, count = number % 71, 1 + number // 71 % THREADS
        pool.share_among(count)
        seen = np.zeros(200, np.int64)
        count_turns.parallel(seen, n)
        assert seen.tolist() == right(n), (number, n, count)
    print("all")


def without_turning_in_place():
    """Whoever waits lies down at once, often just when it is called."""
    in_quick_succession(0)


@pytest.mark.parametrize("name", ["in_quick_succession", "without_turning_in_place"])
def test_each_turn_is_taken_once(name):
    assert run(name) == "all\n"


@compiled(large=lambda *_: True)
def add_up(seen, n):
    for turn in prange(n):
        for _ in range(1_000):
            seen[turn] += 0.5  # in floats, which are added one by one


def from_many_threads():
    """Threads of Python that ask at a time: the loops of all but one of them are not shared out."""
    wrong, all_here = [], threading.Barrier(4)

    def ask(n):
        all_here.wait()
        for _ in range(200):
            seen = np.zeros(200)
            add_up.parallel(seen, n)
            if seen.tolist() != [500] * n + [0] * (200 - n):
                wrong.append(n)

    add_up.parallel(np.zeros(200), 1)
    asking = [threading.Thread(target=ask, args=[n]) for n in (150, 80, 120, 7)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    print(wrong)


def test_and_where_several_threads_of_python_ask():
    assert run("from_many_threads") == "[]\n"


@compiled(large=lambda *_: True)
def meet(here, met, times):
    for turn in prange(here.size):
        here[turn] = 1
        for _ in range(times):
            met[turn] = here.sum()
            if met[turn] == here.size:
                break


def after_a_sleep():
    """Each turn waits for all others; they are there only if all threads are at it."""
    for rest in (0, 0.05, 0, 0, 0.05):  # seconds; so long none turns in place
        time.sleep(rest)
        here, met = np.zeros(THREADS), np.zeros(THREADS)
        meet.parallel(here, met, 100_000_000)
        print(met.tolist())


def test_all_threads_are_at_it_whether_they_slept_or_not():
    assert run("after_a_sleep") == f"{[float(THREADS)] * THREADS}\n" * 5


def in_a_fork():
    """Where the other threads are not there: as if they were too late for every loop."""
    count_turns.parallel(np.zeros(200, np.int64), 100)
    child = os.fork()
    if child == 0:
        for n in range(200):
            seen = np.zeros(200, np.int64)
            count_turns.parallel(seen, n)
            assert seen.tolist() == right(n)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_nobody_waits_for_a_thread_that_does_not_come():
    assert run("in_a_fork") == "0\n"


def test_a_process_ends_while_threads_turn_in_place():
    code = "from dlcore.backends.numba import pool\npool.SECONDS = 60\npool.start_threads()"
    assert in_a_process(code) == ""


def while_nothing_is_done():
    count_turns.parallel(np.zeros(200, np.int64), 100)
    time.sleep(0.05)
    start = time.process_time()
    time.sleep(0.5)
    print(time.process_time() - start)


def test_threads_that_wait_long_take_no_time():
    assert float(run("while_nothing_is_done")) < 0.1


class Waiting:
    """A thread that waits, as those of the pool do, and what it has learned about its waits."""

    def __init__(self, most):
        self.engine = pool._machine_code(1)
        pool._word(self.engine, "turns_in_place").value = most
        self.word, self.bed = ctypes.c_int64(0), pool._Bed()
        self.patience = (ctypes.c_int64 * 16)()
        self.bed.lock = pool._closed_lock()

    def call(self, name, *arguments):
        kinds = [ctypes.c_int64 if isinstance(a, int) else ctypes.c_void_p for a in arguments]
        given = [a if isinstance(a, int) else ctypes.addressof(a) for a in arguments]
        ctypes.CFUNCTYPE(None, *kinds)(self.engine.get_function_address(name))(*given)

    def begin(self, turns, waits):
        """Wait for the word to change, having learned to turn so often, after so many waits."""
        self.word.value, self.patience[0], self.patience[1] = 0, turns, waits
        arguments = "wait", self.word, 0, self.bed, self.patience
        self.thread = threading.Thread(target=self.call, args=arguments, daemon=True)
        self.thread.start()

    def lies(self, seconds):
        """Whether it gives its core away within so long."""
        end = time.monotonic() + seconds
        while not self.bed.taken and time.monotonic() < end:
            time.sleep(0.001)
        return bool(self.bed.taken)

    def end(self):
        self.word.value = 1
        self.call("wake", self.bed)
        self.thread.join()


def test_a_wait_that_was_too_short_makes_the_next_one_shorter():
    waiting = Waiting(16_000)
    for before, after in ((8_000, 7_000), (1_008, 1_000), (1_000, 1_000)):
        waiting.begin(before, 1)
        assert waiting.lies(20)
        assert waiting.patience[0] == after
        waiting.end()
        assert waiting.patience[0] == after  # what woke it was there at once


def test_one_that_was_long_enough_makes_it_longer():
    waiting = Waiting(10**12)
    waiting.begin(10**11, 1)
    time.sleep(0.01)
    waiting.end()
    assert waiting.patience[0] == 10**11  # was more than enough
    for number in (16, 32):  # every sixteenth is tried in full, whatever it has learned
        waiting.begin(8, number)
        assert not waiting.lies(0.1)
        waiting.end()
        assert 8 < waiting.patience[0] < 10**12
    waiting.begin(8, 17)
    assert waiting.lies(20)
    waiting.end()


def test_the_turns_of_a_wait_are_those_of_its_length():
    engine = pool._machine_code(1)
    few, many = pool.turns_in(1e-4, engine), pool.turns_in(1e-2, engine)
    assert 100 < few < 1_000_000
    assert 30 * few < many < 300 * few
