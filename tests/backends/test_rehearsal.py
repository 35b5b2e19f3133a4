"""Calls that run no kernel, or the answer key."""

import threading

import numpy as np
import pytest

from dlcore import backends, ops
from dlcore.backends import dispatch
from dlcore.backends.rehearsal import Looked, by_the_formulas, rehearsed

X = np.array([-1.0, 2.0], np.float32)


@pytest.fixture(autouse=True)
def broken(monkeypatch):
    """In the active backend, relu cannot be run."""

    def relu(y, x):
        raise RuntimeError("relu ran")

    backends.get_backend()
    monkeypatch.setitem(dispatch._table, "relu", relu)
    return relu


def test_no_kernel_runs_and_all_are_told(broken):
    y = np.full(2, 7, np.float32)
    with rehearsed() as calls:
        backends.call("relu", (y,), (X,))
        shape = backends.compute("relu", X[None]).shape
    assert y.tolist() == [7, 7] and shape == (1, 2)
    assert [function for function, _ in calls] == [broken, broken]
    assert calls[0][1][0] is y and calls[0][1][1] is X
    with pytest.raises(RuntimeError, match="relu ran"):
        backends.compute("relu", X)


def test_a_look_at_a_number_ends_it():
    with pytest.raises(Looked), rehearsed():
        float(ops.sum(X))
    assert float(ops.sum(X)) == 1
    with rehearsed():
        assert not backends.may_look()
    assert backends.may_look()


def test_other_threads_calculate():
    found = []
    with rehearsed():
        thread = threading.Thread(target=lambda: found.append(float(ops.sum(X))))
        thread.start()
        thread.join()
    assert found == [1]


def test_the_answer_key_stands_in():
    with by_the_formulas():
        assert backends.compute("relu", X).tolist() == [0, 2]
