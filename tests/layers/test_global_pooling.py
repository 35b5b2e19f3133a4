"""Global pooling: values, shapes, masks and slopes."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore import backends
from dlcore.layers import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    Input,
    Masking,
)
from dlcore.models import Sequential
from dlcore.tensor import Tensor
from tests.engine.ops.slopes import check_gradients, distinct

RNG = np.random.default_rng(0)
CASES = [
    (GlobalMaxPooling1D, np.max),
    (GlobalMaxPooling2D, np.max),
    (GlobalAveragePooling1D, np.mean),
    (GlobalAveragePooling2D, np.mean),
]


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize(("kind", "expected"), CASES)
def test_values_shapes_and_gradients(kind, expected, keepdims):
    x = distinct(RNG, (2, 4, 3, 2)[: kind.rank + 1] + (2,))
    layer = kind(keepdims=keepdims, dtype="float64")
    axes = tuple(range(1, kind.rank + 1))
    y = layer(x)
    np.testing.assert_allclose(y.data, expected(x, axis=axes, keepdims=keepdims))
    assert layer.compute_output_shape((None, *x.shape[1:])) == (None, *y.shape[1:])
    open_sizes = Input((*[None] * kind.rank, 2))
    assert layer(open_sizes).shape == (None, *y.shape[1:])
    before = backends.get_backend()
    backends.set_backend("numpy")
    try:
        check_gradients(layer.call, [x])
    finally:
        backends.set_backend(before)


@pytest.mark.parametrize("kind", [kind for kind, _ in CASES])
def test_refusals(kind):
    with pytest.raises(ValueError, match=r"'g' takes .* was given shape \(None, 9, 9, 9, 9\)"):
        kind(name="g")(np.zeros((1, 9, 9, 9, 9), np.float32))
    with pytest.raises(ValueError, match=r"add the axis of channels by x\[\.\.\., None\]"):
        kind(name="g")(np.zeros((1, 9, 9)[: kind.rank + 1], np.float32))
    with pytest.raises(ValueError, match="data_format can only be 'channels_last'"):
        kind("channels_first")
    with pytest.raises(TypeError, match="Did you mean 'keepdims'"):
        kind(keep_dims=True)
    config = kind(keepdims=True).get_config()
    assert kind.from_config(config).get_config() == config


@pytest.mark.parametrize("keepdims", [False, True])
def test_the_average_counts_only_the_steps_of_the_mask(keepdims):
    x = RNG.normal(size=(3, 4, 2))
    mask = np.array([[1, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 1]])
    layer = GlobalAveragePooling1D(keepdims=keepdims, dtype="float64")
    y = layer(x, mask=Tensor(mask)).data
    for row, kept, mean in zip(x, mask.astype(bool), y.reshape(3, 2), strict=True):
        np.testing.assert_allclose(mean, row[kept].mean(0))
    assert y.shape == ((3, 1, 2) if keepdims else (3, 2))
    check_gradients(lambda x: layer.call(x, mask=Tensor(mask)), [x])


def test_masked_steps_may_hold_anything_and_a_row_of_none_is_zero():
    x = np.array([[[1.0], [np.nan]], [[np.inf], [np.nan]]])
    mask = Tensor(np.array([[True, False], [False, False]]))
    assert GlobalAveragePooling1D()(x, mask=mask).data.tolist() == [[1], [0]]


def test_the_mask_of_a_layer_before_is_taken_and_ends_here():
    x = np.array([[[3.0], [5.0], [0.0]], [[2.0], [0.0], [0.0]]], np.float32)
    model = Sequential([Masking(input_shape=(3, 1)), GlobalAveragePooling1D()])
    y = model(x)
    assert y.data.tolist() == [[4], [2]] and y.mask is None
    assert model.predict(x, verbose=0).tolist() == [[4], [2]]


@pytest.mark.parametrize("kind", ["float32", "float64"])
@pytest.mark.parametrize("of_mask", ["int64", "float64", "bool"])
def test_a_mask_does_not_change_the_number_type(kind, of_mask):
    x = np.arange(12, dtype=kind).reshape(2, 3, 2)
    mask = np.array([[1, 1, 0], [0, 0, 0]], of_mask)
    y = GlobalAveragePooling1D(dtype=kind)(x, mask=Tensor(mask))
    assert y.dtype == kind and y.data.tolist() == [[1, 2], [0, 0]]


def test_keepdims_is_yes_or_no_in_a_file():
    assert GlobalAveragePooling1D(keepdims=1).get_config()["keepdims"] is True
