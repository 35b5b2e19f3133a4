"""Layers whose inputs are given by name."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore import Input, Model, Sequential, layers

X = np.linspace(-1, 1, 12, dtype="float32").reshape(3, 4)


class Scaled(layers.Layer):
    def call(self, logits, targets=None, training=False):
        factor = 3 if training else 2
        return factor * logits if targets is None else logits - targets


@pytest.mark.parametrize("also", [{}, {"targets": None}])
def test_the_inputs_of_an_own_layer_have_its_names(also):
    np.testing.assert_allclose(np.asarray(Scaled()(logits=X, **also)), 2 * X)
    np.testing.assert_allclose(np.asarray(Scaled()(**also, logits=X, training=True)), 3 * X)


def test_two_inputs_by_name_in_any_order():
    for call in (
        lambda layer: layer(logits=X, targets=X / 2),
        lambda layer: layer(targets=X / 2, logits=X),
        lambda layer: layer(X, targets=X / 2),
        lambda layer: layer(X, X / 2),
    ):
        np.testing.assert_allclose(np.asarray(call(Scaled())), X / 2)


def test_symbols_by_name():
    a, b = Input((4,)), Input((4,))
    layer = Scaled()
    model = Model([a, b], layer(targets=b, logits=a))
    np.testing.assert_allclose(model.predict([X, X / 4], verbose=0), X * 0.75)
    assert layer.input is a
    inner = Sequential([Input((4,)), layers.Rescaling(2.0)])
    np.testing.assert_allclose(Model(a, inner(inputs=a)).predict(X, verbose=0), 2 * X)


@pytest.mark.parametrize("make", [lambda: layers.Rescaling(2.0), lambda: layers.Activation("relu")])
def test_a_layer_of_the_library_takes_inputs_by_keras_s_name(make):
    layer = make()
    np.testing.assert_array_equal(np.asarray(layer(inputs=X)), np.asarray(layer(X)))
    np.testing.assert_array_equal(np.asarray(layer(x=X)), np.asarray(layer(X)))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            {"logit": X},
            r"input, scaled.*\(logits\), but was given only logit\. Did you mean 'logits'",
        ),
        ({"targets": X}, r"but was given only targets\."),
        ({}, "but was given nothing"),
    ],
)
def test_without_its_input_a_layer_names_it(given, words):
    with pytest.raises(TypeError, match=words):
        Scaled()(**given)
