"""What lesson 10 promises: batch normalisation of the learner's own in fit, and its figures."""

import functools
import re

import numpy as np
import pytest

from dlcore import Input, Sequential, backends, initializers, losses, utils
from dlcore.backends import mine
from dlcore.course import lesson_map, material, notebooks
from dlcore.course.registry import registry
from dlcore.layers import Activation, BatchNormalization, Dense
from dlcore.optimizers import SGD

LESSON = lesson_map.LESSONS[10]
KERNELS = ("batch_norm", "batch_norm_grad", "moving_average")


def cells():
    return [cell for cell in notebooks.read(LESSON.path).cells if cell.cell_type == "code"]


def text():
    return "\n".join(cell.source for cell in notebooks.read(LESSON.path).cells)


@pytest.fixture(scope="module")
def scope():
    """What the lesson's own cells define: data, ``train`` and ``build``."""
    x, labels, x_unseen, labels_unseen = material.clothes_scaled()
    names = {
        "np": np, "Input": Input, "Sequential": Sequential, "losses": losses, "Dense": Dense,
        "Activation": Activation, "BatchNormalization": BatchNormalization, "SGD": SGD,
        "utils": utils, "set_backend": backends.set_backend, "x": x, "labels": labels,
        "x_unseen": x_unseen, "labels_unseen": labels_unseen,
    }  # fmt: skip
    for each in cells():
        if "def train(" in each.source:
            exec(each.source.partition("\n\n\n")[0], names)
        if "def build(" in each.source:
            exec(each.source, names)
    return names


def trained(scope, start, momentum=None, depth=20, optimizer=None, seed=0, **how):
    utils.set_random_seed(seed)
    model = scope["build"](start, momentum, depth)
    return scope["train"](model, optimizer or SGD(0.01), **how)


@pytest.fixture(scope="module")
def deep(scope):
    """What the deep network of the lesson comes to, by its seed; each is trained once."""
    return functools.cache(lambda seed: trained(scope, "he_normal", seed=seed))


def test_its_exercises_are_two_rules_and_three_kernels():
    exercises = [each for each in registry().all() if each.lesson == LESSON.key]
    kernels = {each.name for each in exercises if each.of_the_library}
    assert kernels == set(KERNELS) == set(LESSON.kernels)
    assert {each.name for each in exercises} - kernels == {"glorot_uniform", "he_normal"}


@pytest.mark.parametrize("depth", [3, 20])
def test_the_engine_calls_every_kernel_of_the_learner_in_every_step(own, scope, depth):
    """Once a layer, the average twice, for each 500 rows; evaluate calls none of them."""
    short = {**scope, "x": scope["x"][:2000], "labels": scope["labels"][:2000]}
    exec(cells()[1].source.partition("\n\n\n")[0], short)
    found = {}
    for backend in ("cpu", "mine"):
        backends.set_backend(backend)
        found[backend] = trained(short, "he_normal", 0.9, depth, batch_size=500, epochs=2)
        assert bool(mine.calls) == (backend == "mine")
    steps = 2 * 4
    assert mine.calls["batch_norm"] == depth * steps
    assert mine.calls["batch_norm_grad"] == depth * steps
    assert mine.calls["moving_average"] == 2 * depth * steps
    assert set(mine.calls) == set(KERNELS)
    # Where slopes grow through twenty layers the last digit of a sum soon tells two runs apart.
    near = 0.001 if depth == 3 else 0.1
    np.testing.assert_allclose(found["mine"][:2], found["cpu"][:2], rtol=near)


def test_the_rules_of_the_exercises_spread_as_those_of_the_library():
    rng = np.random.default_rng(0)
    glorot, he = (registry().find(f"10.{name}").answer for name in ("glorot_uniform", "he_normal"))
    shape = (800, 300)
    library = initializers.GlorotUniform(seed=0)(shape)
    w = glorot(rng.random(shape))
    assert w.std() == pytest.approx(library.std(), rel=0.01)
    assert np.abs(w).max() == pytest.approx(np.abs(library).max(), rel=0.001)
    library, w = initializers.HeNormal(seed=0)(shape), he(rng.normal(size=shape))
    assert w.std() == pytest.approx(library.std(), rel=0.01) == pytest.approx(0.05, rel=0.01)
    # The library's numbers are cut off at two deviations, and widened.
    assert np.abs(library).max() < 0.05 * 2.3 < np.abs(w).max()


def test_nothing_is_learnt_with_small_weights_whatever_the_optimizer(scope):
    for optimizer in (SGD(0.01), SGD(0.1), "adam"):
        loss, _, share = trained(scope, "random_normal", optimizer=optimizer, epochs=1)
        assert loss == pytest.approx(np.log(10), abs=2e-3) and share == pytest.approx(0.1, abs=0.01)


def test_a_bias_before_batch_norm_has_no_slope():
    x = np.random.default_rng(0).normal(size=(12, 5)).astype(np.float32)
    dense = Dense(4)
    model = Sequential([Input((5,)), dense, BatchNormalization(), Activation("relu"), Dense(1)])
    losses.MeanSquaredError()(x[:, :1], model(x, training=True)).backward()
    assert np.abs(dense.bias.grad).max() < 1e-6 < np.abs(dense.kernel.grad).max()


def test_momentum_changes_what_evaluate_uses_and_not_the_weights(scope):
    gaps = []
    for seed in range(3):
        found, weights = {}, {}
        for momentum in (0.99, 0.9):
            utils.set_random_seed(seed)
            model = scope["build"]("he_normal", momentum, 3)
            found[momentum] = scope["train"](model, "adam", 500, 1)
            moving = [layer.moving_mean for layer in model.layers if "normal" in layer.name]
            moving += [layer.moving_variance for layer in model.layers if "normal" in layer.name]
            kept = [w for w in model.weights if not any(w is each for each in moving)]
            weights[momentum] = [w.numpy() for w in kept]
        for one, other in zip(weights[0.99], weights[0.9], strict=True):
            np.testing.assert_array_equal(one, other)
        assert found[0.99][0] == found[0.9][0]
        gaps.append(found[0.99][1] - found[0.9][1])
        assert found[0.9][2] > found[0.99][2]
    assert min(gaps) > 0.1 and max(gaps) < 1 and gaps[1] > 0.5


def test_the_arithmetic_of_the_text():
    assert 0.99**20 == pytest.approx(0.82, abs=0.005)
    assert np.sqrt(64 * 0.05**2 / 2) == pytest.approx(0.28, abs=0.005)
    assert np.sqrt(64 * 0.05**2 / 2) ** 20 == pytest.approx(1e-11, rel=0.1)
    assert np.sqrt(2 / 400) == pytest.approx(0.071, abs=5e-4)
    factor = 0.01 * np.sqrt(400 / 2)
    assert factor == pytest.approx(0.14, abs=0.002) and factor**10 == pytest.approx(3e-9, rel=0.1)
    assert np.sqrt(0.5) ** 20 == pytest.approx(0.001, rel=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_batch_norm_rescues_bad_weights_and_does_not_improve_good_ones(scope, deep, seed):
    last = {
        (start, momentum): trained(scope, start, momentum, seed=seed)[0]
        for start in ("random_normal", "glorot_uniform", "he_normal")
        for momentum in (None, 0.9)
        if (start, momentum) != ("he_normal", None)
    }
    last["he_normal", None] = deep(seed)[0]
    assert last["random_normal", None] > 2.3 and last["glorot_uniform", None] > 2.2
    assert last["he_normal", None] < 0.8
    normalised = [loss for (_, momentum), loss in last.items() if momentum]
    assert max(normalised) < 1.6 and min(normalised) > last["he_normal", None] + 0.1
    if seed == 0:
        rows = re.findall(r"^\| (\w+) \| \**([\d.]+) .*?\| ([\d.]+) ", text(), re.MULTILINE)
        assert len(rows) == 3
        for start, alone, with_it in rows:
            assert last[start, None] == pytest.approx(float(alone), abs=0.05)
            assert last[start, 0.9] == pytest.approx(float(with_it), abs=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_number_to_beat_can_be_beaten_by_what_the_lesson_proposes(scope, deep, seed):
    (said,) = re.findall(r"number to beat: (0\.\d+) on the unseen", text())
    assert deep(seed)[2] == pytest.approx(float(said), abs=0.04)
    assert trained(scope, "he_normal", optimizer="adam", seed=seed)[2] > float(said) + 0.01
    assert trained(scope, "he_normal", depth=2, seed=seed)[2] > float(said) + 0.03
