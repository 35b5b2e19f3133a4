"""Outputs that a caller does without, such as the gradient to the data, which nobody reads."""

import numpy as np
import pytest

from dlcore import backends
from dlcore.backends import KERNELS
from dlcore.backends.dispatch import destination_passing
from dlcore.engine import ops
from dlcore.layers import Conv2D, Dense, Flatten, MaxPooling2D
from dlcore.models import Sequential
from dlcore.tensor import Tensor, gradients, no_grad

rng = np.random.default_rng(0)
CASES = {
    "dense_grad": [(6, 4), (6, 5), (5, 4)],
    "dense_relu_grad": [(6, 4), (6, 4), (6, 5), (5, 4)],
    "conv2d_grad": [(3, 4, 4, 2), (3, 6, 6, 3), (3, 3, 3, 2)],
    "conv2d_relu_grad": [(3, 4, 4, 2), (3, 4, 4, 2), (3, 6, 6, 3), (3, 3, 3, 2)],
    "simple_rnn_grad": [(3, 5, 4), (3, 5, 2), (2, 4), (4, 4), (3, 4), (3, 5), (3, 5, 4)],
    "lstm_grad": [
        *[(3, 5, 4)] * 2,
        (3, 5, 2),
        (2, 16),
        (4, 16),
        (3, 4),
        (3, 4),
        (3, 5),
        *[(3, 5, 4)] * 2,
        (3, 5, 16),
    ],
    "max_pool2d": [(3, 6, 7, 5)],
    "gru_grad": [(3, 5, 4), (3, 5, 2), (2, 12), (4, 12), (3, 4), (3, 5), (3, 5, 4), (3, 5, 16)],
}


@pytest.fixture(params=[b for b in ("numpy", "cpu") if backends.available_backends()[b] is None])
def _backend(request):
    before = backends.get_backend()
    backends.set_backend(request.param)
    yield
    backends.set_backend(before)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.usefixtures("_backend")
def test_the_others_are_the_same(name):
    kernel = KERNELS[name]
    arrays = [
        rng.integers(0, 2, shape) if array.integer else rng.uniform(-0.9, 0.9, shape)
        for array, shape in zip(kernel.inputs, CASES[name], strict=True)
    ]
    all_of_them = backends.compute(name, *arrays)
    alone = backends.compute(name, *arrays, without=kernel.optional)
    for output, found, expected in zip(kernel.outputs, alone, all_of_them, strict=True):
        assert expected is not None
        if output.name in kernel.optional:
            assert found is None
        else:
            np.testing.assert_array_equal(found, expected)


def test_every_kernel_that_can_do_without_is_here():
    assert {name for name, kernel in KERNELS.items() if kernel.optional} == set(CASES)


def test_an_output_that_is_needed():
    arrays = [rng.normal(size=shape) for shape in CASES["dense_grad"]]
    with pytest.raises(ValueError, match="dense_grad cannot do without dw"):
        backends.compute("dense_grad", *arrays, without=("dw",))


def test_a_function_that_gives_it_all_the_same():
    arrays = [rng.normal(size=shape) for shape in CASES["dense_grad"]]
    kernel = KERNELS["dense_grad"]
    run = destination_passing(kernel, lambda dz, x, w: (dz @ w.T, x.T @ dz, dz.sum(0)), "Your")
    dx, dw, db = np.empty((0, 0)), np.empty((5, 4)), np.empty(4)
    run(dx, dw, db, *arrays)
    np.testing.assert_allclose(dw, arrays[1].T @ arrays[0])


@pytest.mark.parametrize(
    ("layers", "shape", "name"),
    [
        ([Dense(3), Dense(2)], (4, 5), "dense_grad"),
        ([Conv2D(2, 3), Conv2D(2, 3), Flatten()], (2, 7, 7, 1), "conv2d_grad"),
    ],
)
def test_the_first_layer_gives_no_gradient_to_the_data(layers, shape, name):
    model = Sequential(layers)
    x = rng.normal(size=shape).astype("float32")
    seen = []

    def note(kernel, function, arguments, outputs):
        if kernel == name:
            seen.append(arguments[0].shape)

    loss = ops.sum(model(x))
    before = backends.set_recorder(note)
    try:
        gradients(loss, model.trainable_weights)
    finally:
        backends.set_recorder(before)
    second = (shape[0], *layers[0].compute_output_shape(shape)[1:])
    assert seen == [second, (0,) * len(shape)]


def test_the_data_get_theirs_where_it_is_asked_for():
    model = Sequential([Conv2D(2, 3), Flatten(), Dense(1)])
    x = Tensor(rng.normal(size=(2, 5, 5, 1)), requires_grad=True)
    (dx,) = gradients(ops.sum(model(x)), [x])
    assert dx.shape == x.shape and np.all(dx != 0)


@pytest.mark.parametrize("training", [False, True])
def test_the_places_of_the_maxima_are_kept_for_a_gradient_alone(training):
    model = Sequential([Conv2D(2, 3), MaxPooling2D(), Flatten(), Dense(1)])
    model.compile("sgd", "mse")
    x = rng.normal(size=(2, 6, 6, 1)).astype("float32")
    seen = []

    def note(kernel, function, arguments, outputs):
        if kernel == "max_pool2d":
            seen.append(arguments[1].size)

    before = backends.set_recorder(note)
    try:
        if training:
            gradients(ops.sum(model(x)), model.trainable_weights)
        else:
            with no_grad():
                model(x)
    finally:
        backends.set_recorder(before)
    assert seen == [2 * 2 * 2 * 2 if training else 0]


@pytest.mark.usefixtures("_backend")
def test_a_nan_stays_where_the_places_are_not_asked_for():
    x = np.zeros((1, 2, 4, 1))
    x[0, 1, 1] = np.nan
    y, _ = backends.compute("max_pool2d", x, without=("argmax",))
    assert np.isnan(y[0, 0, 0, 0]) and y[0, 0, 1, 0] == 0


@pytest.mark.usefixtures("_backend")
@pytest.mark.parametrize("shape", [(2, 5, 7, 3), (11, 33, 31, 12)])
@pytest.mark.parametrize("pool_size", [(2, 2), (3, 2)])
def test_the_maxima_are_the_same_where_the_places_are_not_asked_for(shape, pool_size):
    x = np.random.default_rng(0).standard_normal(shape, dtype=np.float32)
    moves = {"pool_size": pool_size, "strides": (2, 2), "padding": (1, 0, 0, 1)}
    both, _ = backends.compute("max_pool2d", x, **moves)
    alone, places = backends.compute("max_pool2d", x, without=("argmax",), **moves)
    assert places is None and alone.tobytes() == both.tobytes()
