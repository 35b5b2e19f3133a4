"""Metrics by name, their configurations, and misspelt names and arguments."""

import json

import numpy as np
import pytest

from dlcore import losses, metrics

CLASSES = [
    kind
    for name in metrics.__all__
    if isinstance(kind := getattr(metrics, name), type)
    # MeanIoU has to be told the number of classes; tests/metrics/test_rarer.py has it.
    and kind not in (metrics.Metric, metrics.MeanMetricWrapper, metrics.MeanIoU)
]
MADE = {
    metrics.AUC: {"num_thresholds": 11, "curve": "PR", "multi_label": True, "from_logits": False},
    metrics.BinaryAccuracy: {"threshold": 0.25},
    metrics.BinaryCrossentropy: {"from_logits": True, "label_smoothing": 0.25},
    metrics.CategoricalCrossentropy: {"from_logits": True, "label_smoothing": 0.5, "axis": 1},
    metrics.F1Score: {"average": "micro", "threshold": 0.25},
    metrics.Precision: {"thresholds": [0.25, 0.75], "class_id": 1},
    metrics.Recall: {"top_k": 1},
    metrics.SparseCategoricalCrossentropy: {"ignore_class": -1, "from_logits": True},
    metrics.SparseTopKCategoricalAccuracy: {"k": 2, "from_sorted_ids": True},
    metrics.TopKCategoricalAccuracy: {"k": 2},
}
UP = {
    "AUC", "Accuracy", "BinaryAccuracy", "CategoricalAccuracy", "CosineSimilarity", "F1Score",
    "FBetaScore", "Precision", "R2Score", "Recall", "TrueNegatives", "TruePositives",
    "SparseCategoricalAccuracy", "SparseTopKCategoricalAccuracy", "TopKCategoricalAccuracy",
}  # fmt: skip


@pytest.mark.parametrize("kind", CLASSES)
def test_a_configuration_makes_a_metric_like_the_first(kind):
    metric = kind(name="mine", **MADE.get(kind, {}))
    config = json.loads(json.dumps(metric.get_config()))
    assert config == {"name": "mine", "dtype": None} | config
    assert config == config | MADE.get(kind, {})
    again = kind.from_config(config)
    assert again.get_config() == metric.get_config()
    assert getattr(again, "kwargs", None) == getattr(metric, "kwargs", None)


@pytest.mark.parametrize("kind", CLASSES)
def test_which_way_is_better(kind):
    expected = "up" if kind.__name__ in UP else "down"
    assert kind().direction == (None if kind in (metrics.Mean, metrics.Sum) else expected)


def test_less_is_better_of_a_loss_and_unknown_of_one_s_own():
    assert metrics.get("huber").direction == metrics.get(losses.Huber()).direction == "down"
    assert metrics.get(lambda y_true, y_pred: y_pred).direction is None


@pytest.mark.parametrize("kind", CLASSES)
def test_by_the_name_of_the_class_and_of_the_object(kind):
    assert type(metrics.get(kind.__name__)) is kind
    assert type(metrics.get(kind().name)) is kind
    assert type(metrics.get(kind)) is kind
    assert kind(dtype="float32").dtype == "float32"
    metric = kind()
    assert metrics.get(metric) is metric


@pytest.mark.parametrize(
    ("short", "kind"),
    [
        ("mse", metrics.MeanSquaredError),
        ("mae", metrics.MeanAbsoluteError),
        ("bce", metrics.BinaryCrossentropy),
        ("kld", metrics.KLDivergence),
        ("acc", metrics.Accuracy),
    ],
)
def test_short_names(short, kind):
    assert type(metrics.get(short)) is type(metrics.get(short.upper())) is kind


def test_a_function_of_the_losses_by_name():
    metric = metrics.get("huber")
    assert metric.name == "huber" and metric([[0.0]], [[3.0]]) == 2.5


def test_a_description_as_in_keras():
    metric = metrics.get({"class_name": "AUC", "config": {"curve": "PR"}})
    assert type(metric) is metrics.AUC and metric.curve == "PR"


def test_a_wrapped_function_describes_itself():
    metric = metrics.MeanMetricWrapper(losses.huber, name="far", delta=2.0)
    again = metrics.MeanMetricWrapper.from_config(json.loads(json.dumps(metric.get_config())))
    assert again.name == "far" and again([[0.0]], [[5.0]]) == metric([[0.0]], [[5.0]]) == 8


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: metrics.get("acuracy"), "There is no metric called 'acuracy'. Did you mean 'acc"),
        (lambda: metrics.get("presicion"), "Did you mean 'precision'"),
        (lambda: metrics.get("top_k_acuracy"), "Did you mean 'top_k_categorical_accuracy'"),
        (lambda: metrics.get(3), "not int"),
        (lambda: metrics.AUC(curv="PR"), "AUC has no argument 'curv'. Did you mean 'curve'"),
        (lambda: metrics.TopKCategoricalAccuracy(K=3), "has no argument 'K'. Did you mean 'k'"),
        (lambda: metrics.BinaryAccuracy(treshold=1), "Did you mean 'threshold'"),
        (lambda: metrics.MeanSquaredError(nam="a"), "MeanSquaredError has.*Did you mean 'name'"),
    ],
)
def test_misspelt(make, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make()


def test_root_mean_squared_error():
    metric = metrics.RootMeanSquaredError()
    metric.update_state([[0.0, 0], [0, 0]], [[3.0, 3], [1, 1]], sample_weight=[1.0, 3.0])
    assert metric.result() == pytest.approx(np.sqrt((9 + 3) / 4))
