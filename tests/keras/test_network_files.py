"""Models of many kinds, with losses and metrics, in files between dlcore and Keras."""

from __future__ import annotations

import numpy as np
import pytest

import dlcore
from tests.saving.every_layer import shake
from tests.saving.networks import NETWORKS, inputs_of, outputs_of

keras = pytest.importorskip("keras")

# Keras's own, with PyTorch or JAX below it.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}


def libraries(way):
    return (dlcore, keras) if way == "ours" else (keras, dlcore)


def same_outputs(model, other, x):
    for a, b in zip(outputs_of(model, x), outputs_of(other, x), strict=True):
        np.testing.assert_allclose(a, b, **TOLERANCE)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.__name__)
@pytest.mark.parametrize("ending", [".keras", ".weights.h5"])
@pytest.mark.parametrize("way", ["ours", "theirs"])
def test_a_network_goes_over(network, ending, way, tmp_path):
    first, second = libraries(way)
    path = str(tmp_path / f"m{ending}")
    model = network(first)
    shake(model)
    if ending == ".keras":
        model.save(path)
        other = second.models.load_model(path)
    else:
        model.save_weights(path)
        other = network(second)
        other.load_weights(path)
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    same_outputs(model, other, inputs_of(model if way == "theirs" else other))


@pytest.mark.parametrize("way", ["ours", "theirs"])
def test_a_network_goes_there_and_back(way, tmp_path):
    first, second = libraries(way)
    for network in NETWORKS:
        model = network(first)
        model.save(str(tmp_path / "a.keras"))
        second.models.load_model(str(tmp_path / "a.keras")).save(str(tmp_path / "b.keras"))
        back = first.models.load_model(str(tmp_path / "b.keras"))
        same_outputs(model, back, inputs_of(model))


def pairs(rng, kind):
    y = rng.random((12, 3)).astype(np.float32)
    if kind == "sparse":
        return rng.integers(0, 3, (12,)), y
    one_hot = np.eye(3, dtype=np.float32)[rng.integers(0, 3, 12)]
    return one_hot, y


LOSSES = [
    ("MeanSquaredError", {"reduction": "sum"}, "hot"),
    ("MeanAbsoluteError", {}, "hot"),
    ("BinaryCrossentropy", {"label_smoothing": 0.1}, "hot"),
    ("BinaryCrossentropy", {"from_logits": True}, "hot"),
    ("CategoricalCrossentropy", {"label_smoothing": 0.2}, "hot"),
    ("SparseCategoricalCrossentropy", {"from_logits": True}, "sparse"),
    ("KLDivergence", {}, "hot"),
    ("Hinge", {}, "hot"),
]
METRICS = [
    ("Accuracy", {}, "hot"),
    ("BinaryAccuracy", {"threshold": 0.3}, "hot"),
    ("CategoricalAccuracy", {}, "hot"),
    ("SparseCategoricalAccuracy", {}, "sparse"),
    ("TopKCategoricalAccuracy", {"k": 2}, "hot"),
    ("SparseTopKCategoricalAccuracy", {"k": 2}, "sparse"),
    ("Precision", {"thresholds": 0.4}, "hot"),
    ("Recall", {"top_k": 1}, "hot"),
    ("F1Score", {"average": "macro"}, "hot"),
    ("AUC", {"num_thresholds": 20, "curve": "PR"}, "hot"),
    ("MeanSquaredError", {}, "hot"),
    ("MeanAbsoluteError", {"name": "off"}, "hot"),
    ("RootMeanSquaredError", {}, "hot"),
    ("BinaryCrossentropy", {"label_smoothing": 0.1}, "hot"),
    ("CategoricalCrossentropy", {}, "hot"),
    ("KLDivergence", {}, "hot"),
    ("Hinge", {}, "hot"),
]
NAMES = [
    ("mse", ["accuracy", "mae"], "hot"),
    ("categorical_crossentropy", ["acc", "categorical_crossentropy"], "hot"),
    ("sparse_categorical_crossentropy", ["accuracy", "sparse_categorical_accuracy"], "sparse"),
    ("binary_crossentropy", ["accuracy", "binary_accuracy"], "hot"),
    ("mae", ["MeanSquaredError", "top_k_categorical_accuracy"], "hot"),
]
CASES = [
    *[("losses", name, arguments, kind) for name, arguments, kind in LOSSES],
    *[("metrics", name, arguments, kind) for name, arguments, kind in METRICS],
    *[("names", loss, metrics, kind) for loss, metrics, kind in NAMES],
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c[0]}-{c[1]}-{CASES.index(c)}")
@pytest.mark.parametrize("way", ["ours", "theirs"])
def test_a_loss_and_its_metrics_go_over(case, way, tmp_path):
    room, name, arguments, kind = case
    first, second = libraries(way)
    if room != "names" and not hasattr(getattr(dlcore, room), name):
        pytest.skip(f"dlcore has no {name}")
    loss, metrics = "mse" if kind == "hot" else "sparse_categorical_crossentropy", []
    if room == "losses":
        loss = getattr(first.losses, name)(**arguments)
    elif room == "metrics":
        metrics = [getattr(first.metrics, name)(**arguments)]
    else:
        loss, metrics = name, arguments
    model = first.Sequential([first.Input((3,)), first.layers.Dense(3, "softmax")])
    model.compile("sgd", loss, metrics=metrics)
    path = str(tmp_path / "m.keras")
    model.save(path)
    other = second.models.load_model(path)
    y, x = pairs(np.random.default_rng(len(name)), kind)
    ends = [one.evaluate(x, y, verbose=0) for one in (model, other)]
    np.testing.assert_allclose(*ends, **TOLERANCE)


@pytest.mark.parametrize("way", ["ours", "theirs"])
def test_losses_of_several_outputs_go_over(way, tmp_path):
    first, second = libraries(way)
    a = first.Input((3,))
    outputs = {name: first.layers.Dense(2, name=name)(a) for name in ("one", "two")}
    model = first.Model(a, outputs)
    model.compile(
        "sgd", {"one": "mse", "two": "mae"}, metrics={"one": ["mae"]},
        loss_weights={"one": 1.0, "two": 0.5},
    )  # fmt: skip
    path = str(tmp_path / "m.keras")
    model.save(path)
    other = second.models.load_model(path)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(8, 3)).astype(np.float32)
    y = {name: rng.normal(size=(8, 2)).astype(np.float32) for name in ("one", "two")}
    ends = [one.evaluate(x, y, verbose=0, return_dict=True) for one in (model, other)]
    assert ends[0].keys() == ends[1].keys()
    for key, value in ends[0].items():
        np.testing.assert_allclose(value, ends[1][key], **TOLERANCE)


ACTIVATIONS = ["elu", "exponential", "gelu", "linear", "relu", "selu", "sigmoid", "silu", "softmax",
               "softplus", "softsign", "tanh", "hard_sigmoid", "leaky_relu", "mish", "log_softmax",
               "hard_silu", "relu6", "celu"]  # fmt: skip
INITIALIZERS = ["zeros", "ones", "random_normal", "random_uniform", "truncated_normal", "identity",
                "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "lecun_normal",
                "lecun_uniform", "orthogonal", "variance_scaling"]  # fmt: skip


@pytest.mark.parametrize("way", ["ours", "theirs"])
def test_names_of_activations_initializers_and_penalties_go_over(way, tmp_path):
    first, second = libraries(way)
    path = str(tmp_path / "m.keras")
    x = np.random.default_rng(0).normal(size=(5, 4)).astype(np.float32)
    cases = [{"activation": name} for name in ACTIVATIONS if name in dlcore.activations.__all__]
    for name in INITIALIZERS:
        try:
            dlcore.initializers.get(name)
        except ValueError:
            continue
        cases.append({"kernel_initializer": name})
    cases += [{"kernel_regularizer": name} for name in ("l1", "l2")]
    for arguments in cases:
        model = first.Sequential([first.Input((4,)), first.layers.Dense(4, **arguments)])
        model.save(path)
        other = second.models.load_model(path)
        same_outputs(model, other, x)
        if "kernel_initializer" in arguments:
            kinds = [type(one.layers[0].kernel_initializer).__name__ for one in (model, other)]
            assert kinds[0] == kinds[1]
    assert len(cases) > 20
