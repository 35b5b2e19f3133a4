"""Flips, shifts and turns: what becomes of the pixels, how often, and refusals."""

import numpy as np
import pytest

from dlcore.engine import ops
from dlcore.layers import Conv2D, Flatten, RandomFlip, RandomRotation, RandomTranslation
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


def test_draws_fill_the_range():
    layer = RandomTranslation((-0.5, 0.25), 0, seed=1)
    moved = layer.draw(4000, -0.5, 0.25)
    assert -0.5 <= moved.min() < -0.49 and 0.24 < moved.max() <= 0.25
    assert abs(moved.mean() + 0.125) < 0.02


def test_images_stay_as_they_are_outside_of_training():
    for layer in (RandomFlip(), RandomTranslation(0.5, 0.5), RandomRotation(0.5)):
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
        layers = [RandomFlip(), RandomRotation(0.1), RandomTranslation(0.2, 0.2)]
        model = Sequential([*layers, Conv2D(2, 3), Flatten()])
        model.compile("adam", "mse", run_eagerly=eagerly)
        x = np.random.default_rng(0).uniform(size=(10, 5, 5, 1)).astype(np.float32)
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
        (lambda: ops.affine_transform(X, np.zeros((1, 8))), r"\(n, 6\)"),
    ],
)
def test_refusals(action, words):
    with pytest.raises((ValueError, TypeError), match=words):
        action()
