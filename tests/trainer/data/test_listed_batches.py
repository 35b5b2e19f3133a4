"""A list of batches is taken for what it is, and what else may look like one for itself."""

import numpy as np
import pytest

from dlcore import Input, ops
from dlcore.layers import Add, Dense
from dlcore.models import Model, Sequential
from dlcore.utils import set_random_seed

RNG = np.random.default_rng(0)
X = RNG.normal(size=(22, 4)).astype(np.float32)
Y = RNG.normal(size=(22, 1)).astype(np.float32)
W = RNG.uniform(size=22).astype(np.float32)
PAIRS = [(X[i : i + 6], Y[i : i + 6]) for i in range(0, 22, 6)]
TRIPLES = [(x, y, W[:6][: len(x)]) for x, y in PAIRS]


class Subclassed(Model):
    def __init__(self):
        super().__init__()
        self.last = Dense(1)

    def call(self, x):
        return self.last(x)


def stacked():
    return Sequential([Dense(3, "relu"), Dense(1)])


def started():
    return Sequential([Input((4,)), Dense(1)])


def compiled(make):
    set_random_seed(0)
    model = make()
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize("make", [started, stacked, Subclassed])
@pytest.mark.parametrize("batches", [PAIRS, TRIPLES, [list(pair) for pair in PAIRS]])
def test_a_list_of_batches_is_a_generator_of_them(make, batches):
    ends = []
    for given in (list(batches), None):
        model = compiled(make)
        again = {"validation_data": given or iter(batches), "epochs": 1, "verbose": 0}
        history = model.fit(given or iter(batches), **again).history
        ends.append((history, model.evaluate(given or iter(batches), verbose=0)))
        ends[-1] += (model.predict(iter(batches), verbose=0).tolist(),)
    assert ends[0] == ends[1]
    history = compiled(make).fit(list(batches), epochs=3, verbose=0)
    assert len(history.history["loss"]) == 3 and history.params["steps"] == 4


def test_predict_of_a_list_of_batches():
    model = compiled(started)
    expected = model.predict(X, verbose=0)
    np.testing.assert_allclose(model.predict(PAIRS, verbose=0), expected, rtol=1e-5)


def test_one_batch_alone_and_two_for_a_validation():
    model = compiled(started)
    assert model.evaluate(PAIRS[:1], verbose=0) == model.evaluate(*PAIRS[0], verbose=0)
    found = model.fit(X, Y, validation_data=PAIRS[:2], verbose=0).history["val_loss"]
    assert found == [pytest.approx(model.evaluate(X[:12], Y[:12], verbose=0), rel=1e-5)]


def test_several_inputs():
    def make():
        a, b = Input((4,)), Input((4,))
        return Model([a, b], Dense(1)(Add()([a, b])))

    batches = [((x, x), y) for x, y in PAIRS]
    found = compiled(make).fit(batches, verbose=0).history
    assert found == compiled(make).fit(iter(batches), verbose=0).history
    model = compiled(make)
    whole = model.evaluate([X, X], Y, verbose=0)
    assert model.evaluate(batches, verbose=0) == pytest.approx(whole, rel=1e-5)
    # x and y, each in a list.
    history = model.fit([X, X], Y, validation_data=[[X, X], Y], verbose=0).history
    assert history["val_loss"] == [model.evaluate([X, X], Y, verbose=0)]


def test_what_may_look_like_batches():
    # Rows that are pairs of arrays.
    rows = [(row, row) for row in X]
    model = Sequential([Input((2, 4)), Dense(1)])
    model.compile("sgd", "mse")
    assert model.predict(rows, verbose=0).shape == (22, 2, 1)
    model.fit(rows, np.ones((22, 2, 1)), verbose=0)

    class Added(Model):
        def call(self, x):
            (a, b), (c, d) = x
            y = a + b + c + d
            self.add_loss(ops.mean(y))
            return y

    # A structure of inputs, for a model that needs no y.
    model = Added()
    model.compile("sgd")
    assert model.predict([(X, X), (X, X)], verbose=0).shape == X.shape
    loss = model.evaluate([(X, X), (X, X)], verbose=0)
    assert loss == pytest.approx(4 * X.mean(), rel=1e-4)
    x, y = ([[1.0, 2, 3, 4], [5, 6, 7, 8]], [1.0, 2])
    assert compiled(started).fit(x, y, verbose=0).epoch == [0]


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda model: model.fit(PAIRS, Y, verbose=0), "x is a list, which gives whole .* y out"),
        (lambda model: model.fit(PAIRS, validation_split=0.2), "give validation_data instead"),
        (
            lambda model: model.predict([x for x, _ in PAIRS]),
            "x is a list of 4 arrays with rows of their own; join them by np.concatenate, or give",
        ),
        (lambda model: model.fit([x for x, _ in PAIRS], Y), "x is a list of 4 arrays with rows"),
    ],
)
def test_what_is_refused(action, words):
    with pytest.raises(ValueError, match=words):
        action(compiled(started))
