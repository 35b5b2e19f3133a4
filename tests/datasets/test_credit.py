"""The credit data as the lessons meet it: shapes, share of the bad, and no leak from the test."""

import numpy as np
import pytest

from dlcore.datasets import _files, credit
from dlcore.datasets._split import stratified_split

AMOUNTS_ON_A_LOG_SCALE = {"Income", "Assets", "Debt"}


def test_shapes_types_and_shares():
    (x_train, y_train), (x_test, y_test) = credit.load_data()
    assert x_train.shape == (3340, 8) and y_train.shape == (3340,)
    assert x_test.shape == (1114, 8) and y_test.shape == (1114,)
    for array in (x_train, y_train, x_test, y_test):
        assert array.dtype == np.float32
        assert np.isfinite(array).all()
    assert (y_train.sum(), y_test.sum()) == (940, 314)


def test_one_means_bad():
    raw = credit.load_data(raw=True)
    train, _ = stratified_split(raw["Status"], 0.25, 0)
    (_, y_train), _ = credit.load_data()
    np.testing.assert_array_equal(y_train, raw["Status"][train] == "bad")


def test_each_column_follows_from_the_raw_one_and_training_rows_only():
    raw = credit.load_data(raw=True)
    train, test = stratified_split(raw["Status"], 0.25, 0)
    (x_train, _), (x_test, _) = credit.load_data()
    for column, name in enumerate(credit.feature_names):
        values = raw[name].astype(np.float64)
        known = sorted(value for value in values[train] if not np.isnan(value))
        median = (known[(len(known) - 1) // 2] + known[len(known) // 2]) / 2
        values[np.isnan(values)] = median
        if name in AMOUNTS_ON_A_LOG_SCALE:
            values = np.log(1 + values)
        mean = sum(values[train]) / len(train)
        std = np.sqrt(sum((values[train] - mean) ** 2) / len(train))
        np.testing.assert_allclose(x_train[:, column], (values[train] - mean) / std, atol=1e-5)
        np.testing.assert_allclose(x_test[:, column], (values[test] - mean) / std, atol=1e-5)


def test_test_rows_change_nothing_in_the_training_part(monkeypatch):
    (before, _), (test_before, _) = credit.load_data()
    table = _files.read_csv("credit.csv.gz")
    _, test = stratified_split(np.array(table["Status"]), 0.25, 0)
    for name in credit.feature_names:
        for row in test:
            table[name][row] = "" if row % 3 == 0 else "123456"
    monkeypatch.setattr(credit, "read_csv", lambda name: table)
    (after, _), (test_after, _) = credit.load_data()
    np.testing.assert_array_equal(after, before)
    assert not np.array_equal(test_after, test_before)


def test_the_skewed_amounts_have_no_far_outliers():
    (x_train, _), (x_test, _) = credit.load_data()
    columns = [credit.feature_names.index(name) for name in AMOUNTS_ON_A_LOG_SCALE]
    assert np.abs(np.concatenate([x_train, x_test])[:, columns]).max() < 7


def test_raw_keeps_every_column_with_its_gaps():
    raw = credit.load_data(raw=True)
    assert list(raw) == [
        "Status", "Seniority", "Home", "Time", "Age", "Marital", "Records", "Job",
        "Expenses", "Income", "Assets", "Debt", "Amount", "Price",
    ]  # fmt: skip
    assert {column.shape for column in raw.values()} == {(4454,)}
    texts = {name for name, column in raw.items() if column.dtype.kind == "U"}
    assert texts == {"Status", "Home", "Marital", "Records", "Job"}
    assert all(raw[name].dtype == np.float32 for name in raw if name not in texts)
    gaps = {name: int(np.isnan(raw[name]).sum()) for name in raw if name not in texts}
    assert {name: count for name, count in gaps.items() if count} == {
        "Income": 381,
        "Assets": 47,
        "Debt": 18,
    }
    first = ["good", 9, "rent", 60, 30, "married", "no", "freelance", 73, 129, 0, 0, 800, 846]
    assert [column[0] for column in raw.values()] == first


def test_the_same_seed_gives_the_same_arrays_and_another_gives_others():
    one, again = credit.load_data(), credit.load_data(seed=0, test_split=0.25)
    for part, part_again in zip(one, again, strict=True):
        for array, array_again in zip(part, part_again, strict=True):
            np.testing.assert_array_equal(array, array_again)
    other = credit.load_data(seed=1)
    assert not np.array_equal(one[1][0], other[1][0])
    assert other[1][1].sum() == 314


def test_another_share():
    (x_train, _), (x_test, y_test) = credit.load_data(test_split=0.5)
    assert (len(x_train), len(x_test), y_test.sum()) == (2227, 2227, 627)


def test_a_bad_share_is_refused():
    with pytest.raises(ValueError, match="test_split"):
        credit.load_data(test_split=25)


def test_a_caller_may_change_the_arrays_without_changing_the_next_load():
    (x_train, _), _ = credit.load_data()
    x_train[:] = 0
    assert credit.load_data()[0][0].any()


def test_a_linear_model_reaches_the_known_accuracy():
    """Logistic regression by gradient descent; what others reach on such splits is .750."""
    (x_train, y_train), (x_test, y_test) = credit.load_data()
    w, b = np.zeros(8), 0.0
    for _ in range(500):
        error = 1 / (1 + np.exp(-(x_train @ w + b))) - y_train
        w -= 0.5 * x_train.T @ error / len(error)
        b -= 0.5 * error.mean()
    assert np.mean((x_test @ w + b > 0) == y_test) >= 0.75
