"""BatchNormalization, LayerNormalization and Normalization beside Keras's own.

Each case has a seed: arguments, shapes and numbers are drawn from it. Two training steps compare
the gradients, with respect to the weights and through them to what comes before.
"""

from __future__ import annotations

import random

import numpy as np
import pytest

import dlcore
from dlcore import layers
from dlcore.tensor import Tensor

keras = pytest.importorskip("keras")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

# A mean of 5 and a deviation of 0.1 leave five digits of float32.
TOLERANCE = {"rtol": 1e-4, "atol": 1e-4}


def numbers(rng, shape, scale=1.0):
    return (rng.normal(size=shape) * scale).astype(np.float32)


def some_shape(rnd, least=2, most=4):
    return tuple(rnd.randint(2, 5) for _ in range(rnd.randint(least, most)))


def batch_case(rnd):
    shape = some_shape(rnd)
    given = {
        "axis": rnd.choice([-1, -1, rnd.randrange(1, len(shape))]),
        "momentum": rnd.choice([0.99, 0.9, 0.5, 0.0]),
        "epsilon": rnd.choice([1e-3, 1e-5, 0.1]),
        "center": rnd.random() < 0.8,
        "scale": rnd.random() < 0.8,
    }
    return given, shape


def layer_case(rnd):
    shape = some_shape(rnd)
    axes = sorted(rnd.sample(range(1, len(shape)), rnd.randint(1, len(shape) - 1)))
    if keras.backend.backend() == "torch":
        # There Keras 3.15 takes the last axes only.
        axes = list(range(len(shape) - len(axes), len(shape)))
        return {"axis": axes, "epsilon": rnd.choice([1e-3, 0.1])}, shape
    given = {
        "axis": rnd.choice([-1, axes, axes[0], [axis - len(shape) for axis in axes]]),
        "epsilon": rnd.choice([1e-3, 1e-5, 0.1]),
        "center": rnd.random() < 0.8,
        "scale": rnd.random() < 0.8,
    }
    return given, shape


def shaken(first, second, rng):
    """Give both the same weights; a variance is positive."""
    weights = [numbers(rng, w.shape) for w in first.get_weights()]
    for w, variable in zip(weights, first.weights, strict=True):
        if "variance" in variable.name:
            w[...] = np.abs(w) + 0.1
    first.set_weights(weights)
    second.set_weights(weights)


def array(value):
    return value.data if isinstance(value, Tensor) else keras.ops.convert_to_numpy(value)


def same(found, expected, **tolerance):
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(array(a), array(b), **(tolerance or TOLERANCE))


@pytest.mark.parametrize("part", range(10))
@pytest.mark.parametrize("kind", ["BatchNormalization", "LayerNormalization"])
def test_outputs_and_averages(kind, part):
    for seed in range(15 * part, 15 * part + 15):
        rnd, rng = random.Random(seed), np.random.default_rng(seed)
        given, shape = (batch_case if kind[0] == "B" else layer_case)(rnd)
        ours, theirs = getattr(layers, kind)(**given), getattr(keras.layers, kind)(**given)
        x = numbers(rng, shape, rnd.choice([0.1, 1, 10])) + rnd.choice([0, 5])
        ours(x), theirs(x)
        shaken(ours, theirs, rng)
        assert [v.name for v in ours.weights] == [v.name for v in theirs.weights]
        frozen = rnd.random() < 0.2
        ours.trainable = theirs.trainable = not frozen
        for training in (False, True, True, False):
            same([ours(x, training=training)], [theirs(x, training=training)])
            same(ours.get_weights(), theirs.get_weights())


@pytest.mark.parametrize("seed", range(40))
def test_batch_statistics_leave_masked_steps_out(seed):
    rnd, rng = random.Random(seed), np.random.default_rng(seed)
    given, _ = batch_case(rnd)
    given["axis"] = -1
    shape = (rnd.randint(2, 4), rnd.randint(2, 5), rnd.randint(2, 4))
    x = numbers(rng, shape)
    x[rng.random(shape[:2]) < 0.4] = 0
    results = []
    for library in (dlcore, keras):
        layer = library.layers.BatchNormalization(**given)
        steps = library.layers.Masking()(x)
        for training in (True, True, False):
            y = layer(steps, training=training)
        results.append([y, layer(steps, training=True), *layer.get_weights()])
    same(*results)


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("kind", ["BatchNormalization", "LayerNormalization"])
def test_two_training_steps(kind, seed):
    rnd, rng = random.Random(seed), np.random.default_rng(seed)
    given, shape = (batch_case if kind[0] == "B" else layer_case)(rnd)
    row = shape[1:]
    for name in ("beta_regularizer", "gamma_regularizer"):
        given[name] = rnd.choice([None, "l2"])
    frozen = rnd.random() < 0.2
    models = []
    for library in (dlcore, keras):
        layer = getattr(library.layers, kind)(**given)
        layer.trainable = not frozen
        # The gradient reaches the first layer through the one in the middle.
        models.append(
            library.Sequential(
                [
                    library.Input(row),
                    library.layers.Dense(row[-1], activation="tanh"),
                    layer,
                    library.layers.Flatten(),
                    library.layers.Dense(2),
                ]
            )
        )
    shaken(*models, rng)
    x, y = numbers(rng, (8, *row)), numbers(rng, (8, 2))
    for model, library in zip(models, (dlcore, keras), strict=True):
        model.compile(library.optimizers.SGD(0.05), "mse")
    for rows in (slice(0, 5), slice(5, 8)):
        losses = [model.train_on_batch(x[rows], y[rows]) for model in models]
        assert losses[0] == pytest.approx(float(losses[1]), rel=1e-4, abs=1e-5)
    same(models[0].get_weights(), models[1].get_weights(), rtol=2e-3, atol=1e-4)
    outputs = [model.predict(x, verbose=0) for model in models]
    same(outputs[:1], outputs[1:], rtol=2e-3, atol=1e-3)


@pytest.mark.parametrize("seed", range(60))
def test_normalization(seed):
    rnd, rng = random.Random(seed), np.random.default_rng(seed)
    shape = some_shape(rnd)
    axes = rnd.sample(range(1, len(shape)), rnd.randint(1, len(shape) - 1))
    axis = rnd.choice([-1, None, axes, axes[0]])
    given = {"axis": axis, "invert": rnd.random() < 0.3}
    x = numbers(rng, shape, 3) + 2
    x[..., 0] = rnd.choice([0, x[..., 0]])
    if rnd.random() < 0.3:
        kept = () if axis is None else sorted(a % len(shape) for a in np.atleast_1d(axis))
        sizes = rnd.choice([(), tuple(shape[i] for i in kept)])
        given["mean"], given["variance"] = numbers(rng, sizes), np.abs(numbers(rng, sizes))
    results = []
    for library in (layers, keras.layers):
        layer = library.Normalization(**given)
        if "mean" not in given:
            # Without TensorFlow Keras takes arrays alone.
            layer.adapt([x[:1], x[1:]] if library is layers and seed % 2 else x)
        results.append([layer(x), *layer.get_weights()])
    # A column that does not vary is divided by 1e-7: there, rounding is all that is seen.
    if axis is not None and not given["invert"]:
        results = [[array(y)[..., 1:], *weights] for y, *weights in results]
    same(*results, rtol=1e-4, atol=1e-4)
