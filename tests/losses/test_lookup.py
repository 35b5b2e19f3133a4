"""Losses by name, their configurations, and arguments that are misspelt."""

import json

import numpy as np
import pytest

from dlcore import losses

CLASSES = [getattr(losses, name) for name in losses.__all__ if name[0].isupper()]
MADE = {
    losses.Huber: {"delta": 2.5},
    losses.BinaryCrossentropy: {"from_logits": True, "label_smoothing": 0.25, "axis": 1},
    losses.CategoricalCrossentropy: {"label_smoothing": 0.5, "reduction": "sum"},
    losses.SparseCategoricalCrossentropy: {"ignore_class": -1, "axis": 1, "name": "mine"},
}


@pytest.mark.parametrize(
    ("names", "function", "kind"),
    [
        (["mse", "MSE", "mean_squared_error"], losses.mean_squared_error, "MeanSquaredError"),
        (["mae", "MAE", "mean_absolute_error"], losses.mean_absolute_error, "MeanAbsoluteError"),
        (["kld", "KLD", "kl_divergence"], losses.kl_divergence, "KLDivergence"),
        (["bce", "BCE", "binary_crossentropy"], losses.binary_crossentropy, "BinaryCrossentropy"),
        (["hinge"], losses.hinge, "Hinge"),
        (["huber"], losses.huber, "Huber"),
        (["categorical_crossentropy"], losses.categorical_crossentropy, "CategoricalCrossentropy"),
        (
            ["sparse_categorical_crossentropy"],
            losses.sparse_categorical_crossentropy,
            "SparseCategoricalCrossentropy",
        ),
    ],
)
def test_names(names, function, kind):
    for name in names:
        assert losses.get(name) is function
    loss = losses.get(kind)
    assert type(loss).__name__ == kind and loss.fn is function
    assert type(losses.get(type(loss))) is type(loss) and losses.get(loss) is loss


def test_what_is_no_loss():
    assert losses.get(None) is None
    with pytest.raises(ValueError, match="Did you mean 'binary_crossentropy'"):
        losses.get("binary_crosentropy")
    with pytest.raises(ValueError, match="Did you mean 'huber'"):
        losses.get("hubert")
    with pytest.raises(TypeError, match="not int"):
        losses.get(3)


@pytest.mark.parametrize("kind", [k for k in CLASSES if k.__name__[:4] != "Loss"])
def test_a_configuration_makes_a_loss_like_the_first(kind):
    loss = kind(**MADE.get(kind, {"reduction": "none", "name": "mine"}))
    config = json.loads(json.dumps(loss.get_config()))
    assert set(MADE.get(kind, {})) <= config.keys() and {"name", "reduction"} <= config.keys()
    again = kind.from_config(config)
    assert again.get_config() == loss.get_config()
    assert (again.reduction, again.name, again.kwargs) == (loss.reduction, loss.name, loss.kwargs)


def test_default_names_are_those_of_keras():
    assert {kind().name for kind in CLASSES if kind.__name__[:4] != "Loss"} == {
        "cosine_similarity",
        "log_cosh",
        "mean_absolute_percentage_error",
        "mean_squared_logarithmic_error",
        "poisson",
        "binary_crossentropy", "categorical_crossentropy", "hinge", "huber_loss", "kl_divergence",
        "mean_absolute_error", "mean_squared_error", "sparse_categorical_crossentropy",
    }  # fmt: skip


def test_a_description_as_in_keras():
    loss = losses.get({"class_name": "Huber", "config": {"delta": 2.0}})
    assert type(loss) is losses.Huber and loss.delta == 2


def test_a_wrapped_function_describes_itself():
    loss = losses.LossFunctionWrapper(losses.huber, name="far", delta=3.0)
    again = losses.LossFunctionWrapper.from_config(json.loads(json.dumps(loss.get_config())))
    t, y = np.zeros((2, 1)), np.array([[1.0], [9.0]])
    assert float(again(t, y)) == float(loss(t, y)) == float(losses.Huber(3.0)(t, y))
    assert again.name == "far" and again.fn is losses.huber


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: losses.BinaryCrossentropy(label_smoothing=1.0), r"label_smoothing lies in \[0, 1"),
        (lambda: losses.CategoricalCrossentropy(label_smoothing=-0.1), "but is -0.1; try 0.1"),
        (lambda: losses.Huber(delta=0.0), "above 0, not 0.0; try 1.0"),
        (lambda: losses.BinaryCrossentropy(from_logit=True), "Did you mean 'from_logits'"),
        (
            lambda: losses.CategoricalCrossentropy(smoothing=0.1),
            "CategoricalCrossentropy has no argument 'smoothing'. Did you mean 'label_smoothing'",
        ),
        (
            lambda: losses.SparseCategoricalCrossentropy(ignored_class=1),
            "Did you mean 'ignore_class'",
        ),
        (lambda: losses.Hinge(reductoin="sum"), "Hinge has no argument.*Did you mean 'reduction'"),
        (lambda: losses.MeanSquaredError(reduction="summ"), "Did you mean 'sum'"),
        (lambda: losses.MeanSquaredError(reduction="avg"), "There is no reduction called 'avg'"),
    ],
)
def test_arguments(make, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make()


def test_a_loss_without_a_call():
    with pytest.raises(NotImplementedError, match=r"Loss has no call\(y_true, y_pred\)"):
        losses.Loss()([1.0], [1.0])
