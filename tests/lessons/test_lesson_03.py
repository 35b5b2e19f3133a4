"""What lesson 03 promises: the learner's own kernels train the neuron, and its figures hold."""

import re

import numpy as np
import pytest

from dlcore import backends, metrics
from dlcore.backends import compute, mine
from dlcore.course import lesson_map, material, notebooks
from dlcore.course.registry import registry
from dlcore.datasets import credit
from dlcore.widgets import DecidingModel

LESSON = lesson_map.LESSONS[3]
KERNELS = (
    "sigmoid", "sigmoid_grad", "binary_crossentropy", "binary_crossentropy_grad",
    "binary_crossentropy_from_logits_grad",
)  # fmt: skip


def cell(text):
    return next(c.source for c in notebooks.read(LESSON.path).cells if text in c.source)


def train(*data):
    """The lesson's own loop, as it stands in the notebook."""
    scope = {"np": np, "compute": compute}
    exec(cell("def train("), scope)
    return scope["train"](*data)


def test_every_exercise_of_the_lesson_is_a_kernel():
    exercises = [each for each in registry().all() if each.lesson == LESSON.key]
    assert sorted(each.name for each in exercises) == sorted(KERNELS)
    assert all(each.of_the_library for each in exercises)


def test_the_engine_calls_every_kernel_of_the_learner(own, capsys):
    x, t, x_unseen, t_unseen = material.clients()
    backends.set_backend("numpy")
    expected = train(x, t)
    assert not mine.calls
    scope = {
        "np": np, "compute": compute, "train": train, "set_backend": backends.set_backend,
        "x_train": x, "t_train": t, "x_unseen": x_unseen, "t_unseen": t_unseen,
        "report": lambda **numbers: scope.update(numbers),
    }  # fmt: skip
    exec(cell('set_backend("mine")'), scope)
    assert set(mine.calls) == set(KERNELS)
    assert mine.calls["binary_crossentropy_from_logits_grad"] == 201  # 200 steps and a look
    assert all(mine.calls[name] >= 1 for name in KERNELS)
    assert scope["both_ways_back_agree"] and scope["mean_loss"] == pytest.approx(0.512, abs=5e-4)
    for mine_, library in zip((scope["w"], scope["b"]), expected, strict=True):
        np.testing.assert_allclose(mine_, library, atol=1e-6)


def test_the_long_way_ends_where_the_short_one_does():
    """The way of the engine, through y, which is what a sigmoid layer and this loss take."""
    x, t, _, _ = material.clients()
    w, b, share = np.zeros((8, 1)), np.zeros(1), np.full(len(x), 1 / len(x))
    for _ in range(200):
        y = compute("sigmoid", compute("dense", x, w, b))
        dz = compute("sigmoid_grad", compute("binary_crossentropy_grad", share, y, t), y)
        _, dw, db = compute("dense_grad", dz, x, w)
        w, b = w - 0.5 * dw, b - 0.5 * db
    for long, short in zip((w, b), train(x, t), strict=True):
        np.testing.assert_allclose(long, short, atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_the_neuron_reaches_its_scores_on_every_split(seed):
    (x, t), (x_unseen, t_unseen) = credit.load_data(seed=seed)
    w, b = train(x, t[:, None])
    y, t = compute("sigmoid", compute("dense", x_unseen, w, b)), t_unseen[:, None]
    assert 0.49 < compute("binary_crossentropy", y, t).mean() < 0.52
    assert 0.74 < metrics.BinaryAccuracy()(t, y) < 0.77
    assert 0.28 < metrics.Recall()(t, y) < 0.34
    assert 0.74 < metrics.AUC()(t, y) < 0.78


def f1(threshold, *more):
    """F1 on the rows of the training, and on the unseen ones."""
    x, t, x_unseen, t_unseen = material.clients(*more)
    w, b = train(x, t)
    ys = (compute("sigmoid", compute("dense", each, w, b)) for each in (x, x_unseen))
    return [
        metrics.F1Score(threshold=threshold)(target, y).item()
        for y, target in zip(ys, (t, t_unseen), strict=True)
    ]


def best_threshold(*more):
    """The one that the rows of the training propose."""
    x, t, _, _ = material.clients(*more)
    w, b = train(x, t)
    y = compute("sigmoid", compute("dense", x, w, b))
    levels = np.arange(10, 60) / 100
    return max(levels, key=lambda level: metrics.F1Score(threshold=level)(t, y).item())


def test_the_number_to_beat_is_what_the_best_threshold_gives():
    text = cell("A number to beat")
    (said,) = re.findall(r"F1 = (0\.\d+) on the unseen rows", text)
    (level,) = re.findall(r"at the threshold (0\.\d+), the best one", text)
    assert best_threshold() == float(level)
    assert f1(float(level))[1] == pytest.approx(float(said), abs=5e-4)
    half, everybody = re.findall(r"at 0.5 it has (0\.\d+), less than the (0\.\d+)", text)[0]
    assert f1(0.5)[1] == pytest.approx(float(half), abs=5e-4)
    _, _, _, t_unseen = material.clients()
    all_bad = metrics.F1Score(threshold=0.5)(t_unseen, np.ones_like(t_unseen)).item()
    assert all_bad == pytest.approx(float(everybody), abs=5e-4)
    assert float(said) > all_bad + 0.1


def test_the_number_to_beat_can_be_beaten_by_what_the_lesson_proposes():
    (said,) = re.findall(r"F1 = (0\.\d+) on the unseen rows", cell("A number to beat"))
    assert f1(best_threshold("Records"), "Records")[1] > float(said) + 0.02
    both = "Records", "Job"
    assert f1(best_threshold(*both), *both)[1] > float(said) + 0.05


def test_which_column_helps_most():
    """At 0.5, on the rows of the training; what the folded answer says."""
    names = "Records", "Job", "Price", "Home", "Marital"
    found = {name: f1(0.5, name) for name in names}
    assert sorted(names, key=lambda name: -found[name][0])[:2] == ["Records", "Job"]
    seen, unseen = f1(0.5)
    numbers = [seen, found["Records"][0], found["Job"][0], *found["Home"], unseen]
    np.testing.assert_allclose(numbers, [0.457, 0.511, 0.506, 0.473, 0.426, 0.430], atol=5e-4)


def test_the_figures_of_the_play():
    """What the text says of angles, steepness and threshold."""
    x, t = material.penguins_by_sex()
    by_angle = {angle: DecidingModel(x, t, angle=angle) for angle in range(0, 360, 5)}
    best = max(by_angle, key=lambda angle: by_angle[angle].accuracy)
    assert best == 40 and by_angle[40].accuracy == pytest.approx(0.901, abs=5e-4)
    assert by_angle[45].accuracy == pytest.approx(0.895, abs=5e-4)
    assert by_angle[45].area == pytest.approx(0.962, abs=5e-4)
    assert by_angle[225].area == pytest.approx(1 - by_angle[45].area)
    assert by_angle[225].area == pytest.approx(0.038, abs=5e-4)
    steep = DecidingModel(x, t, angle=45, steepness=12)
    assert steep.losses().max() == pytest.approx(12, abs=0.05)
    low, half = (DecidingModel(x, t, 45, steepness=6, threshold=each) for each in (0.25, 0.5))
    assert low.accuracy == pytest.approx(half.accuracy)
    assert (low.recall, half.recall) == pytest.approx((0.96, 0.89), abs=5e-3)


def test_the_loss_of_one_who_always_says_the_share():
    _, t, _, t_unseen = material.clients()
    share = np.full_like(t_unseen, t.mean())
    assert t.mean() == pytest.approx(0.28, abs=5e-3)
    assert compute("binary_crossentropy", share, t_unseen).mean() == pytest.approx(0.595, abs=5e-4)


def test_whoever_is_most_wrong_learns_slowest_with_the_squared_miss():
    """The slopes at z = -8 and at z = -24 that the text names."""
    z, yes, one = np.array([[-8.0], [-24.0]]), np.ones((2, 1)), np.ones(2)
    y = compute("sigmoid", z)
    squared = compute("sigmoid_grad", compute("mse_grad", one, y, yes), y)
    through_y = compute("sigmoid_grad", compute("binary_crossentropy_grad", one, y, yes), y)
    short = compute("binary_crossentropy_from_logits_grad", one, z, yes)
    assert squared[0].item() == pytest.approx(-0.0007, abs=5e-5)
    np.testing.assert_allclose(through_y.ravel(), [-1, 0], atol=1e-3)
    np.testing.assert_allclose(short.ravel(), [-1, -1], atol=1e-3)
    loss = (
        compute("binary_crossentropy_from_logits", z, yes),
        compute("binary_crossentropy", y, yes),
    )
    assert [each[1] for each in loss] == pytest.approx([24, 16.1], abs=0.05)
