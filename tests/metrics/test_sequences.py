"""Metrics of sequences: one weight a row or a step, and masks that leave steps out."""

import numpy as np
import pytest

from dlcore import losses, metrics
from dlcore.tensor import Tensor

N, STEPS, K = 5, 4, 3
RNG = np.random.default_rng(3)
LABELS = RNG.integers(0, K, (N, STEPS))
ONE_HOT = np.eye(K)[LABELS]
ONES = RNG.integers(0, 2, (N, STEPS, K))
Y = RNG.dirichlet(np.ones(K), (N, STEPS))
MASK = np.array([[1, 1, 1, 0]] * 3 + [[1, 0, 0, 0], [0, 0, 0, 0]])
OF_ROWS = RNG.uniform(size=N)
OF_STEPS = RNG.uniform(size=(N, STEPS))

KINDS = [
    (metrics.SparseCategoricalAccuracy, LABELS),
    (metrics.SparseCategoricalAccuracy, LABELS[..., None]),
    (metrics.SparseTopKCategoricalAccuracy, LABELS),
    (metrics.SparseCategoricalCrossentropy, LABELS),
    (metrics.CategoricalAccuracy, ONE_HOT),
    (metrics.TopKCategoricalAccuracy, ONE_HOT),
    (metrics.CategoricalCrossentropy, ONE_HOT),
    (metrics.KLDivergence, ONE_HOT),
    (metrics.BinaryAccuracy, ONES),
    (metrics.BinaryCrossentropy, ONES),
    (metrics.MeanSquaredError, ONE_HOT),
    (metrics.MeanAbsoluteError, ONE_HOT),
    (metrics.RootMeanSquaredError, ONE_HOT),
    (metrics.Hinge, ONES),
    (metrics.Accuracy, ONES),
    (metrics.Precision, ONES),
    (metrics.Recall, ONES),
    (metrics.F1Score, ONES),
    (metrics.AUC, ONES),
]
MAKE = {
    metrics.SparseTopKCategoricalAccuracy: {"k": 2},
    metrics.TopKCategoricalAccuracy: {"k": 2},
    metrics.F1Score: {"average": "macro"},
}


def flat(kind, t, weights):
    """The metric of all steps as if each were a row."""
    metric = kind(**MAKE.get(kind, {}))
    shape = (-1,) if t.ndim == 2 else (-1, t.shape[-1])
    metric.update_state(t.reshape(shape), Y.reshape(-1, K), sample_weight=weights.ravel())
    return metric.result()


@pytest.mark.parametrize(("kind", "t"), KINDS)
@pytest.mark.parametrize("weights", [None, OF_ROWS, OF_ROWS[:, None], OF_STEPS])
@pytest.mark.parametrize("mask", [None, MASK, MASK.astype(bool)])
def test_masks_and_weights(kind, t, weights, mask):
    y = Tensor(Y)
    y.mask = None if mask is None else Tensor(mask)
    metric = kind(**MAKE.get(kind, {}))
    metric.update_state(t, y, sample_weight=weights)
    each = np.ones((N, STEPS)) if mask is None else mask.astype(float)
    if weights is not None:
        each = each * (weights[:, None] if weights.ndim == 1 else weights)
    assert metric.result() == pytest.approx(flat(kind, t, each))


def test_a_function_that_masks_its_values():
    metric = metrics.SparseCategoricalCrossentropy(ignore_class=0)
    loss = losses.SparseCategoricalCrossentropy(ignore_class=0)
    assert metric(LABELS, Y) == pytest.approx(float(loss(LABELS, Y)))
    y = Tensor(Y)
    y.mask = Tensor(MASK)
    metric.reset_state()
    expected = loss(LABELS, y, sample_weight=OF_STEPS)
    counting = (MASK * (LABELS != 0)).sum() / (MASK * (LABELS != 0) * OF_STEPS).sum()
    assert metric(LABELS, y, OF_STEPS) == pytest.approx(float(expected) * counting)


def test_rows_without_an_axis_of_columns_have_a_weight_each():
    found = metrics.Hinge()([1.0, -1.0], [0.5, 0.5], sample_weight=[1.0, 3.0])
    assert found == (0.5 * 1 + 1.5 * 3) / 4


def test_rows_of_longer_sequences_weigh_no_more():
    mean = metrics.Mean()
    mean.update_state(np.full((1, 9), 2.0))
    mean.update_state(np.full((1, 3), 4.0))
    assert mean.result() == 3
    total = metrics.Sum()
    total.update_state(np.full((1, 9), 2.0))
    total.update_state(np.full((1, 3), 4.0), sample_weight=[0.5])
    assert total.result() == 24


def test_weights_that_do_not_fit():
    words = r"values have shape \(5, 4\), but sample_weight has shape \(4,\); give one weight a row"
    with pytest.raises(ValueError, match=words):
        metrics.SparseCategoricalAccuracy()(LABELS, Y, sample_weight=np.ones(4))
