"""What lesson 02 promises: its walk runs on the learner's kernels alone, and its numbers hold."""

import numpy as np
import pytest

from dlcore import Variable, backends
from dlcore.backends import mine
from dlcore.course import material, notebooks
from dlcore.course.registry import registry
from dlcore.optimizers import SGD

# What one step of a linear neuron is made of; `dense` is of lesson 01.
KERNELS = ("dense", "mse_grad", "dense_grad", "sgd_update")


def train():
    """The function `train` as the notebook has it."""
    (path,) = notebooks.find(["02"])
    (source,) = [c.source for c in notebooks.read(path).cells if "def train(" in c.source]
    names = {"np": np, "Variable": Variable, "SGD": SGD, "compute": backends.compute}
    exec(source, names)
    return names["train"]


def test_the_walk_runs_on_the_learners_kernels_and_on_no_other(own, monkeypatch):
    called = []
    run = backends.dispatch._run

    def noting(kernel, *arguments):
        called.append(kernel.name)
        run(kernel, *arguments)

    monkeypatch.setattr(backends.dispatch, "_run", noting)
    backends.set_backend("mine")
    x, t = material.flippers_and_masses()
    w, b = train()(x, t, 0.1, 22)
    assert mine.calls["dense"] == mine.calls["mse_grad"] == mine.calls["dense_grad"] == 22
    assert mine.calls["sgd_update"] >= 22
    assert set(called) - {"cast", "binary"} == set(KERNELS)  # those two copy and count
    assert sum(mine.calls.values()) == len([name for name in called if name in KERNELS])
    np.testing.assert_allclose((w.item(), b.item()), (0.496, 4.12), atol=0.02)


def test_the_loop_of_the_exercise_does_what_the_engine_does():
    descend = registry().find("02.descend").answer
    x, t = material.flippers_and_masses()
    own = descend(x, t, np.zeros((1, 1)), np.zeros(1), 0.1, 22)
    for ours, engine in zip(own, train()(x, t, 0.1, 22), strict=True):
        np.testing.assert_allclose(ours, engine, atol=1e-5)


def test_what_the_text_says_of_the_bowls_is_so():
    x, t = material.flippers_and_masses()
    assert material.steps_needed(x, t, 0.33) == 5 and material.steps_needed(x, t, 0.1) == 22
    best = min(material.steps_needed(x, t, rate) for rate in np.arange(0.01, 0.5, 0.01))
    assert best == 5
    steepest, flattest = material.curvatures(x + 20)
    rates = np.array([0.9, 0.99, 0.999, 0.9999]) * 2 / steepest
    steps = [material.steps_needed(x + 20, t, rate) for rate in rates]
    assert 100_000 < min(steps) < 110_000


def test_what_the_text_says_of_the_bench_is_so():
    x, t = material.flippers_and_masses()
    steps = {rate: material.steps_needed(x, t, rate) for rate in (0.3, 0.45, 0.5)}
    assert steps[0.3] == 6 == min(steps.values())
    steepest, flattest = material.curvatures(x)
    assert 0.5 < 2 / steepest < 0.51
    for rate, steep, flat in ((0.3, -0.19, 0.41), (0.45, -0.79, 0.11)):
        brackets = 1 - rate * steepest, 1 - rate * flattest
        np.testing.assert_allclose(brackets, (steep, flat), atol=0.005)
    from_17 = x + 3
    edge = 2 / material.curvatures(from_17)[0]
    assert edge == pytest.approx(0.081, abs=5e-4)
    rates = np.arange(0.9, 1, 0.005) * edge
    assert 130 < min(material.steps_needed(from_17, t, rate) for rate in rates) < 150


def test_the_search_of_lesson_01_needs_as_many_trials_as_the_text_says():
    x, t = material.flippers_and_masses()
    columns = np.column_stack([x, np.ones(len(x))])
    lowest = np.mean((columns @ np.linalg.lstsq(columns, t, rcond=None)[0] - t) ** 2)
    trial_step = registry().find("01.trial_step").answer
    w, b, near = np.zeros((1, 1)), np.zeros(1), []
    for dw, db in material.random_changes(x, size=0.2, trials=400):
        w, b = trial_step(x, t, w, b, dw, db)
        near.append(np.mean((x @ w + b - t) ** 2) <= lowest + 0.001)
    assert 150 < near.index(True) + 1 < 170


def test_twenty_steps_can_be_beaten_by_the_rate_and_by_more_inputs():
    walk = registry().find("02.descend").answer
    _, t = material.flippers_and_masses()

    def loss_after_20(names, rate):
        x = material.measures(names)
        w, b = walk(x, t, np.zeros((x.shape[1], 1)), np.zeros(1), rate, 20)
        return np.mean((x @ w + b - t) ** 2)

    four = ["flipper_length_mm", "bill_length_mm", "bill_depth_mm", "male"]
    assert loss_after_20(four, 0.1) == pytest.approx(0.1223, abs=1e-4)
    assert loss_after_20(four, 0.3) == pytest.approx(0.1167, abs=1e-4)
    assert loss_after_20(four, 0.5) > 1
    assert loss_after_20([*four, "chinstrap", "gentoo"], 0.3) < 0.084
