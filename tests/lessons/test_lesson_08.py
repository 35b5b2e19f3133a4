"""What lesson 08 promises: the credit model learns on the learner's own kernels, every one."""

import numpy as np
import pytest

from dlcore import backends, utils
from dlcore.backends import mine
from dlcore.course import notebooks
from dlcore.course.registry import registry
from dlcore.datasets import credit
from dlcore.layers import Dense
from dlcore.losses import BinaryCrossentropy
from dlcore.models import Sequential
from dlcore.optimizers import SGD

# What one step of the credit model with SGD is made of, as far as lessons teach it.
KERNELS = (
    "dense", "dense_grad", "relu", "relu_grad", "sigmoid", "sigmoid_grad",
    "binary_crossentropy", "binary_crossentropy_grad", "sgd_update",
)  # fmt: skip


def train(epochs=2):
    (x, t), _ = credit.load_data()
    utils.set_random_seed(0)
    model = Sequential()
    model.add(Dense(10, input_dim=8, activation="relu"))
    model.add(Dense(8, activation="relu"))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer=SGD(0.1), metrics=["accuracy"])
    history = model.fit(x, t, epochs=epochs, batch_size=32, verbose=0)
    return model, history.history


def test_the_engine_calls_every_kernel_of_the_learner_in_every_step(own):
    backends.set_backend("numpy")
    expected, _ = train()
    assert not mine.calls
    backends.set_backend("mine")
    model, history = train()
    steps = 2 * 105
    assert set(mine.calls) == set(KERNELS)
    for name in KERNELS:
        assert mine.calls[name] >= steps, name
    assert mine.calls["dense_grad"] >= 3 * steps and mine.calls["relu_grad"] >= 2 * steps
    assert history["loss"][1] < history["loss"][0] < 0.7
    for own_weight, library in zip(model.get_weights(), expected.get_weights(), strict=True):
        np.testing.assert_allclose(own_weight, library, atol=1e-4)


@pytest.fixture
def solved(accept):
    """Every kernel that lessons 01 to 08 let people write is accepted, and serves; their names."""
    exercises = [each for each in registry().all() if each.kernel and each.lesson <= "08"]
    names = {exercise.name for exercise in exercises}
    accept(sorted(names))
    backends.set_backend("mine")
    return names


def test_no_kernel_of_the_library_is_called_where_all_is_solved(solved):
    """One step of the credit model: whatever the lessons let people write is theirs, each call."""
    (x, t), _ = credit.load_data()
    model, _ = train(epochs=1)
    ran = []
    before = backends.set_recorder(lambda name, function, *_: ran.append((name, function)))
    try:
        model.train_on_batch(x[:32], t[:32])
    finally:
        backends.set_recorder(before)
    taught = [(name, function) for name, function in ran if name in solved]
    assert all(getattr(function, "keeps_shapes", False) for _, function in taught)
    names = {name for name, _ in taught}
    assert {"dense", "dense_grad", "relu", "relu_grad", "sigmoid", "sgd_update"} <= names
    assert {"binary_crossentropy", "binary_crossentropy_from_logits_grad"} <= names
    # What is not among the exercises: copies, sums and means, and the accuracy.
    others = {name for name, _ in ran} - names
    assert not [name for name in others if name.removesuffix("_grad") in names], others


def test_the_loop_of_the_exercises_does_what_fit_does():
    """Same batches, same start: the learner's loop and the engine end with the same weights."""
    batch_rows, training_step, epoch_loss, accuracy = (
        registry().find(f"08.{name}").answer
        for name in ("batch_rows", "training_step", "epoch_loss", "accuracy")
    )
    (x, t), _ = credit.load_data()
    t = t[:, None]
    model = Sequential([Dense(1, "sigmoid", input_dim=8)])
    model.compile(SGD(0.1), "binary_crossentropy", metrics=["accuracy"])
    w, b = model.get_weights()
    history = model.fit(x, t, epochs=1, batch_size=32, shuffle=False, verbose=0).history
    losses, sizes = [], []
    for step in range(105):
        rows = batch_rows(np.arange(len(x)), 32, step)
        w, b, loss = training_step(x[rows], t[rows], w, b, 0.1)
        losses.append(loss)
        sizes.append(len(rows))
    assert sizes[-1] == 12
    for own, engine in zip((w, b), model.get_weights(), strict=True):
        np.testing.assert_allclose(own, engine, atol=1e-5)
    whole = epoch_loss(np.array(losses), np.array(sizes))
    assert whole == pytest.approx(history["loss"][0], rel=1e-4)
    loss, share = model.evaluate(x, t, verbose=0)
    y = model.predict(x, verbose=0)
    assert accuracy(y, t) == pytest.approx(share)
    assert float(BinaryCrossentropy()(t, y)) == pytest.approx(loss, rel=1e-5)


# But for its two imports, which say dlcore in place of keras and stand further up.
ARTICLE = """\
model = Sequential()
model.add(Dense(10, input_dim=8, activation='relu'))
model.add(Dense(8, activation='relu'))
model.add(Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer='adam', metrics=['accuracy'])
model.fit(X, Y, epochs=150, batch_size=10)
scores = model.evaluate(X, Y)"""


def test_the_articles_program_stands_in_the_lesson_as_it_was():
    (path,) = notebooks.find(["08"])
    cells = notebooks.read(path).cells
    (cell,) = (c for c in cells if "epochs=150" in c.source)
    assert cell.source == f'set_backend("cpu")\n\n{ARTICLE}'
    above = "\n".join(c.source for c in cells[: cells.index(cell)])
    assert "from dlcore.layers import Dense\nfrom dlcore.models import Sequential\n" in above
    assert "\nX, Y = x_train, y_train" in above


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_articles_program_reaches_its_accuracy(seed):
    (x, t), (x_test, t_test) = credit.load_data()
    utils.set_random_seed(seed)
    model = Sequential()
    model.add(Dense(10, input_dim=8, activation="relu"))
    model.add(Dense(8, activation="relu"))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    model.fit(x, t, epochs=150, batch_size=10, verbose=0)
    assert model.evaluate(x, t, verbose=0)[1] > 0.76
    assert 0.71 < model.evaluate(x_test, t_test, verbose=0)[1] < 0.77
