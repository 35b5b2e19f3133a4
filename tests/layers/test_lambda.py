"""A function as a layer: it runs and learns, and a file holds its name alone."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore import Input, Sequential, layers, ops
from dlcore.saving import load_model, register_keras_serializable

X = np.random.default_rng(0).normal(size=(8, 3)).astype(np.float32)


@register_keras_serializable("tests")
def scaled(x, by=2.0, training=False):
    return ops.sin(x) * (0.0 if training else by)


def test_a_named_function_goes_into_a_file_and_out(tmp_path):
    layer = layers.Lambda(scaled, arguments={"by": 3.0})
    model = Sequential([Input((3,)), layer, layers.Dense(1)])
    np.testing.assert_allclose(layer(X).data, 3 * np.sin(X), rtol=1e-6)
    assert not layer(X, training=True).data.any()
    model.save(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again.predict(X, verbose=0), model.predict(X, verbose=0))


def test_a_lambda_trains_and_is_not_saved(tmp_path):
    model = Sequential([Input((3,)), layers.Lambda(lambda x: x**2), layers.Dense(1)])
    model.compile("adam", "mse")
    model.fit(X, X[:, :1], verbose=0)
    with pytest.raises(TypeError, match="A lambda has no name"):
        model.save(tmp_path / "m.keras")


@pytest.mark.parametrize(
    "code",
    [
        {"class_name": "__lambda__", "config": {"code": "4wEAAAA="}},
        ["4wEAAAA=", None, None],
        "4wEAAAA=",
    ],
)
def test_code_is_refused(code):
    described = {"class_name": "Lambda", "config": {"name": "it", "function": code}}
    with pytest.raises(ValueError, match="code, which dlcore never executes"):
        layers.deserialize(described)
