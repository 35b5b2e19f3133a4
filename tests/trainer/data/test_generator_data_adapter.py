"""Batches from generators, iterables and data sets: the same training as from arrays."""

import itertools
import warnings

import numpy as np
import pytest

from dlcore.callbacks import Callback
from dlcore.engine.program import Program
from dlcore.layers import Dense, Input
from dlcore.models import Sequential
from dlcore.tensor import Tensor
from dlcore.utils import PyDataset, set_random_seed

RNG = np.random.default_rng(0)
X = RNG.normal(size=(22, 3)).astype(np.float32)
Y = X.sum(axis=1)
W = RNG.uniform(0, 2, 22)


def model(**compiled):
    set_random_seed(0)
    net = Sequential([Dense(4, "tanh", input_dim=3), Dense(1)])
    net.compile("sgd", "mse", metrics=["mae"], **compiled)
    return net


def batches(size=5, weights=False):
    for i in range(0, len(X), size):
        rows = slice(i, i + size)
        yield (X[rows], Y[rows], W[rows]) if weights else (X[rows], Y[rows])


def forever(**arguments):
    while True:
        yield from batches(**arguments)


class Data(PyDataset):
    def __init__(self, size=5, **kwargs):
        super().__init__(**kwargs)
        self.size, self.told = size, []

    def __len__(self):
        return -(-len(X) // self.size)

    def __getitem__(self, i):
        self.told.append(i)
        return X[i * self.size : (i + 1) * self.size], Y[i * self.size : (i + 1) * self.size]

    def on_epoch_begin(self):
        self.told.append("begin")

    def on_epoch_end(self):
        self.told.append("end")


class Again:
    def __iter__(self):
        return batches()


def trained(*data, **fit):
    net = model(run_eagerly=fit.pop("run_eagerly", False))
    arguments = {"epochs": 4, "verbose": 0, "shuffle": False, "batch_size": 5, **fit}
    history = net.fit(*data, **arguments)
    return [w.tobytes() for w in net.get_weights()], history.history


@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize(
    ("make", "arguments"),
    [
        (forever, {"steps_per_epoch": 5}),
        (Again, {}),
        (Data, {}),
        (lambda: (list(batch) for batch in forever()), {"steps_per_epoch": 5}),
        (lambda: ((Tensor(x), y.tolist()) for x, y in forever()), {"steps_per_epoch": 5}),
    ],
)
def test_the_same_weights_and_history_as_from_arrays(make, arguments, eagerly):
    assert trained(make(), run_eagerly=eagerly, **arguments) == trained(X, Y)


def test_weights_of_rows_and_of_classes():
    expected = trained(X, Y, sample_weight=W)
    assert trained(forever(weights=True), steps_per_epoch=5) == expected

    class Signs(Data):
        def __getitem__(self, i):
            x, y = super().__getitem__(i)
            return x, (y > 0) * 1

    by_class = {"class_weight": {0: 1.0, 1: 3.0}}
    assert trained(Signs(), **by_class) == trained(X, (Y > 0) * 1, **by_class)


def test_steps_are_replayed_with_a_program_for_each_shape(monkeypatch):
    count = []
    run = Program.run
    monkeypatch.setattr(Program, "run", lambda self: count.append(self.replayed) or run(self))
    trained(forever(), steps_per_epoch=5)
    # Four full batches and a smaller one an epoch: each shape is recorded twice.
    assert count.count(True) == 20 - 4 and len(count) == 20


def test_the_batches_of_the_generator_are_copied():
    buffer_x, buffer_y = np.zeros((5, 3), np.float32), np.zeros(5, np.float32)

    def reusing():
        for x, y in forever():
            buffer_x[: len(x)], buffer_y[: len(y)] = x, y
            yield buffer_x[: len(x)], buffer_y[: len(y)]

    assert trained(reusing(), steps_per_epoch=5) == trained(X, Y)


def test_an_epoch_of_steps_goes_on_where_the_last_one_stopped():
    seen = []
    net = Sequential([Dense(1, input_dim=1)])
    net.compile("sgd", lambda y, p: seen.append(y.numpy().ravel().tolist()) or (y - p) ** 2)
    net.run_eagerly = True
    rows = np.arange(6.0)
    net.fit(rows, rows, batch_size=2, steps_per_epoch=2, epochs=3, shuffle=False, verbose=0)
    assert seen == [[0, 1], [2, 3], [4, 5], [0, 1], [2, 3], [4, 5]]
    seen.clear()
    listed = Again()
    type(listed).__iter__ = lambda self: iter([(rows[i : i + 2],) * 2 for i in (0, 2, 4)])
    net.fit(listed, steps_per_epoch=2, epochs=3, verbose=0)
    type(listed).__iter__ = lambda self: batches()
    assert seen == [[0, 1], [2, 3], [4, 5], [0, 1], [2, 3], [4, 5]]
    seen.clear()
    net.evaluate(rows, rows, batch_size=2, steps=2, verbose=0)
    assert seen == [[0, 1], [2, 3]]
    seen.clear()
    net.evaluate(rows, rows, batch_size=2, steps=9, verbose=0)
    assert len(seen) == 3


def test_every_pass_is_shuffled_anew_with_a_number_of_steps():
    seen = []
    net = Sequential([Dense(1, input_dim=1)])
    net.compile("sgd", lambda y, p: seen.append(y.numpy().ravel().tolist()) or (y - p) ** 2)
    net.run_eagerly = True
    rows = np.arange(12.0)
    net.fit(rows, rows, batch_size=3, steps_per_epoch=2, epochs=4, verbose=0)
    first, second = np.concatenate(seen[:4]), np.concatenate(seen[4:])
    assert sorted(first) == sorted(second) == rows.tolist() and first.tolist() != second.tolist()
    seen.clear()
    net.fit(rows, rows, batch_size=4, shuffle="batch", verbose=0)
    assert [sorted(batch) for batch in seen] == rows.reshape(3, 4).tolist()
    assert seen != rows.reshape(3, 4).tolist()


def test_a_data_set_is_told_of_epochs_and_its_batches_are_shuffled():
    data = Data()
    trained(data, epochs=2)
    assert data.told == [0, "begin", 1, 2, 3, 4, "end", "begin", 0, 1, 2, 3, 4, "end"]
    data = Data()
    trained(data, epochs=3, shuffle=True)
    orders = [told for told in data.told if told not in ("begin", "end")]
    epochs = [orders[i : i + 5] for i in (0, 5, 10)]
    assert all(sorted(order) == [0, 1, 2, 3, 4] for order in epochs)
    assert len({tuple(order) for order in epochs}) > 1


def test_a_data_set_without_end_and_one_without_a_length():
    class Endless(Data):
        num_batches = None

        def __getitem__(self, i):
            return super().__getitem__(i % 5)

    assert trained(Endless(), steps_per_epoch=5) == trained(X, Y)

    class Unsaid(PyDataset):
        pass

    with pytest.raises(NotImplementedError, match="Unsaid does not say how many batches"):
        trained(Unsaid())
    with pytest.raises(NotImplementedError, match="Unsaid has no __getitem__"):
        Unsaid()[0]


def test_a_generator_that_runs_dry_is_said_and_leaves_the_history():
    net = model()
    told = []

    class Told(Callback):
        def on_epoch_end(self, epoch, logs=None):
            told.append(epoch)

    with pytest.warns(UserWarning, match=r"The islice ran dry in epoch 2 of 6: .* holds 2 epochs"):
        history = net.fit(
            itertools.islice(forever(), 7), steps_per_epoch=5, epochs=6, verbose=0,
            callbacks=[Told()],
        )  # fmt: skip
    assert history.epoch == told == [0, 1] and np.isfinite(history.history["loss"]).all()
    with pytest.warns(UserWarning, match=r"The generator ran dry in epoch 2 of 3: .* 1 epoch\."):
        history = net.fit(batches(), epochs=3, verbose=0, callbacks=[Told()])
    assert history.epoch == [0] and told == [0, 1, 0]


def test_a_generator_for_one_epoch_needs_no_steps(recwarn):
    net = model()
    history = net.fit(batches(), verbose=0)
    assert history.history == trained(X, Y, epochs=1)[1] and not recwarn.list


def test_validation_evaluate_and_predict():
    expected = trained(X, Y, validation_data=(X, Y), validation_batch_size=5)
    assert trained(X, Y, validation_data=Again()) == expected
    assert trained(X, Y, validation_data=forever(), validation_steps=5) == expected
    net = model()
    whole = net.evaluate(X, Y, batch_size=5, verbose=0)
    assert net.evaluate(Again(), verbose=0) == net.evaluate(batches(), verbose=0) == whole
    two = net.evaluate(X[:10], Y[:10], batch_size=5, verbose=0)
    assert net.evaluate(forever(), steps=2, verbose=0) == two
    assert net.evaluate(X, Y, batch_size=5, steps=2, verbose=0) == two
    outputs = net.predict(X, batch_size=5, verbose=0)
    for data, steps in ((Again(), None), (forever(), 5), ((x for x, _ in batches()), None)):
        np.testing.assert_array_equal(net.predict(data, steps=steps, verbose=0), outputs)
    np.testing.assert_array_equal(net.predict(X, batch_size=5, steps=2, verbose=0), outputs[:10])


def test_validation_now_and_then():
    data = {"validation_data": (X, Y), "epochs": 5}
    assert len(trained(X, Y, **data, validation_freq=2)[1]["val_loss"]) == 2
    every = trained(X, Y, **data)[1]["val_loss"]
    assert trained(X, Y, **data, validation_freq=[1, 4])[1]["val_loss"] == [every[0], every[3]]
    assert len(trained(X, Y, **data, validation_steps=1)[1]["val_loss"]) == 5


def test_longer_and_shorter_sequences_have_programs_of_their_own():
    def sentences():
        rng = np.random.default_rng(0)
        while True:
            x = rng.normal(size=(4, int(rng.integers(2, 5)), 2)).astype(np.float32)
            yield x, x.sum(axis=2)

    ends = []
    for eagerly in (False, True):
        set_random_seed(0)
        net = Sequential([Input((None, 2)), Dense(3, "tanh"), Dense(1)])
        net.compile("sgd", "mse", metrics=["mae"], run_eagerly=eagerly)
        history = net.fit(sentences(), steps_per_epoch=10, epochs=3, verbose=0).history
        ends.append(([w.tobytes() for w in net.get_weights()], history))
    assert ends[0] == ends[1]


REFUSALS = [
    ((forever(), Y), {}, "x is a generator, which gives whole batches .* leave y out"),
    ((forever(),), {"sample_weight": W}, "leave sample_weight out"),
    ((forever(),), {"validation_split": 0.2}, "validation_split takes rows off the end of arrays"),
    ((iter([]),), {}, "has no batch; it must give at least one"),
    ((((X, Y, W, W) for _ in range(2)),), {}, r"A batch is \(x,\), \(x, y\).* a tuple of 4"),
    ((((X, Y * np.nan) for _ in range(2)),), {}, "y holds NaN in row 0"),
    ((((X[:, :2], Y) for _ in range(2)),), {}, r"takes rows of shape \(3,\)"),
    ((forever(),), {"steps_per_epoch": 0}, "steps_per_epoch must be at least 1"),
    ((X, Y), {"validation_data": (X, Y), "validation_steps": 0}, "validation_steps must be at"),
    ((X, Y), {"validation_freq": 0}, "validation_freq must be at least 1"),
    ((X, Y), {"shuffle": "rows"}, "shuffle is True, False or 'batch', not 'rows'"),
    ((X, Y), {"initial_epoch": -1}, "initial_epoch must be at least 0, but is -1"),
]


@pytest.mark.parametrize(("data", "arguments", "words"), REFUSALS)
def test_refusals(data, arguments, words):
    with pytest.raises(ValueError, match=words):
        trained(*data, **arguments)


def test_a_batch_that_breaks_off_in_the_middle_is_refused_with_its_history():
    def broken():
        yield from itertools.islice(forever(), 7)
        yield X[:5], np.array(["a"] * 5)

    net = model()
    with pytest.raises(TypeError, match="y holds text such as 'a'") as caught:
        net.fit(broken(), steps_per_epoch=5, epochs=3, verbose=0)
    assert net.history.epoch == [0] and "after 1 whole epoch;" in caught.value.__notes__[0]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert np.isfinite(net.evaluate(X, Y, verbose=0)).all()
