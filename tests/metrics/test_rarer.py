"""The metrics that are asked for less often, over two batches, against formulas of their own."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore import losses, metrics

RNG = np.random.default_rng(0)
T, Y = RNG.integers(0, 2, (20, 3)), RNG.random((20, 3))
W = RNG.random(20)


def gathered(metric, t=T, y=Y, w=None):
    for part in (slice(0, 7), slice(7, 20)):
        metric.update_state(t[part], y[part], None if w is None else w[part])
    return metric.result()


@pytest.mark.parametrize("weights", [None, W])
def test_the_four_counts(weights):
    said, each = Y > 0.3, (np.ones(20) if weights is None else weights)[:, None]
    for name, cells in {
        "TruePositives": said & (T == 1),
        "FalsePositives": said & (T == 0),
        "TrueNegatives": ~said & (T == 0),
        "FalseNegatives": ~said & (T == 1),
    }.items():
        metric = getattr(metrics, name)(thresholds=0.3)
        assert gathered(metric, w=weights) == pytest.approx((cells * each).sum())
        metric.reset_state()
        assert metric.result() == 0


@pytest.mark.parametrize("weights", [None, W])
def test_explained_variance(weights):
    t = RNG.normal(1000, 1, (20, 3))
    y = t + RNG.normal(0, 0.5, t.shape)
    w = (np.ones(20) if weights is None else weights)[:, None]
    spread = (w * (t - (w * t).sum(0) / w.sum()) ** 2).sum(0)
    scores = 1 - (w * (t - y) ** 2).sum(0) / spread
    np.testing.assert_allclose(gathered(metrics.R2Score(None), t, y, weights), scores)
    assert gathered(metrics.R2Score(), t, y, weights) == pytest.approx(scores.mean())
    weighted = metrics.R2Score("variance_weighted_average")
    expected = (scores * spread).sum() / spread.sum()
    assert gathered(weighted, t, y, weights) == pytest.approx(expected)


def test_overlap_of_regions():
    t, y = RNG.integers(0, 3, (20, 4)), RNG.integers(0, 3, (20, 4))
    overlaps = [((t == c) & (y == c)).sum() / ((t == c) | (y == c)).sum() for c in range(3)]
    assert gathered(metrics.MeanIoU(5), t, y) == pytest.approx(np.mean(overlaps))
    metric = metrics.MeanIoU(3, ignore_class=1)
    assert metrics.MeanIoU.from_config(metric.get_config()).ignore_class == 1
    scores = np.eye(3)[y]
    assert gathered(metrics.MeanIoU(3, sparse_y_pred=False), t, scores) == pytest.approx(
        np.mean(overlaps)
    )
    with pytest.raises(ValueError, match=r"Write MeanIoU\(num_classes=…\)"):
        metrics.get("mean_iou")


def test_precision_and_recall_weighed_against_each_other():
    p, r = gathered(metrics.Precision()), gathered(metrics.Recall())
    found = gathered(metrics.FBetaScore("micro", 2.0, 0.5))
    assert found == pytest.approx(5 * p * r / (4 * p + r))
    one = gathered(metrics.FBetaScore("macro", threshold=0.5))
    assert one == pytest.approx(gathered(metrics.F1Score("macro", threshold=0.5)))


@pytest.mark.parametrize(
    "name", ["mape", "msle", "poisson", "logcosh", "cosine_similarity", "log_cosh_error"]
)
def test_means_of_losses(name):
    t, y = Y + 0.5, Y[::-1] + 0.5
    sign = -1 if name == "cosine_similarity" else 1
    loss = losses.get("logcosh" if name.startswith("log") else name)
    assert gathered(metrics.get(name), t, y) == pytest.approx(sign * loss(t, y).data.mean())
