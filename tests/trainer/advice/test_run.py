"""A first step that takes long says what it is waiting for, once."""

import time

import pytest

from dlcore import backends
from dlcore.trainer.advice import run as waiting

_cache = pytest.importorskip("dlcore.backends.numba.cache", reason="Numba is not there")


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(waiting, "SECONDS", 0.02)
    monkeypatch.setattr(waiting, "_said", False)


def wait(wanted=True, seconds=0.1, compiles=True):
    with waiting.compiling_notice(wanted):
        time.sleep(seconds / 2)
        if compiles:
            _cache.missing += 1
        time.sleep(seconds / 2)


def test_said_once_and_only_when_it_takes_long(monkeypatch, capsys):
    monkeypatch.setattr(backends, "get_backend", lambda: "cpu")
    wait(seconds=0)
    wait(wanted=False)
    wait(compiles=False)
    time.sleep(0.05)
    assert capsys.readouterr().out == ""
    wait()
    wait()
    assert capsys.readouterr().out.count("Compiling the kernels") == 1


def test_nothing_is_compiled_by_numpy(monkeypatch, capsys):
    monkeypatch.setattr(backends, "get_backend", lambda: "numpy")
    wait()
    assert capsys.readouterr().out == ""
