"""GradientTape: a training loop of one's own, gradients to inputs, what is not connected."""

import numpy as np
import pytest

import dlcore
from dlcore.engine import ops
from dlcore.layers import Dense, Dropout
from dlcore.models import Sequential
from dlcore.optimizers import SGD
from dlcore.tensor import Tensor, Variable
from dlcore.utils import set_random_seed

X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)


def test_a_loop_of_ones_own_does_what_fit_does():
    y = X.sum(axis=1, keepdims=True)
    weights = []
    for own in (True, False):
        set_random_seed(1)
        model = Sequential([Dense(5, "tanh", input_dim=4), Dense(1)])
        model.compile(SGD(0.1), "mse")
        if own:
            optimizer = SGD(0.1)
            for _ in range(7):
                with dlcore.GradientTape() as tape:
                    loss = ops.mean(ops.square(model(X, training=True) - y))
                found = tape.gradient(loss, model.trainable_weights)
                optimizer.apply_gradients(zip(found, model.trainable_weights, strict=True))
        else:
            model.fit(X, y, epochs=7, shuffle=False, verbose=0)
        weights.append(model.get_weights())
    for a, b in zip(*weights, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_a_watched_input_has_a_gradient_in_the_structure_asked_for():
    x, w = Tensor([1.0, 2.0]), Variable(np.array([3.0, 4.0], np.float32))
    with dlcore.GradientTape() as tape:
        tape.watch(x)
        y = ops.sum(x * x * w)
    found = tape.gradient(y, {"x": x, "both": [w, x]})
    np.testing.assert_array_equal(found["x"].data, [6, 16])
    np.testing.assert_array_equal(found["both"][0].data, [1, 4])
    np.testing.assert_array_equal(tape.gradient(y, w).data, [1, 4])


def test_of_several_numbers_the_gradient_is_that_of_their_sum():
    w = Variable(np.array([3.0, 4.0], np.float32))
    with dlcore.GradientTape() as tape:
        y = w * w
    np.testing.assert_array_equal(tape.gradient(y, w).data, [6, 8])


def test_what_the_target_does_not_depend_on_has_none():
    w, other = Variable(np.ones(2)), Variable(np.ones(2))
    with dlcore.GradientTape() as tape:
        y = ops.sum(w * 2.0)
    assert tape.gradient(y, [other, w])[0] is None
    assert tape.gradient(ops.sum(Tensor([1.0])), w) is None


def test_only_tensors_are_watched():
    with dlcore.GradientTape() as tape, pytest.raises(TypeError, match="x = Tensor"):
        tape.watch(X)


def test_a_layer_in_a_loop_is_told_of_training():
    ones = np.ones((50, 4), np.float32)
    model = Sequential([Dropout(0.5)])
    with dlcore.GradientTape():
        assert (model(ones, training=True).data == 0).any()
    assert not (model(ones).data == 0).any()
