"""Conv1D and Conv2D: what they compute, their shapes and weights, and their slopes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore import backends, layers
from dlcore.layers import Conv1D, Conv2D, Input
from dlcore.models import Sequential
from tests.engine.ops.slopes import check_gradients

few = st.integers(1, 3)
X = np.random.default_rng(0).normal(size=(2, 7, 8, 3)).astype(np.float32)


@st.composite
def convolutions(draw):
    """A layer in float64, and inputs that it takes."""
    rank = draw(st.sampled_from([1, 2]))
    kind = (Conv1D, Conv2D)[rank - 1]
    arguments = {
        "filters": draw(few),
        "kernel_size": tuple(draw(few) for _ in range(rank)),
        "padding": draw(st.sampled_from(kind.paddings)),
        "use_bias": draw(st.booleans()),
        "activation": draw(st.sampled_from([None, "tanh"])),
        "bias_initializer": "random_normal",
    }
    moving = draw(st.sampled_from(["strides", "dilation_rate"]))
    arguments[moving] = tuple(draw(few) for _ in range(rank))
    reach = arguments["kernel_size"]
    if moving == "dilation_rate":
        reach = [d * (k - 1) + 1 for k, d in zip(reach, arguments[moving], strict=True)]
    space = [size + draw(st.integers(0, 3)) for size in reach]
    x = np.random.default_rng(draw(st.integers(0, 999))).normal(size=(2, *space, draw(few)))
    return kind(**arguments, dtype="float64"), x


@settings(max_examples=30)
@given(convolutions())
def test_shapes_and_gradients(case):
    layer, x = case
    promised = layer.compute_output_shape((None, *x.shape[1:]))
    y = layer(x)
    assert (None, *y.shape[1:]) == promised and len(y.data) == len(x)
    open_sizes = layer.compute_output_shape((None, *[None] * layer.rank, x.shape[-1]))
    assert open_sizes == (None, *[None] * layer.rank, layer.filters)

    def forward(x, *weights):
        layer.kernel, layer.bias = (*weights, None)[:2]
        return layer.call(x)

    weights = [layer.kernel.data] + ([layer.bias.data] if layer.use_bias else [])
    before = backends.get_backend()
    backends.set_backend("numpy")
    try:
        check_gradients(forward, [x, *weights])
    finally:
        backends.set_backend(before)


@pytest.mark.parametrize("backend", ["numpy", "cpu"])
def test_conv2d_is_the_sum_over_a_window(backend):
    before = backends.get_backend()
    backends.set_backend(backend)
    layer = Conv2D(4, (2, 3), bias_initializer="ones", activation="relu")
    y = layer(X)
    backends.set_backend(before)
    w, b = layer.get_weights()
    assert w.shape == (2, 3, 3, 4) and b.tolist() == [1, 1, 1, 1]
    z = np.einsum("nijc,ijcf->nf", X[:, 3:5, 4:7], w) + 1
    np.testing.assert_allclose(y.data[:, 3, 4], np.maximum(z, 0), rtol=1e-5, atol=1e-6)
    assert y.shape == (2, 6, 6, 4)


def test_conv1d_is_conv2d_of_one_row():
    sequence, image = Conv1D(4, 3, strides=2, padding="same"), Conv2D(4, (1, 3), (1, 2), "same")
    y = sequence(X[:, 0])
    image.build_once(X[:, :1].shape)
    image.set_weights([sequence.get_weights()[0][None], np.zeros(4)])
    np.testing.assert_array_equal(image(X[:, :1]).data[:, 0], y.data)
    assert [w.shape for w in sequence.get_weights()] == [(3, 3, 4), (4,)]


def test_weights_are_named_counted_and_drawn_for_their_fans():
    layer = Conv2D(64, 3, kernel_initializer="he_uniform")
    layer.build_once((None, 32, 32, 32))
    assert [w.name for w in layer.weights] == ["kernel", "bias"]
    assert layer.count_params() == 3 * 3 * 32 * 64 + 64
    # fan_in counts the receptive field: sqrt(6 / (9 * 32)).
    limit = np.sqrt(6 / (9 * 32))
    assert 0.99 * limit < np.abs(layer.get_weights()[0]).max() <= limit
    layer = Conv2D(2, 3, use_bias=False)
    layer(X)
    assert len(layer.weights) == 1 and layer.bias is None


def test_regularizers_add_to_the_losses():
    layer = Conv2D(2, 2, kernel_regularizer="l2", bias_regularizer="l1", bias_initializer="ones")
    layer(X)
    found = sorted(loss.item() for loss in layer.losses)
    expected = [0.01 * np.square(layer.get_weights()[0]).sum(), 0.01 * 2]
    np.testing.assert_allclose(found, sorted(expected), rtol=1e-5)


def test_arguments_are_normalised_and_come_back_from_the_config():
    layer = Conv2D(5, 3, strides=[2, 1], padding="SAME", activation="relu", kernel_regularizer="l2")
    assert (layer.kernel_size, layer.strides, layer.padding) == ((3, 3), (2, 1), "same")
    assert layer.data_format == "channels_last" and layer.groups == 1
    assert layer.dilation_rate == (1, 1)
    config = layer.get_config()
    other = Conv2D.from_config(config)
    assert other.get_config() == config and other.kernel_regularizer.l2 == pytest.approx(0.01)
    assert Conv1D(5, (3,)).get_config()["kernel_size"] == (3,)


def test_whole_numbers_of_numpy_are_numbers():
    layer = Conv2D(np.int64(2), np.int32(3), strides=np.array([2, 2]))
    assert layer(X).shape == (2, 3, 3, 2)


def test_names_aliases_and_symbols():
    assert layers.Convolution1D is Conv1D and layers.Convolution2D is Conv2D
    y = Conv2D(2, 3, padding="same")(Input((None, None, 3)))
    assert y.shape == (None, None, None, 2)
    model = Sequential([Conv1D(4, 3, padding="causal", input_shape=(9, 2))])
    assert model.output_shape == (None, 9, 4) and model.layers[0].built


def test_an_image_of_another_size_goes_through_the_same_filters():
    layer = Conv2D(2, 3)
    assert layer(X).shape == (2, 5, 6, 2) and layer(X[:, :4, :4]).shape == (2, 2, 2, 2)
