"""Flips, shifts, turns, zooms, crops, light: what becomes of pixels, how often, and refusals."""

import numpy as np
import pytest

from dlcore.engine import ops
from dlcore.layers import (
    CenterCrop,
    Conv2D,
    Flatten,
    RandomBrightness,
    RandomContrast,
    RandomCrop,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    RandomZoom,
    Resizing,
)
from dlcore.models import Sequential
from dlcore.tensor import Tensor, gradients
from dlcore.utils import set_random_seed

X = np.arange(24, dtype=np.float32).reshape(1, 4, 6, 1)
MANY = np.repeat(X, 400, axis=0)


@pytest.fixture(autouse=True)
def seeded():
    set_random_seed(0)


def kinds(y, *expected):
    """How many of the images are each of those that are expected."""
    counts = [int((y == image).all(axis=(1, 2, 3)).sum()) for image in expected]
    assert sum(counts) == len(y)
    return counts


@pytest.mark.parametrize(("mode", "axis"), [("horizontal", 2), ("vertical", 1)])
def test_half_of_the_images_are_flipped(mode, axis):
    counts = kinds(RandomFlip(mode)(MANY, training=True).data, X, np.flip(X, axis))
    # Four standard deviations of 400 draws.
    assert abs(counts[0] - 200) < 40


def test_each_way_is_drawn_for_by_itself():
    four = [X, X[:, ::-1], X[:, :, ::-1], X[:, ::-1, ::-1]]
    counts = kinds(RandomFlip()(MANY, training=True).data, *four)
    assert min(counts) > 65 and max(counts) < 135


def test_positive_factors_move_down_and_to_the_right():
    layer = RandomTranslation((0.25, 0.25), (0.5, 0.5), fill_mode="constant", fill_value=-1)
    y = layer(X, training=True).data[0, :, :, 0]
    np.testing.assert_allclose(y[1:, 3:], X[0, :-1, :-3, 0], atol=1e-5)
    assert (y[0] == -1).all() and (y[:, :3] == -1).all()


@pytest.mark.parametrize(
    ("mode", "edge"), [("reflect", [1, 0]), ("wrap", [4, 5]), ("nearest", [0, 0])]
)
def test_what_comes_in_at_the_edge(mode, edge):
    y = RandomTranslation(0, (1 / 3, 1 / 3), fill_mode=mode)(X, training=True).data
    np.testing.assert_allclose(y[0, 0, :, 0], [*edge, 0, 1, 2, 3], atol=1e-5)


def test_a_quarter_turn_goes_against_the_clock():
    square = X[:, :, :4]
    y = RandomRotation((0.25, 0.25))(square, training=True).data
    np.testing.assert_allclose(y[0], np.rot90(square[0]), atol=1e-4)


def test_a_zoom_shows_more_or_less_around_the_middle():
    square = np.arange(25, dtype=np.float32).reshape(1, 5, 5, 1)
    near = RandomZoom((-0.5, -0.5))(square, training=True).data
    np.testing.assert_allclose(near[0, ::2, ::2], square[0, 1:4, 1:4], atol=1e-5)
    far = RandomZoom((1.0, 1.0), (0.0, 0.0), fill_mode="constant")(square, training=True).data
    np.testing.assert_allclose(far[0, 1:4], square[0, ::2], atol=1e-5)
    assert (far[0, [0, 4]] == 0).all()


def test_a_crop_is_at_each_place_equally_often_and_the_same_for_a_batch():
    layer = RandomCrop(3, 4)
    counts = np.zeros((2, 3), int)
    for _ in range(300):
        y = layer(np.concatenate([X, X + 100]), training=True).data
        np.testing.assert_array_equal(y[1], y[0] + 100)
        top, left = divmod(int(y[0, 0, 0, 0]), 6)
        np.testing.assert_array_equal(y[0], X[0, top : top + 3, left : left + 4])
        counts[top, left] += 1
    # Four standard deviations of 300 draws.
    assert abs(counts - 50).max() < 26


def test_crops_without_chance():
    np.testing.assert_array_equal(CenterCrop(2, 3)(X).data, X[:, 1:3, 1:4])
    np.testing.assert_array_equal(CenterCrop(2, 3)(X[0]).data, X[0, 1:3, 1:4])
    # Twice as large as the 4 by 4 in the middle.
    for layer in (CenterCrop(8, 8), RandomCrop(8, 8)):
        np.testing.assert_allclose(layer(X).data, Resizing(8, 8)(X[:, :, 1:5]).data)
    y = RandomCrop(2, 2)(X, training=False).data
    np.testing.assert_allclose(y, Resizing(2, 2)(X[:, :, 1:5]).data)
    assert RandomCrop(2, 3).compute_output_shape((None, 4, 6, 1)) == (None, 2, 3, 1)


def test_resizing():
    np.testing.assert_allclose(
        Resizing(2, 3)(X).data[0, :, :, 0], [[3.5, 5.5, 7.5], [15.5, 17.5, 19.5]]
    )
    np.testing.assert_array_equal(Resizing(2, 3, "nearest")(X).data, X[:, 1::2, 1::2])
    padded = Resizing(6, 6, pad_to_aspect_ratio=True, fill_value=-1)(X).data
    np.testing.assert_array_equal(padded[:, 1:5], X)
    assert (padded[:, [0, 5]] == -1).all()


def test_light_changes_within_the_range():
    x = np.random.default_rng(0).uniform(0, 1, (200, 4, 5, 2)).astype(np.float32)
    y = RandomBrightness((0.1, 0.2), value_range=(0, 1))(x, training=True).data
    added = (y - x)[:, 0, 0, 0][x[:, 0, 0, 0] < 0.7]
    assert 0.1 <= added.min() < 0.11 and 0.19 < added.max() <= 0.2 + 1e-6
    assert y.max() == 1
    y = RandomContrast(0.5, value_range=(-9, 9))(x, training=True).data
    np.testing.assert_allclose(y.mean((1, 2)), x.mean((1, 2)), atol=1e-5)
    times = y.std((1, 2)) / x.std((1, 2))
    np.testing.assert_allclose(times[:, 0], times[:, 1], rtol=1e-3)  # both channels alike
    assert 0.5 < times.min() < 0.52 and 1.48 < times.max() < 1.501


def test_draws_fill_the_range():
    layer = RandomTranslation((-0.5, 0.25), 0, seed=1)
    moved = layer.draw(4000, -0.5, 0.25)
    assert -0.5 <= moved.min() < -0.49 and 0.24 < moved.max() <= 0.25
    assert abs(moved.mean() + 0.125) < 0.02


def test_images_stay_as_they_are_outside_of_training():
    moving = (RandomFlip(), RandomTranslation(0.5, 0.5), RandomRotation(0.5), RandomZoom(0.5))
    for layer in (*moving, RandomBrightness(0.5), RandomContrast(0.5)):
        np.testing.assert_array_equal(layer(MANY, training=False).data, MANY)
        assert (layer(MANY, training=True).data != MANY).any()
        assert layer.compute_output_shape((None, 4, None, 3)) == (None, 4, None, 3)


def test_the_gradient_goes_back_to_the_pixels_that_were_seen():
    x = Tensor(X, requires_grad=True)
    layer = RandomTranslation((0.25, 0.25), 0, fill_mode="constant")
    (dx,) = gradients(ops.sum(layer(x, training=True)), [x])
    # The lowest row is moved out of the image.
    np.testing.assert_allclose(dx[0, :, :, 0], np.repeat([[1], [1], [1], [0]], 6, axis=1))


def test_a_recorded_step_draws_anew_each_time():
    ends = []
    for eagerly in (False, True):
        set_random_seed(3)
        layers = [RandomFlip(), RandomRotation(0.1), RandomTranslation(0.2, 0.2), RandomZoom(0.2)]
        layers += [RandomBrightness(0.2, (0, 1)), RandomContrast(0.2, (0, 1)), RandomCrop(5, 5)]
        model = Sequential([*layers, Conv2D(2, 3), Flatten()])
        model.compile("adam", "mse", run_eagerly=eagerly)
        x = np.random.default_rng(0).uniform(size=(10, 6, 7, 1)).astype(np.float32)
        history = model.fit(x, np.zeros((10, 18)), batch_size=4, epochs=4, verbose=0).history
        assert (
            layers[1].seed_generator.step.value == 12 and layers[2].seed_generator.step.value == 24
        )
        ends.append([*model.get_weights(), history["loss"]])
    for a, b in zip(*ends, strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda: RandomRotation(15), "not 15; 1 is a whole turn, so that d degrees are d / 360"),
        (lambda: RandomTranslation(0.1, 2), "width_factor is a number"),
        (lambda: RandomTranslation((1, 2, 3), 0), "a pair of numbers"),
        (lambda: RandomRotation("left"), "from -1 to 1"),
        (lambda: RandomFlip("horizontl"), "Did you mean 'horizontal'"),
        (lambda: RandomRotation(0.1, fill_mode="mirror"), "fill_mode"),
        (lambda: RandomRotation(0.1, data_format="channels_first"), "channels_last"),
        (lambda: RandomFlip(name="flip")(X[0]), r"'flip' takes images .* x\[None\]"),
        (lambda: RandomZoom((-1, 0), name="near"), "RandomZoom 'near': with the height_factor -1"),
        (lambda: RandomContrast(-0.1), "from 0 to 1, not -0.1"),
        (lambda: RandomBrightness(0.1, 255), r"such as \(0, 255\) or \(0, 1\), not 255"),
        (lambda: RandomCrop(0, 3), "height is a whole number of at least 1"),
        (lambda: Resizing(3, 3, "cubic"), "Did you mean 'bicubic'"),
        (lambda: Resizing(3, 3, "nearest", True, True), "by cropping or by padding; set one"),
        (lambda: CenterCrop(3, 3, name="middle")(X[0, 0]), "'middle' takes images .* or one of"),
        (lambda: ops.affine_transform(X, np.zeros((1, 8))), r"\(n, 6\)"),
    ],
)
def test_refusals(action, words):
    with pytest.raises((ValueError, TypeError), match=words):
        action()
