"""Pooling over windows: values, shapes, slopes and refusals of the four layers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore import backends, layers
from dlcore.layers import (
    AveragePooling1D,
    AveragePooling2D,
    Conv2D,
    Input,
    MaxPooling1D,
    MaxPooling2D,
)
from dlcore.models import Sequential
from tests.engine.ops.slopes import check_gradients, distinct

few = st.integers(1, 3)
KINDS = [MaxPooling1D, MaxPooling2D, AveragePooling1D, AveragePooling2D]
IMAGE = np.arange(12, dtype=np.float32).reshape(1, 3, 4, 1)


@settings(max_examples=30)
@given(
    kind=st.sampled_from(KINDS),
    axes=st.lists(st.tuples(few, few, st.integers(0, 3)), min_size=2, max_size=2),
    padding=st.sampled_from(["valid", "same"]),
    channels=few,
)
def test_shapes_and_gradients(kind, axes, padding, channels):
    windows, strides, more = zip(*axes[: kind.rank], strict=True)
    layer = kind(windows, strides, padding, dtype="float64")
    space = [window + m for window, m in zip(windows, more, strict=True)]
    x = distinct(np.random.default_rng(0), (2, *space, channels))
    y = layer(x)
    assert (None, *y.shape[1:]) == layer.compute_output_shape((None, *x.shape[1:]))
    open_sizes = (None, *[None] * kind.rank, channels)
    assert layer.compute_output_shape(open_sizes) == open_sizes
    assert not layer.weights
    before = backends.get_backend()
    backends.set_backend("numpy")
    try:
        check_gradients(layer.call, [x])
    finally:
        backends.set_backend(before)


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (MaxPooling2D(), [[5, 7]]),
        (MaxPooling2D(padding="same"), [[5, 7], [9, 11]]),
        (MaxPooling2D((1, 2), strides=(2, 1)), [[1, 2, 3], [9, 10, 11]]),
        (AveragePooling2D((2, 2)), [[2.5, 4.5]]),
        # The last row has windows of one row: the mean of two cells, not of four.
        (AveragePooling2D(2, padding="same"), [[2.5, 4.5], [8.5, 10.5]]),
        (AveragePooling2D((3, 4)), [[5.5]]),
    ],
)
def test_images_by_hand(layer, expected):
    assert layer(IMAGE).data[0, :, :, 0].tolist() == expected


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (MaxPooling1D(), [1, 3]),
        (MaxPooling1D(2, 1), [1, 2, 3, 4]),
        (MaxPooling1D(3, padding="same"), [2, 4]),
        (AveragePooling1D(2, padding="same"), [0.5, 2.5, 4]),
        (AveragePooling1D(3, padding="same"), [1, 3.5]),
    ],
)
def test_sequences_by_hand(layer, expected):
    x = np.arange(5, dtype=np.float32).reshape(1, 5, 1)
    assert layer(x).data[0, :, 0].tolist() == expected


def test_the_arguments_of_keras():
    layer = MaxPooling2D(pool_size=3, padding="SAME")
    assert (layer.pool_size, layer.strides, layer.padding) == ((3, 3), (3, 3), "same")
    assert layer.data_format == "channels_last"
    config = layer.get_config()
    assert MaxPooling2D.from_config(config).get_config() == config
    assert AveragePooling1D([2], [1]).strides == (1,)
    for short, name in [("MaxPool", "MaxPooling"), ("AvgPool", "AveragePooling")]:
        for rank in "12":
            full = getattr(layers, f"{name}{rank}D")
            assert getattr(layers, f"{short}{rank}D") is full
            assert getattr(layers, f"Global{short}{rank}D") is getattr(
                layers, f"Global{name}{rank}D"
            )


def test_on_symbols():
    assert MaxPooling2D()(Input((28, None, 3))).shape == (None, 14, None, 3)


@pytest.mark.parametrize("kind", KINDS)
def test_refused_arguments(kind):
    with pytest.raises(ValueError, match="'p': pool_size is a whole number above 0"):
        kind(0, name="p")
    with pytest.raises(ValueError, match="'p': strides is a whole number above 0"):
        kind(2, strides=(1, 2, 3), name="p")
    with pytest.raises(ValueError, match="'p': padding is 'valid' or 'same', not 'causal'"):
        kind(2, padding="causal", name="p")
    with pytest.raises(ValueError, match="'p': data_format can only be 'channels_last'"):
        kind(2, data_format="channels_first", name="p")
    with pytest.raises(TypeError, match="Did you mean 'pool_size'"):
        kind(poolsize=2)


def test_pooling_that_leaves_nothing_is_refused_and_found():
    with pytest.raises(ValueError) as caught:
        MaxPooling2D(2, name="p")(np.zeros((5, 1, 3, 4), np.float32))
    assert str(caught.value) == (
        "The layer 'p' has windows of 2 by 2, which do not fit into the 1 by 3 of its input of "
        "shape (None, 1, 3, 4), so that nothing would be left; leave it out, or take a smaller "
        "pool_size or padding='same'."
    )
    with pytest.raises(ValueError, match="windows of 4, which do not fit into the 3 of"):
        AveragePooling1D(4)(np.zeros((5, 3, 2), np.float32))
    with pytest.raises(ValueError, match="nothing would be left") as caught:
        Sequential([Conv2D(4, 3, input_shape=(4, 4, 1)), MaxPooling2D(), MaxPooling2D()])
    assert "third layer" in caught.value.__notes__[0]
    layer = AveragePooling2D(2, name="p")
    layer(IMAGE)
    with pytest.raises(ValueError, match="'p' has windows of 2 by 2"):
        layer(IMAGE[:, :1])


@pytest.mark.parametrize("kind", KINDS)
def test_inputs_without_an_axis_of_channels_are_refused(kind):
    shape = (5, 9, 9)[: kind.rank + 1]
    with pytest.raises(ValueError, match=r"was given shape \(None, 9.*x\[\.\.\., None\]\.$"):
        kind(2)(np.zeros(shape, np.float32))
