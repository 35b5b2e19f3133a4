"""Layers: what they compute, their weights, their names and their refusals."""

import numpy as np
import pytest

import dlcore
from dlcore.layers import Activation, Dense, Flatten, Input, Layer
from dlcore.tensor import Tensor, Variable, gradients
from dlcore.utils import clear_session, set_random_seed

X = np.arange(12, dtype=np.float32).reshape(3, 4) / 10


@pytest.fixture(autouse=True)
def seeded():
    set_random_seed(0)


def test_dense_is_x_w_plus_b():
    layer = Dense(2, activation="tanh", bias_initializer="ones")
    y = layer(X)
    w, b = layer.get_weights()
    assert w.shape == (4, 2) and b.tolist() == [1, 1]
    np.testing.assert_allclose(y.data, np.tanh(X @ w + b), rtol=1e-6)
    assert layer.count_params() == 10


def test_dense_without_bias_and_with_more_axes():
    layer = Dense(2, use_bias=False)
    cube = X.reshape(3, 2, 2)
    y = layer(cube)
    assert y.shape == (3, 2, 2) and len(layer.weights) == 1
    np.testing.assert_allclose(y.data, cube @ layer.get_weights()[0], rtol=1e-6)


def test_activation_and_flatten():
    np.testing.assert_allclose(Activation("relu")(X - 0.5).data, np.maximum(X - 0.5, 0))
    assert Flatten()(np.zeros((3, 2, 5), np.float32)).shape == (3, 10)
    assert Flatten()(np.zeros(3, np.float32)).shape == (3, 1)
    assert Flatten().compute_output_shape((None, 2, 5)) == (None, 10)


def test_names():
    clear_session()
    names = [Dense(1).name, Dense(1).name, Flatten().name, Dense(1, name="last").name]
    assert names == ["dense", "dense_1", "flatten", "last"]


class Scale(Layer):
    def build(self, input_shape):
        self.factor = self.add_weight((input_shape[-1],), initializer="ones", name="factor")
        self.count = self.add_weight((), initializer="zeros", trainable=False, name="count")

    def call(self, x):
        return x * self.factor


def test_a_layer_of_your_own():
    layer = Scale()
    y = layer(X)
    assert layer.name.startswith("scale") and y.data.tolist() == X.tolist()
    assert [v.name for v in layer.weights] == ["factor", "count"]
    assert [v.name for v in layer.trainable_weights] == ["factor"]
    np.testing.assert_allclose(
        gradients(dlcore.ops.sum(layer(X)), layer.trainable_weights)[0], X.sum(axis=0), rtol=1e-6
    )
    assert layer.compute_output_shape((None, 4)) == (None, 4)


def test_a_layer_that_forgets_super_init_works():
    class Forgetful(Layer):
        def __init__(self):
            self.inner = Dense(2)

        def call(self, x):
            return self.inner(x)

    layer = Forgetful()
    assert layer(X).shape == (3, 2) and len(layer.weights) == 2
    assert layer.name.startswith("forgetful")


def test_training_reaches_a_call_that_asks_for_it():
    class Noisy(Layer):
        def call(self, x, training=False):
            return x + 1.0 if training else x

    layer = Noisy()
    assert layer(X, training=True).data[0, 0] == 1
    assert layer(X, training=False).data[0, 0] == 0 and layer(X).data[0, 0] == 0
    Dense(1)(X, training=True)


def test_trainable_reaches_inside_and_back():
    class Pair(Layer):
        def __init__(self):
            super().__init__()
            self.parts = [Scale(), Dense(2)]

        def call(self, x):
            return self.parts[1](self.parts[0](x))

    pair = Pair()
    pair(X)
    assert len(pair.weights) == 4 and len(pair.trainable_weights) == 3
    pair.trainable = False
    assert pair.trainable_weights == [] and not pair.parts[1].kernel.trainable
    pair.trainable = True
    assert [v.name for v in pair.non_trainable_weights] == ["count"]


def test_a_frozen_layer_makes_frozen_weights():
    layer = Dense(2, trainable=False)
    layer(X)
    assert layer.trainable_weights == [] and len(layer.weights) == 2


def test_variables_that_are_attributes_count():
    class Direct(Layer):
        def __init__(self):
            super().__init__()
            self.v = Variable(np.ones(2, np.float32))

        def call(self, x):
            return x

    assert Direct().weights[0].shape == (2,)


def test_set_weights_checks_all_shapes_before_it_changes_one():
    layer = Dense(2)
    layer(X)
    before = layer.get_weights()
    with pytest.raises(ValueError, match=r"\[\(4, 2\), \(2,\)\].*\[\(4, 2\), \(3,\)\]"):
        layer.set_weights([np.zeros((4, 2)), np.zeros(3)])
    assert (layer.get_weights()[0] == before[0]).all()
    layer.set_weights([np.zeros((4, 2)), np.ones(2)])
    assert layer(X).data.tolist() == [[1, 1]] * 3


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda: Dense(3, activaton="relu"), "no argument 'activaton'. Did you mean 'activation'"),
        (lambda: Dense(3, activation="rellu"), "Did you mean 'relu'"),
        (lambda: Dense(0, name="out"), "'out': units is a whole number of at least 1, not 0"),
        (lambda: Dense(2.5), "not 2.5"),
        (lambda: Dense(3, input_shape=8), r"write input_shape=\(8,\)"),
        (lambda: Input(8), r"shape=\(8,\)"),
        (lambda: Input(), r"Input\(shape=\(8,\)\)"),
        (lambda: Input((0,)), "positive whole numbers"),
        (lambda: Dense(2, name="out").count_params(), "'out' has no weights yet"),
        (lambda: Dense(2, name="out")(np.zeros(3, np.float32)), "'out' takes inputs with an axis"),
        (lambda: Layer(name="bare")(X), r"'bare' has no call\(x\)"),
        (lambda: Dense(2, name=7), "name of a layer is a string"),
    ],
)
def test_refusals(action, words):
    with pytest.raises((TypeError, ValueError, NotImplementedError), match=words):
        action()


def test_wrong_width_names_the_layer_and_both_shapes():
    layer = Dense(2, name="hidden")
    layer(X)
    with pytest.raises(ValueError, match=r"'hidden' takes inputs of 4 columns.*\(3, 5\)"):
        layer(np.zeros((3, 5), np.float32))


def test_gradient_of_a_kernel_by_finite_differences_of_the_forward_pass():
    layer = Dense(2, activation="sigmoid")
    loss = dlcore.ops.mean(layer(Tensor(X)))
    (dw,) = gradients(loss, [layer.kernel])
    h = 1e-2
    for i, j in [(0, 0), (3, 1)]:
        values = []
        for sign in (1, -1):
            layer.kernel.data[i, j] += sign * h
            values.append(float(dlcore.ops.mean(layer(Tensor(X)))))
            layer.kernel.data[i, j] -= sign * h
        assert dw[i, j] == pytest.approx((values[0] - values[1]) / (2 * h), rel=0.02, abs=1e-5)
