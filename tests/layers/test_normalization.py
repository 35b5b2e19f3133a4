"""Normalisation: averages, frozen layers, masks, adapting to data, and refusals."""

import numpy as np
import pytest

from dlcore.layers import BatchNormalization, Dense, Input, LayerNormalization, Normalization
from dlcore.models import Sequential
from dlcore.utils import set_random_seed

X = np.random.default_rng(0).normal(3, 2, (40, 5)).astype(np.float32)


def test_a_batch_is_brought_to_mean_zero_and_variance_one():
    layer = BatchNormalization(epsilon=1e-6)
    y = layer(X, training=True).data
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(y.var(axis=0), 1, rtol=1e-4)
    layer.set_weights([np.full(5, 2), np.full(5, 7), *layer.get_weights()[2:]])
    np.testing.assert_allclose(layer(X, training=True).data, 2 * y + 7, rtol=1e-5)


def test_the_averages_move_by_one_minus_momentum_and_serve_in_predict():
    layer = BatchNormalization(momentum=0.75)
    layer(X, training=True)
    _, _, mean, variance = layer.get_weights()
    np.testing.assert_allclose(mean, 0.25 * X.mean(axis=0), rtol=1e-5)
    np.testing.assert_allclose(variance, 0.75 + 0.25 * X.var(axis=0), rtol=1e-5)
    expected = (X - mean) / np.sqrt(variance + 1e-3)
    np.testing.assert_allclose(layer(X).data, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(layer.get_weights()[2], mean)


def test_a_frozen_layer_uses_its_averages_and_keeps_them():
    layer = BatchNormalization()
    layer(X)
    layer.trainable = False
    np.testing.assert_array_equal(layer(X, training=True).data, layer(X).data)
    assert not layer.get_weights()[2].any()


def test_the_axes_that_are_left_are_reduced():
    cube = X.reshape(8, 5, 5)
    y = BatchNormalization(axis=1, epsilon=1e-6)(cube, training=True).data
    np.testing.assert_allclose(y.mean(axis=(0, 2)), 0, atol=1e-5)
    y = LayerNormalization(axis=[1, 2], epsilon=1e-6)(cube).data
    np.testing.assert_allclose(y.mean(axis=(1, 2)), 0, atol=1e-5)
    np.testing.assert_allclose(y.var(axis=(1, 2)), 1, rtol=1e-4)
    y = LayerNormalization(axis=1, epsilon=1e-6)(cube).data
    np.testing.assert_allclose(y.mean(axis=1), 0, atol=1e-5)


def test_the_weights_lie_in_the_order_of_the_axes():
    x = np.zeros((2, 3, 4), np.float32)
    layer = LayerNormalization(axis=[2, 1], gamma_initializer="zeros")
    layer(x)
    assert layer.gamma.shape == (3, 4)


def test_masked_steps_do_not_count():
    x = X.reshape(8, 5, 5)
    mask = np.ones((8, 5), np.float32)
    mask[:, 3:] = 0
    layer = BatchNormalization(momentum=0.0)
    layer(x, training=True, mask=mask)
    np.testing.assert_allclose(layer.get_weights()[2], x[:, :3].mean(axis=(0, 1)), rtol=1e-5)
    with pytest.raises(ValueError, match=r"mask of shape \(8, 4\)"):
        layer(x, training=True, mask=mask[:, :4])


@pytest.mark.parametrize("eagerly", [False, True])
def test_the_averages_move_once_a_step_replayed_or_not(eagerly):
    set_random_seed(0)
    model = Sequential([Input((5,)), BatchNormalization(momentum=0.9), Dense(1)])
    model.compile("sgd", "mse", run_eagerly=eagerly)
    model.fit(X, X[:, 0], batch_size=40, epochs=7, verbose=0)
    # One batch of all rows: after k steps the mean is (1 - 0.9^k) that of the data.
    mean = model.layers[0].get_weights()[2]
    np.testing.assert_allclose(mean, (1 - 0.9**7) * X.mean(axis=0), rtol=1e-4)


def test_adapt_finds_the_columns_and_invert_goes_back():
    layer = Normalization()
    layer.adapt(X)
    y = layer(X).data
    np.testing.assert_allclose(y.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(y.std(axis=0), 1, rtol=1e-4)
    back = Normalization(mean=X.mean(axis=0), variance=X.var(axis=0), invert=True)
    np.testing.assert_allclose(back(y).data, X, rtol=1e-4)
    assert [v.name for v in layer.weights] == ["mean", "variance", "count"]
    assert back.weights == []


@pytest.mark.parametrize("axis", [-1, None])
def test_batches_of_any_size_adapt_as_one_array(axis):
    whole, parts = Normalization(axis), Normalization(axis)
    whole.adapt(X)
    parts.adapt((batch, None) for batch in (X[:3], X[3:20], X[20:]))
    for a, b in zip(whole.get_weights(), parts.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5)
    whole.adapt(X.tolist())
    np.testing.assert_allclose(whole.mean.data.reshape(-1), whole.get_weights()[0].reshape(-1))


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda: BatchNormalization(momentum=1.5), "from 0 to 1, not 1.5"),
        (lambda: BatchNormalization(axis=3, name="bn")(X), "'bn' normalises the channels on axis"),
        (lambda: BatchNormalization(axis=0)(X), "not be that of the rows"),
        (lambda: LayerNormalization(axis=2)(X), "normalises axis 2"),
        (lambda: Normalization(mean=1.0), "or neither"),
        (lambda: Normalization(mean=[[1.0]], variance=[[1.0]]), "only 1 axes"),
        (lambda: Normalization().adapt(X[:, 0]), r"shape \(n, 1\); axis=None"),
        (lambda: Normalization().adapt([]), "must be there"),
        (lambda: Normalization(mean=0.0, variance=1.0).adapt(X), "nothing to find"),
        (lambda: Normalization().adapt(iter([])), "no data"),
    ],
)
def test_refusals(action, words):
    with pytest.raises(ValueError, match=words):
        action()


def test_another_number_of_channels_names_both_shapes():
    for layer in (BatchNormalization(name="it"), LayerNormalization(name="it"), Normalization()):
        layer(X)
        with pytest.raises(ValueError, match=r"\(40, 3\)"):
            layer(X[:, :3])
