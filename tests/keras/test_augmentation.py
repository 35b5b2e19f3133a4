"""Resampled images, and flips, shifts, turns, zooms and other light, beside Keras's own.

What is drawn differs; so each layer's matrices are compared with those that Keras makes of the same
draws, and the images that they give.
"""

from __future__ import annotations

import random

import numpy as np
import pytest

from dlcore import layers
from dlcore.engine import ops
from dlcore.tensor import Tensor, gradients

keras = pytest.importorskip("keras")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

MODES = ["reflect", "constant", "wrap", "nearest"]


def images(rng, n=3, height=5, width=6, channels=2):
    return rng.uniform(0, 1, (n, height, width, channels)).astype(np.float32)


def eight(six):
    return np.concatenate([six, np.zeros((len(six), 2), np.float32)], axis=1)


def theirs(x, six, **how):
    return keras.ops.convert_to_numpy(keras.ops.image.affine_transform(x, eight(six), **how))


def matrices(rng, n):
    near = np.array([1, 0, 0, 0, 1, 0]) + rng.normal(size=(n, 6)) * [0.5, 0.5, 3, 0.5, 0.5, 3]
    return near.astype(np.float32)


@pytest.mark.parametrize("fill_mode", MODES)
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_affine_transform(fill_mode, interpolation):
    rnd = random.Random(0)
    for seed in range(25):
        rng = np.random.default_rng(seed)
        n, channels = rnd.randint(1, 3), rnd.randint(1, 3)
        x = images(rng, n, 5, 6, channels)
        six = matrices(rng, n)
        how = {"interpolation": interpolation, "fill_mode": fill_mode}
        how["fill_value"] = rnd.choice([0.0, 0.7])
        y = ops.affine_transform(x, six, **how)
        np.testing.assert_allclose(y.data, theirs(x, six, **how), rtol=0, atol=2e-5)


@pytest.mark.parametrize("fill_mode", MODES)
def test_the_gradient_of_affine_transform(fill_mode):
    jax = pytest.importorskip("jax")
    if keras.backend.backend() != "jax":
        pytest.skip("Keras's gradient is asked of JAX")
    for seed in range(5):
        rng = np.random.default_rng(seed)
        x, six, upstream = images(rng), matrices(rng, 3), images(rng)
        tensor = Tensor(x, requires_grad=True)
        y = ops.affine_transform(tensor, six, fill_mode=fill_mode)
        (dx,) = gradients(ops.sum(y * upstream), [tensor])

        def loss(x, six=six, upstream=upstream):
            seen = keras.ops.image.affine_transform(x, eight(six), fill_mode=fill_mode)
            return keras.ops.sum(seen * upstream)

        np.testing.assert_allclose(dx, jax.grad(loss)(x), rtol=0, atol=1e-5)


class Given:
    """Stands in for a seed generator: draws that are known."""

    def __init__(self, *draws):
        self.draws = list(draws)

    def uniform(self, shape):
        return self.draws.pop(0).reshape(shape)


def seen(layer, x, *draws):
    layer.seed_generator = Given(*draws)
    return layer(x, training=True).data


@pytest.mark.parametrize("seed", range(24))
def test_rotation(seed):
    rnd, rng = random.Random(seed), np.random.default_rng(seed)
    x, u = images(rng), rng.random(3).astype(np.float32)
    factor = rnd.choice([0.1, 0.5, (-0.2, 0.4), (0.1, 0.3), [-0.3, -0.1]])
    how = {"fill_mode": rnd.choice(MODES), "fill_value": rnd.choice([0.0, 0.3])}
    other = keras.layers.RandomRotation(factor, **how)
    low, high = other.factor
    angle = 360 * (low + (high - low) * u)
    angle, zeros, ones = map(keras.ops.convert_to_tensor, (angle, 0 * u, 0 * u + 1))
    matrix = other._compute_affine_matrix(0.5, 0.5, angle, zeros, zeros, ones, zeros, zeros, 5, 6)
    expected = other.transform_images(x, {"rotation_matrix": matrix}, training=True)
    y = seen(layers.RandomRotation(factor, **how), x, u)
    np.testing.assert_allclose(y, keras.ops.convert_to_numpy(expected), rtol=0, atol=3e-5)


@pytest.mark.parametrize("seed", range(24))
def test_translation(seed):
    rnd, rng = random.Random(seed), np.random.default_rng(seed)
    x, down, right = images(rng), *rng.random((2, 3)).astype(np.float32)
    factors = [rnd.choice([0.1, 0.9, 0, (-0.2, 0.4), (0.3, 0.1)]) for _ in range(2)]
    how = {"fill_mode": rnd.choice(MODES), "fill_value": rnd.choice([0.0, 0.3])}
    other = keras.layers.RandomTranslation(*factors, **how)
    moved = np.stack(
        [
            (other.width_lower + (other.width_upper - other.width_lower) * right) * 6,
            (other.height_lower + (other.height_upper - other.height_lower) * down) * 5,
        ],
        axis=1,
    )
    given = {"translations": keras.ops.convert_to_tensor(moved), "input_shape": x.shape}
    expected = other.transform_images(x, given, training=True)
    y = seen(layers.RandomTranslation(*factors, **how), x, down, right)
    np.testing.assert_allclose(y, keras.ops.convert_to_numpy(expected), rtol=0, atol=3e-5)


@pytest.mark.parametrize("seed", range(24))
def test_zoom(seed):
    rnd, rng = random.Random(seed), np.random.default_rng(seed)
    x, high, wide = images(rng), *rng.random((2, 3)).astype(np.float32)
    factors = [rnd.choice([0.1, 0.9, (-0.9, 0.4), (0.3, 0.1)]), rnd.choice([None, 0.2, (0, 1)])]
    how = {"fill_mode": rnd.choice(MODES), "fill_value": rnd.choice([0.0, 0.3])}
    other = keras.layers.RandomZoom(*factors, **how)
    given = {
        "height_zoom": 1 + other.height_lower + (other.height_upper - other.height_lower) * high
    }
    given["width_zoom"] = given["height_zoom"]
    draws = [high]
    if factors[1] is not None:
        given["width_zoom"] = 1 + other.width_lower + (other.width_upper - other.width_lower) * wide
        draws.append(wide)
    given = {name: zoom.reshape(3, 1).astype(np.float32) for name, zoom in given.items()}
    expected = other.transform_images(x, given, training=True)
    y = seen(layers.RandomZoom(*factors, **how), x, *draws)
    np.testing.assert_allclose(y, keras.ops.convert_to_numpy(expected), rtol=0, atol=3e-5)


@pytest.mark.parametrize("factor", [0.3, (0.9, 0.2), (-0.5, -0.1)])
@pytest.mark.parametrize("kind", ["RandomBrightness", "RandomContrast"])
def test_light(kind, factor):
    rng = np.random.default_rng(0)
    x, u = images(rng), rng.random(3).astype(np.float32)
    if kind == "RandomContrast":
        # Keras keeps (0, f) for a number f, where it says from 1 - f to 1 + f.
        factor = (factor, factor) if isinstance(factor, float) else tuple(map(abs, factor))
    other = getattr(keras.layers, kind)(factor, value_range=(0, 1))
    low, high = other.factor
    if kind == "RandomContrast":
        drawn = {"contrast_factor": 1 - low + (low + high) * u}
    else:
        drawn = {"rgb_delta": low + (high - low) * u}
    drawn = {name: value.reshape(3, 1, 1, 1) for name, value in drawn.items()}
    expected = keras.ops.convert_to_numpy(other.transform_images(x, drawn, training=True))
    layer = getattr(layers, kind)(factor, value_range=(0, 1))
    np.testing.assert_allclose(seen(layer, x, u), expected, rtol=0, atol=1e-5)
    assert list(layer.get_config()["factor"]) == list(other.get_config()["factor"])


@pytest.mark.parametrize("seed", range(40))
def test_resizing(seed):
    rng = np.random.default_rng(seed)
    x = images(rng, 2, *(int(size) for size in rng.integers(1, 12, 2)))
    ways = ["bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"]
    arguments = {"height": int(rng.integers(1, 12)), "width": int(rng.integers(1, 12))}
    arguments["interpolation"] = ways[seed % 5]
    arguments["antialias"] = bool(rng.integers(2))
    keeping = [None, "crop_to_aspect_ratio", "pad_to_aspect_ratio"][rng.integers(3)]
    if keeping:
        arguments |= {keeping: True, "fill_value": 0.25}
    expected = keras.ops.convert_to_numpy(keras.layers.Resizing(**arguments)(x))
    layer = layers.Resizing(**arguments)
    np.testing.assert_allclose(layer(x).data, expected, rtol=0, atol=1e-5)
    np.testing.assert_array_equal(layer(x[0]).data, layer(x).data[0])


@pytest.mark.parametrize("seed", range(12))
def test_center_crop(seed):
    rng = np.random.default_rng(seed)
    height, width, *sizes = (int(size) for size in rng.integers(2, 12, 4))
    x = images(rng, 2, *sizes)
    expected = keras.ops.convert_to_numpy(keras.layers.CenterCrop(height, width)(x))
    np.testing.assert_allclose(layers.CenterCrop(height, width)(x).data, expected, atol=1e-5)


@pytest.mark.parametrize("mode", ["horizontal", "vertical", "horizontal_and_vertical"])
def test_flip(mode):
    # Keras 3.15 draws once for both ways; here each way has a draw of its own.
    x = images(np.random.default_rng(0), 4)
    flips = np.array([1, 0, 1, 0], bool).reshape(4, 1, 1, 1)
    other = keras.layers.RandomFlip(mode)
    expected = other.transform_images(x, {"flips": flips, "input_shape": x.shape}, training=True)
    draws = [np.where(flips, 0.5, 0.4).astype(np.float32)] * 2
    y = seen(layers.RandomFlip(mode), x, *draws)
    np.testing.assert_array_equal(y, keras.ops.convert_to_numpy(expected))


@pytest.mark.parametrize("kind", ["RandomFlip", "RandomTranslation", "RandomRotation"])
def test_a_layer_alone_changes_images_and_predict_does_not(kind):
    given = {"RandomFlip": (), "RandomTranslation": (0.3, 0.3), "RandomRotation": (0.2,)}[kind]
    x = images(np.random.default_rng(0), 20)
    for library in (layers, keras.layers):
        layer = getattr(library, kind)(*given)
        y, same = (
            np.asarray(keras.ops.convert_to_numpy(layer(x, **k)))
            if library is keras.layers
            else layer(x, **k).data
            for k in ({}, {"training": False})
        )
        assert (y != x).any() and (same == x).all()
