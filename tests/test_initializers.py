"""Initialisers: their distributions, their seeds, and fans of all kinds of weights."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore import initializers, layers
from dlcore.tensor import Tensor
from dlcore.utils import set_random_seed
from dlcore.utils.serialization import serialize_keras_object

SHAPE = (400, 500)


def test_constants():
    assert (initializers.Zeros()((2, 3)) == np.zeros((2, 3))).all()
    assert (initializers.Ones()((2,)) == 1).all()
    assert (initializers.Constant(2.5)((2,)) == 2.5).all()


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
@pytest.mark.parametrize("name", ["zeros", "glorot_uniform", "HeNormal", "random_normal"])
def test_shape_and_type(name, shape):
    values = initializers.get(name)(shape)
    assert values.shape == shape and values.dtype == np.float32


@pytest.mark.parametrize(
    ("shape", "expected"),
    [((), (1, 1)), ((7,), (7, 7)), ((8, 10), (8, 10)), ((3, 5, 8, 16), (15 * 8, 15 * 16))],
)
def test_fans_include_the_receptive_field(shape, expected):
    assert initializers.fans(shape) == expected


@pytest.mark.parametrize(
    ("kind", "variance"),
    [
        ("glorot_uniform", 2 / 900),
        ("glorot_normal", 2 / 900),
        ("he_uniform", 2 / 400),
        ("he_normal", 2 / 400),
        ("lecun_uniform", 1 / 400),
        ("lecun_normal", 1 / 400),
        ("random_uniform", 0.1**2 / 12),
        ("random_normal", 0.05**2),
        ("orthogonal", 1 / 500),
    ],
)
def test_variance(kind, variance):
    set_random_seed(3)
    values = initializers.get(kind)(SHAPE).astype(np.float64)
    # 200 000 numbers: the standard error of the variance is about 0.3 %.
    assert values.var() == pytest.approx(variance, rel=0.02)
    assert abs(values.mean()) < 5 * math.sqrt(variance / values.size)


def test_uniform_has_its_limits():
    limit = math.sqrt(6 / 900)
    values = initializers.GlorotUniform(seed=1)(SHAPE)
    assert limit * 0.999 < values.max() <= limit and -limit <= values.min() < -limit * 0.999


def test_truncated_normal_ends_at_two_deviations_and_is_rescaled_when_it_scales_variance():
    plain = initializers.TruncatedNormal(stddev=1.0, seed=1)(SHAPE)
    assert 1.99 < np.abs(plain).max() <= 2
    assert plain.std() == pytest.approx(0.8796, rel=0.01)
    he = initializers.HeNormal(seed=1)(SHAPE)
    stddev = math.sqrt(2 / 400)
    assert he.std() == pytest.approx(stddev, rel=0.01)
    assert np.abs(he).max() == pytest.approx(2 * stddev / 0.8796, rel=0.01)


@given(
    shape=st.lists(st.integers(1, 6), min_size=2, max_size=4).map(tuple),
    gain=st.sampled_from([1.0, 0.5, -2.0]),
)
def test_orthogonal_keeps_lengths(shape, gain):
    w = initializers.Orthogonal(gain, seed=3)(shape)
    assert w.shape == shape and w.dtype == np.float32
    matrix = w.reshape(-1, shape[-1])
    product = matrix.T @ matrix if len(matrix) >= shape[-1] else matrix @ matrix.T
    np.testing.assert_allclose(product, gain**2 * np.eye(len(product)), atol=1e-5)


def test_orthogonal_is_uniform_among_such_matrices():
    # The mean of uniform rotations is zero; of the plain factor of QR the diagonal is negative.
    draws = [initializers.Orthogonal(seed=s)((3, 3)) for s in range(300)]
    assert np.abs(np.mean(draws, axis=0)).max() < 5 / np.sqrt(3 * 300)


def test_identity():
    assert initializers.Identity(2)((2, 3)).tolist() == [[2, 0, 0], [0, 2, 0]]


NAMES = [
    "constant", "glorot_normal", "glorot_uniform", "he_normal", "he_uniform", "identity",
    "lecun_normal", "lecun_uniform", "ones", "orthogonal", "random_normal", "random_uniform",
    "truncated_normal", "variance_scaling", "zeros",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_and_configuration(name):
    made = initializers.get(name)
    # Keras has every class under its small name too.
    kind = getattr(initializers, name)
    assert type(made) is kind and type(initializers.get(kind.__name__)) is kind
    assert type(initializers.get(kind)) is kind and initializers.get(made) is made
    config = made.get_config()
    assert config.get("seed") is None
    if "seed" in config:
        config["seed"] = 5
    # As a file of Keras has it, with an argument that changes nothing.
    described = {"class_name": kind.__name__, "config": config | {"input_axes": None}}
    first, second = kind.from_config(config), initializers.get(described)
    assert first.get_config() == second.get_config() == config
    np.testing.assert_array_equal(first((4, 4)), second((4, 4)))


def test_other_names_of_keras():
    for name, kind in (
        ("normal", "RandomNormal"),
        ("one", "Ones"),
        ("uniform", "RandomUniform"),
        ("zero", "Zeros"),
        ("OrthogonalInitializer", "Orthogonal"),
        ("IdentityInitializer", "Identity"),
    ):
        assert type(initializers.get(name)).__name__ == kind
    assert initializers.VarianceScaling(distribution="normal").distribution == "truncated_normal"


def test_arguments_reach_the_configuration():
    assert initializers.VarianceScaling(2.0, "fan_out", "uniform", 7).get_config() == {
        "scale": 2.0, "mode": "fan_out", "distribution": "uniform", "seed": 7,
    }  # fmt: skip
    assert initializers.RandomUniform(0, 1, 7).get_config() == {
        "minval": 0.0, "maxval": 1.0, "seed": 7,
    }  # fmt: skip
    assert initializers.Orthogonal(2, 7).get_config() == {"gain": 2.0, "seed": 7}


def test_a_seed_repeats_and_no_seed_differs():
    fixed = initializers.GlorotUniform(seed=5)
    assert (fixed((3, 4)) == fixed((3, 4))).all()
    assert (fixed((3, 4)) == initializers.GlorotUniform(seed=5)((3, 4))).all()
    assert (fixed((3, 4)) != initializers.GlorotUniform(seed=6)((3, 4))).any()
    first, second = initializers.GlorotUniform(), initializers.GlorotUniform()
    assert (first((3, 4)) != second((3, 4))).any()


RANDOM = [name for name in NAMES if hasattr(initializers.get(name), "seed")]


@pytest.mark.parametrize("name", RANDOM)
def test_what_two_layers_share_starts_them_apart_unless_it_has_a_seed(name):
    def twins(start):
        made = [layers.Dense(4, kernel_initializer=start) for _ in range(2)]
        for layer in made:
            layer(np.ones((1, 4)))
        return [layer.get_weights()[0].tolist() for layer in made]

    kind = getattr(initializers, name)
    one, two = twins(kind())
    assert one != two
    one, two = twins(kind(seed=3))
    assert one == two == kind(seed=3)((4, 4)).tolist()
    set_random_seed(5)
    shared = twins(kind())
    set_random_seed(5)
    assert twins(kind()) == shared
    # The first weight is that of an initializer of its own.
    set_random_seed(5)
    assert kind()((4, 4)).tolist() == shared[0]


def test_the_weights_of_one_layer_that_share_an_initializer_differ():
    start = initializers.RandomNormal()
    layer = layers.SimpleRNN(3, kernel_initializer=start, recurrent_initializer=start)
    layer(np.ones((1, 2, 3)))
    assert (layer.get_weights()[0] != layer.get_weights()[1]).all()


VECTORS = np.arange(27).reshape(9, 3) / 8


@pytest.mark.parametrize("value", [VECTORS, VECTORS.tolist(), Tensor(VECTORS), VECTORS[0]])
def test_an_array_gives_the_first_values(value):
    start = initializers.Constant(value)
    layer = layers.Embedding(9, 3, embeddings_initializer=start, trainable=False)
    expected = np.broadcast_to(np.asarray(value), (9, 3))
    np.testing.assert_array_equal(np.asarray(layer(np.array([[1, 8]]))), expected[[[1, 8]]])
    assert not layer.trainable_weights
    again = initializers.get(json.loads(json.dumps(serialize_keras_object(start))))
    assert again((9, 3)).tolist() == start((9, 3)).tolist() == expected.tolist()
    # What is drawn is the caller's own.
    start((9, 3))[...] = 0
    assert start((9, 3)).any()


def test_an_array_is_as_large_as_the_weight():
    with pytest.raises(ValueError, match=r"shape \(9, 3\), but the weight has shape \(8, 3\)"):
        initializers.Constant(VECTORS)((8, 3))


@pytest.mark.parametrize("name", ["glorot", "Glorot", "xavier", "he", "lecun", "kaiming"])
def test_a_name_of_two_is_answered_with_both(name):
    family = {"xavier": "glorot", "kaiming": "he"}.get(name, name.lower())
    with pytest.raises(ValueError, match=rf"'{family}_uniform'.* or '{family}_normal'\?"):
        initializers.get(name)


def test_names_of_other_libraries_are_answered_with_those_of_keras():
    with pytest.raises(ValueError, match="this is 'glorot_normal'"):
        initializers.get("xavier_normal")
    with pytest.raises(ValueError, match="this is 'he_uniform'"):
        initializers.get("kaiming_uniform")


def test_the_global_seed_reaches_initialisers_without_one():
    draws = []
    for _ in range(2):
        set_random_seed(11)
        draws.append(initializers.HeUniform()((3, 4)))
    assert (draws[0] == draws[1]).all()


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: initializers.get("he_normall"), "Did you mean 'he_normal'"),
        (lambda: initializers.HeNormal(sed=1), "has no argument 'sed'. Did you mean 'seed'"),
        (lambda: initializers.VarianceScaling(scale=0), "scale must be positive"),
        (lambda: initializers.VarianceScaling(mode="fan_inn"), "Did you mean 'fan_in'"),
        (lambda: initializers.VarianceScaling(distribution="unifrm"), "Did you mean 'uniform'"),
        (lambda: initializers.get(3), "not int"),
        (lambda: initializers.HeNormal(seed=-1), "seed of an initializer is a whole number"),
        (lambda: initializers.HeNormal(seed=1.5), "seed of an initializer is a whole number"),
        (lambda: initializers.RandomNormal(stddev=-1), "stddev must not be negative"),
        (lambda: initializers.RandomUniform(1, 0), "minval must not be greater than maxval"),
        (lambda: initializers.Constant("1"), "value is a number, not '1'"),
        (lambda: initializers.Constant(["a"]), "a number or an array of numbers"),
        (lambda: initializers.Constant([[1, np.nan]]), r"finite, but holds nan at \(0, 1\)"),
        (lambda: initializers.Orthogonal()((3,)), r"two or more axes.*\(3,\)"),
        (lambda: initializers.Identity()((2, 2, 2)), r"two axes.*\(2, 2, 2\)"),
        (lambda: initializers.Initializer()((2,)), "has no draw"),
    ],
)
def test_errors(make, words):
    with pytest.raises((TypeError, ValueError, NotImplementedError), match=words):
        make()


def test_a_function_of_a_shape_will_do():
    assert initializers.get(np.ones)((2,)).tolist() == [1, 1]
