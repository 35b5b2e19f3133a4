"""Top-k accuracies against sorting by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore import metrics

SIZES = (st.integers(0, 1000), st.integers(1, 8), st.integers(2, 6), st.integers(1, 7))


@given(*SIZES)
def test_the_right_class_is_among_the_k_largest(seed, n, classes, k):
    rng = np.random.default_rng(seed)
    y = rng.permutation(n * classes).reshape(n, classes) / (n * classes)
    labels = rng.integers(0, classes, n)
    expected = [label in np.argsort(-row)[:k] for label, row in zip(labels, y, strict=True)]
    one_hot = np.eye(classes)[labels]
    assert metrics.top_k_categorical_accuracy(one_hot, y, k).tolist() == expected
    for given_labels in (labels, labels[:, None]):
        found = metrics.sparse_top_k_categorical_accuracy(given_labels, y, k)
        assert found.tolist() == expected
    ids = np.argsort(-y)
    found = metrics.sparse_top_k_categorical_accuracy(labels, ids, k, from_sorted_ids=True)
    assert found.tolist() == expected
    share = pytest.approx(np.mean(expected))
    assert metrics.TopKCategoricalAccuracy(k)(one_hot, y) == share
    assert metrics.SparseTopKCategoricalAccuracy(k)(labels, y) == share


def test_equal_predictions_are_all_right():
    y = [[0.3, 0.3, 0.3, 0.1]]
    for label, expected in ((0, 1.0), (1, 1.0), (2, 1.0), (3, 0.0)):
        assert metrics.SparseTopKCategoricalAccuracy(k=1)([label], y) == expected


def test_five_guesses_by_default():
    y = np.arange(10.0)[None]
    found = [metrics.SparseTopKCategoricalAccuracy()([label], y) for label in range(10)]
    assert found == [0.0] * 5 + [1.0] * 5


def test_a_broken_model_is_not_right():
    assert metrics.SparseTopKCategoricalAccuracy(k=1)([0], [[np.nan, 0.0, 1.0]]) == 0


@pytest.mark.parametrize("kind", ["SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy"])
def test_one_hot_rows_are_refused(kind):
    words = r"class numbers of shape \(2,\) for outputs of shape \(2, 3\).*shape \(2, 3\).*one-hot"
    with pytest.raises(ValueError, match=words):
        getattr(metrics, kind)()(np.eye(3)[:2], np.ones((2, 3)))


def test_class_numbers_out_of_range_are_refused():
    with pytest.raises(ValueError, match="row 1 of y is 3"):
        metrics.SparseTopKCategoricalAccuracy()([0, 3], np.ones((2, 3)))


@pytest.mark.parametrize("kind", ["TopKCategoricalAccuracy", "SparseTopKCategoricalAccuracy"])
def test_no_guesses(kind):
    with pytest.raises(ValueError, match="k is a whole number of at least 1, not 0"):
        getattr(metrics, kind)(k=0)


def test_a_threshold_of_binary_accuracy():
    y, t = [[0.1], [0.4], [0.6]], [[0], [1], [1]]
    assert metrics.BinaryAccuracy()(t, y) == pytest.approx(2 / 3)
    assert metrics.BinaryAccuracy(threshold=0.3)(t, y) == 1
    assert metrics.binary_accuracy(t, y, 0.3).tolist() == [[True], [True], [True]]
