"""Random tensors: their ranges and moments, Keras's order of arguments, seeds, and replay."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

from dlcore import Input, Sequential, layers, ops, random, utils
from dlcore.engine.random import restore, state
from dlcore.tensor import Tensor, Variable, gradients

MANY = (200, 500)
DRAWS = {
    "uniform": lambda **more: random.uniform((3, 4), **more),
    "normal": lambda **more: random.normal((3, 4), **more),
    "truncated_normal": lambda **more: random.truncated_normal((3, 4), **more),
    "randint": lambda **more: random.randint((3, 4), 0, 1000, **more),
    "categorical": lambda **more: random.categorical(np.zeros((3, 100)), 4, **more),
    "dropout": lambda **more: random.dropout(np.ones((30, 4)), 0.5, **more),
}


@pytest.fixture(autouse=True)
def seeded():
    before = state()
    utils.set_random_seed(0)
    yield
    restore(before)


def test_the_arguments_stand_in_the_order_of_keras():
    found = {
        name: list(inspect.signature(getattr(random, name)).parameters) for name in sorted(DRAWS)
    }
    assert found == {
        "categorical": ["logits", "num_samples", "dtype", "seed"],
        "dropout": ["inputs", "rate", "noise_shape", "seed"],
        "normal": ["shape", "mean", "stddev", "dtype", "seed"],
        "randint": ["shape", "minval", "maxval", "dtype", "seed"],
        "truncated_normal": ["shape", "mean", "stddev", "dtype", "seed"],
        "uniform": ["shape", "minval", "maxval", "dtype", "seed"],
    }


def test_uniform_numbers_fill_their_range():
    x = np.asarray(random.uniform(MANY, 5.0, 6.0))
    assert x.shape == MANY and x.dtype == np.float32
    assert 5 <= x.min() < 5.001 and 5.999 < x.max() < 6
    assert x.mean() == pytest.approx(5.5, abs=0.005)
    assert x.std() == pytest.approx(12**-0.5, abs=0.005)
    assert np.asarray(random.uniform((4,), 2.0, 2.0)).tolist() == [2, 2, 2, 2]
    # 1 - 2^-24, the greatest share, would be rounded up to the bound.
    assert np.asarray(random.uniform((10**6,), 4096.0, 4096.01)).max() < np.float32(4096.01)


def test_normal_numbers_have_their_mean_and_deviation():
    x = np.asarray(random.normal(MANY, 3.0, 2.0))
    assert x.mean() == pytest.approx(3, abs=0.03) and x.std() == pytest.approx(2, abs=0.03)
    assert np.mean(np.abs(x - 3) < 2) == pytest.approx(0.6827, abs=0.006)


def test_a_truncated_normal_ends_at_two_deviations():
    x = np.asarray(random.truncated_normal(MANY, 1.0, 0.5))
    assert np.abs(x - 1).max() <= 1 and np.abs(x - 1).max() > 0.99
    assert x.mean() == pytest.approx(1, abs=0.01)
    assert x.std() == pytest.approx(0.5 * 0.8796, abs=0.005)
    assert np.mean(np.abs(x - 1) < 0.5) == pytest.approx(0.6827 / 0.9545, abs=0.006)


def test_whole_numbers_are_equally_likely():
    x = np.asarray(random.randint(MANY, -2, 3))
    assert x.dtype == np.int32
    values, counts = np.unique(x, return_counts=True)
    assert values.tolist() == [-2, -1, 0, 1, 2]
    np.testing.assert_allclose(counts / x.size, 0.2, atol=0.006)
    wide = np.asarray(random.randint(MANY, 0, 2**40, "int64"))
    assert np.unique(wide % 1000).size == 1000 and np.unique(wide).size > 0.999 * wide.size


def test_classes_come_as_often_as_their_probabilities_say():
    shares = np.array([[0.1, 0.2, 0.7], [0.5, 0.5, 0.0]])
    with np.errstate(divide="ignore"):
        x = np.asarray(random.categorical(np.log(shares) + [[3], [-4]], 100_000))
    assert x.shape == (2, 100_000) and x.dtype == np.int32
    for row, expected in zip(x, shares, strict=True):
        np.testing.assert_allclose(np.bincount(row, minlength=3) / row.size, expected, atol=0.006)


def test_dropout_keeps_the_mean_and_shares_where_it_is_told_to():
    x = np.asarray(random.dropout(np.ones(MANY, "float32"), 0.25))
    assert set(np.unique(x)) == {np.float32(0), np.float32(4 / 3)}
    assert x.mean() == pytest.approx(1, abs=0.02)
    rows = np.asarray(random.dropout(np.ones(MANY), 0.5, (None, 1)))
    assert np.ptp(rows, axis=1).max() == 0 and 0 < rows.mean() < 2


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_seeds(draw):
    def numbers(**more):
        return np.asarray(draw(**more)).tolist()

    assert numbers(seed=3) == numbers(seed=3) != numbers(seed=4)
    generator = random.SeedGenerator(3)
    first = numbers(seed=generator)
    assert first == numbers(seed=3) != numbers(seed=generator)
    utils.set_random_seed(7)
    before = [numbers(), numbers()]
    assert before[0] != before[1]
    place = state()
    after = numbers()
    utils.set_random_seed(7)
    assert [numbers(), numbers()] == before
    restore(place)
    assert numbers() == after
    with pytest.raises(ValueError, match="A seed is a whole number"):
        draw(seed=-1)


def test_a_draw_without_a_seed_leaves_the_streams_of_layers_as_they_are():
    def kept():
        return np.asarray(layers.Dropout(0.5)(np.ones((4, 50)), training=True)).tolist()

    before = kept()
    utils.set_random_seed(0)
    random.normal((3,))
    assert kept() == before


class Sampling(layers.Layer):
    def call(self, inputs):
        mean, log_variance = inputs[:, :1], inputs[:, 1:]
        return mean + ops.exp(0.5 * log_variance) * random.normal((mean.shape[0], 1))


def trained(eager):
    utils.set_random_seed(2)
    x = np.random.default_rng(0).normal(size=(48, 3)).astype("float32")
    model = Sequential([Input((3,)), layers.Dense(2), Sampling(), layers.Dense(1)])
    model.compile("sgd", "mse", run_eagerly=eager)
    return model.fit(x, x[:, :1], batch_size=8, epochs=3, verbose=0).history["loss"]


def test_a_replayed_step_draws_anew_and_as_an_eager_one(recwarn):
    assert trained(False) == trained(True)
    assert not recwarn.list
    frozen = random.normal((4,)).data, random.normal((4,)).data
    assert not np.array_equal(*frozen)


def test_gradients_reach_the_mean_and_the_deviation():
    mean, stddev = Variable(np.zeros(3)), Variable(np.ones(3))
    z = random.normal((5, 3), seed=1).data
    found = gradients(ops.sum(random.normal((5, 3), mean, stddev, seed=1)), [mean, stddev])
    np.testing.assert_allclose(found[0], 5)
    np.testing.assert_allclose(found[1], z.sum(0), rtol=1e-5)


@pytest.mark.parametrize("name", ["uniform", "normal", "truncated_normal"])
def test_the_type_is_that_which_is_asked_for(name):
    draw = getattr(random, name)
    assert draw((2,)).dtype == np.float32 and draw((2,), dtype="float64").dtype == np.float64
    with pytest.raises(TypeError, match="randint"):
        draw((2,), dtype="int32")
    for shape in (5, "ab", (2.5, 3), (None, 3), Tensor([1.0, 2.0])):
        with pytest.raises(TypeError, match=rf"random\.{name} takes the sizes"):
            draw(shape)


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: random.uniform((2,), 3.0, 1.0), "3.0 is greater than 1.0"),
        (lambda: random.uniform((2, -1)), "no size is negative"),
        (lambda: random.randint((2,), 3, 3), "no whole number from 3 on below 3"),
        (lambda: random.randint((2,), 0.5, 3), "minval is a whole number"),
        (lambda: random.randint((2,), 0, 3, "float32"), "not float32"),
        (lambda: random.categorical(np.zeros(3), 2), r"shape \(3,\); write logits\[None\]"),
        (lambda: random.dropout(np.ones(3), 1.0), r"lies in \[0, 1\)"),
    ],
)
def test_what_is_refused(draw, message):
    with pytest.raises((TypeError, ValueError), match=message):
        draw()


def test_shuffled_rows_are_the_same_rows():
    x = np.arange(60.0).reshape(3, 20)
    y = random.shuffle(x, axis=1, seed=4).data
    np.testing.assert_array_equal(y, random.shuffle(x, axis=-1, seed=4).data)
    assert (y != x).any()
    np.testing.assert_array_equal(np.sort(y, 1), x)
    np.testing.assert_array_equal(y[1:] - y[:-1], np.full((2, 20), 20))
