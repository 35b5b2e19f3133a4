"""Fused kernels: the bits of the plain ones, and out of the way of a learner's own."""

import numpy as np
import pytest

from dlcore import backends
from dlcore.backends import mine
from dlcore.engine import ops
from dlcore.layers import Conv1D, Conv2D, Dense
from dlcore.tensor import Tensor, Variable, gradients

rng = np.random.default_rng(0)
SIZES = {"strides": (1, 2), "padding": (1, 0, 2, 1), "dilation": (1, 1)}


def normal(*shape):
    return rng.normal(size=shape).astype("float32")


CASES = {
    "conv2d": [([(n, 7, 8, 3), (3, 2, 3, 8), (8,)], SIZES) for n in (3, 300)],
    # A few rows, few products, many, and of these too few columns or rows for a whole tile.
    "dense": [
        ([(n, i), (i, o), (o,)], {})
        for n, i, o in [(2, 9, 7), (40, 9, 7), (150, 130, 70), (9, 40_000, 3), (5, 300, 900)]
    ],
}


@pytest.mark.parametrize(
    ("name", "shapes", "attributes"),
    [(name, *case) for name, cases in CASES.items() for case in cases],
)
def test_the_bits_of_the_plain_kernels(name, shapes, attributes):
    x, w, b = (normal(*shape) for shape in shapes)
    b[:] = -0.1
    first = x.reshape(-1)[:1]
    before, first[0] = first[0], np.nan
    y = backends.compute("relu", backends.compute(name, x, w, b, **attributes))
    np.testing.assert_array_equal(backends.compute(f"{name}_relu", x, w, b, **attributes), y)
    assert 0.2 < np.mean(y == 0) < 0.8 and np.isnan(y).any()
    first[0] = before
    y = backends.compute(f"{name}_relu", x, w, b, **attributes)
    dy = normal(*y.shape)
    dz = backends.compute("relu_grad", dy, y)
    for without in ((), ("dx",)):
        options = {**attributes, "without": without}
        plain = backends.compute(f"{name}_grad", dz, x, w, **options)
        fused = backends.compute(f"{name}_relu_grad", dy, y, x, w, **options)
        assert (plain[0] is None) == (fused[0] is None) == bool(without)
        for found, expected in zip(fused[len(without) :], plain[len(without) :], strict=True):
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


LAYERS = {
    "conv2d": [(Conv2D, 3, (2, 5, 5, 1)), (Conv1D, 3, (2, 5, 1))],
    "dense": [(Dense, None, (3, 5)), (Dense, None, (3, 2, 5))],
}
USES = [(name, *case) for name, cases in LAYERS.items() for case in cases]


def made(layer, size, activation):
    return layer(2, *[size] * (size is not None), activation=activation)


@pytest.mark.parametrize(("name", "layer", "size", "shape"), USES)
def test_a_layer_with_relu_uses_them(name, layer, size, shape):
    seen = kernels_of(lambda: train(made(layer, size, "relu"), shape))
    assert {f"{name}_relu", f"{name}_relu_grad"} <= set(seen)
    assert not {"relu", name, "relu_grad"} & set(seen)


@pytest.mark.parametrize(("name", "layer", "size", "shape"), USES)
def test_other_activations_do_not(name, layer, size, shape):
    seen = kernels_of(lambda: train(made(layer, size, "tanh"), shape))
    assert {name, "tanh", "tanh_grad", f"{name}_grad"} <= set(seen)


@pytest.mark.parametrize(("name", "layer", "size", "shape"), USES)
def test_the_gradient_is_that_of_the_plain_kernels(name, layer, size, shape):
    x, found = normal(*shape), []
    fused = made(layer, size, "relu")
    fused.build(shape)
    plain = made(layer, size, lambda z: ops.relu(z))
    plain.build(shape)
    plain.set_weights(fused.get_weights())
    for each in (fused, plain):
        inputs = Variable(x)
        found.append(gradients(ops.sum(each(inputs)), [inputs, *each.trainable_weights]))
    for one, other in zip(*found, strict=True):
        np.testing.assert_array_equal(one.data, other.data)


@pytest.mark.parametrize(("name", "layer", "size", "shape"), [USES[0], USES[2]])
@pytest.mark.parametrize("kind", ["relu", "plain", "relu_grad"])
def test_the_functions_of_a_learner_are_called(name, layer, size, shape, kind, monkeypatch):
    # A kernel that stood for two would pass theirs by.
    from dlcore.backends import numpy as key

    calls, own = [], name if kind == "plain" else kind

    def watched(*arrays, **attributes):
        calls.append(own)
        return getattr(key, own)(*arrays, **attributes)

    monkeypatch.setattr(mine, "load", lambda: {own: watched})
    before = backends.get_backend()
    backends.set_backend("mine")
    try:
        model = made(layer, size, "relu")
        model.build(shape)
        w, b = normal(*model.weights[0].shape), np.zeros(2, "float32")
        model.set_weights([w, b])
        x = normal(*shape)
        y = model(Tensor(x))
        gradients(ops.sum(y), model.trainable_weights)
        assert calls == [own]
    finally:
        backends.set_backend(before)
    expected = getattr(key, f"{name}_relu")(x, w, b)
    np.testing.assert_allclose(y.data, expected, rtol=1e-5, atol=1e-6)


def test_the_operation_without_a_layer():
    x, w = rng.normal(size=(2, 5, 5, 1)), Variable(rng.normal(size=(3, 3, 1, 2)))
    plain = ops.relu(ops.conv(x, w))
    np.testing.assert_array_equal(ops.conv(x, w, relu=True).data, plain.data)
    x, w = rng.normal(size=(2, 3, 5)), Variable(rng.normal(size=(5, 4)))
    plain = ops.relu(ops.dense(x, w))
    np.testing.assert_array_equal(ops.dense(x, w, relu=True).data, plain.data)
    whole = ops.dense([[1, -2]], [[1, 2], [3, -4]], relu=True)
    assert whole.dtype == "float32" and whole.data.tolist() == [[0, 10]]
