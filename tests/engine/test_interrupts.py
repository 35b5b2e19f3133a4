"""Ctrl-C is held back where something would be left half done, and never lost."""

import signal
import threading

import pytest

from dlcore.engine.interrupts import acting, at_once, check, held


def ctrl_c():
    signal.raise_signal(signal.SIGINT)


@pytest.fixture(autouse=True)
def pythons_own_handler():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    left = signal.signal(signal.SIGINT, before)
    assert left is signal.default_int_handler
    check()  # nothing is left over


def test_it_acts_where_it_is_checked():
    done = []
    with pytest.raises(KeyboardInterrupt):
        with held():
            ctrl_c()
            done.append("step")
            check()
            done.append("next step")
    assert done == ["step"]


def test_it_acts_at_the_end_at_the_latest():
    done = []
    with pytest.raises(KeyboardInterrupt):
        with held():
            with held():
                ctrl_c()
            done.append("inner")
    assert done == ["inner"]
    with pytest.raises(KeyboardInterrupt) as caught:
        with held():
            ctrl_c()
            raise ZeroDivisionError
    assert isinstance(caught.value.__context__, ZeroDivisionError)


def test_a_second_one_acts_at_once_and_one_is_enough():
    done = []
    with pytest.raises(KeyboardInterrupt):
        with held():
            ctrl_c()
            done.append(1)
            ctrl_c()
            done.append(2)
    assert done == [1]
    with pytest.raises(KeyboardInterrupt) as caught:
        with held():
            ctrl_c()
            raise KeyboardInterrupt("mine")
    assert caught.value.args == ("mine",)


def test_one_that_python_would_swallow_is_not_lost():
    class Closing:
        def __del__(self):
            ctrl_c()

    with pytest.raises(KeyboardInterrupt):
        with held():
            Closing()
            check()


def test_code_that_is_not_the_librarys_is_left_at_once():
    done = []

    def wait():
        ctrl_c()
        done.append("waited")

    with pytest.raises(KeyboardInterrupt):
        with held():
            acting(wait)()
    with held():
        with pytest.raises(KeyboardInterrupt), at_once():
            wait()
    with pytest.raises(KeyboardInterrupt):
        with held():
            ctrl_c()
            with at_once():
                done.append("begun")
    with pytest.raises(KeyboardInterrupt), at_once():
        wait()
    assert done == []
    with pytest.raises(KeyboardInterrupt), held():
        with at_once():
            with held():
                wait()
            done.append("after the inner block")
    assert done == ["waited"]


def test_a_programs_own_handler_stays():
    seen = []

    def own(number, frame):
        seen.append(number)

    for chosen in (own, signal.SIG_IGN):
        signal.signal(signal.SIGINT, chosen)
        with held():
            assert signal.getsignal(signal.SIGINT) is chosen
            ctrl_c()
        assert signal.getsignal(signal.SIGINT) is chosen
    assert seen == [signal.SIGINT]
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with held():
        signal.signal(signal.SIGINT, own)
    assert signal.getsignal(signal.SIGINT) is own
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_another_thread_changes_nothing():
    found = []

    def work():
        with held(), at_once():
            found.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [signal.default_int_handler]

    begun, end = threading.Event(), threading.Event()

    def stay():
        with at_once():
            begun.set()
            end.wait()
        check()

    with pytest.raises(KeyboardInterrupt):
        with held():
            thread = threading.Thread(target=stay)
            thread.start()
            begun.wait()
            ctrl_c()
            end.set()
            thread.join()
            found.append("held")
    assert found[1:] == ["held"]


def test_what_follows_code_of_the_user_is_held_again():
    done = []
    with pytest.raises(KeyboardInterrupt):
        with held():
            with at_once():
                pass
            ctrl_c()
            done.append("held")
    assert done == ["held"]
