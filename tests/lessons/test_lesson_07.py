"""What lesson 07 promises: the learner's own kernels read digits, and its figures hold."""

import re

import numpy as np
import pytest

from dlcore import Input, Sequential, losses, utils
from dlcore.backends import compute, mine
from dlcore.course import lesson_map, material, notebooks
from dlcore.course.registry import registry
from dlcore.datasets import digits8
from dlcore.layers import Dense

LESSON = lesson_map.LESSONS[7]
KERNELS = (
    "softmax", "softmax_grad", "sparse_categorical_crossentropy",
    "sparse_categorical_crossentropy_from_logits_grad", "sparse_categorical_accuracy",
)  # fmt: skip
LOSS = losses.SparseCategoricalCrossentropy(from_logits=True)


def cells():
    return [cell for cell in notebooks.read(LESSON.path).cells if cell.cell_type == "code"]


def train(model, x, labels, *numbers):
    """The lesson's own loop, as it stands in the notebook."""
    scope = {"x": x, "labels": labels}
    exec(next(each.source for each in cells() if "def train(" in each.source), scope)
    scope["train"](model, LOSS, *numbers)


def test_every_exercise_of_the_lesson_is_a_kernel():
    exercises = [each for each in registry().all() if each.lesson == LESSON.key]
    assert sorted(each.name for each in exercises) == sorted(KERNELS)
    assert all(each.of_the_library for each in exercises)


def test_the_engine_calls_every_kernel_of_the_learner(own):
    """The cells of the lesson from its loop on, and what they report."""
    data = material.digits_as_rows()
    said = {}
    scope = {
        "np": np, "losses": losses, "compute": compute, "beliefs": lambda *figure: None,
        "report": lambda *figure, **numbers: said.update(numbers),
        "reveal": lambda *answer: None, "progress": lambda *lessons: None, "my_prediction": "?",
        **dict(zip(("x", "labels", "x_unseen", "labels_unseen"), data, strict=True)),
    }  # fmt: skip
    code = [each.source for each in cells()]
    start = next(i for i, each in enumerate(code) if "def train(" in each)
    for each in code[start:]:
        exec(each, scope)
    assert set(mine.calls) == set(KERNELS)
    assert mine.calls["sparse_categorical_crossentropy_from_logits_grad"] == 600
    # Each step with a softmax too many goes through it and back; one call more says y.
    assert mine.calls["softmax_grad"] == 300 and mine.calls["softmax"] == 302
    assert mine.calls["sparse_categorical_crossentropy"] == 1
    assert mine.calls["sparse_categorical_accuracy"] == 2
    assert said["first_loss"] == f"{np.log(10):.4f}"
    assert said["last_loss"] == pytest.approx(0.156, abs=5e-4)
    assert said["unseen_loss"] == pytest.approx(0.179, abs=6e-4) and said["wrong"] == 18
    np.testing.assert_allclose(said["their_losses"], [4.55, 3.82, 2.83, 2.55], atol=6e-3)
    assert said["share_of_the_dearest_22"] == pytest.approx(0.45, abs=5e-3)
    assert said["shown_loss"] == pytest.approx(1.66, abs=5e-3)
    assert said["least_possible"] == pytest.approx(-np.log(np.e / (np.e + 9)))
    assert said["unseen_accuracy"] == pytest.approx(0.86, abs=3e-3)


def unseen(model, x, labels):
    z = model(x).numpy()
    return np.mean(z.argmax(axis=1) == labels), float(LOSS(labels, z))


@pytest.mark.parametrize("seed", range(3))
def test_the_network_reaches_its_accuracy_on_every_split(seed):
    (x, labels), (x_unseen, labels_unseen) = digits8.load_data(seed=seed)
    model = Sequential([Input((64,)), Dense(10, kernel_initializer="zeros")])
    train(model, x.reshape(-1, 64) / 16, labels)
    right, loss = unseen(model, x_unseen.reshape(-1, 64) / 16, labels_unseen)
    assert 0.95 < right < 0.965 and 0.17 < loss < 0.2


def test_the_number_to_beat_can_be_beaten_by_what_the_lesson_proposes():
    text = "\n".join(each.source for each in notebooks.read(LESSON.path).cells)
    (said,) = re.findall(r"number to beat: (0\.\d+) on the unseen", text)
    x, labels, *rest = material.digits_as_rows()
    one = Sequential([Input((64,)), Dense(10, kernel_initializer="zeros")])
    train(one, x, labels, 3.0)
    assert unseen(one, *rest)[0] > float(said) + 0.006
    utils.set_random_seed(0)
    hidden, last = Dense(32, activation="relu"), Dense(10, kernel_initializer="zeros")
    two = Sequential([Input((64,)), hidden, last])
    assert float(LOSS(labels, two(x))) == pytest.approx(np.log(10), abs=1e-6)
    train(two, x, labels, 0.5)
    right, loss = unseen(two, *rest)
    assert right > float(said) + 0.006 and loss < 0.13


def test_doubled_logits_are_surer_and_here_that_helps():
    x, labels, x_unseen, labels_unseen = material.digits_as_rows()
    model = Sequential([Input((64,)), Dense(10, kernel_initializer="zeros")])
    train(model, x, labels)
    z = model(x_unseen).numpy()
    factors = np.arange(5, 90) / 10
    found = [float(LOSS(labels_unseen, factor * z)) for factor in factors]
    assert factors[np.argmin(found)] == pytest.approx(1.7, abs=0.11)
    assert found[-6] == pytest.approx(2 * found[5], rel=0.05)  # at 8, and at 1


def test_random_weights_of_spread_1_are_sure_and_wrong_from_the_start():
    x, labels, *_ = material.digits_as_rows()
    rng = np.random.default_rng(0)
    first = [float(LOSS(labels, x @ rng.normal(size=(64, 10)))) for _ in range(20)]
    assert min(first) > 4 and max(first) < 10 and 5.5 < np.mean(first) < 8
