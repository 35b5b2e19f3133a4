"""Initialisers: their distributions, their seeds, and fans of all kinds of weights."""

import math

import numpy as np
import pytest

from dlcore import initializers
from dlcore.utils import set_random_seed

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
        ("random_uniform", 0.1**2 / 12),
        ("random_normal", 0.05**2),
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


def test_a_seed_repeats_and_no_seed_differs():
    fixed = initializers.GlorotUniform(seed=5)
    assert (fixed((3, 4)) == fixed((3, 4))).all()
    assert (fixed((3, 4)) == initializers.GlorotUniform(seed=5)((3, 4))).all()
    assert (fixed((3, 4)) != initializers.GlorotUniform(seed=6)((3, 4))).any()
    first, second = initializers.GlorotUniform(), initializers.GlorotUniform()
    assert (first((3, 4)) != second((3, 4))).any()


def test_the_global_seed_reaches_initialisers_without_one():
    draws = []
    for _ in range(2):
        set_random_seed(11)
        draws.append(initializers.HeUniform()((3, 4)))
    assert (draws[0] == draws[1]).all()


def test_errors():
    with pytest.raises(ValueError, match="Did you mean 'he_normal'"):
        initializers.get("he_normall")
    with pytest.raises(TypeError, match="has no argument 'sed'. Did you mean 'seed'"):
        initializers.HeNormal(sed=1)
    with pytest.raises(ValueError, match="scale must be positive"):
        initializers.VarianceScaling(scale=0)
    with pytest.raises(TypeError, match="not int"):
        initializers.get(3)


def test_a_function_of_a_shape_will_do():
    assert initializers.get(np.ones)((2,)).tolist() == [1, 1]
