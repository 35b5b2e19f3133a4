"""Activations: their formulas, their gradients, and numbers at which a formula would break."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore import activations, layers
from dlcore.engine import ops
from dlcore.tensor import Tensor, gradients

X = np.array([[-2.0, -0.5, 0.0, 1.5, 3.5, -3.5, 7.0]])


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def elu(x, alpha=1.0):
    return np.where(x > 0, x, alpha * (np.exp(x) - 1))


def softmax(x):
    return np.exp(x) / np.exp(x).sum(axis=-1, keepdims=True)


FORMULAS = {
    "linear": lambda x: x,
    "sigmoid": sigmoid,
    "hard_sigmoid": lambda x: np.clip(x / 6 + 0.5, 0, 1),
    "log_sigmoid": lambda x: np.log(sigmoid(x)),
    "tanh": lambda x: (np.exp(x) - np.exp(-x)) / (np.exp(x) + np.exp(-x)),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "softsign": lambda x: x / (1 + np.abs(x)),
    "relu": lambda x: np.maximum(x, 0),
    "relu6": lambda x: np.clip(x, 0, 6),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.2 * x),
    "elu": elu,
    "celu": elu,
    "selu": lambda x: 1.0507009873554805 * elu(x, 1.6732632423543772),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "squareplus": lambda x: (x + np.sqrt(x**2 + 4)) / 2,
    "silu": lambda x: x * sigmoid(x),
    "swish": lambda x: x * sigmoid(x),
    "hard_silu": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "hard_swish": lambda x: x * np.clip(x / 6 + 0.5, 0, 1),
    "gelu": lambda x: x * (1 + np.vectorize(math.erf)(x / math.sqrt(2))) / 2,
    "mish": lambda x: x * np.tanh(np.log(1 + np.exp(x))),
    "exponential": np.exp,
    "hard_shrink": lambda x: np.where(np.abs(x) > 0.5, x, 0),
    "soft_shrink": lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
    "tanh_shrink": lambda x: x - np.tanh(x),
    "softmax": softmax,
    "log_softmax": lambda x: np.log(softmax(x)),
}


@pytest.mark.parametrize("name", sorted(FORMULAS))
def test_formula(name):
    y = activations.get(name)(X)
    np.testing.assert_allclose(y.data, FORMULAS[name](X), rtol=1e-12, atol=1e-15)
    assert activations.get(name)(X.astype(np.float32)).dtype == np.float32


def test_every_name_has_a_formula_here():
    assert {*FORMULAS, "threshold", "get", "serialize"} == set(activations.__all__)


def slope(function, x, step=1e-6):
    return (function(x + step) - function(x - step)) / (2 * step)


@pytest.mark.parametrize("name", sorted(set(FORMULAS) - {"softmax", "log_softmax"}))
@settings(max_examples=30)
@given(value=st.floats(-8, 8).filter(lambda x: min(abs(x - k) for k in CORNERS) > 1e-3))
def test_gradient(name, value):
    x = Tensor(np.array([value]), requires_grad=True)
    (dx,) = gradients(ops.sum(activations.get(name)(x)), [x])
    np.testing.assert_allclose(dx, slope(FORMULAS[name], x.data), rtol=1e-6, atol=1e-8)


CORNERS = (-3, -1, -0.5, 0, 0.5, 1, 3, 6)


@pytest.mark.parametrize("axis", [-1, 0, 1])
def test_gradient_of_log_softmax_over_an_axis(axis):
    rng = np.random.default_rng(0)
    x, w = Tensor(rng.normal(size=(3, 4, 2)), requires_grad=True), rng.normal(size=(3, 4, 2))
    y = activations.log_softmax(x, axis)
    np.testing.assert_allclose(np.exp(y.data), ops.softmax(x, axis).data, rtol=1e-12)
    (dx,) = gradients(ops.sum(y * w), [x])
    expected = w - np.exp(y.data) * w.sum(axis=axis, keepdims=True)
    np.testing.assert_allclose(dx, expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("axis", [None, 0, (0, 2)])
@pytest.mark.parametrize("keepdims", [False, True])
def test_logsumexp(axis, keepdims):
    x = Tensor(np.random.default_rng(1).normal(size=(3, 4, 2)) + 1000, requires_grad=True)
    y = ops.logsumexp(x, axis, keepdims)
    expected = 1000 + np.log(np.exp(x.data - 1000).sum(axis=axis, keepdims=keepdims))
    assert y.shape == expected.shape
    np.testing.assert_allclose(y.data, expected, rtol=1e-12)
    (dx,) = gradients(ops.sum(y), [x])
    assert dx.sum() == pytest.approx(y.size)


# The slope where two pieces meet, as Keras on JAX has it.
AT_ZERO = {"elu": 1.0, "softplus": 0.5, "softsign": 1.0, "gelu": 0.5, "silu": 0.5, "relu": 0.0}


@pytest.mark.parametrize("name", sorted(AT_ZERO))
def test_slope_at_zero(name):
    x = Tensor(np.zeros(1), requires_grad=True)
    (dx,) = gradients(ops.sum(activations.get(name)(x)), [x])
    assert dx[0] == AT_ZERO[name]


@pytest.mark.parametrize("name", sorted(set(FORMULAS) - {"exponential"}))
def test_great_numbers_give_no_nan_and_no_warning(name):
    x = Tensor(np.array([[-1e4, -200, 0, 200, 1e4]], np.float32), requires_grad=True)
    y = activations.get(name)(x)
    (dx,) = gradients(ops.sum(y), [x])
    assert np.isfinite(y.data).all() and np.isfinite(dx).all()


def test_small_numbers_keep_their_digits():
    tiny = np.array([1e-8, -1e-8], np.float32)
    np.testing.assert_allclose(activations.elu(tiny).data, tiny, rtol=1e-6)
    np.testing.assert_allclose(
        activations.softplus(np.array([-30.0], np.float32)).data, [np.exp(-30.0)], rtol=1e-6
    )
    np.testing.assert_allclose(
        activations.log_softmax(np.array([[0.0, 200.0]], np.float32)).data, [[-200, 0]]
    )


@pytest.mark.parametrize("negative_slope", [0.0, 0.1])
@pytest.mark.parametrize("max_value", [None, 6, 2.5])
@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_relu_with_its_arguments(negative_slope, max_value, threshold):
    y = activations.relu(X, negative_slope, max_value, threshold)
    upper = np.inf if max_value is None else max_value
    expected = np.where(X > threshold, np.minimum(X, upper), negative_slope * (X - threshold))
    np.testing.assert_allclose(y.data, expected, rtol=1e-12, atol=1e-15)


def test_other_arguments():
    np.testing.assert_allclose(activations.elu(X, 0.3).data, elu(X, 0.3))
    np.testing.assert_allclose(activations.celu(X, 2.0).data, np.where(X > 0, X, elu(X / 2) * 2))
    np.testing.assert_allclose(activations.squareplus(X, 1.0).data, (X + np.sqrt(X**2 + 1)) / 2)
    np.testing.assert_allclose(activations.threshold(X, 1.0, 9.0).data, np.where(X > 1, X, 9))
    np.testing.assert_allclose(activations.hard_shrink(X, 2.0).data, np.where(abs(X) > 2, X, 0))
    np.testing.assert_allclose(activations.soft_shrink(X, 2.0).data[0, 4:6], [1.5, -1.5])
    cubic = np.tanh(np.sqrt(2 / np.pi) * (X + 0.044715 * X**3))
    found = activations.gelu(X, approximate=True).data
    np.testing.assert_allclose(found, X * (1 + cubic) / 2, atol=1e-14)


def test_whole_numbers_are_taken():
    for name in FORMULAS:
        assert activations.get(name)(np.array([[1, 2]])).shape == (1, 2), name
    assert activations.silu([[1, 2]]).dtype == np.float32


def test_none_is_linear_and_a_function_stays_itself():
    assert activations.get(None) is activations.linear
    assert activations.get(sigmoid) is sigmoid
    assert activations.get("swish") is activations.silu


def test_a_file_names_them():
    for name in set(FORMULAS) - {"swish", "hard_swish"}:
        assert activations.serialize(activations.get(name)) == name
    with pytest.raises(TypeError, match="lambda"):
        activations.serialize(lambda x: x)


def test_misspelt():
    with pytest.raises(ValueError, match=r"no activation called 'rellu'. Did you mean 'relu'\?"):
        activations.get("rellu")
    with pytest.raises(ValueError, match="There are: celu, elu, exponential"):
        activations.get("quux")
    with pytest.raises(TypeError, match="not int"):
        activations.get(3)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (np.tanh, r"numpy\.tanh does not serve: .* Take 'tanh', or a function made of dlcore\.ops"),
        (np.exp, "Take 'exponential'"),
        (np.abs, "Take ops.abs"),
        (np.maximum, "Take ops.maximum"),
        (np.where, "Take ops.where"),
        (np.sin, "Take a name such as 'tanh'|Take ops.sin"),
        (math.tanh, r"math\.tanh does not serve: .* Take 'tanh'"),
    ],
)
def test_a_function_of_another_library_is_refused_where_the_layer_is_made(function, words):
    for make in (layers.Dense, layers.LSTM, lambda n, activation: layers.Activation(activation)):
        with pytest.raises(TypeError, match=words):
            make(2, activation=function)


@pytest.mark.parametrize(
    "activation", [lambda x: np.maximum(x, 0), lambda x: 1 / (1 + np.exp(-x)), lambda x: np.abs(x)]
)
def test_numpy_inside_of_a_function_is_told_with_the_layer(activation):
    with pytest.raises(TypeError, match="layer 'mine' a function of NumPy .*activation"):
        layers.Dense(2, activation=activation, name="mine")(np.ones((1, 3)))


def test_numpy_in_a_layer_of_ones_own_is_told_and_other_errors_stay():
    class Own(layers.Layer):
        def call(self, x):
            return np.sqrt(x)

    class Wrong(layers.Layer):
        def call(self, x):
            return x + "a"

    with pytest.raises(TypeError, match="layer 'own.*a function of NumPy"):
        Own()(np.ones((1, 3)))
    with pytest.raises(TypeError) as caught:
        Wrong()(np.ones((1, 3)))
    assert "NumPy" not in str(caught.value)
