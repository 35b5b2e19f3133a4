"""Constraints beside Keras's own: the formulas, steps that keep to them, and files."""

from __future__ import annotations

import numpy as np
import pytest

import dlcore
from dlcore import constraints

keras = pytest.importorskip("keras")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

CASES = [
    ("MaxNorm", {}),
    ("MaxNorm", {"max_value": 0.5, "axis": [0, 1]}),
    ("NonNeg", {}),
    ("UnitNorm", {"axis": 1}),
    ("MinMaxNorm", {}),
    ("MinMaxNorm", {"min_value": 1.0, "max_value": 2.0, "rate": 0.3, "axis": -1}),
]
X = np.random.default_rng(0).normal(size=(24, 4)).astype(np.float32)
Y = 3 * X[:, :2]


@pytest.mark.parametrize(("kind", "arguments"), CASES)
def test_the_same_weights_and_the_same_description(kind, arguments):
    ours, theirs = (getattr(room, kind)(**arguments) for room in (constraints, keras.constraints))
    for seed in range(5):
        w = np.random.default_rng(seed).normal(size=(3, 4)).astype(np.float32) * 2
        np.testing.assert_allclose(ours(w), keras.ops.convert_to_numpy(theirs(w)), rtol=1e-5)
    assert ours.get_config() == theirs.get_config()


def network(library):
    hidden = library.layers.Dense(5, "tanh", kernel_constraint=library.constraints.MaxNorm(0.5))
    norm = library.layers.BatchNormalization(gamma_constraint="non_neg", momentum=0.5)
    last = library.layers.Dense(2, kernel_constraint="unit_norm", bias_constraint="min_max_norm")
    model = library.Sequential([library.layers.Input((4,)), hidden, norm, last])
    model.compile(library.optimizers.SGD(0.3, momentum=0.5), "mse")
    return model


def fitted(model):
    model.fit(X, Y, batch_size=8, epochs=2, shuffle=False, verbose=0)
    return model.get_weights()


@pytest.mark.parametrize("way", ["ours", "theirs"])
def test_training_and_files(way, tmp_path):
    first, second = (dlcore, keras) if way == "ours" else (keras, dlcore)
    model = network(first)
    model.save(tmp_path / "m.keras")
    other = second.models.load_model(tmp_path / "m.keras")
    for a, b in zip(fitted(model), fitted(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)
