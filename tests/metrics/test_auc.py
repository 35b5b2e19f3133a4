"""Areas under curves, against pairs of rows, points by hand, and numbers recorded from Keras."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore import metrics

T, Y = [0, 0, 1, 1, 1, 0], [0, 0.5, 0.3, 0.9, 0.6, 0.6]
TABLE_T = np.array([[1, 0, 1], [0, 1, 1], [1, 1, 0], [0, 0, 1]])
TABLE_Y = np.array([[0.9, 0.2, 0.4], [0.3, 0.6, 0.8], [0.4, 0.7, 0.6], [0.5, 0.1, 0.7]])


@pytest.mark.parametrize(
    ("curve", "method", "expected"),
    [
        ("ROC", "interpolation", [2 / 3, 7 / 9, 13 / 18]),
        ("ROC", "minoring", [4 / 9, 2 / 3, 2 / 3]),
        ("ROC", "majoring", [8 / 9, 8 / 9, 7 / 9]),
        ("PR", "interpolation", [0.6325719356536865, 0.8007864952087402, 0.776121973991394]),
        ("PR", "minoring", [1 / 6, 0.4222222566604614, 0.3888888955116272]),
        ("PR", "majoring", [2 / 3, 8 / 9, 0.8666666746139526]),
    ],
)
def test_numbers_recorded_from_keras(curve, method, expected):
    for number, value in zip((3, 5, 200), expected, strict=True):
        found = metrics.AUC(number, curve, method)(T, Y)
        assert found == pytest.approx(value, rel=2e-7)


def test_several_outputs_recorded_from_keras():
    assert metrics.AUC(multi_label=True)(TABLE_T, TABLE_Y) == pytest.approx(0.80555558)
    weights = [1, 2, 5.0]
    of_labels = metrics.AUC(multi_label=True, label_weights=weights)
    assert of_labels(TABLE_T, TABLE_Y) == pytest.approx(0.76041669)
    together = metrics.AUC(label_weights=weights)
    assert together(TABLE_T, TABLE_Y) == pytest.approx(0.82251084)
    found = metrics.AUC()(TABLE_T, TABLE_Y, sample_weight=[1, 2, 0.0, 3])
    assert found == pytest.approx(0.96296293)


@given(st.integers(0, 1000), st.integers(2, 30))
def test_the_share_of_pairs_in_the_right_order(seed, n):
    rng = np.random.default_rng(seed)
    t = np.concatenate([[0, 1], rng.integers(0, 2, n)])
    # Between the thresholds, so that no step of the curve is lost.
    y = (rng.integers(0, 199, n + 2) + 0.5) / 199
    w = rng.uniform(0.1, 2, n + 2)
    pairs = [
        (w[i] * w[j], (y[i] > y[j]) + 0.5 * (y[i] == y[j]))
        for i in np.flatnonzero(t == 1)
        for j in np.flatnonzero(t == 0)
    ]
    expected = sum(a * b for a, b in pairs) / sum(a for a, _ in pairs)
    assert metrics.AUC()(t, y, sample_weight=w) == pytest.approx(expected)


def test_a_perfect_and_a_reversed_order():
    t = np.array([0, 0, 1, 1])
    assert metrics.AUC()(t, [0.1, 0.2, 0.8, 0.9]) == pytest.approx(1)
    assert metrics.AUC()(t, [0.9, 0.8, 0.2, 0.1]) == pytest.approx(0)
    assert metrics.AUC(curve="PR")(t, [0.1, 0.2, 0.8, 0.9]) == pytest.approx(1)


@pytest.mark.parametrize("curve", ["ROC", "PR"])
def test_one_kind_alone_gives_zero(curve):
    assert metrics.AUC(curve=curve)([0, 0], [0.2, 0.7]) == 0
    assert metrics.AUC()([1, 1], [0.2, 0.7]) == 0
    assert metrics.AUC(curve=curve).result() == 0


def test_the_ends_count():
    # 0 lies above the first threshold, and 1 below the last.
    assert metrics.AUC(num_thresholds=2)([0, 1], [0.0, 1.0]) == 0.5
    assert metrics.AUC(num_thresholds=3)([0, 1], [0.0, 1.0]) == 1


def test_thresholds_of_one_s_own_in_any_order():
    auc = metrics.AUC(thresholds=[0.55, 0.05])
    assert auc.num_thresholds == 4 and auc.thresholds == [0.55, 0.05]
    assert auc([0, 1, 0, 1], [0.0, 0.1, 0.6, 0.7]) == pytest.approx(0.625)


def test_scores():
    z = np.array([-800.0, -1.0, 2.0, 900.0])
    expected = metrics.AUC()([0, 1, 0, 1], 1 / (1 + np.exp(-z.clip(-500))))
    with np.errstate(all="raise"):
        assert metrics.AUC(from_logits=True)([0, 1, 0, 1], z) == pytest.approx(expected)
    # The threshold 0.75 lies between sigmoid(1) = 0.73 and sigmoid(2) = 0.88.
    assert metrics.AUC(num_thresholds=5, from_logits=True)([0, 1], [1.0, 2.0]) == 1


def test_batches_add_up_and_are_forgotten():
    whole, parts = metrics.AUC(multi_label=True), metrics.AUC(multi_label=True)
    expected = whole(TABLE_T, TABLE_Y)
    for _ in range(2):
        parts.reset_state()
        for row in range(4):
            parts.update_state(TABLE_T[row : row + 1], TABLE_Y[row : row + 1])
        assert parts.result() == pytest.approx(expected)


@pytest.mark.parametrize("spelling", ["ROC", "roc", "PR", "pr"])
def test_spellings(spelling):
    assert metrics.AUC(curve=spelling).curve == spelling.upper()
    assert metrics.AUC(summation_method="Majoring").summation_method == "majoring"
