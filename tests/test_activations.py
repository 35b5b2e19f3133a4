"""Activations by name and by function."""

import numpy as np
import pytest

from dlcore import activations

X = np.array([[-2.0, -0.5, 0.0, 1.5]], dtype=np.float32)


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("linear", lambda x: x),
        ("sigmoid", lambda x: 1 / (1 + np.exp(-x))),
        ("tanh", lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x))),
        ("relu", lambda x: np.maximum(x, 0)),
        ("leaky_relu", lambda x: np.where(x > 0, x, 0.2 * x)),
        ("softmax", lambda x: np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)),
    ],
)
def test_formula(name, formula):
    np.testing.assert_allclose(activations.get(name)(X).data, formula(X), rtol=1e-6)


def test_none_is_linear_and_a_function_stays_itself():
    assert activations.get(None) is activations.linear
    assert activations.get(np.tanh) is np.tanh


def test_misspelt():
    with pytest.raises(ValueError, match=r"no activation called 'rellu'. Did you mean 'relu'\?"):
        activations.get("rellu")
    with pytest.raises(ValueError, match="There are: leaky_relu, linear"):
        activations.get("quux")
    with pytest.raises(TypeError, match="not int"):
        activations.get(3)
