"""Conv1DTranspose and Conv2DTranspose: what they compute, their shapes, a decoder that learns."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore import layers, ops
from dlcore.layers import Conv1DTranspose, Conv2D, Conv2DTranspose, Input
from dlcore.models import Sequential

X = np.random.default_rng(0).normal(size=(2, 3, 4, 1)).astype(np.float32)


def test_each_pixel_is_spread_as_the_kernel_says():
    layer = Conv2DTranspose(1, (2, 3), strides=(2, 3), bias_initializer="ones")
    y = layer(X).data[..., 0]
    kernel = layer.kernel.data[..., 0, 0]
    for picture, given_ in zip(y, X[..., 0], strict=True):
        np.testing.assert_allclose(picture, np.kron(given_, kernel) + 1, rtol=1e-5)


def test_what_falls_on_one_cell_is_added():
    layer = Conv1DTranspose(1, 3, kernel_initializer="ones", activation="relu")
    y = layer(np.array([[[1.0], [10.0], [-100.0]]])).data
    assert y[0, :, 0].tolist() == [1, 11, 0, 0, 0]


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.sampled_from(["valid", "same"]))
def test_it_is_the_way_back_through_a_convolution(k, move, size, padding):
    """The convolution of y, weighed by x, is y weighed by what x is spread to."""
    for how in ({"strides": move}, {"dilation_rate": move}):
        layer = Conv2DTranspose(2, k, padding=padding, use_bias=False, dtype="float64", **how)
        x = np.random.default_rng(size).normal(size=(2, size, size + 1, 3))
        there = layer(x)
        if padding == "same" and k < how.get("strides", 1):
            continue  # a convolution would begin at the first cell, this begins before it
        y = np.random.default_rng(k).normal(size=there.shape)
        back = ops.conv(y, layer.kernel, padding=padding, **how)
        assert back.shape == x.shape
        assert np.sum(back.data * x) == pytest.approx(np.sum(y * there.data), rel=1e-9, abs=1e-9)


@pytest.mark.parametrize(
    ("arguments", "rows"),
    [
        ({"strides": 2}, 9),
        ({"strides": 4}, 16),
        ({"strides": 2, "padding": "same"}, 8),
        ({"strides": 2, "output_padding": 1}, 10),
        ({"strides": 2, "padding": "same", "output_padding": 0}, 7),
        ({"dilation_rate": 2}, 8),
    ],
)
def test_shapes(arguments, rows):
    layer = Conv2DTranspose(5, 3, **arguments)
    assert layer(np.zeros((2, 4, 4, 1))).shape == (2, rows, rows, 5)
    assert layer(Input((4, None, 1))).shape == (None, rows, None, 5)
    assert layers.Convolution2DTranspose is Conv2DTranspose
    assert "groups" not in layer.get_config()


def test_a_decoder_learns_to_draw():
    target = np.eye(8, dtype=np.float32)[None, ..., None]
    model = Sequential([Input((2,)), layers.Dense(8), layers.Reshape((2, 2, 2))])
    model.add(Conv2DTranspose(6, 3, strides=2, padding="same", activation="relu"))
    model.add(Conv2DTranspose(1, 4, strides=2, padding="same"))
    model.add(Conv2D(1, 3, padding="same"))
    model.compile("adam", "mse")
    history = model.fit(np.ones((1, 2)), target, epochs=300, verbose=0).history["loss"]
    assert history[-1] < 0.2 * history[0]
