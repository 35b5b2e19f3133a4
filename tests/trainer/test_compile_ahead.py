"""What a step will call is known before it, and finding that out changes nothing."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numba")

from dlcore import backends, layers, ops  # noqa: E402
from dlcore.backends.numba import workers  # noqa: E402
from dlcore.backends.numba.compile import form_of  # noqa: E402
from dlcore.models import Sequential  # noqa: E402
from dlcore.trainer import compile_ahead  # noqa: E402
from dlcore.utils import set_random_seed  # noqa: E402

RNG = np.random.default_rng(0)
WHOLE = np.arange(16) % 3
PICTURES = RNG.normal(size=(16, 12, 12, 3))
WORDS = RNG.integers(0, 5, (16, 4))


class Counting(layers.Layer):
    """A layer of one's own, which notes when it is called."""

    calls = 0

    def call(self, x):
        Counting.calls += 1
        return ops.multiply(x, 2.0)


MODELS = {
    "pictures": (
        lambda: [
            layers.RandomFlip(),
            layers.Conv2D(16, 3, activation="relu", padding="same"),
            layers.BatchNormalization(),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(3, "softmax"),
        ],
        ("adam", "categorical_crossentropy", PICTURES, np.eye(3)[WHOLE]),
    ),
    "words": (
        lambda: [layers.Embedding(5, 3), layers.LSTM(4, stateful=True), layers.Dense(3, "softmax")],
        ("rmsprop", "sparse_categorical_crossentropy", WORDS, WHOLE),
    ),
    "measurements": (
        lambda: [layers.Flatten(), layers.LayerNormalization(), layers.Dense(1)],
        ("sgd", "mse", PICTURES, PICTURES[:, 0, 0, 0]),
    ),
}


@pytest.fixture(autouse=True)
def told(monkeypatch):
    """On cpu, as with two cores; gives what is to be compiled, which nobody does."""
    chosen = backends.get_backend()
    backends.set_backend("cpu")
    found = []
    monkeypatch.setattr(workers, "processes", lambda: 2)
    monkeypatch.setattr(workers, "compile_all", lambda forms, check: found.append(forms))
    monkeypatch.setattr(compile_ahead, "_known", {})
    monkeypatch.setattr(compile_ahead, "_unknown", set())
    monkeypatch.setattr(compile_ahead, "_found", set())
    yield found
    backends.set_backend(chosen)


def trained(name, add=(), **more):
    stack, (optimizer, loss, x, y) = MODELS[name]
    set_random_seed(3)
    model = Sequential([*stack()[:-1], *add, stack()[-1]])
    metrics = ["mae" if loss == "mse" else "accuracy"]
    model.compile(optimizer, loss, metrics=metrics, run_eagerly=True)
    history = model.fit(x, y, batch_size=8, epochs=2, verbose=0, **more).history
    return history, [weight.tobytes() for weight in model.get_weights()]


@pytest.mark.parametrize("name", MODELS)
def test_all_that_the_step_calls_is_told(name, told):
    called = set()
    before = backends.set_recorder(lambda _, f, arguments, __: called.add(form_of(f, arguments)))
    try:
        trained(name)
    finally:
        backends.set_recorder(before)
    (forms,) = told  # once, not for each step
    assert called - {None} == set(forms) and len(set(forms)) > 6


@pytest.mark.parametrize("name", MODELS)
def test_finding_out_changes_nothing(name, told, monkeypatch):
    held_out = {"validation_data": MODELS[name][1][2:]}
    found = trained(name, **held_out)
    assert len(told) == 2  # a step of the training, and one of the validation
    monkeypatch.setattr(workers, "processes", lambda: 1)
    assert trained(name, **held_out) == found
    assert len(told) == 2


def test_what_is_the_user_s_own_is_called_as_often_as_ever(told, monkeypatch):
    def calls():
        before = Counting.calls
        trained("measurements", add=[Counting()])
        return Counting.calls - before

    found = calls()
    monkeypatch.setattr(workers, "processes", lambda: 1)
    assert calls() == found and told == []


@pytest.mark.parametrize("known", [True, False])
def test_a_fit_looks_again_only_after_something_was_missing(known, told, monkeypatch):
    from dlcore.backends.numba import cache, compile

    # Of the few rows that a model is looked at with, a form may stay unknown for ever.
    monkeypatch.setattr(compile, "is_known", lambda *call: known)
    trained("measurements")
    trained("measurements")
    assert len(told) == 1
    monkeypatch.setattr(cache, "missing", cache.missing + 1)
    trained("measurements")
    assert len(told) == 2
    if not known:  # of another model there are other forms
        trained("words")
        assert len(told) == 3


def test_a_batch_alone_is_looked_at_too(told):
    model = Sequential([layers.Dense(1)])
    model.compile("sgd", "mse")
    model.train_on_batch(PICTURES[:, 0, 0], WHOLE)
    assert len(told) == 1
