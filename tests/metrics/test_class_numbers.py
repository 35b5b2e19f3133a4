"""Class numbers beside several outputs: scores count them, other metrics name their twin."""

import inspect
import warnings

import numpy as np
import pytest

from dlcore import Input, metrics
from dlcore.layers import Dense
from dlcore.models import Sequential
from dlcore.utils import set_random_seed, to_categorical

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 4)).astype(np.float32)
CLASSES = np.arange(60) % 3
SCORES = [
    lambda: metrics.Precision(name="m"),
    lambda: metrics.Precision(class_id=1, name="m"),
    lambda: metrics.Recall(thresholds=[0.2, 0.4], name="m"),
    lambda: metrics.Recall(top_k=1, name="m"),
    lambda: metrics.F1Score(name="m"),
    lambda: metrics.F1Score("macro", name="m"),
    lambda: metrics.FBetaScore("macro", beta=2.0, name="m"),
    lambda: metrics.FalsePositives(name="m"),
    lambda: metrics.TruePositives(thresholds=[0.2, 0.4], name="m"),
    lambda: metrics.AUC(name="m"),
    lambda: metrics.AUC(multi_label=True, name="m"),
]


def probabilities(*shape):
    p = RNG.uniform(size=shape)
    return (p / p.sum(axis=-1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("make", SCORES)
@pytest.mark.parametrize("shape", [(60,), (60, 1), (12, 5), (12, 5, 1)])
def test_scores_count_class_numbers_as_one_hot_rows(make, shape):
    rows = shape[:-1] if shape[-1] == 1 else shape
    labels, p = CLASSES.reshape(shape), probabilities(*rows, 3)
    weights = RNG.uniform(size=rows)
    for given in ({}, {"sample_weight": weights}):
        found, expected = make(), make()
        found.update_state(labels, p, **given)
        expected.update_state(to_categorical(CLASSES.reshape(rows), 3), p, **given)
        np.testing.assert_array_equal(found.result(), expected.result())


def test_a_class_that_there_is_not():
    with pytest.raises(ValueError, match=r"from 0 to 2 for the 3 outputs .* row 1 of y is 3"):
        metrics.Precision().update_state([0, 3], probabilities(2, 3))


def test_by_hand():
    metric = metrics.F1Score()
    p = [[0.6, 0.3, 0.1], [0.5, 0.4, 0.1], [0.1, 0.2, 0.7]]
    metric.update_state([0, 1, 2], p)
    np.testing.assert_allclose(metric.result(), [2 / 3, 0, 1])


def fitted(metric, epochs=1):
    set_random_seed(0)
    model = Sequential([Input((4,)), Dense(3, "softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[metric])
    before = model.get_weights()
    try:
        return model.fit(X, CLASSES, epochs=epochs, verbose=0).history
    except ValueError as error:
        assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
        return str(error)


@pytest.mark.parametrize("make", SCORES)
def test_scores_beside_the_loss_of_class_numbers(make):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(fitted(make(), 2)["m"]) == 2


TWINS = {
    "CategoricalAccuracy": "'sparse_categorical_accuracy'",
    "TopKCategoricalAccuracy": "SparseTopKCategoricalAccuracy(k)",
    "CategoricalCrossentropy": "'sparse_categorical_crossentropy'",
    "Accuracy": "metrics=['accuracy'], which compares the likeliest class",
}
OTHERS = (
    "BinaryAccuracy", "BinaryCrossentropy", "Hinge", "KLDivergence", "MeanAbsoluteError",
    "MeanSquaredError", "RootMeanSquaredError", "MeanAbsolutePercentageError",
    "MeanSquaredLogarithmicError", "Poisson", "LogCoshError", "CosineSimilarity", "R2Score",
)  # fmt: skip


@pytest.mark.parametrize("kind", [*TWINS, *OTHERS])
def test_another_metric_is_named_before_anything_is_trained(kind):
    metric = getattr(metrics, kind)()
    text = fitted(metric)
    mend = TWINS.get(kind, "leave it out, or train on dlcore.utils.to_categorical(y, 3) with")
    known = metric.fn.__name__ if hasattr(metric, "fn") else metric.name
    assert text.startswith(f"The metric {known!r} takes targets in the shape (60, 3) of the outp")
    assert f"for class numbers {'take ' if kind in TWINS else ''}{mend}" in text
    assert "use the loss 'sparse" not in text
    with pytest.raises(ValueError, match="^The metric '"):
        getattr(metrics, kind)().update_state(CLASSES, probabilities(60, 3))


class OneHot(Sequential):
    """Gives its metrics one-hot rows of its own making."""

    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        return super().compute_metrics(x, to_categorical(y, 3), y_pred)


def test_metrics_that_the_model_feeds_itself():
    model = OneHot([Input((4,)), Dense(3, "softmax")])
    metric = metrics.TopKCategoricalAccuracy(3, name="m")
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=[metric])
    assert model.fit(X, CLASSES, verbose=0).history["m"] == [1.0]


def test_what_is_proposed_is_right():
    names = ["accuracy", "sparse_categorical_accuracy", "sparse_categorical_crossentropy"]
    for metric in (*names, metrics.SparseTopKCategoricalAccuracy(2)):
        assert len(fitted(metric)) == 2


def test_every_metric_that_compares_is_looked_at():
    counts = {f"{a}{b}" for a in ("True", "False") for b in ("Positives", "Negatives")}
    scores = {"Precision", "Recall", "F1Score", "FBetaScore", "AUC", *counts}
    compared = {*TWINS, *OTHERS, *scores, "MeanIoU"}  # that one compares class numbers
    kinds = {name for name in metrics.__all__ if inspect.isclass(getattr(metrics, name))}
    sparse = {name for name in kinds if name.startswith("Sparse")}
    assert kinds - compared - sparse == {"Mean", "MeanMetricWrapper", "Metric", "Sum"}
