"""A learner's function that loops for ever is stopped; nothing else is ever touched."""

from __future__ import annotations

import cProfile
import sys
import threading
import time

import numpy as np
import pytest

from dlcore.course import time_limit
from dlcore.course.time_limit import Limit, OutOfTime


def plain_loop():
    while True:
        pass


def swallows_everything():
    while True:
        try:
            time.sleep(0.002)
        except:  # noqa: E722
            pass


def swallows_twice():
    while True:
        try:
            try:
                time.sleep(0.002)
            except BaseException:
                continue
        except BaseException:
            pass


def swallows_around_another_that_swallows():
    while True:
        try:
            swallows_everything()
        except BaseException:
            x = 1
        finally:
            x = 2  # noqa: F841


def turns_it_into_an_error():
    try:
        plain_loop()
    except BaseException:
        raise ValueError("mine") from None


def works_in_numpy():
    w = np.ones((300, 300), np.float32)
    while True:
        try:
            w @ w  # noqa: B018
        except BaseException:
            continue


def never_ending_comprehension():
    return sum(1 for _ in iter(int, 1))


def context():
    """What a later traceback would call "the above exception"."""
    try:
        raise LookupError
    except LookupError as error:
        return error.__context__


@pytest.mark.parametrize(
    "function",
    [
        plain_loop,
        swallows_everything,
        swallows_twice,
        swallows_around_another_that_swallows,
        turns_it_into_an_error,
        works_in_numpy,
        never_ending_comprehension,
    ],
)
def test_an_endless_loop_is_stopped(function):
    tracing, started = sys.gettrace(), time.monotonic()
    for _ in range(2):
        with Limit(0.15) as limit, pytest.raises(OutOfTime):
            limit.call(function)
    assert time.monotonic() - started < 5
    assert sys.gettrace() is tracing and sys.getprofile() is None
    assert context() is None


def test_the_time_is_shared_by_the_calls():
    with Limit(0.2) as limit:
        limit.call(time.sleep, 0.15)
        with pytest.raises(OutOfTime):
            limit.call(plain_loop)
        with pytest.raises(OutOfTime):
            limit.call(int)


def test_a_function_that_returns_in_time_is_left_alone():
    with Limit(5.0) as limit:
        assert limit.call(lambda a, b: a + b, 1, 2) == 3
        with pytest.raises(ZeroDivisionError):
            limit.call(lambda: 1 / 0)
        with pytest.raises(StopIteration):
            limit.call(next, iter(()))


def test_nothing_is_raised_after_the_call(monkeypatch):
    """Calls that end just when their time is up: either outcome, and then peace."""
    stopped = returned = 0

    def busy(seconds):
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            pass
        return "done"

    rng = np.random.default_rng(0)
    interval = sys.getswitchinterval()
    monkeypatch.setattr(time_limit, "INTERVAL", 0.0005)
    sys.setswitchinterval(1e-5)
    for _ in range(500):
        with Limit(0.003) as limit:
            try:
                assert limit.call(busy, rng.uniform(0.002, 0.004)) == "done"
                returned += 1
            except OutOfTime:
                stopped += 1
        # A late request would be delivered at one of these steps.
        assert sum(i for i in range(200)) == 19900
    sys.setswitchinterval(interval)
    assert stopped > 10 and returned > 10


def test_interrupting_passes_through_and_ends_the_watch():
    def interrupted():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Limit(60.0) as limit:
        limit.call(interrupted)
    time.sleep(0.2)
    assert "dlcore-limit" not in [thread.name for thread in threading.enumerate()]


def test_interrupting_after_the_time_is_up_is_still_an_interruption():
    with pytest.raises(KeyboardInterrupt), Limit(60.0) as limit:

        def interrupted():
            limit._deadline = 0.0
            raise KeyboardInterrupt

        limit.call(interrupted)


def test_it_works_in_another_thread():
    found = []

    def work():
        with Limit(0.1) as limit:
            try:
                limit.call(plain_loop)
            except OutOfTime:
                found.append("stopped")

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(5)
    assert found == ["stopped"]


def test_a_profiler_runs_on_after_the_call():
    def slow():
        while True:
            pass

    profiler = cProfile.Profile()
    profiler.enable()
    try:
        with Limit(5.0) as limit:
            assert limit.call(np.negative, 3) == -3
        assert sys.getprofile() is profiler
        with Limit(0.2) as limit, pytest.raises(OutOfTime):
            limit.call(slow)
        assert sys.getprofile() is profiler
        sorted([2, 1])
    finally:
        profiler.disable()
    assert any("sorted" in str(entry.code) for entry in profiler.getstats())
