"""Metrics against counting by hand, and numbers recorded from Keras 3.15.1."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore import metrics
from dlcore.engine import ops
from dlcore.metrics.accuracy_metrics import accuracy_for

T = np.array([[1, 1, 1], [1, 0, 0], [1, 1, 0]], np.float32)
Y = np.array([[0.2, 0.6, 0.7], [0.2, 0.6, 0.6], [0.6, 0.8, 0.0]], np.float32)


def test_mean_is_weighted():
    mean = metrics.Mean()
    mean.update_state([1.0, 2.0], [1.0, 3.0])
    assert mean.result() == 1.75
    mean.update_state(6.0)
    assert mean.result() == pytest.approx((7 + 6) / 5)
    mean.reset_state()
    assert mean.result() == 0


@given(st.integers(0, 1000), st.integers(1, 30), st.integers(1, 3))
def test_batches_add_up_to_the_whole(seed, n, k):
    rng = np.random.default_rng(seed)
    t, y = rng.integers(0, 2, (n, k)), rng.random((n, k))
    for kind in (
        metrics.BinaryAccuracy, metrics.Precision, metrics.Recall, metrics.F1Score,
        metrics.MeanSquaredError, metrics.MeanAbsoluteError, metrics.CategoricalAccuracy,
    ):  # fmt: skip
        whole, parts = kind(), kind()
        whole.update_state(t, y)
        for start in range(0, n, 7):
            parts.update_state(t[start : start + 7], y[start : start + 7])
        np.testing.assert_allclose(whole.result(), parts.result(), rtol=1e-12)


@given(st.integers(0, 1000), st.integers(1, 20))
def test_counts_by_hand(seed, n):
    rng = np.random.default_rng(seed)
    t, y = rng.integers(0, 2, n), rng.choice([0.1, 0.5, 0.9], n)
    said = [value > 0.5 for value in y]
    tp = sum(s and one for s, one in zip(said, t, strict=True))
    precision = tp / sum(said) if any(said) else 0
    recall = tp / sum(t) if any(t) else 0
    f1 = 2 * precision * recall / (precision + recall) if tp else 0
    assert metrics.Precision()(t, y) == pytest.approx(precision)
    assert metrics.Recall()(t, y) == pytest.approx(recall)
    assert metrics.F1Score()(t, y[:, None])[0] == pytest.approx(f1)
    assert metrics.BinaryAccuracy()(t, y[:, None]) == pytest.approx(np.mean(said == (t == 1)))


def test_thresholds_are_strict():
    assert metrics.BinaryAccuracy()([[1.0], [1.0]], [[0.5], [0.6]]) == 0.5
    assert metrics.Precision()([0, 1, 1, 1], [1, 0.5, 1, 1]) == pytest.approx(2 / 3)
    assert metrics.Recall()([1, 1], [0.5, 0.6]) == 0.5
    assert metrics.F1Score(threshold=0.5)([[1.0], [1.0]], [[0.5], [0.6]])[0] == pytest.approx(2 / 3)


def test_several_thresholds():
    result = metrics.Precision(thresholds=[0.0, 0.5])([0, 1], [0.4, 0.8])
    assert result.tolist() == [0.5, 1.0]


@pytest.mark.parametrize(
    ("average", "expected"),
    [(None, [0.5, 0.8, 2 / 3]), ("micro", 2 / 3), ("macro", 0.6555555), ("weighted", 0.62777776)],
)
def test_f1_as_in_keras(average, expected):
    f1 = metrics.F1Score(average=average, threshold=0.5)
    np.testing.assert_allclose(f1(T, Y), expected, rtol=1e-6)


def test_f1_takes_the_largest_of_a_row_without_a_threshold():
    np.testing.assert_allclose(metrics.F1Score()(np.eye(3), Y), [0, 2 / 3, 0], rtol=1e-6)


def test_f1_calls_nothing_1_in_a_row_of_zeros():
    f1 = metrics.F1Score()
    assert f1([[1, 0], [0, 1]], [[0.0, 0.0], [0.0, 1.0]]).tolist() == [0, 1]


def test_categorical_accuracy_with_weights():
    accuracy = metrics.CategoricalAccuracy()
    t, y = [[0, 0, 1], [0, 1, 0]], [[0.1, 0.9, 0.8], [0.05, 0.95, 0]]
    accuracy.update_state(t, y, sample_weight=[0.7, 0.3])
    assert accuracy.result() == pytest.approx(0.3)


def test_sparse_categorical_accuracy():
    y = [[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]]
    assert metrics.SparseCategoricalAccuracy()([1, 0, 0], y) == pytest.approx(2 / 3)
    assert metrics.SparseCategoricalAccuracy()([[1], [0], [0]], y) == pytest.approx(2 / 3)
    with pytest.raises(ValueError, match=r"shape \(3,\).*have shape \(3, 2\)"):
        metrics.SparseCategoricalAccuracy()(np.zeros((3, 2)), y)


def test_accuracy_counts_equal_numbers():
    assert metrics.Accuracy()([1, 2, 3, 4], [1, 2, 3, 5]) == 0.75


@pytest.mark.parametrize(
    ("target", "output", "kind"),
    [
        ((9, 1), (9, 1), metrics.BinaryAccuracy),
        ((9,), (9, 4), metrics.SparseCategoricalAccuracy),
        ((9, 1), (9, 4), metrics.SparseCategoricalAccuracy),
        ((9, 4), (9, 4), metrics.CategoricalAccuracy),
        ((9, 5), (9, 5, 4), metrics.SparseCategoricalAccuracy),
    ],
)
def test_what_accuracy_means(target, output, kind):
    metric = accuracy_for(target, output, "acc")
    assert type(metric) is kind and metric.name == "acc"


def test_a_row_of_targets_meets_a_column_of_outputs():
    # Broadcast, the two would give the mean of a 3 x 3 table.
    t, y = np.array([0.0, 1, 2]), np.array([[0.0], [1], [2]])
    assert metrics.MeanAbsoluteError()(t, y) == 0
    assert metrics.MeanMetricWrapper(lambda a, b: ops.mean(ops.abs(a - b), axis=-1), "m")(t, y) == 0
    with pytest.raises(ValueError, match=r"shape \(3, 2\) of the outputs, but y has shape \(3,\)"):
        metrics.MeanSquaredError()(t, np.zeros((3, 2)))


def test_scores_outside_of_zero_and_one_are_refused():
    with pytest.raises(ValueError, match="from -1 to 2; end the model in a sigmoid"):
        metrics.Precision()([0, 1], [-1.0, 2.0])


def test_lookup():
    assert metrics.get("mse").name == metrics.get("MeanSquaredError").name == "mean_squared_error"
    assert isinstance(metrics.get("f1_score"), metrics.F1Score)
    assert metrics.get(metrics.Recall).name == "recall"
    assert metrics.get("bce")([[1.0]], [[0.5]]) == pytest.approx(np.log(2), rel=1e-5)
    with pytest.raises(ValueError, match="Did you mean 'accuracy'"):
        metrics.get("acuracy")
    with pytest.raises(TypeError, match="Did you mean 'thresholds'"):
        metrics.Precision(treshold=0.3)
