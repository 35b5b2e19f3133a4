"""A layer that stands at two places of a model has its weights once."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore import Input, Sequential, layers, saving
from dlcore.models import clone_model

X = np.random.default_rng(0).normal(size=(20, 4)).astype("float32")


def twice(dense, start=True):
    stack = [dense, layers.ReLU(), dense]
    return Sequential([Input((4,)), *stack] if start else stack)


@pytest.mark.parametrize("start", [True, False])
def test_the_layer_is_called_twice_with_the_same_weights(start):
    dense = layers.Dense(4)
    model = twice(dense, start)
    found = model.predict(X, verbose=0)
    assert len(model.get_weights()) == 2 and model.count_params() == 20
    assert [layer is dense for layer in model.layers] == [True, False, True]
    w, b = dense.get_weights()
    np.testing.assert_allclose(found, np.maximum(X @ w + b, 0) @ w + b, rtol=1e-4, atol=1e-5)


def test_both_calls_move_the_weights():
    dense = layers.Dense(4, use_bias=False, kernel_initializer="identity")
    model = Sequential([Input((4,)), dense, dense])
    model.compile("sgd", "mse")
    model.optimizer.learning_rate = 0.1
    y = np.zeros_like(X)
    model.fit(X, y, batch_size=20, verbose=0)
    # Of the mean of (x w w)^2 at w = 1 the slope is 2 x'(x + x) / 80, once for each call.
    expected = np.eye(4) - 0.1 * 2 * 2 * X.T @ X / X.size
    np.testing.assert_allclose(dense.get_weights()[0], expected, rtol=1e-4, atol=1e-6)


def test_it_is_saved_and_opened_as_one(tmp_path):
    model = twice(layers.Dense(4))
    for name in ("m.keras", "w.weights.h5"):
        path = tmp_path / name
        if name.endswith(".keras"):
            model.save(path)
            other = saving.load_model(path)
        else:
            model.save_weights(path)
            other = twice(layers.Dense(4))
            other.load_weights(path)
        assert other.layers[0] is other.layers[2] and len(other.weights) == 2
        np.testing.assert_array_equal(other.predict(X, verbose=0), model.predict(X, verbose=0))
    assert len(clone_model(model).weights) == 2


def test_the_summary_has_a_row_for_each_place(capsys):
    model = twice(layers.Dense(4, name="shared"))
    model.summary()
    text = capsys.readouterr().out
    assert text.count("shared (Dense)") == 2 and "Total params: 20 (" in text


def test_it_is_taken_off_and_put_back():
    dense = layers.Dense(4)
    model = twice(dense)
    assert model.pop() is dense and len(model.layers) == 2
    model.add(dense)
    assert len(model.weights) == 2 and model.output_shape == (None, 4)
    model.pop()
    model.add(layers.Dense(2))
    assert len(model.weights) == 4


def test_another_layer_of_the_same_name_is_refused_and_so_is_a_shape_that_does_not_fit():
    with pytest.raises(ValueError, match="has a layer 'same' already"):
        Sequential([layers.Dense(3, name="same"), layers.Dense(4, name="same")])
    dense = layers.Dense(3)
    with pytest.raises(ValueError, match="takes inputs of 4 columns"):
        Sequential([Input((4,)), dense, dense]).predict(X, verbose=0)
