"""Precision and recall of the largest predictions and of one output, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore import metrics

SEEDS = st.integers(0, 1000)


def by_hand(t, y, w, said_one):
    """Precision and recall from a loop over all outputs."""
    tp = fp = fn = 0.0
    for index in np.ndindex(y.shape):
        if said_one(index) and t[index]:
            tp += w[index[0]]
        elif said_one(index):
            fp += w[index[0]]
        elif t[index]:
            fn += w[index[0]]
    precision = tp / (tp + fp) if tp + fp else 0
    return precision, tp / (tp + fn) if tp + fn else 0


def drawn(seed, k=4):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 8))
    y = rng.permutation(n * k).reshape(n, k) / (n * k)
    return rng.integers(0, 2, (n, k)), y, rng.uniform(0, 2, n)


@given(SEEDS, st.integers(1, 5), st.sampled_from([None, 0.4]))
def test_only_the_largest_of_a_row_count(seed, top_k, threshold):
    t, y, w = drawn(seed)
    largest = [set(np.argsort(-row)[:top_k]) for row in y]

    def said_one(index):
        return index[1] in largest[index[0]] and (threshold is None or y[index] > threshold)

    expected = by_hand(t, y, w, said_one)
    for kind, value in zip((metrics.Precision, metrics.Recall), expected, strict=True):
        found = kind(thresholds=threshold, top_k=top_k)(t, y, sample_weight=w)
        assert found == pytest.approx(value)


@given(SEEDS, st.integers(0, 3), st.sampled_from([None, 2]))
def test_one_output_alone(seed, class_id, top_k):
    t, y, w = drawn(seed)
    largest = [set(np.argsort(-row)[:top_k]) for row in y]

    def said_one(index):
        if top_k is None:
            return y[index[0], class_id] > 0.5
        return class_id in largest[index[0]]

    expected = by_hand(t[:, class_id : class_id + 1], y[:, :1], w, said_one)
    for kind, value in zip((metrics.Precision, metrics.Recall), expected, strict=True):
        found = kind(top_k=top_k, class_id=class_id)(t, y, sample_weight=w)
        assert found == pytest.approx(value)


def test_one_output_with_weights_of_its_own():
    weights = np.array([[9.0, 1.0], [9.0, 3.0]])
    t, y = [[1, 1], [1, 0]], [[0.9, 0.8], [0.9, 0.7]]
    assert metrics.Precision(class_id=1)(t, y, sample_weight=weights) == 0.25


def test_of_equal_predictions_the_first_counts():
    many = np.random.default_rng(0).choice([0.2, 0.5], (1, 300))
    first = np.flatnonzero(many[0] == 0.5)[:7]
    assert metrics.Recall(top_k=7)(np.isin(np.arange(300), first)[None], many) == 1
    t, y = [[1, 0, 0]], [[0.5, 0.5, 0.5]]
    assert metrics.Precision(top_k=1)(t, y) == 1
    assert metrics.Precision(top_k=2)(t, y) == 0.5


def test_a_threshold_has_the_number_type_of_the_predictions():
    # 0.3 in float32 is a little above 0.3 in float64.
    y = np.array([0.3, 0.4], np.float32)
    assert metrics.Precision(thresholds=0.3)([0, 1], y) == 1
    assert metrics.Recall(thresholds=[0.3])([1, 1], y) == 0.5


def test_scores_are_fine_where_only_their_order_counts():
    assert metrics.Precision(top_k=1)([[0, 1]], [[-3.0, 5.0]]) == 1
    with pytest.raises(ValueError, match="Precision takes probabilities from 0 to 1.* -3 to 5;"):
        metrics.Precision(top_k=1, thresholds=0.5)([[0, 1]], [[-3.0, 5.0]])


@pytest.mark.parametrize("kind", [metrics.Precision, metrics.Recall, metrics.F1Score, metrics.AUC])
def test_other_targets_are_refused(kind):
    name = kind.__name__
    words = rf"^{name} takes targets 0 and 1, but these go from -1 to 1; write y = \(y \+ 1\) / 2.$"
    with pytest.raises(ValueError, match=words):
        kind()([-1, 1], [0.2, 0.7])
    with pytest.raises(ValueError, match="these go from 0 to 2; make class numbers one-hot rows"):
        kind()([0, 1, 2], [0.2, 0.7, 0.4])
    with pytest.raises(ValueError, match="these go from -1 to 2; make class numbers one-hot rows"):
        kind()([-1, 2], [0.2, 0.7])


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: metrics.Precision(thresholds=[0.2, 1.5]),
            r"lie in \[0, 1\], but are \[0.2, 1.5\]",
        ),
        (lambda: metrics.Recall(top_k=0), "top_k is a whole number of at least 1, not 0"),
        (lambda: metrics.Recall(class_ids=1), "Recall has no argument 'class_ids'. Did you mean"),
        (lambda: metrics.Precision(class_id=3)([[0, 1]], [[0.1, 0.2]]), "from 0 to 1 .* but is 3"),
        (lambda: metrics.F1Score("makro"), "Did you mean 'macro'"),
        (lambda: metrics.F1Score(threshold=0.0), r"threshold lies in \(0, 1\], but is 0.0"),
        (lambda: metrics.AUC(num_thresholds=1), "num_thresholds is at least 2, but is 1; try 200"),
        (lambda: metrics.AUC(curve="RCO"), "There is no curve of AUC called 'RCO'"),
        (lambda: metrics.AUC(summation_method="minor"), "Did you mean 'minoring'"),
        (lambda: metrics.AUC(thresholds=[2.0]), r"thresholds lie in \[0, 1\], but are \[2.0\]"),
        (lambda: metrics.AUC()([0, 1], [-3.0, 2.0]), r"end .* sigmoid, or take AUC\(from_logits=T"),
        (
            lambda: metrics.AUC(label_weights=[1.0])([[0, 1]], [[0.1, 0.2]]),
            r"label_weights of AUC has shape \(1,\).*give 2 weights",
        ),
        (
            lambda: metrics.Precision()([[0, 1]], [[0.1, 0.2]], sample_weight=[1.0, 2.0, 3.0]),
            r"predictions have shape \(1, 2\), but sample_weight has shape \(3,\)",
        ),
    ],
)
def test_refusals(make, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make()
