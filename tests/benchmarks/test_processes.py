"""Contenders in processes, their turns, and the life of a fresh process."""

import contextlib
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.benchmarks import fresh, run, surroundings
from tests.benchmarks.bare import PARTS
from tests.benchmarks.libraries import OURS, Contender
from tests.benchmarks.mlp import MLP
from tests.benchmarks.turns import Process, take_turns


class Fake:
    tasks = ("train", "copy")
    order: list = []

    def __init__(self, name, seconds):
        self.name, self.each = name, iter(seconds)

    def seconds(self, task, count):
        self.order.append((task, self.name, count))
        return next(self.each)


def test_turns_go_round():
    Fake.order.clear()
    processes = {"a": Fake("a", range(9)), "b": Fake("b", range(9))}
    times = take_turns(processes, {"train": 5, "absent": 7}, 2, rest=0)
    assert times == {"a": {"train": [0, 1]}, "b": {"train": [0, 1]}}
    assert Fake.order == [("train", "a", 5), ("train", "b", 5)] * 2


def test_one_row_has_more_turns_of_its_own(monkeypatch):
    class Row:
        tasks = ("train", "call row")

        def seconds(self, task, count):
            return {"train": 1.0, "call row": 1e-4 / count}[task]

    monkeypatch.setattr(run, "started", lambda *_: contextlib.nullcontext({"a": Row()}))
    monkeypatch.setattr(run, "take_turns", lambda *a, **k: take_turns(*a[:3], rest=0))
    results = run.Results()
    run.compare("mlp", 2, results)
    often = 2 * run.ROW_TURNS
    assert results.times["mlp"] == {
        "a": {"train": [1.0] * 2, "call row": [1e-4 / run.CALLS] * often}
    }


def test_each_round_begins_with_an_empty_cache(monkeypatch):
    lives = []

    def life(name, environment):
        folder = Path(environment["DLCORE_CACHE_FOLDER"])
        there = (folder / "kernel").exists()
        (folder / "kernel").touch()
        lives.append((name, there))
        return {"first fit": 0.4 if there else 6.0}

    monkeypatch.setattr(run, "life", life)
    results = run.Results()
    run.compare_lives(2, results)
    assert [there for name, there in lives if name == "dlcore"] == [False, True] * 2
    found = results.times[run.FRESH]["dlcore"]
    assert found == {"first fit": [0.4] * 2, "first fit, cold": [6.0] * 2}


def test_a_process_does_its_tasks_and_says_the_time():
    process = Process("mlp", "dlcore", OURS["dlcore"])
    try:
        assert process.prepared() is process
        assert process.tasks == [
            *("train few", "train", "train on batch"),
            *("predict row", "predict row as batch", "call row"),
        ]
        assert 1e-4 < process.seconds("train", 2) < 10
        assert 1e-6 < process.seconds("predict row", 3) < 1
        assert surroundings.blas().keys() & process.blas().keys()  # NumPy's, at the least
    finally:
        process.end()


def test_processes_that_start_and_others_are_told_apart_and_all_end():
    results, nobody = run.Results(), Contender(OURS["dlcore"].tasks, "nobody")
    with run.started("mlp", {"dlcore": OURS["dlcore"], "nobody": nobody}, results) as processes:
        (process,) = processes.values()
        assert process.seconds("train", 1) > 0
    assert results.failed == {"nobody": "nobody ended with exit code 1: KeyError: 'nobody'"}
    assert results.blas
    with pytest.raises(ValueError, match="closed"):
        process.seconds("train", 1)


def test_a_process_that_does_not_start_says_why():
    with pytest.raises(RuntimeError, match="dlcore ended with exit code 1: KeyError: 'nobody'"):
        Process("nobody", "dlcore", OURS["dlcore"]).prepared()


@pytest.mark.parametrize(
    "start", [lambda: Process("mlp", "dlcore", OURS["dlcore"]), lambda: fresh.life("dlcore", {})]
)
def test_no_process_is_held_to_an_older_blas_kernel(start, monkeypatch):
    given = {}

    def remembered(*_, env, **__):
        given.update(env)
        raise OSError

    monkeypatch.setattr(subprocess, "Popen", remembered)
    for name in (*surroundings.PINS, "SOMETHING_ELSE"):
        monkeypatch.setenv(name, "Nehalem")
    with pytest.raises(OSError):
        start()
    assert "SOMETHING_ELSE" in given and not given.keys() & set(surroundings.PINS)


def test_blas_libraries_with_the_same_kernels_share_the_words():
    of = {"OpenBLAS 0.3.31": "Haswell", "OpenBLAS 0.3.30": "Haswell", "MKL 2024.1": ""}
    said = "OpenBLAS 0.3.31 and OpenBLAS 0.3.30 with kernels for Haswell, MKL 2024.1"
    assert surroundings.named(of) == said


def test_the_program_and_its_kernels_train():
    for name in ("dlcore-bare", "dlcore-program"):
        PARTS[name].tasks(MLP)["train"](1)


@pytest.mark.parametrize("name", run.WORKLOADS)
def test_the_data_of_a_workload_are_full_batches_of_float32_or_words(name):
    workload = run.WORKLOADS[name]
    x, y = workload.data()
    assert len(x) == len(y) == workload.steps * workload.batch
    assert x.dtype == (np.int64 if name in ("lstm", "gru") else np.float32)
    assert len(workload.many()[0]) == len(workload.many()[1]) == workload.predicts
    assert len(workload.targets(y)) == len(y)


def test_a_fresh_process_tells_times_and_memory():
    lived = fresh.life("dlcore", {})
    assert 0.001 < lived["import"] < 30 and 0.01 < lived["first fit"] < 300
    assert lived["import and fit"] == lived["import"] + lived["first fit"]
    if sys.platform != "win32":
        assert 50e6 < lived["memory"] < 2e9


def test_a_life_that_ends_early_says_why():
    with pytest.raises(RuntimeError, match="nobody ended with exit code 1: KeyError: 'nobody'"):
        fresh.life("nobody", {})


def test_the_peak_of_memory_stays_when_memory_is_given_back():
    before = fresh.peak_memory()
    block = np.ones(200_000_000 // 8 + before // 8)
    del block
    assert fresh.peak_memory() > before or sys.platform == "win32"
