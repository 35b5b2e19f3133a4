"""The drawn shapes: the same from the same seed, what their names say, and hard for a line."""

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st

import dlcore
from dlcore import layers
from dlcore.datasets import _outlines, shapes10


def test_shapes_types_and_balance():
    (x_train, y_train), (x_test, y_test) = shapes10.load_data(n_train=250, n_test=57)
    assert x_train.shape == (250, 32, 32, 3) and x_test.shape == (57, 32, 32, 3)
    assert x_train.dtype == x_test.dtype == np.uint8
    assert y_train.shape == (250,) and y_test.shape == (57,) and y_train.dtype == np.int64
    assert np.bincount(y_train).tolist() == [25] * 10
    for ten in y_train.reshape(-1, 10):
        assert sorted(ten) == list(range(10))
    assert len({tuple(ten) for ten in y_train.reshape(-1, 10).tolist()}) > 20
    assert shapes10.class_names == (
        "circle", "square", "triangle", "star", "cross",
        "ring", "heart", "moon", "arrow", "hourglass",
    )  # fmt: skip


def test_the_seed_chooses_the_images_and_more_are_added_to_the_end():
    (x, y), (x_test, y_test) = shapes10.load_data(40, 20, seed=3)
    (more, y_more), (less, y_less) = shapes10.load_data(65, 9, seed=3)
    np.testing.assert_array_equal(x, more[:40])
    np.testing.assert_array_equal(y, y_more[:40])
    np.testing.assert_array_equal(less, x_test[:9])
    np.testing.assert_array_equal(y_less, y_test[:9])
    (other, _), _ = shapes10.load_data(40, 20, seed=4)
    assert not np.array_equal(x, other)


def test_no_image_is_met_twice():
    (x_train, _), (x_test, _) = shapes10.load_data(600, 300)
    assert len({image.tobytes() for image in np.concatenate([x_train, x_test])}) == 900


def test_the_labels_of_a_seed_are_the_same_everywhere():
    """These numbers were written down once: no version of NumPy may change them."""
    (_, y_train), (_, y_test) = shapes10.load_data(12, 12)
    assert y_train.tolist() == [7, 1, 3, 2, 0, 4, 5, 8, 9, 6, 3, 4]
    assert y_test.tolist() == [0, 4, 6, 7, 2, 8, 1, 3, 9, 5, 1, 9]


@pytest.mark.parametrize("outline", _outlines.OUTLINES, ids=shapes10.class_names)
def test_an_outline_is_near_its_edge_the_distance_from_it(outline):
    """There its slope is 1; else the edges on the image would be jagged or blurred."""
    v, u = np.mgrid[-1.2:1.2:241j, -1.2:1.2:241j]
    d = outline(u, v)
    slope = np.hypot(*np.gradient(d, 0.01))
    near = np.abs(d) < 0.03
    assert near.sum() > 500
    assert np.mean(np.abs(slope[near] - 1) < 0.03) > 0.85
    assert not np.any(d[[0, -1]] < 0) and not np.any(d[:, [0, -1]] < 0)
    assert 0.1 < np.mean(d < 0) < 0.5


def test_what_the_outlines_are():
    """Points inside (True) and outside (False) each, u to the right and v down."""
    for name, inside, outside in (
        ("circle", [(0.8, 0), (0.5, -0.5)], [(0.7, 0.7)]),
        ("square", [(0.7, 0.7), (-0.7, 0.7)], [(0.8, 0)]),
        ("triangle", [(0, -0.8), (0.7, 0.6)], [(0.5, -0.4), (0, 0.8)]),
        ("star", [(0, -1), (0.95, -0.3), (0.55, 0.8)], [(0, 0.7), (0.5, -0.7)]),
        ("cross", [(0.8, 0), (0, 0.8)], [(0.5, 0.5)]),
        ("ring", [(0.7, 0), (0, -0.7)], [(0, 0), (0.95, 0)]),
        ("heart", [(0.4, -0.4), (0, 0.8)], [(0, -0.7), (0.6, 0.6)]),
        ("moon", [(-0.7, 0), (0, 0.8)], [(0.4, -0.2), (0, 0)]),
        ("arrow", [(0.9, 0), (0.2, 0.6), (-0.9, 0.2)], [(-0.5, 0.5), (0.9, 0.4)]),
        ("hourglass", [(0, 0), (0.6, 0.8), (-0.6, -0.8)], [(0.5, 0), (0, 0.95)]),
    ):
        outline = getattr(_outlines, name)
        for points, sign in ((inside, True), (outside, False)):
            for u, v in points:
                assert (outline(np.float32(u), np.float32(v)) < 0) == sign, (name, u, v)


@hypothesis.given(
    label=st.integers(0, 9),
    numbers=st.lists(st.floats(0, 1, width=32), min_size=31, max_size=31),
)
def test_a_shape_stands_out_from_its_ground_and_within_the_image(label, numbers):
    plain = np.array(numbers)
    (image,) = shapes10.draw(label, plain[None])
    assert image.shape == (32, 32, 3) and image.dtype == np.uint8
    grey = image.astype(float) @ [0.3, 0.59, 0.11]
    # The border is ground and clutter; the other tones are the shape's.
    ground = np.median(np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]]))
    assert np.sum(np.abs(grey - ground) > 25) > 20
    assert 0 < image.std() < 128


def test_edges_are_smooth():
    """A black square on white has every grey between at a slanted edge."""
    image = shapes10._cover(
        np.ones((1, 32, 32, 3)),
        (shapes10._COLUMNS + shapes10._ROWS / 7)[None],
        np.zeros((1, 1, 1, 3)),
    )
    assert len(np.unique(image.round(2))) > 5
    assert image[0, :, 0].max() == 0 and image[0, :, -1].min() == 1


@pytest.mark.parametrize(
    ("hue", "saturation", "value", "colour"),
    [
        (0, 1, 1, (1, 0, 0)),
        (1 / 3, 1, 1, (0, 1, 0)),
        (2 / 3, 1, 1, (0, 0, 1)),
        (1 + 1 / 3, 1, 1, (0, 1, 0)),
        (0.2, 0, 0.4, (0.4, 0.4, 0.4)),
        (1 / 6, 0.5, 0.8, (0.8, 0.8, 0.4)),
    ],
)
def test_colours(hue, saturation, value, colour):
    np.testing.assert_allclose(shapes10._colour(hue, saturation, value), colour, atol=1e-6)


def test_it_takes_a_hidden_layer_to_see_them():
    (x_train, y_train), (x_test, y_test) = shapes10.load_data(3000, 1000)
    x_train, x_test = (x.astype("float32") / 255 - 0.5 for x in (x_train, x_test))
    accuracies = []
    for hidden in ([], [layers.Dense(64, activation="relu")]):
        dlcore.utils.set_random_seed(0)
        model = dlcore.Sequential(
            [layers.Flatten(), *hidden, layers.Dense(10, activation="softmax")]
        )
        model.compile(
            dlcore.optimizers.Adam(1e-3 if hidden else 3e-4),
            "sparse_categorical_crossentropy",
            metrics=["accuracy"],
        )
        model.fit(x_train, y_train, epochs=12, batch_size=32, verbose=0)
        accuracies.append(model.evaluate(x_test, y_test, verbose=0)[1])
    linear, hidden = accuracies
    assert 0.15 < linear < 0.4
    assert hidden > linear + 0.2


@pytest.mark.parametrize("name", ["n_train", "n_test"])
def test_a_count_below_one_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} must be 1 or more, but is 0; try 1000"):
        shapes10.load_data(**{name: 0})
    with pytest.raises(TypeError):
        shapes10.load_data(**{name: 10.5})


def test_a_bad_seed_is_refused():
    with pytest.raises(ValueError, match="seed must be 0 or more, but is -1"):
        shapes10.load_data(10, 10, seed=-1)
    with pytest.raises(TypeError):
        shapes10.load_data(10, 10, seed=0.5)


def test_shapes_lie_to_both_sides_of_the_middle():
    """The place of a dark circle on a light ground, as its middle of mass."""
    numbers = np.full((2, 31), 0.5)
    numbers[0, 6:8], numbers[1, 6:8] = 0, 1  # across and down
    left, right = shapes10.draw(0, numbers).mean(axis=-1)
    rows, columns = np.indices((32, 32)) - 15.5
    for image, sign in ((left, -1), (right, 1)):
        ink = image < image.max() * 0.7
        assert 3 < sign * columns[ink].mean() < 6 and 3 < sign * rows[ink].mean() < 6
        assert 150 < ink.sum() < 350
