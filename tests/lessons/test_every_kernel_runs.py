"""Whoever solves all exercises finds every kernel of the map on the board, called by the engine.

The kernels are accepted in the order of the lessons, each as the answer key has it; where a lesson
is written, as its exercise has it. After each one real models are trained, with the layers that its
lesson shows.
"""

import numpy as np
import pytest

from dlcore import Input, Sequential, backends, layers, losses, utils
from dlcore.backends import KERNELS, mine
from dlcore.backends import numpy as key
from dlcore.course import Exercise, WrongAnswer, board, check, lesson_map
from dlcore.course.progress_file import Progress
from dlcore.course.registry import registry
from dlcore.course.source import answer_text
from dlcore.layers import Dense
from dlcore.optimizers import SGD, Adam

TO_COME = {"all_reduce"}
KERNELS_OF = {
    lesson.key: [name for name in lesson.kernels if name not in TO_COME]
    for lesson in lesson_map.LESSONS
}
RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 4)).astype(np.float32)
IMAGES = RNG.normal(size=(12, 6, 6, 1)).astype(np.float32)
LETTERS = RNG.integers(0, 7, (12, 5))
SIDES, CLASSES = np.arange(12) % 2, np.arange(12) % 3
ONE_HOT = np.eye(3, dtype=np.float32)[CLASSES]


class Linear(layers.Layer):
    """A layer as lesson 05 writes it, with the product of lesson 12."""

    def build(self, input_shape):
        self.w = self.add_weight((input_shape[-1], 2))

    def call(self, x):
        return x @ self.w


def trained(inside, loss="mse", optimizer=None, x=X, y=None):
    """Two epochs of a Sequential model with these layers."""
    model = Sequential([Input(x.shape[1:]), *inside])
    model.compile(optimizer or SGD(0.01), loss, metrics=["accuracy"] if y is not None else None)
    y = x.mean(axis=tuple(range(1, x.ndim))) if y is None else y
    model.fit(x, y, batch_size=4, epochs=2, verbose=0)


def regression():
    trained([Dense(3), Dense(1)])


def two_sides():
    trained([Dense(3, "sigmoid"), Dense(1, "sigmoid")], "binary_crossentropy", y=SIDES)
    trained([Dense(1)], losses.BinaryCrossentropy(from_logits=True), y=SIDES)


def bends():
    trained([Dense(4, "relu"), Dense(4, "tanh"), Dense(4, "leaky_relu"), Dense(1)])


def three_classes():
    one_hot, sparse = losses.CategoricalCrossentropy, losses.SparseCategoricalCrossentropy
    for loss, y in ((one_hot, ONE_HOT), (sparse, CLASSES)):
        trained([Dense(3, "softmax")], loss(), y=y)
        trained([Dense(3)], loss(from_logits=True), y=y)


def better_steps():
    trained([Dense(1)], optimizer=SGD(0.1, momentum=0.9))
    trained([Dense(1)], optimizer=Adam(0.01))


def normalised():
    trained([Dense(4), layers.BatchNormalization(), Dense(1)])


def left_out():
    trained([Dense(4), layers.Dropout(0.5), Dense(1)])


def own_layer():
    trained([Linear(), Dense(1)])


def images():
    seen = [layers.Conv2D(2, 3, activation="relu"), layers.Conv2D(2, 2), layers.Flatten()]
    trained([*seen, Dense(1)], x=IMAGES)


def pooled():
    seen = [layers.Conv2D(2, 3, activation="relu"), layers.MaxPooling2D(2), layers.Flatten()]
    trained([*seen, Dense(1)], x=IMAGES)


def names():
    trained([layers.Embedding(7, 3), layers.SimpleRNN(4), Dense(1)], x=LETTERS)


def memory():
    trained([layers.Embedding(7, 3), layers.LSTM(4), Dense(1)], x=LETTERS)


# What each lesson with kernels trains.
MODELS = {
    "01": regression, "02": regression, "03": two_sides, "04": bends, "07": three_classes,
    "09": better_steps, "10": normalised, "11": left_out, "12": own_layer, "13": images,
    "14": pooled, "19": names, "20": memory,
}  # fmt: skip


def exercise_for(lesson, name):
    """That of the lesson, else one made of the answer key."""
    found = next((each for each in registry().all() if each.id == f"{lesson}.{name}"), None)
    if found is not None:
        assert check(found, found.answer).status == "right"
        return found
    wrong = (WrongAnswer(lambda *_: None, "a"), WrongAnswer(lambda *_: 0, "b"))
    return Exercise(
        id=f"{lesson}.{name}", title=KERNELS[name].formula[:40], level="core", minutes=5,
        answer=getattr(key, name), draw=lambda rng, size: (), hints=("1", "2", "3"), wrong=wrong,
    )  # fmt: skip


def section(exercise):
    body = answer_text(exercise.answer)
    return f"# >>> {exercise.id} {mine.checksum(body)}\n{body}# <<< {exercise.id}\n\n"


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """All lessons gone through: which kernels ran after each was accepted, and the board's rows."""
    folder = tmp_path_factory.mktemp("course")
    before = backends.get_backend()
    mine.calls.clear()
    exercises, progress, ran = [], Progress(), {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLCORE_COURSE_FOLDER", str(folder))
        for lesson, names in KERNELS_OF.items():
            for name in names:
                exercises.append(exercise_for(lesson, name))
                progress.record(exercises[-1].id).reach("right")
                (folder / mine.FILE).write_text("".join(map(section, exercises)), "utf-8")
                backends.set_backend("mine")
                calls = mine.calls.copy()
                utils.set_random_seed(0)
                MODELS[lesson]()
                ran[name] = mine.calls - calls
        rows = board.rows(exercises, progress, mine.calls)
    backends.set_backend(before)
    mine.load(folder / "nothing.py")
    mine.calls.clear()
    return ran, rows


def test_only_what_comes_later_is_left_out():
    every = {name for lesson in lesson_map.LESSONS for name in lesson.kernels}
    assert {name for names in KERNELS_OF.values() for name in names} == every - TO_COME
    assert lesson_map.KERNELS_TO_COME == TO_COME
    assert {lesson for lesson, names in KERNELS_OF.items() if names} == set(MODELS)


def test_every_kernel_runs_once_it_is_accepted(walked):
    ran, _ = walked
    assert [name for name, calls in ran.items() if not calls[name]] == []


def test_every_kernel_stands_on_the_board_with_a_count(walked):
    _, rows = walked
    shown = {entry["exercise"]: entry for row in rows for entry in row["exercises"]}
    assert {id[3:] for id in shown} == {name for names in KERNELS_OF.values() for name in names}
    for id, entry in shown.items():
        assert entry["state"] == "right"
        assert entry["in the engine"].endswith((" call", " calls")), (id, entry)


def test_a_kernel_that_nothing_calls_would_be_seen(walked):
    """Before a lesson is there, its kernels have no count."""
    ran, _ = walked
    assert not any(calls["lstm_step"] for name, calls in ran.items() if name != "lstm_step")
    assert not ran["dense"]["dense_grad"]
