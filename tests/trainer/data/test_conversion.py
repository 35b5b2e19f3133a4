"""What people hand to fit: sparse matrices, arrays of objects, and what is no data."""

import datetime
import functools

import numpy as np
import pytest

from dlcore import Input
from dlcore.layers import Dense
from dlcore.models import Model, Sequential
from dlcore.trainer.data import conversion
from dlcore.trainer.data.arrays import numbers
from dlcore.utils import set_random_seed

sparse = pytest.importorskip("scipy.sparse")
RNG = np.random.default_rng(0)
TABLE = (RNG.uniform(size=(12, 4)) * (RNG.uniform(size=(12, 4)) < 0.5)).astype(np.float32)
Y = TABLE[:, :1] * 2


def net():
    set_random_seed(0)
    model = Sequential([Input((4,)), Dense(3, "relu"), Dense(1)])
    model.compile("sgd", "mse")
    return model


def everywhere(x, y):
    """What fit, a validation, evaluate, predict and single batches make of the data."""
    model = net()
    history = model.fit(x, y, batch_size=5, validation_split=0.25, epochs=2, verbose=0).history
    return (
        history,
        model.fit(x, y, validation_data=(x, y), verbose=0).history,
        model.fit(((x, y) for _ in range(2)), verbose=0).history,
        model.evaluate(x, y, batch_size=5, verbose=0),
        model.predict(x, verbose=0).tolist(),
        model.train_on_batch(x, y),
        model.test_on_batch(x, y),
        model.predict_on_batch(x).tolist(),
    )


@functools.cache
def dense():
    return everywhere(TABLE, Y)


@pytest.mark.parametrize("form", ["csr", "csc", "coo", "lil"])
@pytest.mark.parametrize("kind", ["matrix", "array"])
def test_sparse_matrices_are_data_everywhere(form, kind):
    make = getattr(sparse, f"{form}_{kind}")
    assert everywhere(make(TABLE), make(Y)) == dense()


def test_a_sparse_matrix_that_would_fill_the_memory(monkeypatch):
    x = sparse.csr_matrix((10**6, 10**5), dtype=np.float32)
    words = r"1,000,000 rows and 100,000 columns, which takes 372.5 GB .* batch by batch, by a Py"
    with pytest.raises(ValueError, match=words):
        net().fit(x, np.zeros(10**6), verbose=0)
    # What it proposes.
    monkeypatch.setattr(conversion, "MOST", 20)
    x = sparse.coo_matrix(TABLE)
    with pytest.raises(ValueError, match="x is a sparse matrix of 12 rows and 4 columns"):
        net().predict(x)
    rows = x.tocsr()
    batches = ((rows[i : i + 4], Y[i : i + 4]) for i in range(0, 12, 4))
    found = net().fit(batches, verbose=0).history
    assert found == net().fit(TABLE, Y, batch_size=4, shuffle=False, verbose=0).history


def column(*rows):
    made = np.empty(len(rows), object)
    for place, row in enumerate(rows):
        made[place] = row
    return made


@pytest.mark.parametrize("kind", [np.array, list, tuple, sparse.coo_array])
def test_rows_in_an_object_array_are_stacked(kind):
    rows = [kind(row) for row in TABLE]
    assert everywhere(column(*rows), Y) == dense()
    assert numbers(column(*rows)[:, None], "x").shape == (12, 4)
    table = np.stack([column(*rows), column(*rows)], axis=1)
    np.testing.assert_array_equal(numbers(table, "x"), np.stack([TABLE, TABLE], axis=1))


def test_a_column_of_rows_out_of_a_table():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"rows": list(TABLE), "y": Y[:, 0]})
    assert everywhere(table["rows"], table["y"]) == dense()
    assert everywhere(table[["rows"]].to_numpy(), table[["y"]]) == dense()


def test_rows_of_unequal_lengths_are_explained():
    words = r"x is ragged: .* row 0 has 4 entries, row 2 has 3; cut or pad the rows .*pad_sequences"
    x = column(TABLE[0], TABLE[1], TABLE[2][:3])
    for given in (x, list(x), x[:, None], [row.tolist() for row in x]):
        with pytest.raises(ValueError, match=words):
            net().predict(given, verbose=0)
    x = column(TABLE, TABLE.T[:, :4][:, :3].repeat(3, axis=0))
    with pytest.raises(ValueError, match="differ in their inner lengths; cut or pad them"):
        net().predict(x, verbose=0)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (datetime.date(2020, 1, 1), "a date in row 1, column 2, where .* make it a number, or a"),
        ({}, "x holds a dict in row 1, column 2"),
        (object(), "x holds an object in row 1, column 2"),
        (np.zeros(2), "x holds a ndarray in row 1, column 2, .* a column for each of its numbers"),
        (10**400, "x holds whole numbers that are too large for a float; scale them"),
        ("red", "x holds text such as 'red'"),
    ],
)
def test_an_entry_that_is_no_number(value, words):
    table = TABLE.astype(object)
    table[1, 2] = value
    with pytest.raises(TypeError, match=words):
        net().predict(table, verbose=0)


def test_a_missing_number_is_a_gap():
    pandas = pytest.importorskip("pandas")
    table = TABLE.astype(object)
    table[1, 2] = pandas.NA
    with pytest.raises(
        TypeError, match=r"x holds NA in row 1, column 2, .* a gap is written np.na"
    ):
        net().predict(table, verbose=0)


class Subclassed(Model):
    def __init__(self):
        super().__init__()
        self.last = Dense(1)

    def call(self, x):
        return self.last(x)


def two_inputs():
    a, b = Input((4,), name="a"), Input((4,), name="b")
    return Model([a, b], Dense(1)(a))


@pytest.mark.parametrize("x", [object(), net, datetime.date(2020, 1, 1), Dense(1), 3j])
@pytest.mark.parametrize("make", [net, Subclassed])
def test_an_object_is_no_data(make, x):
    model = make()
    model.compile("sgd", "mse")
    kind = type(x).__name__
    words = f"x is an object of the type {kind}, which is no data; give an array"
    words = words if kind != "complex" else "x holds complex128, not numbers"
    calls = [
        lambda: model.predict(x, verbose=0),
        lambda: model.evaluate(x, Y, verbose=0),
        lambda: model.fit(x, Y, verbose=0),
        lambda: model.train_on_batch(x, Y),
        lambda: model.test_on_batch(x, Y),
        lambda: model.predict_on_batch(x),
        lambda: model.fit(iter([(x, Y)]), verbose=0),
    ]
    for call in calls:
        with pytest.raises((TypeError, ValueError), match=words):
            call()


def test_an_object_for_anything_else():
    model = net()
    for given, words in (
        ({"y": object()}, "y is an object of the type object"),
        ({"sample_weight": object()}, "sample_weight is an object of the type object"),
        ({"validation_data": (TABLE, object())}, "y of validation_data is an object of the type"),
        ({"validation_data": object()}, r"validation_data is a tuple \(x, y\)"),
        ({"class_weight": object()}, "class_weight is a dict from class numbers"),
    ):
        with pytest.raises((TypeError, ValueError), match=words):
            model.fit(TABLE, **{"y": Y, "verbose": 0, **given})
    several = two_inputs()
    for x, words in (
        (object(), r"takes 2 inputs \(a, b\), but x is a object; give a list of 2 arrays"),
        ([TABLE, object()], r"x\['b'\] is an object of the type object"),
        ({"a": TABLE, "b": object()}, r"x\['b'\] is an object of the type object"),
    ):
        with pytest.raises((TypeError, ValueError), match=words):
            several.predict(x, verbose=0)
