"""What lesson 09 promises: the learner's steps train a network in fit, and its figures hold."""

import functools
import re

import numpy as np
import pytest

from dlcore import Input, Sequential, backends, utils
from dlcore.backends import compute, mine
from dlcore.course import lesson_map, material, notebooks
from dlcore.course.keeping import keep
from dlcore.course.progress_file import Progress
from dlcore.course.registry import registry
from dlcore.course.source import answer_text
from dlcore.layers import Dense
from dlcore.optimizers import SGD, Adam
from dlcore.optimizers.schedules import CosineDecay
from dlcore.widgets import RaceModel, race

LESSON = lesson_map.LESSONS[9]
KERNELS = ("sgd_update", "momentum_update", "adam_update")


def cells():
    return [cell for cell in notebooks.read(LESSON.path).cells if cell.cell_type == "code"]


def text():
    return "\n".join(each.source for each in notebooks.read(LESSON.path).cells)


def said(pattern):
    """The numbers that the text gives in a sentence."""
    (found,) = re.findall(pattern, text())
    return tuple(float(each) for each in (found if isinstance(found, tuple) else (found,)))


def train(optimizer, rows, epochs=5, seed=0):
    """The lesson's own function, as it stands in the notebook."""
    x, labels = rows
    seeded = type("seeded", (), {"set_random_seed": lambda _: utils.set_random_seed(seed)})
    scope = {"x": x, "labels": labels, "Input": Input, "Sequential": Sequential, "utils": seeded}
    exec(next(each.source for each in cells() if "def train(" in each.source), scope)
    return scope["train"](optimizer, epochs)


@pytest.fixture(scope="module")
def clothes():
    x, labels, *unseen = material.clothes_as_rows()
    return (x, labels), unseen


@pytest.fixture(scope="module")
def both(clothes):
    """Model and losses of two trainings that two tests look at; each is made once."""
    optimizers = {"SGD": lambda: SGD(0.3), "Adam": lambda: Adam(0.001)}
    return functools.cache(lambda name, seed: train(optimizers[name](), clothes[0], seed=seed))


def test_the_exercises_and_which_of_them_are_kernels():
    exercises = [each for each in registry().all() if each.lesson == LESSON.key]
    assert [each.name for each in exercises] == [
        "momentum_update", "running_mean", "adam_update", "cosine_rate",
    ]  # fmt: skip
    assert {each.name for each in exercises if each.of_the_library} == set(LESSON.kernels)


@pytest.mark.parametrize(
    ("optimizer", "kernel"),
    [
        (lambda: SGD(0.01, momentum=0.9), "momentum_update"),
        (lambda: Adam(0.001), "adam_update"),
        (lambda: Adam(CosineDecay(0.003, 785)), "adam_update"),
    ],
)
def test_fit_takes_every_step_by_the_kernel_of_the_learner(own, clothes, optimizer, kernel):
    """One epoch of 1280 images: as on cpu, and the board would count a call a step."""
    rows = [each[:1280] for each in clothes[0]]
    backends.set_backend("cpu")
    expected, _ = train(optimizer(), rows, epochs=2)
    assert not mine.calls
    backends.set_backend("mine")
    model, losses = train(optimizer(), rows, epochs=2)
    assert mine.calls == {kernel: 2 * 20}
    assert losses[1] < losses[0]
    for learners, library in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(learners, library, atol=1e-5)


def test_what_the_learner_writes_leaves_nesterov_to_the_library(accept, tmp_path, clothes):
    accept([])
    spelled = registry().find("09.momentum_update").spelled
    assert "nesterov" not in spelled.__code__.co_varnames
    form = answer_text(spelled).replace(spelled.__name__, "momentum_update", 1)
    keep(tmp_path, "09.momentum_update", form, Progress())
    backends.set_backend("mine")
    rows = [each[:256] for each in clothes[0]]
    train(SGD(0.01, momentum=0.9), rows, epochs=1)
    assert mine.calls["momentum_update"] == 4
    with pytest.raises(mine.LearnerError, match="does not take nesterov"):
        train(SGD(0.01, momentum=0.9, nesterov=True), rows, epochs=1)


def test_the_race_runs_on_the_kernels_of_the_learner(own):
    backends.set_backend("mine")
    there = RaceModel().paths()
    assert mine.calls == dict.fromkeys(KERNELS, race.LAST)
    backends.set_backend("numpy")
    for name, path in RaceModel().paths().items():
        np.testing.assert_allclose(there[name], path)


def arrivals(**values):
    return RaceModel(**values).arrivals()


def test_what_the_text_says_of_the_race_is_so():
    at_first = RaceModel(steps=60)
    found = {name: losses[-1] for name, losses in at_first.losses().items()}
    assert found == pytest.approx({"sgd": 2.395, "momentum": 0.047, "adam": 0.06}, abs=6e-4)
    assert at_first.arrivals() == {"sgd": None, "momentum": 82, "adam": 79}
    assert said(r"it is at the bottom after (\d+) steps") == (82,)
    flat = 8 * 0.99 ** (2 * np.arange(500))
    assert said(r"so that it would need (\d+) steps") == (np.argmax(flat < 0.01),)
    bouncing = RaceModel(rate=0.02, steps=150).losses()["sgd"]
    assert min(bouncing) > 50
    assert RaceModel(rate=0.021).whole_paths()["sgd"].shape[0] < 150
    stays, leaves = said(r"it comes down with (0\.\d+), and leaves with (0\.\d+)")
    assert arrivals(rate=stays)["momentum"] is not None
    assert len(RaceModel(rate=leaves).whole_paths()["momentum"]) < race.LAST
    with_momentum = [arrivals(rate=0.02, momentum=m)["momentum"] for m in (0.0, 0.8, 0.9)]
    counts = said(r"it is there after (\d+) steps with 0.8, after (\d+) with 0.9")
    assert with_momentum == [None, *counts]
    swings = RaceModel(rate=0.02, momentum=0.99, steps=60).losses()["momentum"][-1]
    assert said(r"still swings after 60 steps, at a loss of (\d+)\.") == (round(swings),)
    rates = re.findall(r"with (0\.\d+) it needs (\d+)", text())
    assert len(rates) == 2
    for rate, count in rates:
        assert arrivals(adam_rate=float(rate))["adam"] == int(count)
    gentle = arrivals(steepness=20, rate=0.05)
    counts = said(r"plain SGD is there after (\d+) steps, momentum after (\d+)")
    assert (gentle["sgd"], gentle["momentum"]) == counts


def test_adam_goes_one_way_whatever_the_steepness():
    ways = [RaceModel(steepness=each).paths()["adam"] for each in (1, 10, 100)]
    np.testing.assert_allclose(ways[0], ways[1], atol=1e-4)
    np.testing.assert_allclose(ways[0], ways[2], atol=1e-4)
    np.testing.assert_allclose(ways[0][10], (-3.01, 0.076), atol=1e-3)


def steps_of_adam(hessian, w, last=500, scale=1.0):
    """Its ways at the rate 0.1 down w' hessian w / 2, and the step after which it is below 0.01."""
    m, v, way = np.zeros(2), np.zeros(2), [w]
    for step in range(1, last):
        w, m, v = compute("adam_update", w, m, v, scale * hessian @ w, 0.1, step)
        way.append(w)
    way = np.array(way)
    above = np.nonzero(np.einsum("ni,ij,nj->n", way, hessian, way) / 2 >= 0.01)[0]
    return way, above[-1] + 1


def test_a_ravine_that_is_turned_takes_adam_much_longer():
    ravine, start = np.diag([1.0, 100.0]), np.array([-4.0, 1.0])
    turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)
    turned, straight = said(r"takes Adam (\d+) steps in place of (\d+)")
    assert steps_of_adam(ravine, start)[1] == straight
    assert steps_of_adam(turn @ ravine @ turn.T, turn @ start)[1] == pytest.approx(turned, abs=2)


def test_grams_for_kilograms_change_nothing_for_adam():
    ravine, start = np.diag([1.0, 100.0]), np.array([-4.0, 1.0])
    kilograms, grams = (steps_of_adam(ravine, start, 31, scale)[0] for scale in (1.0, 1000.0))
    np.testing.assert_allclose(kilograms, grams, atol=1e-6)


def test_a_velocity_settles_where_the_text_says():
    (source,) = [each.source for each in cells() if "def speed_after" in each.source]
    said = {}
    momentum_update = registry().find("09.momentum_update").answer
    exec(source, {"np": np, "momentum_update": momentum_update,
                  "report": lambda **numbers: said.update(numbers)})  # fmt: skip
    alike, in_turn = said.values()
    assert alike == pytest.approx(1 / (1 - 0.9), rel=0.01)
    assert in_turn == pytest.approx(1 / (1 + 0.9), rel=0.01)
    (late,) = re.findall(r"slope of 100 steps ago still counts (0\.\d+)", text())
    assert 0.99**100 == pytest.approx(float(late), abs=0.005)


def test_the_first_step_of_adam_is_as_long_for_a_large_slope_as_for_a_small_one():
    adam_update = registry().find("09.adam_update").answer
    nothing = np.zeros(4)
    slopes = np.array([1000, 1e-3, 1e-6, 1e-8])
    moved = -adam_update(nothing, nothing, nothing, slopes, 0.001, 1)[0]
    np.testing.assert_allclose(moved, [0.001, 0.000997, 0.00024, 3.2e-6], rtol=0.02)


@pytest.mark.parametrize("warmup, steps, top", [(50, 735, 0.1), (3, 20, 2.0)])
def test_the_rate_is_that_of_the_library(warmup, steps, top):
    cosine_rate = registry().find("09.cosine_rate").answer
    step = np.arange(warmup + steps + 30)
    schedule = CosineDecay(0.0, steps, warmup_target=top, warmup_steps=warmup)
    np.testing.assert_allclose(cosine_rate(step, top, warmup, steps), schedule(step), atol=1e-6)


def test_the_sizes_that_the_text_gives(clothes):
    (x, labels), (x_unseen, _) = clothes
    assert x.shape == (10_000, 784) and len(x_unseen) == 2000 and -(-len(x) // 64) * 5 == 785
    assert x.min() == 0 and x.max() == 1 and set(labels) == set(range(10))
    model = Sequential([Input((784,)), Dense(128), Dense(10)])
    assert f"{model.count_params():,}".replace(",", " ") in text()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_losses_that_the_text_gives(clothes, both, seed):
    def last(optimizer):
        return train(optimizer, clothes[0], seed=seed)[1][-1]

    best = said(r"about (0.\d+) for SGD at 0.3, (0.\d+) for momentum at 0.03, and (0.\d+) for")
    plain, ten_times = last(SGD(0.01)), last(SGD(0.1))
    momentum, adam = last(SGD(0.01, momentum=0.9)), both("Adam", seed)[1][-1]
    assert plain == pytest.approx(0.68, abs=0.01) and adam == pytest.approx(0.39, abs=0.015)
    assert abs(momentum - ten_times) < 0.03 and ten_times < 0.47
    there = [both("SGD", seed)[1][-1], last(SGD(0.03, momentum=0.9)), last(Adam(0.003))]
    np.testing.assert_allclose(there, best, atol=0.025)
    assert last(Adam(0.0001)) == pytest.approx(*said(r"At 0.0001 Adam ends at (0.\d+)\."), abs=0.02)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_schedule_brings_the_walk_to_rest_and_beats_the_number(clothes, both, seed):
    def measured(model):
        return model.evaluate(*clothes[1], verbose=0)[1]

    def accuracy(optimizer):
        return measured(train(optimizer, clothes[0], seed=seed)[0])

    (said,) = re.findall(r"number to beat: (0\.\d+) of the unseen", text())
    fixed = measured(both("SGD", seed)[0])
    assert 0.6 < fixed < 0.845 < accuracy(SGD(CosineDecay(0.3, 785)))
    assert measured(both("Adam", seed)[0]) == pytest.approx(0.847, abs=0.01)
    assert accuracy(Adam(CosineDecay(0.003, 785))) > float(said)
    warm = CosineDecay(0.0, 735, warmup_target=0.1, warmup_steps=50)
    assert accuracy(SGD(warm, momentum=0.9)) > float(said)


@pytest.mark.parametrize("backend", ["numpy", "cpu"])
def test_a_large_rate_trains_and_is_no_nan(clothes, backend):
    """The race invites large rates: with this one a right class soon gets exactly 0."""
    before = backends.get_backend()
    backends.set_backend(backend)
    try:
        _, losses = train(Adam(0.1), [each[:1280] for each in clothes[0]], epochs=1)
    finally:
        backends.set_backend(before)
    assert np.isfinite(losses).all()
