"""Fused kernels: the bits of the plain ones, and out of the way of a learner's own."""

import numpy as np
import pytest

from dlcore import backends
from dlcore.backends import mine
from dlcore.engine import ops
from dlcore.layers import Conv1D, Conv2D
from dlcore.tensor import Tensor, Variable, gradients

rng = np.random.default_rng(0)
SIZES = {"strides": (1, 2), "padding": (1, 0, 2, 1), "dilation": (1, 1)}


@pytest.mark.parametrize("n", [3, 300])
def test_the_bits_of_the_plain_kernels(n):
    x = rng.normal(size=(n, 7, 8, 3)).astype("float32")
    w, b = rng.normal(size=(3, 2, 3, 8)).astype("float32"), np.full(8, -0.1, "float32")
    x[0, 0, 0, 0] = np.nan
    z = backends.compute("conv2d", x, w, b, **SIZES)
    y = backends.compute("relu", z)
    np.testing.assert_array_equal(backends.compute("conv2d_relu", x, w, b, **SIZES), y)
    assert 0.2 < np.mean(y == 0) < 0.8 and np.isnan(y).any()
    x[0, 0, 0, 0] = 0
    y = backends.compute("conv2d_relu", x, w, b, **SIZES)
    dy = rng.normal(size=y.shape).astype("float32")
    dz = backends.compute("relu_grad", dy, y)
    plain = backends.compute("conv2d_grad", dz, x, w, **SIZES)
    fused = backends.compute("conv2d_relu_grad", dy, y, x, w, **SIZES)
    for found, expected in zip(fused, plain, strict=True):
        assert found.tobytes() == expected.tobytes()


def kernels_of(run):
    seen = []
    before = backends.set_recorder(lambda name, *_: seen.append(name))
    try:
        run()
    finally:
        backends.set_recorder(before)
    return seen


def train(layer, shape):
    x = Tensor(rng.normal(size=shape).astype("float32"))
    gradients(ops.sum(layer(x)), layer.trainable_weights)


@pytest.mark.parametrize(
    ("layer", "shape"),
    [(Conv2D(2, 3, activation="relu"), (2, 5, 5, 1)), (Conv1D(2, 3, activation="relu"), (2, 5, 1))],
)
def test_a_layer_with_relu_uses_them(layer, shape):
    seen = kernels_of(lambda: train(layer, shape))
    assert {"conv2d_relu", "conv2d_relu_grad"} <= set(seen)
    assert not {"relu", "conv2d", "relu_grad"} & set(seen)


def test_other_activations_do_not():
    seen = kernels_of(lambda: train(Conv2D(2, 3, activation="tanh"), (2, 5, 5, 1)))
    assert {"conv2d", "tanh", "tanh_grad", "conv2d_grad"} <= set(seen)


@pytest.mark.parametrize("own", ["relu", "conv2d", "relu_grad"])
def test_the_functions_of_a_learner_are_called(own, monkeypatch):
    # A kernel that stood for two would pass theirs by.
    from dlcore.backends import numpy as key

    calls = []

    def watched(*arrays, **attributes):
        calls.append(own)
        return getattr(key, own)(*arrays, **attributes)

    monkeypatch.setattr(mine, "load", lambda: {own: watched})
    before = backends.get_backend()
    backends.set_backend("mine")
    try:
        layer = Conv2D(2, 3, activation="relu")
        x = rng.normal(size=(2, 5, 5, 1)).astype("float32")
        w, b = rng.normal(size=(3, 3, 1, 2)).astype("float32"), np.zeros(2, "float32")
        layer.build(x.shape)
        layer.set_weights([w, b])
        y = layer(Tensor(x))
        gradients(ops.sum(y), layer.trainable_weights)
        assert calls == [own]
    finally:
        backends.set_backend(before)
    np.testing.assert_allclose(y.data, key.conv2d_relu(x, w, b), rtol=1e-5, atol=1e-6)


def test_the_operation_without_a_layer():
    x, w = rng.normal(size=(2, 5, 5, 1)), Variable(rng.normal(size=(3, 3, 1, 2)))
    plain = ops.relu(ops.conv(x, w))
    np.testing.assert_array_equal(ops.conv(x, w, relu=True).data, plain.data)
