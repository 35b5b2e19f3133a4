"""Constraints: the formulas, when they are applied, and the names and files that mention them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import dlcore
from dlcore import constraints, layers, ops, optimizers
from dlcore.constraints import Constraint, MaxNorm, MinMaxNorm, NonNeg, UnitNorm
from dlcore.tensor import Tensor
from dlcore.utils import register_keras_serializable, set_random_seed

weights = arrays(np.float64, (3, 4), elements=st.floats(-9, 9).filter(lambda x: abs(x) > 1e-3))
X = np.random.default_rng(0).normal(size=(20, 6)).astype(np.float32)
Y = 3 * X[:, :2]


def norms(w, axis=0):
    return np.sqrt(np.sum(np.square(np.asarray(w)), axis=axis))


@given(weights, st.sampled_from([0, 1, [0, 1]]))
def test_norms(w, axis):
    axes = tuple(axis) if isinstance(axis, list) else axis
    before = norms(w, axes)
    one = np.asarray(UnitNorm(axis)(w))
    for found, expected in [
        (MaxNorm(2.0, axis)(w), np.minimum(before, 2)),
        (one, np.ones_like(before)),
        (MinMaxNorm(1.0, 2.0, 0.5, axis)(w), (before + np.clip(before, 1, 2)) / 2),
    ]:
        np.testing.assert_allclose(norms(found, axes), expected, rtol=1e-3)
    np.testing.assert_array_equal(np.sign(one), np.sign(w))


def test_what_is_allowed_stays_and_zeros_stay_zeros():
    w = np.array([[0.3, -0.4, 0], [0.1, 0.2, 0]], np.float32)
    np.testing.assert_allclose(MaxNorm(2)(w), w, rtol=1e-5)
    np.testing.assert_array_equal(np.asarray(UnitNorm()(w))[:, 2], 0)
    np.testing.assert_array_equal(NonNeg()(w), np.maximum(w, 0))
    for constraint in (MaxNorm(), MinMaxNorm(), NonNeg(), UnitNorm()):
        assert constraint(w).dtype == np.float32
        assert constraint(Tensor(w.astype(np.float64))).dtype == np.float64


class Rounded(Constraint):
    def __init__(self, step=0.25):
        self.step = step

    def __call__(self, w):
        return ops.round(w / self.step) * self.step


def network(**first):
    hidden = layers.Dense(5, "tanh", **{"kernel_constraint": MaxNorm(0.5)} | first)
    last = layers.Dense(2, kernel_constraint="unit_norm", bias_constraint="non_neg")
    return dlcore.Sequential([layers.Input((6,)), hidden, last])


OPTIMIZERS = [
    lambda: optimizers.Adam(0.1),  # all weights in one array
    lambda: optimizers.SGD(0.1, momentum=0.9, clipnorm=1.0),
    lambda: optimizers.Lion(0.1, weight_decay=0.1),
]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("first", [{}, {"kernel_constraint": Rounded()}], ids=["norm", "own"])
def test_a_replayed_fit_keeps_to_them_with_the_bits_of_an_eager_one(optimizer, first):
    ends = []
    for eagerly in (True, False):
        set_random_seed(1)
        model = network(**first)
        model.compile(optimizer(), "mse", run_eagerly=eagerly)
        model.fit(X, Y, batch_size=8, epochs=5, verbose=0)
        assert model.run_eagerly is eagerly
        ends.append(model.get_weights())
    for eager, replayed in zip(*ends, strict=True):
        np.testing.assert_array_equal(eager, replayed)
    kernel, _, last, bias = ends[0]
    if first:
        assert (kernel % 0.25 == 0).all() and np.unique(kernel).size > 2
    else:
        assert (norms(kernel) < 0.5001).all() and (norms(kernel) > 0.4).any()
    np.testing.assert_allclose(norms(last), 1, atol=1e-5)
    assert (bias >= 0).all()


def test_a_loop_of_ones_own_keeps_to_them():
    model = network()
    optimizer = optimizers.SGD(1.0)
    with dlcore.GradientTape() as tape:
        loss = ops.mean(ops.square(model(X) - Y))
    weights = model.trainable_weights
    optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
    np.testing.assert_allclose(norms(weights[2]), 1, atol=1e-5)
    assert (norms(weights[0]) < 0.5001).all()


def test_a_frozen_layer_and_one_without_a_gradient_stay_as_they_are():
    model = network()
    model.layers[0].trainable = False
    before = model.get_weights()
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    np.testing.assert_array_equal(model.get_weights()[0], before[0])
    assert (norms(before[0]) > 0.5).any()
    weights = model.layers[1].weights
    before = model.get_weights()[2]
    weights[0].assign(3 * before)
    optimizers.SGD(0.1).apply([None, np.ones(2)], weights)
    np.testing.assert_array_equal(weights[0].numpy(), 3 * before)
    np.testing.assert_array_equal(weights[1].numpy(), 0)


def test_a_weight_that_one_adds_oneself():
    class Scale(layers.Layer):
        def build(self, input_shape):
            self.factor = self.add_weight((), "ones", constraint=lambda w: ops.clip(w, 0.9, 1.1))
            self.shift = self.add_weight((), "zeros", constraint="non_neg", regularizer="l2")

        def call(self, x):
            return x * self.factor + self.shift

    model = dlcore.Sequential([layers.Input((2,)), Scale()])
    model.compile(optimizers.SGD(1.0), "mse")
    model.fit(X[:, :2], Y, epochs=3, verbose=0)
    assert float(model.weights[0]) == pytest.approx(1.1)
    assert float(model.weights[1]) >= 0 and len(model.losses) == 1


def test_each_projection_of_an_attention_is_held():
    x = layers.Input((5, 4))
    layer = layers.MultiHeadAttention(2, 3, kernel_constraint="unit_norm", bias_constraint=NonNeg())
    model = dlcore.Model(x, layer(x, x))
    model.compile(optimizers.SGD(1.0), "mse")
    rng = np.random.default_rng(0)
    model.fit(rng.normal(size=(8, 5, 4)), rng.normal(size=(8, 5, 4)), epochs=2, verbose=0)
    kernels, biases = ([w.numpy() for w in layer.weights[start::2]] for start in (0, 1))
    assert len(kernels) == len(biases) == 4
    for kernel, bias in zip(kernels, biases, strict=True):
        np.testing.assert_allclose((kernel**2).sum(axis=0), 1, rtol=1e-5)
        assert (bias >= 0).all()


CASES = [
    (layers.Conv1D(2, 2, kernel_constraint=MaxNorm(1, [0, 1]), bias_constraint=NonNeg()), (5, 3)),
    (layers.Conv2D(2, 2, kernel_constraint=UnitNorm([0, 1, 2])), (4, 4, 3)),
    (
        layers.Conv2DTranspose(2, 2, kernel_constraint=NonNeg(), bias_constraint="non_neg"),
        (4, 4, 3),
    ),
    (layers.DepthwiseConv2D(2, depthwise_constraint=NonNeg(), bias_constraint=NonNeg()), (4, 4, 3)),
    (
        layers.SeparableConv2D(
            2, 2, depthwise_constraint=NonNeg(), pointwise_constraint=UnitNorm(2)
        ),
        (4, 4, 3),
    ),
    (layers.Embedding(7, 3, embeddings_constraint=UnitNorm(1)), (5,)),
    (layers.BatchNormalization(beta_constraint=NonNeg(), gamma_constraint=MaxNorm(1)), (4,)),
    (layers.LayerNormalization(beta_constraint=NonNeg(), gamma_constraint=MaxNorm(1)), (4,)),
    (layers.GroupNormalization(2, beta_constraint=NonNeg(), gamma_constraint=MaxNorm(1)), (4,)),
    (layers.PReLU(alpha_constraint=MinMaxNorm(0.1, 1, 0.5)), (4,)),
    *[
        (kind(2, kernel_constraint=MaxNorm(1), recurrent_constraint=UnitNorm()), (5, 3))
        for kind in (layers.SimpleRNN, layers.LSTM, layers.GRU)
    ],
]


@pytest.mark.parametrize(("layer", "row"), CASES, ids=lambda c: getattr(c, "name", ""))
def test_each_weight_of_a_layer_has_its_own(layer, row):
    again = type(layer).from_config(layer.get_config())
    for one in (layer, again):
        one.build_once((None, *row))
    asked = {
        name.removesuffix("_constraint"): value
        for name, value in vars(layer).items()
        if name.endswith("_constraint") and value is not None
    }
    assert asked
    found = {weight.name: weight.constraint for weight in layer.weights if weight.constraint}
    for name, constraint in asked.items():
        fits = [n for n in found if n in (name, f"{name}_kernel") or (n, name) == ("kernel", name)]
        if name == "depthwise" and not fits:
            fits = ["kernel"]
        assert found.pop(fits[0]) is constraint
    assert not found
    for one, other in zip(layer.weights, again.weights, strict=True):
        assert type(one.constraint) is type(other.constraint)
        if one.constraint is not None:
            assert one.constraint.get_config() == other.constraint.get_config()


def test_a_file_has_them(tmp_path):
    own = register_keras_serializable("tests")(Rounded)
    model = network(bias_constraint=own(0.5))
    model.save(tmp_path / "m.keras")
    again = dlcore.models.load_model(tmp_path / "m.keras")
    found = [weight.constraint for weight in again.weights]
    assert [type(each) for each in found] == [MaxNorm, Rounded, UnitNorm, NonNeg]
    assert found[0].max_value == 0.5 and found[1].step == 0.5


def test_names():
    assert constraints.get(None) is None
    assert constraints.get("max_norm").max_value == 2
    assert isinstance(constraints.get("NonNeg"), NonNeg)
    assert isinstance(constraints.get(UnitNorm), UnitNorm)
    described = {"class_name": "MinMaxNorm", "config": {"rate": 0.5}}
    assert constraints.get(described).rate == 0.5
    assert dlcore.constraints is constraints


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (
            lambda: constraints.get("maxnorm"),
            "no constraint called 'maxnorm'. Did you mean 'MaxNorm",
        ),
        (lambda: constraints.get(3), "A constraint is a name such as 'max_norm' or an object"),
        (lambda: MaxNorm(-1), "max_value must not be negative, but is -1; try 2"),
        (lambda: MaxNorm(max_val=1), "Did you mean 'max_value'"),
        (lambda: MinMaxNorm(2, 1), "max_value is 1, below min_value, which is 2"),
        (lambda: MinMaxNorm(rate=2), r"rate lies in \[0, 1\]"),
        (lambda: UnitNorm("rows"), r"such as 0 or \[0, 1, 2\], not 'rows'"),
        (lambda: MaxNorm(1, [0, 2])(np.ones((2, 2))), r"along axis \[0, 2\], but the .* \(2, 2\)"),
    ],
)
def test_refusals(action, words):
    with pytest.raises((ValueError, TypeError), match=words):
        action()
