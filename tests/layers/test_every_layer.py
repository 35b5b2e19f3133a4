"""What holds for each layer: its shapes, its gradients, its two backends, its replay."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dlcore
from dlcore import backends, layers
from dlcore.engine import ops
from dlcore.models import Model
from dlcore.tensor import Tensor, gradients, no_grad, set_floatx
from dlcore.utils import set_random_seed
from tests.saving.every_layer import (
    CASES,
    WHOLE,
    applied,
    data_for,
    identifier,
    made,
    model_of,
    shake,
)

pytestmark = [
    pytest.mark.parametrize("case", CASES, ids=identifier),
    # A Flatten after Masking is what the table has, and is told of.
    pytest.mark.filterwarnings("ignore:.*was given a sequence with a mask"),
]


@pytest.fixture
def exact():
    """Float64 on the answer key."""
    before = backends.get_backend()
    backends.set_backend("numpy")
    set_floatx("float64")
    yield
    set_floatx("float32")
    backends.set_backend(before)


def parts(x):
    return x if isinstance(x, list) else [x]


def test_the_shape_that_is_foretold_is_that_of_the_output(case):
    name, arguments, shape = case
    many = isinstance(shape, list)
    symbols = [layers.Input(part) for part in parts(shape)]
    layer = made(layers, name, arguments)
    foretold = applied(layer, symbols if many else symbols[0]).shape
    assert foretold[0] is None and None not in foretold[1:]

    @settings(max_examples=5, deadline=None)
    @given(st.integers(1, 6))
    def check(rows):
        x = data_for(name, shape, rows)
        for training in (False, True):
            assert applied(layer, x, training=training).shape == (rows, *foretold[1:])

    check()


def test_the_gradient_is_the_slope_in_any_direction(case, exact):
    name, arguments, shape = case
    if name.startswith("Random") or name == "GaussianNoise":
        arguments = {**arguments, "seed": 3}
    set_random_seed(0)
    layer = made(layers, name, arguments)
    x = data_for(name, shape, 3)
    whole = name in WHOLE
    tensors = [Tensor(part.astype(np.float64), requires_grad=not whole) for part in parts(x)]
    given_x = tensors if isinstance(x, list) else tensors[0]
    training = name == "BatchNormalization"
    y = applied(layer, given_x, training=training)
    rng = np.random.default_rng(1)
    for weight in layer.weights:
        if weight.dtype.kind == "f":
            weight.data[...] += rng.uniform(0, 0.2, weight.shape)
    upstream = rng.normal(size=y.shape)

    def loss():
        with no_grad():
            return float(np.sum(applied(layer, given_x, training=training).data * upstream))

    sources = [*layer.trainable_weights, *(() if whole else tensors)]
    if not sources:
        pytest.skip("nothing to differentiate")
    slopes = gradients(ops.sum(applied(layer, given_x, training=training) * upstream), sources)
    for source, slope in zip(sources, slopes, strict=True):
        for _ in range(3):
            way = rng.normal(size=source.shape)
            middle = source.data.copy()
            ends = []
            for step in (1e-6, -1e-6):
                source.data[...] = middle + step * way
                ends.append(loss())
            source.data[...] = middle
            expected = (ends[0] - ends[1]) / 2e-6
            assert np.sum(slope * way) == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_both_backends_agree(case):
    model = model_of(dlcore, *case)
    shake(model)
    x = data_for(case[0], case[2])
    before = backends.get_backend()
    found = []
    try:
        for name in ("numpy", "cpu"):
            if backends.available_backends()[name] is None:
                backends.set_backend(name)
                found.append(model(x, training=False).data)
    finally:
        backends.set_backend(before)
    scale = max(1.0, float(np.abs(found[0]).max()))
    np.testing.assert_allclose(found[-1], found[0], rtol=0, atol=2e-5 * scale)


def test_a_replayed_fit_ends_with_the_bits_of_an_eager_one(case):
    x = data_for(case[0], case[2], 10)
    y = np.random.default_rng(0).normal(size=(10, 2)).astype(np.float32)
    ends = []
    for eagerly in (True, False):
        set_random_seed(7)
        model: Model = model_of(dlcore, *case)
        model.compile("adam", "mse", run_eagerly=eagerly)
        history = model.fit(x, y, batch_size=4, epochs=4, verbose=0)
        assert model.run_eagerly is eagerly
        assert all(math.isfinite(loss) for loss in history.history["loss"])
        ends.append([*model.get_weights(), history.history["loss"]])
    for eager, replayed in zip(*ends, strict=True):
        np.testing.assert_array_equal(eager, replayed)
